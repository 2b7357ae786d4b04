#include "documents.h"

#include "log.h"
#include "plan.h"
#include "spawn.h"

#include <unistd.h>

/* Where the document portal keeps them, whether it runs or not. */
static gboolean any_kept(void)
{
	g_autofree char *path = g_build_filename(g_get_user_data_dir(), "flatpak/db/documents", NULL);
	return access(path, F_OK) == 0;
}

void documents_forget(const char *project)
{
	g_autofree char *helper = spawn_find_own("isolate-bus", NULL),
			*app = g_strconcat(PLAN_APP_ID_PREFIX, project, NULL);
	const char *const argv[] = {helper, "--forget", app, NULL};
	g_auto(GStrv) env = spawn_environment();
	g_autofree char *said = NULL;
	int status = 0;
	if (!any_kept())
		return;
	if (helper && g_spawn_sync("/", (char **)argv, env, G_SPAWN_DEFAULT, NULL, NULL, NULL, &said, &status, NULL) &&
		g_spawn_check_wait_status(status, NULL))
		return;
	log_warning("files that were picked for %s in dialogs stay open to the next project of this name: flatpak "
		    "document-unexport takes them back (%s)",
		project, said ? g_strchomp(said) : "isolate-bus is not installed");
}
