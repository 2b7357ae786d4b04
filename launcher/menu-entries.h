/* The menu, kept equal to the projects by the verbs that change them. */
#pragma once

#include <glib.h>

/* Makes the entries those of this project as it is now, or none when it is gone. What stands in the way, and a failure, is a
 * warning: the verb that changed the project has done its work. */
void menu_entries_update(const char *project);
