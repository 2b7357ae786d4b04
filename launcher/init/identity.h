/* Who applications are in a container with a layer, where init is root: the user, unless a request says root. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* words: "root" UID GID and the folders that are the user's, ending with NULL; without any, init is the user itself. False
 * with errno. Before anything else runs in the container. */
bool identity_take(char **words);

/* Whether there is a root to be. */
bool identity_has_root(void);

/* A terminal becomes the user's. False with errno. */
bool identity_give(int fd);

/* In a job's own process: the user's ids, and no capability, now or by a later execve. False with errno. */
bool identity_drop(void);
