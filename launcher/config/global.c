#include "global.h"

#include "text.h"

#include <string.h>

static const struct {
	const char *name;
	gboolean offered; // there is a description of it
} globals[] = {
#define GLOBAL(name, offered) {name, offered},
#include "wayland-globals.h"
};

static char *refuse(const char *name, gboolean offer)
{
	const char *names[G_N_ELEMENTS(globals) + 1];
	size_t n = 0;
	for (size_t i = 0; i < G_N_ELEMENTS(globals); i++) {
		gboolean same = strcmp(globals[i].name, name) == 0;
		if (same && offer && !globals[i].offered)
			return g_strdup("isolate has no description of this interface and cannot offer it");
		if (same)
			return NULL;
		if (!offer || globals[i].offered)
			names[n++] = globals[i].name;
	}
	names[n] = NULL;
	const char *nearest = text_nearest(name, names);
	return g_strdup_printf("isolate knows no such Wayland interface%s%s%s", nearest ? "; did you mean \"" : "",
		nearest ? nearest : "", nearest ? "\"?" : "");
}

char *global_refuse_offer(const char *name)
{
	return refuse(name, TRUE);
}

char *global_refuse_unknown(const char *name)
{
	return refuse(name, FALSE);
}
