#include "engine.h"

#include "error.h"

#include <string.h>

const struct engine *engine_find(const char *name, GError **error)
{
	if (strcmp(name, engine_bwrap.name) == 0)
		return &engine_bwrap;
	error_set(error, "there is no engine %s: Engine=bwrap", name);
	return NULL;
}
