#include "seccomp-program.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define N(array) (sizeof(array) / sizeof *(array))

/* libseccomp says -EDOM or -EACCES of calls that an architecture does not have: nothing to refuse there. */
int program_rule(scmp_filter_ctx filter, uint32_t action, int call, unsigned n, const struct scmp_arg_cmp *arguments)
{
	int r = seccomp_rule_add_array(filter, action, call, n, arguments);
	return r == -EDOM ? 0 : r;
}

/* Each with the 32-bit programs that run beside the native ones. x32 is not among them: libseccomp's answer to an
 * architecture that is not in the list is SCMP_FLTATR_ACT_BADARCH. */
static const struct {
	const char *family; // as meson names it
	uint32_t native, other;
} architectures[] = {
	{"x86_64",  SCMP_ARCH_X86_64,  SCMP_ARCH_X86},
	{"aarch64", SCMP_ARCH_AARCH64, SCMP_ARCH_ARM},
	{"riscv64", SCMP_ARCH_RISCV64, 0		},
};

int program_architectures(scmp_filter_ctx filter, const char *family, bool with_32_bit)
{
	size_t i = 0;
	while (i < N(architectures) && strcmp(architectures[i].family, family) != 0)
		i++;
	if (i == N(architectures))
		return -EINVAL;
	int r = seccomp_arch_add(filter, architectures[i].native);
	r = r == -EEXIST ? 0 : r;
	if (r == 0 && seccomp_arch_native() != architectures[i].native)
		r = seccomp_arch_remove(filter, seccomp_arch_native());
	if (r == 0 && with_32_bit && architectures[i].other)
		r = seccomp_arch_add(filter, architectures[i].other);
	r = r ? r : seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	return r ? r : seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
}

static void print_instruction(const struct sock_filter *one)
{
	printf("\t{0x%04x, %u, %u, 0x%08x},\n", one->code, one->jt, one->jf, one->k);
}

/* libseccomp writes its program into a descriptor only. */
int program_print(scmp_filter_ctx filter, const char *name, const struct sock_filter *first, size_t n_first)
{
	struct sock_filter one;
	int fd = memfd_create("program", MFD_CLOEXEC);
	if (fd < 0 || seccomp_export_bpf(filter, fd) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return -EIO;
	printf("static const struct sock_filter %s[] = {\n", name);
	for (size_t i = 0; i < n_first; i++)
		print_instruction(&first[i]);
	ssize_t n;
	while ((n = read(fd, &one, sizeof one)) == sizeof one)
		print_instruction(&one);
	printf("};\n\n");
	close(fd);
	return n == 0 ? 0 : -EIO;
}
