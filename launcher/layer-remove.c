#include "layer-remove.h"

#include "error.h"
#include "spawn.h"
#include "text.h"

#include <string.h>

gboolean layer_remove(const char *path, GError **error)
{
	if (!g_file_test(path, G_FILE_TEST_EXISTS))
		return TRUE;
	g_autofree char *program = spawn_find_own("isolate-layer", error), *said = NULL;
	g_auto(GStrv) env = spawn_environment();
	char *argv[] = {program, "--remove", (char *)path, NULL};
	int status = 0;
	if (!program ||
		!g_spawn_sync("/", argv, env, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, &said, &status, error))
		return FALSE;
	if (g_spawn_check_wait_status(status, NULL))
		return TRUE;
	g_strchomp(said);
	const char *line = strrchr(said, '\n');
	g_autofree char *shown = text_dup_sanitized(line ? line + 1 : said, 1000);
	return error_set(error, "cannot remove the layer %s: %s", path, shown ? shown : "");
}
