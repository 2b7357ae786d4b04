/* What the writers of system call filters share. They run while isolate is built: nothing of this is in a program that is
 * installed. Functions return 0, or -errno as libseccomp's do. */
#pragma once

#include <linux/filter.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>

/* seccomp_rule_add_array(); a call that the architecture does not have needs no rule. */
int program_rule(scmp_filter_ctx filter, uint32_t action, int call, unsigned n, const struct scmp_arg_cmp *arguments);

/* The filter is for this CPU family, as meson names it, with or without its 32-bit programs. Who makes a call of any other
 * architecture is killed. */
int program_architectures(scmp_filter_ctx filter, const char *family, bool with_32_bit);

/* Prints the definition of an array of this name: the n instructions of first, and what libseccomp made. */
int program_print(scmp_filter_ctx filter, const char *name, const struct sock_filter *first, size_t n);
