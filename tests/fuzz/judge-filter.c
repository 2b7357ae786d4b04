/* The engine with its filters, under policies that together reach every family of them. */
#include "harness.h"
#include "judge.h"

#include "client.h"
#include "selection.h"

#include <string.h>
#include <sys/sysmacros.h>

enum { MODES = 5 };

static const char prefix[] = "[first] ";
static struct filter *filter;
static struct policy *policy;
static uint32_t last_question;

static bool on_audit(const struct audit_record *records, size_t count, void *data)
{
	return true;
}

static bool on_ask(const struct ask_question *question, void *data)
{
	last_question = question->id;
	return true;
}

static void on_pulled(int error, void *data)
{
}

static struct policy *make_policy(uint8_t choice)
{
	static const enum policy_answer modes[MODES] = {
		POLICY_GUARDED, POLICY_PRIVATE, POLICY_ASK, POLICY_ALLOW, POLICY_DENY};
	struct policy *made = policy_new("first");
	made->answers[POLICY_CLIPBOARD] = made->answers[POLICY_PRIMARY] = modes[choice % MODES];
	choice /= MODES;
	if (choice & 1) {
		for (enum policy_key key = POLICY_DRAG_AND_DROP; key < POLICY_ANSWERS; key++)
			made->answers[key] = POLICY_DENY;
	} else if (choice & 2) {
		made->answers[POLICY_STEAL_FOCUS] = made->answers[POLICY_INHIBIT_SHORTCUTS] = POLICY_ALLOW;
	}
	if (choice & 4) {
		made->gpu = choice & 8 ? POLICY_GPU_FULL : POLICY_GPU_RENDER;
		made->n_gpu_nodes = 1;
		made->gpu_nodes = g_new0(struct policy_gpu_node, 1);
		made->gpu_nodes[0] = (struct policy_gpu_node){makedev(226, 0), makedev(226, 128)};
	}
	if (choice & 8) {
		// Small ones, which are reached.
		static const uint64_t limits[] = {
			[POLICY_MAX_CLIENTS] = 2,
			[POLICY_MAX_OBJECTS] = 60,
			[POLICY_MAX_SURFACES] = 2,
			[POLICY_MAX_SHM_BYTES] = 4096,
			[POLICY_MAX_POOL_BYTES] = 8192,
			[POLICY_MAX_DMABUFS] = 5,
			[POLICY_MAX_TITLE] = 20,
			[POLICY_MAX_CLIPBOARD] = 100,
		};
		memcpy(made->limits, limits, sizeof limits);
	}
	made->title_prefix = g_strdup(prefix);
	made->n_apps = 1;
	made->apps = g_new0(struct policy_app, 1);
	made->apps[0] = (struct policy_app){
		g_strdup("app"), g_strdup("WindowClass"), g_strsplit("org.example.Native text/plain", " ", -1)};
	return made;
}

struct engine *judge_start(struct wl_event_loop *loop)
{
	policy = make_policy(0);
	filter = filter_create(loop, policy, on_audit, NULL);
	MUST(filter);
	filter_set_ask(filter, on_ask, NULL);
	return filter_engine(filter);
}

static void set_policy(uint8_t choice)
{
	policy_unref(policy);
	policy = make_policy(choice);
	filter_set_policy(filter, policy);
}

void judge_choose(uint8_t choice)
{
	set_policy(choice);
	memset(filter->granted, 0, sizeof filter->granted);
	memset(filter->quiet_until, 0, sizeof filter->quiet_until);
	filter->last_input = 0;
	pulls_forget(filter); // which outlives its sessions
	// What every session gives back when it ends.
	MUST(filter->shm_bytes == 0 && filter->pool_bytes == 0);
	MUST(!filter->shared[0].source && !filter->shared[1].source);
	MUST(wl_list_empty(&filter->asks));
}

void judge_act(uint8_t choice)
{
	switch (choice & 7) {
	case 0:
		filter_push_selection(filter, choice & 8);
		break;
	case 1:
		filter_pull_selection(filter, choice & 8, on_pulled, NULL);
		break;
	case 2:
		filter_answer(filter, last_question, choice >> 3 & 1 ? ASK_ALWAYS : ASK_ONCE);
		break;
	case 3:
		filter_answer(filter, last_question, ASK_NO);
		break;
	case 4:
		filter_add_activation_token(filter, choice & 8 ? "text/plain" : "en_US");
		break;
	case 5:
		set_policy((uint8_t)(choice * 37));
		break;
	case 6: // a person is at work
		filter->last_input = seat_now_ms();
		break;
	default: // and is no more
		filter->last_input = 0;
		break;
	}
}

/* They are counted for the engine alone; with filters any handler may end a client. */
unsigned judge_fatal_violations(void)
{
	return 1;
}

bool judge_hides(const char *interface)
{
	return strcmp(interface, "zwlr_screencopy_manager_v1") == 0 ||
	       strcmp(interface, "zwp_virtual_keyboard_manager_v1") == 0;
}

static void check_title(const char *title)
{
	MUST(strlen(title) <= 1024); // the default: a smaller one may have come since
	MUST(g_utf8_validate(title, -1, NULL));
	for (const char *p = title; *p; p++)
		MUST((unsigned char)*p >= ' ' && *p != '\x7f');
	MUST(g_str_has_prefix(title, prefix));
}

void judge_request(const char *interface, const struct wl_message *message, const union wl_argument *args)
{
	bool toplevel = strcmp(interface, "xdg_toplevel") == 0;
	if (strcmp(message->name, "set_app_id") == 0 && (toplevel || strcmp(interface, "xdg_activation_token_v1") == 0))
		MUST(g_str_has_prefix(args[0].s, "isolate.first."));
	if (toplevel && strcmp(message->name, "set_title") == 0)
		check_title(args[0].s);
}

void judge_event(const char *interface, const struct wl_message *message, const union wl_argument *args)
{
	if (strcmp(interface, "wl_output") == 0 && strcmp(message->name, "geometry") == 0)
		MUST(strcmp(args[5].s, "isolate") == 0 && strcmp(args[6].s, "display") == 0);
	if (strcmp(message->name, "description") == 0 &&
		(strcmp(interface, "wl_output") == 0 || strcmp(interface, "zxdg_output_v1") == 0))
		MUST(strcmp(args[0].s, "display") == 0);
}
