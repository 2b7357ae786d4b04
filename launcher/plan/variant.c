/* The frozen form of a plan: a{sv}, every key present but those of texts that are NULL. Names, not numbers, stand for
 * enums, so that the same form is what `isolate plan --json` prints. */
#include "plan.h"

#include "build.h"
#include "error.h"

#include <string.h>

static const char *const op_names[] = {"bind", "tmpfs", "dir", "file", "symlink", "proc", "dev", NULL};
static const char *const flag_names[] = {"read-only", "optional", "own", "mount-point", "git-guard", "layered", NULL};
static const char *const network_names[] = {"none", "host", "internet", NULL};
static const char *const enforcement_names[] = {"unlimited", "cgroup", "rlimit", "unenforced", NULL};
static const char *const layer_names[] = {"none", "persistent", "ephemeral", NULL};
static const char *const gate_names[] = {"changed", "always", "never", NULL};

enum field_type { FIELD_TEXT, FIELD_NEEDED_TEXT, FIELD_FLAG, FIELD_CHOICE, FIELD_INT64 };

struct field {
	const char *name;
	enum field_type type;
	size_t offset;
	const char *const *choices;
};

// clang-format off
static const struct field plan_fields[] = {
	{"project", FIELD_NEEDED_TEXT, G_STRUCT_OFFSET(struct plan, project)},
	{"title", FIELD_NEEDED_TEXT, G_STRUCT_OFFSET(struct plan, title)},
	{"color", FIELD_TEXT, G_STRUCT_OFFSET(struct plan, color)},
	{"engine", FIELD_NEEDED_TEXT, G_STRUCT_OFFSET(struct plan, engine)},
	{"hostname", FIELD_NEEDED_TEXT, G_STRUCT_OFFSET(struct plan, hostname)},
	{"home", FIELD_NEEDED_TEXT, G_STRUCT_OFFSET(struct plan, home)},
	{"shell", FIELD_NEEDED_TEXT, G_STRUCT_OFFSET(struct plan, shell)},
	{"cwd", FIELD_NEEDED_TEXT, G_STRUCT_OFFSET(struct plan, cwd)},
	{"linger-ms", FIELD_INT64, G_STRUCT_OFFSET(struct plan, linger_ms)},
	{"gate", FIELD_CHOICE, G_STRUCT_OFFSET(struct plan, gate), gate_names},
	{"network", FIELD_CHOICE, G_STRUCT_OFFSET(struct plan, network), network_names},
	{"lan", FIELD_FLAG, G_STRUCT_OFFSET(struct plan, lan)},
	{"debug", FIELD_FLAG, G_STRUCT_OFFSET(struct plan, debug)},
	{"nested-sandbox", FIELD_FLAG, G_STRUCT_OFFSET(struct plan, nested_sandbox)},
	{"image", FIELD_TEXT, G_STRUCT_OFFSET(struct plan, image)},
	{"profile", FIELD_TEXT, G_STRUCT_OFFSET(struct plan, profile)},
	{"base-keep", FIELD_TEXT, G_STRUCT_OFFSET(struct plan, base_keep)},
	{"base-missing", FIELD_FLAG, G_STRUCT_OFFSET(struct plan, base_missing)},
	{"layer", FIELD_CHOICE, G_STRUCT_OFFSET(struct plan, layer), layer_names},
	{"layer-keep", FIELD_TEXT, G_STRUCT_OFFSET(struct plan, layer_keep)},
	{"layer-base", FIELD_TEXT, G_STRUCT_OFFSET(struct plan, layer_base)},
	{"layer-place", FIELD_TEXT, G_STRUCT_OFFSET(struct plan, layer_place)},
	{"layer-owner", FIELD_INT64, G_STRUCT_OFFSET(struct plan, layer_owner)},
	{"wayland", FIELD_FLAG, G_STRUCT_OFFSET(struct plan, wayland)},
	{"memory", FIELD_INT64, G_STRUCT_OFFSET(struct plan, limits[PLAN_MEMORY].value)},
	{"memory-by", FIELD_CHOICE, G_STRUCT_OFFSET(struct plan, limits[PLAN_MEMORY].by), enforcement_names},
	{"cpu", FIELD_INT64, G_STRUCT_OFFSET(struct plan, limits[PLAN_CPU].value)},
	{"cpu-by", FIELD_CHOICE, G_STRUCT_OFFSET(struct plan, limits[PLAN_CPU].by), enforcement_names},
	{"tasks", FIELD_INT64, G_STRUCT_OFFSET(struct plan, limits[PLAN_TASKS].value)},
	{"tasks-by", FIELD_CHOICE, G_STRUCT_OFFSET(struct plan, limits[PLAN_TASKS].by), enforcement_names},
	{"portals", FIELD_FLAG, G_STRUCT_OFFSET(struct plan, portals)},
	{"playback", FIELD_FLAG, G_STRUCT_OFFSET(struct plan, playback)},
	{"record", FIELD_FLAG, G_STRUCT_OFFSET(struct plan, record)},
};
// clang-format on

