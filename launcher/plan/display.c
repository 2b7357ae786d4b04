/* What isolate-wlproxy is told: docs/control-protocol.md, Policy. */
#include "build.h"

#include <string.h>

static GVariant *list_value(const struct project *project, enum config_key key)
{
	const GPtrArray *items = project_items(project, key);
	g_auto(GVariantBuilder) list = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE_STRING_ARRAY);
	for (guint i = 0; i < items->len; i++)
		g_variant_builder_add(&list, "s", ((const struct config_item *)items->pdata[i])->value);
	return g_variant_builder_end(&list);
}

static GVariant *value_of(const struct project *project, enum config_key key)
{
	const struct config_row *row = config_row(key);
	if (row->type == CONFIG_LIST)
		return list_value(project, key);
	if (row->type == CONFIG_CHOICE && (strcmp(row->values, "yes|no") == 0 || strcmp(row->values, "no|yes") == 0))
		return g_variant_new_boolean(project_flag(project, key));
	return g_variant_new_string(project_text(project, key));
}

/* The ids by which an application may name itself: those of its own, of its program, and its window class. */
static GVariant *apps_value(const struct plan *plan)
{
	g_auto(GVariantBuilder) apps = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a(ssas)"));
	for (guint i = 0; i < plan->apps->len; i++) {
		const struct plan_app *app = plan->apps->pdata[i];
		g_autofree char *program = g_path_get_basename(app->exec[0]);
		const char *window_class = app->window_class ? app->window_class : "";
		g_auto(GVariantBuilder) ids = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE_STRING_ARRAY);
		g_variant_builder_add(&ids, "s", app->name);
		if (strcmp(program, app->name) != 0 && g_utf8_validate(program, -1, NULL))
			g_variant_builder_add(&ids, "s", program);
		if (*window_class)
			g_variant_builder_add(&ids, "s", window_class);
		g_variant_builder_add(&apps, "(ss@as)", app->name, window_class, g_variant_builder_end(&ids));
	}
	return g_variant_builder_end(&apps);
}

static void build_apps(struct build *build)
{
	for (guint i = 0; i < build->project->apps->len; i++) {
		const struct config_app *from = build->project->apps->pdata[i];
		struct plan_app *app = plan_app_new(build->plan);
		app->name = g_strdup(from->name);
		app->title = g_strdup(from->title ? from->title : from->name);
		app->exec = g_strdupv(from->exec);
		app->window_class = g_strdup(from->window_class);
		app->icon = g_strdup(from->icon);
		app->terminal = from->terminal;
		app->files = g_strdup(from->files);
		for (guint j = 0; from->actions && j < from->actions->len; j++) {
			const struct config_action *action = from->actions->pdata[j];
			plan_action_add(app, action->id, (const char *const *)action->exec);
		}
	}
}

static void add(GVariantBuilder *policy, const char *key, GVariant *value)
{
	GVariant *entry = g_variant_new_dict_entry(g_variant_new_string(key), g_variant_new_variant(value));
	g_variant_builder_add_value(policy, entry);
}

void build_display(struct build *build)
{
	GVariantBuilder policy;
	build_apps(build);
	g_variant_builder_init(&policy, G_VARIANT_TYPE_VARDICT);
	for (int i = 0; i < CONFIG_N_KEYS; i++) {
		const struct config_row *row = config_row((enum config_key)i);
		if (strcmp(row->group, "Display") == 0 || strcmp(row->group, "Graphics") == 0)
			add(&policy, row->key, value_of(build->project, (enum config_key)i));
	}
	// Of [Bus], but a window of a portal has its parent through Wayland.
	add(&policy, "Portals", value_of(build->project, CONFIG_PORTALS));
	add(&policy, "Apps", apps_value(build->plan));
	build->plan->policy = g_variant_ref_sink(g_variant_builder_end(&policy));
}
