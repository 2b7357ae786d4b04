/* What the kernel says of a process. Each aborts with what is wrong; pid is named in it. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#define CHECK(condition, ...)                                                                                          \
	do {                                                                                                           \
		if (!(condition)) {                                                                                    \
			fprintf(stderr, "%s:%d: not true: %s: ", __FILE__, __LINE__, #condition);                      \
			fprintf(stderr, __VA_ARGS__);                                                                  \
			fprintf(stderr, "\n");                                                                         \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

/* no_new_privs, a filter of system calls, no capabilities; when bounded is set none can come back either. */
void facts_status(pid_t pid, bool bounded);
/* No process, no core file, no locked memory more. */
void facts_limits(pid_t pid);
/* Its root folder shows nothing, and its user and network namespaces are not ours. */
void facts_namespaces(pid_t pid);
/* Sockets, pipes, what waits for them, /dev/null, and these files. */
void facts_descriptors(pid_t pid, const char *const *files);
/* Nothing is both writable and executable, and what is executable comes from a file. */
void facts_memory(pid_t pid);
/* The first child; 0 when there is none. */
pid_t facts_child(pid_t pid);
