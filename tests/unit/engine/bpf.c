#include "bpf.h"

#include <glib.h>
#include <string.h>

static gboolean jumps(const struct sock_filter *at, uint32_t a)
{
	switch (BPF_OP(at->code)) {
	case BPF_JEQ:
		return a == at->k;
	case BPF_JGT:
		return a > at->k;
	case BPF_JGE:
		return a >= at->k;
	case BPF_JSET:
		return (a & at->k) != 0;
	default:
		g_assert_not_reached();
	}
}

uint32_t bpf_run(const struct sock_filter *program, size_t length, const struct seccomp_data *data)
{
	uint32_t a = 0, m[BPF_MEMWORDS] = {0};
	for (size_t i = 0; i < length; i++) {
		const struct sock_filter *at = &program[i];
		switch (at->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			g_assert_cmpuint(at->k, <=, sizeof *data - sizeof a);
			memcpy(&a, (const char *)data + at->k, sizeof a);
			break;
		case BPF_LD | BPF_W | BPF_MEM:
			g_assert_cmpuint(at->k, <, BPF_MEMWORDS);
			a = m[at->k];
			break;
		case BPF_ST:
			g_assert_cmpuint(at->k, <, BPF_MEMWORDS);
			m[at->k] = a;
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= at->k;
			break;
		case BPF_JMP | BPF_JA:
			i += at->k;
			break;
		case BPF_RET | BPF_K:
			return at->k;
		default:
			g_assert_cmpuint(BPF_CLASS(at->code), ==, BPF_JMP);
			i += jumps(at, a) ? at->jt : at->jf;
		}
	}
	g_assert_not_reached();
}
