#include "socket.h"

#include "fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

/* The address of path, through its folder's descriptor, which must stay open while the address is used. */
static int address_of(const char *path, struct sockaddr_un *address)
{
	const char *slash = strrchr(path, '/');
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (!slash || strlen(slash) > 64) {
		errno = ENAMETOOLONG;
		return -1;
	}
	autofree char *folder = strndup(path, slash == path ? 1 : (size_t)(slash - path));
	if (!folder)
		return -1;
	int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d%s", fd, slash);
	return fd;
}

int socket_connect(const char *path, int type)
{
	struct sockaddr_un address;
	autofd folder = address_of(path, &address);
	autofd fd = folder < 0 ? -1 : socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		return -1;
	return fd_steal(&fd);
}

int socket_listen(const char *path, int type)
{
	struct sockaddr_un address;
	autofd folder = address_of(path, &address);
	autofd fd = folder < 0 ? -1 : socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	if (fd < 0 || (unlink(path) < 0 && errno != ENOENT))
		return -1;
	// The mode of the descriptor is the mode of the file that bind makes.
	if (fchmod(fd, 0600) < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
		listen(fd, SOMAXCONN) < 0)
		return -1;
	return fd_steal(&fd);
}
