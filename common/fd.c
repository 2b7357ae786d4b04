#include "fd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

void fd_closep(int *fd)
{
	if (*fd < 0)
		return;
	int saved = errno;
	close(*fd);
	errno = saved;
	*fd = -1;
}

int fd_fill_stdio(void)
{
	int fd;
	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	fd_closep(&fd);
	return fcntl(STDERR_FILENO, F_GETFD) < 0 ? -1 : 0;
}

static int set_flag(int fd, int get, int set, int flag, bool on)
{
	int flags = fcntl(fd, get);
	if (flags < 0)
		return -1;
	return fcntl(fd, set, on ? flags | flag : flags & ~flag);
}

int fd_set_cloexec(int fd, bool on)
{
	return set_flag(fd, F_GETFD, F_SETFD, FD_CLOEXEC, on);
}

int fd_set_nonblocking(int fd, bool on)
{
	return set_flag(fd, F_GETFL, F_SETFL, O_NONBLOCK, on);
}

int fd_close_from(int first, unsigned flags)
{
	return (int)syscall(SYS_close_range, first, ~0U, flags);
}

int fd_write_all(int fd, const void *data, size_t size)
{
	const char *p = data;
	while (size > 0) {
		ssize_t n = write(fd, p, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		p += n;
		size -= (size_t)n;
	}
	return 0;
}

union control {
	struct cmsghdr header;
	char space[CMSG_SPACE(FD_PASS_MAX * sizeof(int))];
};

ssize_t fd_send(int socket, const void *data, size_t size, const int *fds, size_t n_fds, int flags)
{
	union control control = {0};
	struct iovec iov = {(void *)data, size};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	if (n_fds > FD_PASS_MAX) {
		errno = EINVAL;
		return -1;
	}
	if (n_fds > 0) {
		msg.msg_control = control.space;
		msg.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(n_fds * sizeof(int));
		memcpy(CMSG_DATA(&control.header), fds, n_fds * sizeof(int));
	}
	ssize_t n;
	do
		n = sendmsg(socket, &msg, flags | MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n;
}

/* Appends the descriptors of one control message; those for which there is no room are closed and counted as cut. */
static bool take_fds(struct cmsghdr *cmsg, int *fds, size_t room, size_t *taken)
{
	size_t n = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	bool cut = false;
	for (size_t i = 0; i < n; i++) {
		int fd;
		memcpy(&fd, CMSG_DATA(cmsg) + i * sizeof(int), sizeof fd);
		if (*taken < room) {
			fds[(*taken)++] = fd;
		} else {
			close(fd);
			cut = true;
		}
	}
	return cut;
}

ssize_t fd_recv(int socket, void *data, size_t size, int *fds, size_t *n_fds, int flags)
{
	union control control;
	struct iovec iov = {data, size};
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control};
	size_t room = *n_fds;
	*n_fds = 0;
	ssize_t n;
	do
		n = recvmsg(socket, &msg, flags | MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -1;
	bool cut = msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC);
	for (struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg); cmsg; cmsg = CMSG_NXTHDR(&msg, cmsg))
		if (cmsg->cmsg_level == SOL_SOCKET && cmsg->cmsg_type == SCM_RIGHTS)
			cut |= take_fds(cmsg, fds, room, n_fds);
	if (!cut)
		return n;
	while (*n_fds > 0)
		close(fds[--*n_fds]);
	errno = EMSGSIZE;
	return -1;
}

int fd_memfd_sealed(const char *name, const void *data, size_t size)
{
	autofd fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0 || fd_write_all(fd, data, size) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return -1;
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
		return -1;
	return fd_steal(&fd);
}

int fd_stat(int fd, struct stat *status)
{
	// Of 64-bit architectures the kernel's structure is the C library's.
	_Static_assert(sizeof(long) == 8, "a 32-bit architecture needs fstat64()");
	return (int)syscall(SYS_fstat, fd, status);
}

bool fd_is_anonymous_pipe(int fd)
{
	struct stat st;
	struct statfs fs;
	return fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode) && fstatfs(fd, &fs) == 0 && fs.f_type == PIPEFS_MAGIC;
}

int fd_lock_file(const char *path)
{
	autofd fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct stat ours, there;
	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0 || fstat(fd, &ours) < 0)
		return -1;
	// What was locked may be no longer what the next one opens.
	if (stat(path, &there) == 0 && there.st_ino == ours.st_ino && there.st_dev == ours.st_dev)
		return fd_steal(&fd);
	errno = EWOULDBLOCK;
	return -1;
}