static const struct field op_fields[] = {
	{"type", FIELD_CHOICE, G_STRUCT_OFFSET(struct plan_op, type),		      op_names},
	{"source",	   FIELD_TEXT,	       G_STRUCT_OFFSET(struct plan_op,			       source)	      },
	{"dest",	 FIELD_NEEDED_TEXT,		    G_STRUCT_OFFSET(struct plan_op,			    dest)},
	{"reason",	   FIELD_NEEDED_TEXT,	      G_STRUCT_OFFSET(struct plan_op,		      reason)	     },
};

static const struct field app_fields[] = {
	{"name",	 FIELD_NEEDED_TEXT, G_STRUCT_OFFSET(struct plan_app, name)	  },
	{"title",	  FIELD_NEEDED_TEXT, G_STRUCT_OFFSET(struct plan_app, title)	    },
	{"window-class", FIELD_TEXT,	     G_STRUCT_OFFSET(struct plan_app, window_class)},
	{"icon",	 FIELD_TEXT,	     G_STRUCT_OFFSET(struct plan_app, icon)	   },
	{"files",	  FIELD_TEXT,	      G_STRUCT_OFFSET(struct plan_app, files)	     },
	{"terminal",     FIELD_FLAG,	 G_STRUCT_OFFSET(struct plan_app, terminal)	   },
};

// Enums are read and written through an int.
G_STATIC_ASSERT(sizeof(enum plan_op_type) == sizeof(int) && sizeof(enum plan_network) == sizeof(int));
G_STATIC_ASSERT(sizeof(enum plan_gate) == sizeof(int) && sizeof(enum plan_layer) == sizeof(int) &&
		sizeof(gboolean) == sizeof(int));

const char *plan_network_name(enum plan_network network)
{
	return network_names[network];
}

const char *plan_enforcement_name(enum plan_enforcement by)
{
	return enforcement_names[by];
}

gboolean plan_enforcement_find(const char *name, enum plan_enforcement *by)
{
	for (int i = 0; enforcement_names[i]; i++)
		if (strcmp(enforcement_names[i], name) == 0) {
			*by = (enum plan_enforcement)i;
			return TRUE;
		}
	return FALSE;
}

static void put_fields(GVariantDict *dict, const void *object, const struct field *fields, size_t n)
{
	for (const struct field *f = fields; f < fields + n; f++) {
		const void *member = (const char *)object + f->offset;
		switch (f->type) {
		case FIELD_TEXT:
		case FIELD_NEEDED_TEXT:
			if (*(char *const *)member)
				g_variant_dict_insert(dict, f->name, "^ay", *(char *const *)member);
			break;
		case FIELD_FLAG:
			g_variant_dict_insert(dict, f->name, "b", *(const int *)member);
			break;
		case FIELD_CHOICE:
			g_variant_dict_insert(dict, f->name, "s", f->choices[*(const int *)member]);
			break;
		case FIELD_INT64:
			g_variant_dict_insert(dict, f->name, "x", *(const gint64 *)member);
			break;
		}
	}
}

static gboolean wrong_shape(GError **error, const char *name)
{
	return error_set(error, "not a plan of this version of isolate: \"%s\" is missing or of another type", name);
}

/* A GVariant text whose NUL is missing or early is no bytestring: g_variant_get_bytestring() then gives "". */
static gboolean get_field(GVariantDict *dict, void *object, const struct field *f, GError **error)
{
	void *member = (char *)object + f->offset;
	const char *choice;
	switch (f->type) {
	case FIELD_TEXT:
		return g_variant_dict_lookup(dict, f->name, "^ay", member) || !g_variant_dict_contains(dict, f->name) ||
		       wrong_shape(error, f->name);
	case FIELD_NEEDED_TEXT:
		return g_variant_dict_lookup(dict, f->name, "^ay", member) || wrong_shape(error, f->name);
	case FIELD_FLAG:
		return g_variant_dict_lookup(dict, f->name, "b", member) || wrong_shape(error, f->name);
	case FIELD_INT64:
		return g_variant_dict_lookup(dict, f->name, "x", member) || wrong_shape(error, f->name);
	case FIELD_CHOICE:
		if (g_variant_dict_lookup(dict, f->name, "&s", &choice))
			for (int i = 0; f->choices[i]; i++)
				if (strcmp(choice, f->choices[i]) == 0) {
					*(int *)member = i;
					return TRUE;
				}
		return wrong_shape(error, f->name);
	}
	g_assert_not_reached();
}

