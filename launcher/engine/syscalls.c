#include "syscalls.h"

#include "fd.h"

#include <linux/filter.h>

#include "syscalls-programs.h"

static const struct {
	const struct sock_filter *program;
	size_t size;
} programs[SYSCALLS_PROGRAMS] = {
	{program_0, sizeof program_0},
	{program_1, sizeof program_1},
	{program_2, sizeof program_2},
	{program_3, sizeof program_3},
};

int syscalls_filter(unsigned options)
{
	return fd_memfd_sealed("isolate-seccomp", programs[options].program, programs[options].size);
}
