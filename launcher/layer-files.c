#include "layer-files.h"

#include "error.h"
#include "plan.h"
#include "spawn.h"
#include "text.h"

#include <string.h>

/* isolate-layer with this option and path, and another one where it takes two; what it said last is the error. */
static gboolean run(const char *option, const char *path, const char *other, GError **error)
{
	g_autofree char *program = spawn_find_own("isolate-layer", error), *said = NULL;
	g_auto(GStrv) env = spawn_environment();
	const char *argv[] = {program, option, path, other, NULL};
	int status = 0;
	if (!program || !g_spawn_sync("/", (char **)argv, env, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, &said,
				&status, error))
		return FALSE;
	if (g_spawn_check_wait_status(status, NULL))
		return TRUE;
	g_strchomp(said);
	const char *line = strrchr(said, '\n');
	g_autofree char *shown = text_dup_sanitized(line ? line + 1 : said, 1000);
	return error_set(error, "%s", shown ? shown : "");
}

gboolean layer_remove(const char *path, GError **error)
{
	if (!g_file_test(path, G_FILE_TEST_EXISTS) || run("--remove", path, NULL, error))
		return TRUE;
	g_prefix_error(error, "cannot remove the layer %s: ", path);
	return FALSE;
}

gboolean layer_remove_all(const char *data, GError **error)
{
	g_autofree char *layer = g_build_filename(data, PLAN_LAYER_DIR, NULL);
	g_autofree char *away = g_build_filename(data, LAYER_AWAY, NULL);
	return layer_remove(layer, error) && layer_remove(away, error);
}

gboolean layer_copy(const char *from, const char *to, GError **error)
{
	if (run("--copy", from, to, error))
		return TRUE;
	g_prefix_error(error, "cannot copy the layer %s: ", from);
	return FALSE;
}
