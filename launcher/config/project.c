#include "project.h"

#include "value.h"

#include <string.h>

const GPtrArray *project_items(const struct project *project, enum config_key key)
{
	return project->settings[key];
}

static const struct config_item *first(const struct project *project, enum config_key key)
{
	const GPtrArray *items = project->settings[key];
	return items->len > 0 ? items->pdata[0] : NULL;
}

const char *project_text(const struct project *project, enum config_key key)
{
	const struct config_item *item = first(project, key);
	return item ? item->value : "";
}

const char *project_origin(const struct project *project, enum config_key key)
{
	const struct config_item *item = first(project, key);
	return item ? item->origin : "default";
}

gboolean project_flag(const struct project *project, enum config_key key)
{
	return strcmp(project_text(project, key), "yes") == 0;
}

int project_choice(const struct project *project, enum config_key key)
{
	g_auto(GStrv) values = config_choices(config_row(key)->values);
	const char *text = project_text(project, key);
	for (int i = 0; values[i]; i++)
		if (g_str_has_suffix(values[i], ":") ? g_str_has_prefix(text, values[i]) : strcmp(text, values[i]) == 0)
			return i;
	g_assert_not_reached();
}

gint64 project_duration(const struct project *project, enum config_key key)
{
	return value_duration(project_text(project, key));
}

const struct config_app *project_app(const struct project *project, const char *name)
{
	for (guint i = 0; i < project->apps->len; i++) {
		const struct config_app *app = project->apps->pdata[i];
		if (strcmp(app->name, name) == 0)
			return app;
	}
	return NULL;
}
