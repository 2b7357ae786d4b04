/* A library that notes, in the file that PRELOADED_LOG names, each program that it was loaded into. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void __attribute__((constructor)) note(void)
{
	char text[4096];
	const char *path = getenv("PRELOADED_LOG");
	ssize_t n = readlink("/proc/self/exe", text, sizeof text - 2);
	int fd = path && n > 0 ? open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600) : -1;
	if (fd < 0)
		return;
	strcpy(text + n, "\n");
	ssize_t written = write(fd, text, (size_t)n + 1);
	(void)written;
	close(fd);
}
