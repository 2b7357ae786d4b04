#include "xdg.h"

#include "error.h"

#include <errno.h>

/* The specification has a relative path ignored, which GLib does not do: it would mean another folder in each place that
 * isolate is started from, and one with approvals of its own. */
static char *user_dir(const char *dir, const char *usual)
{
	return g_path_is_absolute(dir) ? g_build_filename(dir, "isolate", NULL)
				       : g_build_filename(g_get_home_dir(), usual, "isolate", NULL);
}

static char *base(enum xdg_place place, GError **error)
{
	const char *runtime;
	switch (place) {
	case XDG_CONFIG:
		return user_dir(g_get_user_config_dir(), ".config");
	case XDG_DATA:
		return user_dir(g_get_user_data_dir(), ".local/share");
	case XDG_STATE:
		return user_dir(g_get_user_state_dir(), ".local/state");
	case XDG_RUNTIME:
		// Not g_get_user_runtime_dir(): its fallback is a cache folder, which may be on a network disk.
		runtime = g_getenv("XDG_RUNTIME_DIR");
		if (runtime && g_path_is_absolute(runtime))
			return g_build_filename(runtime, "isolate", NULL);
		error_set(error, "XDG_RUNTIME_DIR is not set: log in through a session manager, or set it to a "
				 "folder of your own with mode 0700");
		return NULL;
	}
	g_assert_not_reached();
}

static char *path_valist(enum xdg_place place, GError **error, va_list names)
{
	char *path = base(place, error);
	const char *name;
	while (path && (name = va_arg(names, const char *))) {
		char *longer = g_build_filename(path, name, NULL);
		g_free(path);
		path = longer;
	}
	return path;
}

char *xdg_path(enum xdg_place place, GError **error, ...)
{
	va_list names;
	va_start(names, error);
	char *path = path_valist(place, error, names);
	va_end(names);
	return path;
}

char *xdg_make_dir(enum xdg_place place, GError **error, ...)
{
	va_list names;
	va_start(names, error);
	g_autofree char *path = path_valist(place, error, names);
	va_end(names);
	if (path && g_mkdir_with_parents(path, 0700) < 0) {
		error_set_errno(error, errno, "cannot make the folder %s", path);
		return NULL;
	}
	return g_steal_pointer(&path);
}