static gboolean get_fields(GVariantDict *dict, void *object, const struct field *fields, size_t n, GError **error)
{
	for (const struct field *f = fields; f < fields + n; f++)
		if (!get_field(dict, object, f, error))
			return FALSE;
	return TRUE;
}

static void put_texts(GVariantDict *dict, const char *name, const GPtrArray *texts)
{
	g_variant_dict_insert_value(
		dict, name, g_variant_new_bytestring_array((const char *const *)texts->pdata, (gssize)texts->len));
}

static gboolean get_texts(GVariantDict *dict, const char *name, GPtrArray *texts, GError **error)
{
	g_autofree char **list = NULL;
	if (!g_variant_dict_lookup(dict, name, "^aay", &list))
		return wrong_shape(error, name);
	for (char **p = list; *p; p++)
		g_ptr_array_add(texts, *p);
	return TRUE;
}

static GVariant *op_to_variant(const struct plan_op *op)
{
	g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT(NULL);
	g_auto(GVariantBuilder) flags = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("as"));
	for (int i = 0; flag_names[i]; i++)
		if (op->flags & 1u << i)
			g_variant_builder_add(&flags, "s", flag_names[i]);
	put_fields(&dict, op, op_fields, G_N_ELEMENTS(op_fields));
	g_variant_dict_insert_value(&dict, "flags", g_variant_builder_end(&flags));
	g_variant_dict_insert(&dict, "mode", "u", (guint32)op->mode);
	if (op->data)
		g_variant_dict_insert_value(
			&dict, "data", g_variant_new_from_bytes(G_VARIANT_TYPE_BYTESTRING, op->data, TRUE));
	return g_variant_dict_end(&dict);
}

static gboolean op_from_variant(struct plan *plan, GVariant *variant, GError **error)
{
	g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT(variant);
	struct plan_op *op = plan_op_add(plan, PLAN_OP_BIND, NULL, NULL, NULL);
	g_autofree const char **flags = NULL;
	guint32 mode = 0;
	if (!get_fields(&dict, op, op_fields, G_N_ELEMENTS(op_fields), error))
		return FALSE;
	if (!g_variant_dict_lookup(&dict, "flags", "^a&s", &flags))
		return wrong_shape(error, "flags");
	for (const char **flag = flags; *flag; flag++) {
		int i = 0;
		while (flag_names[i] && strcmp(flag_names[i], *flag) != 0)
			i++;
		if (!flag_names[i])
			return wrong_shape(error, "flags");
		op->flags |= 1u << i;
	}
	if (!g_variant_dict_lookup(&dict, "mode", "u", &mode) || mode > 07777)
		return wrong_shape(error, "mode");
	op->mode = mode;
	g_autoptr(GVariant) data = g_variant_dict_lookup_value(&dict, "data", G_VARIANT_TYPE_BYTESTRING);
	op->data = data ? g_variant_get_data_as_bytes(data) : NULL;
	gboolean guard = op->type == PLAN_OP_BIND && op->flags & PLAN_GIT_GUARD;
	gboolean has_data = op->type == PLAN_OP_FILE || op->type == PLAN_OP_SYMLINK || guard;
	if (has_data != (op->data != NULL) || (op->type == PLAN_OP_BIND) != (op->source != NULL) || op->dest[0] != '/')
		return wrong_shape(error, op_names[op->type]);
	return TRUE;
}

static GVariant *app_to_variant(const struct plan_app *app)
{
	g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT(NULL);
	put_fields(&dict, app, app_fields, G_N_ELEMENTS(app_fields));
	g_variant_dict_insert(&dict, "exec", "^aay", app->exec);
	g_auto(GVariantBuilder) actions = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a(saay)"));
	for (guint i = 0; i < app->actions->len; i++) {
		const struct plan_action *action = app->actions->pdata[i];
		g_variant_builder_add(&actions, "(s^aay)", action->id, action->exec);
	}
	g_variant_dict_insert_value(&dict, "actions", g_variant_builder_end(&actions));
	return g_variant_dict_end(&dict);
}

