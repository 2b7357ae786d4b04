#include "policy.h"

static const struct {
	const char *name;
	enum policy_answer answer;
} keys[POLICY_ANSWERS] = {
	[POLICY_CLIPBOARD] = {"Clipboard",	   POLICY_GUARDED},
	[POLICY_PRIMARY] = {"Primary",	       POLICY_GUARDED},
	[POLICY_DRAG_AND_DROP] = {"DragAndDrop",	 POLICY_ALLOW  },
	[POLICY_FULLSCREEN] = {"Fullscreen",	     POLICY_ALLOW	 },
	[POLICY_POINTER_LOCK] = {"PointerLock",	POLICY_ALLOW  },
	[POLICY_INHIBIT_IDLE] = {"InhibitIdle",	POLICY_ALLOW  },
	[POLICY_INHIBIT_SHORTCUTS] = {"InhibitShortcuts", POLICY_ASK    },
	[POLICY_STEAL_FOCUS] = {"StealFocus",	      POLICY_ASK	},
};

static const struct {
	const char *name;
	uint64_t value;
} limits[POLICY_LIMITS] = {
	[POLICY_MAX_CLIENTS] = {"MaxClients",   128		 },
	[POLICY_MAX_OBJECTS] = {"MaxObjects",   65536		   },
	[POLICY_MAX_SURFACES] = {"MaxSurfaces",	4096		    },
	[POLICY_MAX_SHM_BYTES] = {"MaxShmBytes",	 UINT64_C(2) << 30 },
	[POLICY_MAX_POOL_BYTES] = {"MaxPoolBytes", UINT64_C(64) << 30},
	[POLICY_MAX_DMABUFS] = {"MaxDmabufs",   512		 },
	[POLICY_MAX_TITLE] = {"MaxTitle",	  1024	      },
	[POLICY_MAX_CLIPBOARD] = {"MaxClipboard", UINT64_C(64) << 20},
};

struct policy *policy_new(const char *project)
{
	struct policy *policy = g_new0(struct policy, 1);
	policy->references = 1;
	policy->project = g_strdup(*project ? project : "default");
	for (int i = 0; i < POLICY_ANSWERS; i++)
		policy->answers[i] = keys[i].answer;
	for (int i = 0; i < POLICY_LIMITS; i++)
		policy->limits[i] = limits[i].value;
	policy->text_input = true;
	policy->portals = true;
	return policy;
}

struct policy *policy_ref(struct policy *policy)
{
	policy->references++;
	return policy;
}

void policy_unref(struct policy *policy)
{
	if (!policy || --policy->references > 0)
		return;
	for (size_t i = 0; i < policy->n_apps; i++) {
		g_free(policy->apps[i].name);
		g_free(policy->apps[i].window_class);
		g_strfreev(policy->apps[i].native_ids);
	}
	g_free(policy->apps);
	g_free(policy->gpu_nodes);
	g_free(policy->project);
	g_free(policy->title_prefix);
	g_strfreev(policy->allow_globals);
	g_strfreev(policy->deny_globals);
	g_free(policy);
}

const char *policy_key_name(enum policy_key key)
{
	return keys[key].name;
}

const char *policy_limit_name(enum policy_limit limit)
{
	return limits[limit].name;
}
