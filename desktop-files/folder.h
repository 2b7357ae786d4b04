/* $XDG_DATA_HOME/applications and what of ours is in it. Files are opened and replaced beneath it, no link at their place
 * is followed, and only what seal.h calls ours is written over or removed. */
#pragma once

#include <glib.h>

enum folder_state {
	FOLDER_ABSENT,
	FOLDER_OURS,	// as we left it
	FOLDER_EDITED,	// was ours, and somebody changed it
	FOLDER_FOREIGN, // anything else: a file that we did not write, a link, a folder
};

struct folder {
	char *path;
	int fd;
	int lock; // held until folder_close(): one writer at a time
};

/* Makes the folder when it is missing, and waits for other writers. */
gboolean folder_open(struct folder *folder, GError **error);
void folder_close(struct folder *folder);
#define autofolder __attribute__((cleanup(folder_close))) struct folder

/* The state of the file of this name; content (may be NULL) is set to what it holds when it is ours or edited. */
enum folder_state folder_look(const struct folder *folder, const char *name, char **content);

/* Puts content in its place at once, mode 0644: a menu that reads meanwhile sees the old file or the new. */
gboolean folder_write(const struct folder *folder, const char *name, const char *content, GError **error);
gboolean folder_remove(const struct folder *folder, const char *name, GError **error);

/* Names "isolate.<project>.*.desktop", of all projects when project is NULL; sorted, owned. */
GPtrArray *folder_names(const struct folder *folder, const char *project, GError **error);

/* The project in such a name, or NULL when it is none. */
char *folder_project_of(const char *name);
