#include "place.h"

#include "error.h"
#include "fd.h"
#include "host-app.h"
#include "host.h"
#include "plan.h"
#include "project.h"
#include "xdg.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

gboolean place_init(struct place *place, const char *name, GError **error)
{
	*place = (struct place){.name = name};
	autodirs struct config_dirs *dirs = config_dirs_new(error);
	if (!dirs)
		return FALSE;
	g_autofree char *file = g_strconcat(name, ".conf", NULL);
	place->config = g_build_filename(dirs->user, "projects", file, NULL);
	place->system = g_build_filename(dirs->system, "projects", file, NULL);
	place->data = xdg_path(XDG_DATA, NULL, name, NULL);
	place->state = xdg_path(XDG_STATE, NULL, name, NULL);
	place->runtime = xdg_path(XDG_RUNTIME, error, name, NULL);
	return place->runtime != NULL;
}

void place_finish(struct place *place)
{
	g_free(place->config);
	g_free(place->system);
	g_free(place->data);
	g_free(place->state);
	g_free(place->runtime);
}

gboolean place_needs_config(const struct place *place, const char *verb, GError **error)
{
	if (g_file_test(place->config, G_FILE_TEST_EXISTS))
		return TRUE;
	if (g_file_test(place->system, G_FILE_TEST_EXISTS))
		return error_set(error,
			"%s is the system's, in %s: isolate %s is for your own; what you write in %s is added to it",
			place->name, place->system, verb, place->config);
	autodirs struct config_dirs *dirs = config_dirs_new(error);
	return dirs && project_unknown(place->name, dirs, error);
}

gboolean place_needs_free(const struct place *place, GError **error)
{
	const char *const kept[] = {place->data, place->state};
	if (g_file_test(place->config, G_FILE_TEST_EXISTS) || g_file_test(place->system, G_FILE_TEST_EXISTS))
		return error_set(error, "there is a project %s already: isolate explain %s", place->name, place->name);
	for (size_t i = 0; i < G_N_ELEMENTS(kept); i++)
		if (g_file_test(kept[i], G_FILE_TEST_EXISTS))
			return error_set(error,
				"an earlier project %s left %s: isolate remove %s takes it away, another name leaves "
				"it",
				place->name, kept[i], place->name);
	return TRUE;
}

gboolean place_check(const char *name, const char *draft, GError **error)
{
	autodirs struct config_dirs *dirs = config_dirs_new(error);
	if (!dirs)
		return FALSE;
	dirs->draft = g_strdup(draft);
	autoproject struct project *project = project_open(name, dirs, error);
	if (!project || !g_getenv("XDG_RUNTIME_DIR"))
		return project != NULL; // without a session to run in: what the files say is all that can be checked
	autohost struct host *host = host_gather(project, error);
	autoplan struct plan *plan = host ? plan_build(project, host, error) : NULL;
	return plan != NULL;
}

gboolean place_write(const char *path, const char *content, gsize length, GError **error)
{
	char real[PATH_MAX];
	const char *target = realpath(path, real) ? real : path;
	struct stat st;
	mode_t mode = stat(target, &st) == 0 ? st.st_mode & 0777 : 0600;
	// No project's name begins with a dot: half a file is none.
	g_autofree char *folder = g_path_get_dirname(target), *name = g_path_get_basename(target);
	g_autofree char *pattern = g_strdup_printf("%s/.%s.XXXXXX", folder, name);
	autofd fd = g_mkstemp_full(pattern, O_WRONLY | O_CLOEXEC, (int)mode);
	if (fd < 0)
		return error_set_errno(error, errno, "cannot write in %s", folder);
	if (fd_write_all(fd, content, length) == 0 && fchmod(fd, mode) == 0 && fsync(fd) == 0 &&
		rename(pattern, target) == 0)
		return TRUE;
	int number = errno;
	g_unlink(pattern);
	return error_set_errno(error, number, "cannot write %s", target);
}
