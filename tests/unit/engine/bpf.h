/* The kernel's classic BPF, as far as seccomp filters use it: so that a filter's answer to every call can be asked. */
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>

/* SECCOMP_RET_…; an invalid program is an assertion. */
uint32_t bpf_run(const struct sock_filter *program, size_t length, const struct seccomp_data *data);
