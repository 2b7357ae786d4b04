/* adversarial [--upstream SOCKET] CASE…: hostile clients against isolate-wlproxy in front of the stub compositor, or of a
 * real one. What a case must show is written in its file. ISOLATE_WLPROXY names the program under test. */
#include "arena.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define GPU "[Graphics]\nGpu=render\n"

static const struct {
	const char *name;
	void (*run)(struct arena *arena);
	const char *policy; // NULL: the defaults
} cases[] = {
	{"framing",	    case_framing,	  NULL},
	{"opcodes",	    case_opcodes,	  NULL},
	{"strings",	    case_strings,	  NULL},
	{"objects",	    case_objects,	  NULL},
	{"registry",    case_registry,    NULL},
	{"fds",		case_fds,	  NULL},
	{"many-fds",    case_many_fds,    NULL},
	{"pools",	  case_pools,	      NULL},
	{"never-reads", case_never_reads, NULL},
	{"bytewise",    case_bytewise,    NULL},
	{"stopped",	    case_stopped,	  NULL},
	{"dead",	 case_dead,	    NULL},
	{"evil",	 case_evil,	    NULL},
	{"neighbours",  case_neighbours,	NULL},
	{"memory",	   case_memory,	NULL},
	{"limits",	   case_limits,	NULL},
	{"cut",		case_cut,	  NULL},
	{"lifetimes",   case_lifetimes,   NULL},
	{"dmabuf",	   case_dmabuf,	GPU },
};
enum { N_CASES = sizeof cases / sizeof *cases };

static int usage(void)
{
	fprintf(stderr, "usage: adversarial [--upstream SOCKET] CASE...\ncases:");
	for (size_t i = 0; i < N_CASES; i++)
		fprintf(stderr, " %s", cases[i].name);
	fprintf(stderr, "\n");
	return 2;
}

static bool run_case(const char *name, const char *upstream)
{
	for (size_t i = 0; i < N_CASES; i++) {
		if (strcmp(cases[i].name, name) != 0)
			continue;
		struct arena arena;
		arena_open(&arena, upstream, cases[i].policy);
		cases[i].run(&arena);
		arena_close(&arena);
		printf("ok: %s\n", name);
		fflush(stdout);
		return true;
	}
	return false;
}

int main(int argc, char *argv[])
{
	signal(SIGPIPE, SIG_IGN);
	const char *upstream = NULL;
	int first = 1;
	if (argc > 2 && strcmp(argv[1], "--upstream") == 0) {
		upstream = argv[2];
		first = 3;
	}
	if (first >= argc)
		return usage();
	for (int i = first; i < argc; i++)
		if (!run_case(argv[i], upstream))
			return usage();
	return 0;
}
