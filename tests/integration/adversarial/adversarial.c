/* adversarial [--upstream SOCKET] CASE…: hostile clients against isolate-wlproxy in front of the stub compositor, or of a
 * real one. What a case must show is written in its file. ISOLATE_WLPROXY names the program under test. */
#include "arena.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	void (*run)(struct arena *arena);
} cases[] = {
	{"framing",	    case_framing	},
	{"opcodes",	    case_opcodes	},
	{"strings",	    case_strings	},
	{"objects",	    case_objects	},
	{"registry",    case_registry	  },
	{"fds",		case_fds	},
	{"many-fds",    case_many_fds	  },
	{"pools",	  case_pools	    },
	{"never-reads", case_never_reads},
	{"bytewise",    case_bytewise	  },
	{"stopped",	    case_stopped	},
	{"dead",	 case_dead	  },
	{"evil",	 case_evil	  },
	{"neighbours",  case_neighbours },
	{"memory",	   case_memory     },
	{"limits",	   case_limits     },
	{"cut",		case_cut	},
	{"lifetimes",   case_lifetimes  },
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
		arena_open(&arena, upstream);
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
