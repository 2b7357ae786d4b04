#include "project.h"

#include "error.h"
#include "xdg.h"

struct config_dirs *config_dirs_new(GError **error)
{
	const char *home = g_get_home_dir();
	if (!g_path_is_absolute(home)) {
		error_set(error, "HOME is not an absolute path: %s", home);
		return NULL;
	}
	struct config_dirs *dirs = g_new0(struct config_dirs, 1);
	dirs->home = g_canonicalize_filename(home, "/");
	dirs->user = xdg_path(XDG_CONFIG, NULL, NULL);
	dirs->system = g_strdup(ISOLATE_SYSCONFDIR "/isolate");
	dirs->system_data = g_strdup(ISOLATE_DATADIR "/isolate");
	return dirs;
}

void config_dirs_free(struct config_dirs *dirs)
{
	if (!dirs)
		return;
	g_free(dirs->home);
	g_free(dirs->user);
	g_free(dirs->system);
	g_free(dirs->system_data);
	g_free(dirs->draft);
	g_free(dirs);
}
