/* Files of the host that were picked for a project in a dialog of the portals. */
#pragma once

/* Takes them from the project, which is to be removed. Where that cannot be done, a line says so. */
void documents_forget(const char *project);
