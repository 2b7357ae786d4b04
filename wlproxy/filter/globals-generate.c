/* Writes wayland-globals.h: every interface of the table of globals, and whether AllowGlobals may name it, so that a
 * project's configuration is checked against the same names where it is read. Run while isolate is built. */
#include "globals.h"
#include "interfaces.h"

#include <stdio.h>
#include <string.h>

static bool is_described(const char *name)
{
	const char *known;
	for (size_t i = 0; (known = interfaces_name(i)) != NULL; i++)
		if (strcmp(known, name) == 0)
			return true;
	return false;
}

int main(void)
{
	size_t count;
	const struct global_rule *rules = globals_table(&count);
	for (size_t i = 0; i < count; i++)
		printf("GLOBAL(\"%s\", %d)\n", rules[i].name,
			rules[i].class != GLOBAL_HIDDEN || is_described(rules[i].name));
	return 0;
}
