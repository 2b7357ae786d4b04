/* File descriptors: ownership by cleanup attribute, passing over sockets, sealed memory files.
 * Functions return -1 and set errno on failure unless they say otherwise. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

enum { FD_PASS_MAX = 28 }; // what one of our own messages may carry; libwayland's number too

/* Closes *fd if it is one, sets it to -1 and keeps errno. */
void fd_closep(int *fd);
#define autofd __attribute__((cleanup(fd_closep))) int

static inline int fd_steal(int *fd)
{
	int stolen = *fd;
	*fd = -1;
	return stolen;
}

static inline void free_voidp(void *p)
{
	free(*(void **)p);
}
#define autofree __attribute__((cleanup(free_voidp)))

/* Opens /dev/null as those of fd 0-2 that the caller had closed: what is opened next would else be taken for one of them,
 * be written to as stderr, or be handed on. For the beginning of main(). */
int fd_fill_stdio(void);

int fd_set_cloexec(int fd, bool on);
int fd_set_nonblocking(int fd, bool on);
int fd_write_all(int fd, const void *data, size_t size);

/* Closes all from first on, or with CLOSE_RANGE_CLOEXEC marks them: close_range(2), which not every C library knows. */
int fd_close_from(int first, unsigned flags);

/* Sends one datagram with descriptors, which stay the caller's. flags as sendmsg(2); MSG_NOSIGNAL is added. */
ssize_t fd_send(int socket, const void *data, size_t size, const int *fds, size_t n_fds, int flags);

/* Receives one datagram. *n_fds is the room in fds on entry and the number received on return; they are CLOEXEC and the
 * caller's. A datagram that was cut, in bytes or in descriptors, is an error (EMSGSIZE) and leaves no descriptor open.
 * Returns the size, 0 at end of file. */
ssize_t fd_recv(int socket, void *data, size_t size, int *fds, size_t *n_fds, int flags);

/* A memory file with this content, sealed against any change, positioned at its start. */
int fd_memfd_sealed(const char *name, const void *data, size_t size);

/* fstat(2) by the call that takes no path: the C library's may be newfstatat(2), which a filter of system calls cannot
 * allow without allowing to look at every file. */
struct stat;
int fd_stat(int fd, struct stat *status);

/* True for a pipe made by pipe2(), false for a FIFO with a name in a file system, or anything else: what a container
 * may be handed as fd 0-2, since /proc/self/fd/N/.. of it leads nowhere. */
bool fd_is_anonymous_pipe(int fd);

/* Makes and locks the file, which goes on as long as the descriptor that is returned. -1 with EWOULDBLOCK when somebody
 * else has it, or has just removed what we locked: whoever lets go of a lock may remove its file. */
int fd_lock_file(const char *path);