static gboolean app_from_variant(struct plan *plan, GVariant *variant, GError **error)
{
	g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT(variant);
	struct plan_app *app = plan_app_new(plan);
	if (!get_fields(&dict, app, app_fields, G_N_ELEMENTS(app_fields), error))
		return FALSE;
	if (!g_variant_dict_lookup(&dict, "exec", "^aay", &app->exec) || !app->exec[0])
		return wrong_shape(error, "exec");
	g_autoptr(GVariant) actions = g_variant_dict_lookup_value(&dict, "actions", G_VARIANT_TYPE("a(saay)"));
	for (gsize i = 0; actions && i < g_variant_n_children(actions); i++) {
		const char *id;
		g_autofree const char **exec = NULL;
		g_variant_get_child(actions, i, "(&s^a&ay)", &id, &exec);
		if (!exec[0])
			return wrong_shape(error, "actions");
		plan_action_add(app, id, exec);
	}
	return actions || wrong_shape(error, "actions");
}

GVariant *plan_to_variant(const struct plan *plan)
{
	g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT(NULL);
	g_auto(GVariantBuilder) ops = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("aa{sv}"));
	g_auto(GVariantBuilder) apps = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("aa{sv}"));
	for (guint i = 0; i < plan->ops->len; i++)
		g_variant_builder_add_value(&ops, op_to_variant(plan->ops->pdata[i]));
	for (guint i = 0; i < plan->apps->len; i++)
		g_variant_builder_add_value(&apps, app_to_variant(plan->apps->pdata[i]));
	put_fields(&dict, plan, plan_fields, G_N_ELEMENTS(plan_fields));
	g_variant_dict_insert_value(&dict, "ops", g_variant_builder_end(&ops));
	g_variant_dict_insert_value(&dict, "apps", g_variant_builder_end(&apps));
	g_variant_dict_insert_value(&dict, "policy", plan->policy);
	put_texts(&dict, "bus", plan->bus);
	put_texts(&dict, "env", plan->env);
	put_texts(&dict, "pass", plan->pass);
	put_texts(&dict, "forwards", plan->forwards);
	put_texts(&dict, "allow", plan->allow);
	put_texts(&dict, "deny", plan->deny);
	put_texts(&dict, "permissions", plan->permissions);
	return g_variant_dict_end(&dict);
}

static gboolean read_list(struct plan *plan, GVariantDict *dict, const char *name,
	gboolean (*read)(struct plan *plan, GVariant *variant, GError **error), GError **error)
{
	g_autoptr(GVariant) list = g_variant_dict_lookup_value(dict, name, G_VARIANT_TYPE("aa{sv}"));
	for (gsize i = 0; list && i < g_variant_n_children(list); i++) {
		g_autoptr(GVariant) child = g_variant_get_child_value(list, i);
		if (!read(plan, child, error))
			return FALSE;
	}
	return list || wrong_shape(error, name);
}

struct plan *plan_from_variant(GVariant *variant, GError **error)
{
	if (!g_variant_is_of_type(variant, G_VARIANT_TYPE_VARDICT) || !g_variant_is_normal_form(variant)) {
		wrong_shape(error, "plan");
		return NULL;
	}
	g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT(variant);
	autoplan struct plan *plan = plan_new();
	if (!get_fields(&dict, plan, plan_fields, G_N_ELEMENTS(plan_fields), error) ||
		!read_list(plan, &dict, "ops", op_from_variant, error) ||
		!read_list(plan, &dict, "apps", app_from_variant, error) ||
		!get_texts(&dict, "bus", plan->bus, error) || !get_texts(&dict, "env", plan->env, error) ||
		!get_texts(&dict, "pass", plan->pass, error) || !get_texts(&dict, "forwards", plan->forwards, error) ||
		!get_texts(&dict, "allow", plan->allow, error) || !get_texts(&dict, "deny", plan->deny, error) ||
		!get_texts(&dict, "permissions", plan->permissions, error))
		return NULL;
	plan->policy = g_variant_dict_lookup_value(&dict, "policy", G_VARIANT_TYPE_VARDICT);
	if (!plan->policy) {
		wrong_shape(error, "policy");
		return NULL;
	}
	return g_steal_pointer(&plan);
}

gboolean plan_equal(const struct plan *a, const struct plan *b)
{
	g_autoptr(GVariant) x = g_variant_ref_sink(plan_to_variant(a));
	g_autoptr(GVariant) y = g_variant_ref_sink(plan_to_variant(b));
	return g_variant_equal(x, y);
}
