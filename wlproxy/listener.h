/* A Wayland socket that clients find by its path. */
#pragma once

/* Makes a listening socket at path, mode 0700, with a lock beside it (path.lock) as libwayland's servers have. A socket
 * that nobody listens on is replaced; anything else that is there is left alone. Returns it, with the lock in *lock_fd,
 * or -1 with *error, which the caller frees. */
int listener_open(const char *path, int *lock_fd, char **error);

/* Removes both from the file system. */
void listener_remove(const char *path);
