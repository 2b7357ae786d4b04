#include "build.h"

#include <string.h>

gboolean path_within(const char *path, const char *dir)
{
	size_t length = strlen(dir);
	if (strcmp(dir, "/") == 0)
		return TRUE;
	return strncmp(path, dir, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

gboolean path_within_any(const char *path, const char *const *dirs)
{
	for (; *dirs; dirs++)
		if (path_within(path, *dirs))
			return TRUE;
	return FALSE;
}
