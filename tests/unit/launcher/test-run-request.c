/* Words that look like options stay the application's once it has been named. */
#include "cmd.h"
#include "run-request.h"

#include <string.h>

static const struct cmd run = {.name = "run", .arguments = "...", .summary = "", .flags = CMD_STRICT};

const struct cmd *cmd_find(const char *name)
{
	return &run;
}

static struct run_request *parse(const char *line, GError **error)
{
	g_auto(GStrv) words = g_strsplit(line, "|", -1);
	return run_request_parse((int)g_strv_length(words), words, error);
}

static void test_arguments(void)
{
	static const struct {
		const char *line, *argv;
	} cases[] = {
		{"run|--project|first|--|foot",			"foot"			      },
		{"run|-p|first|foot",				      "foot"			    },
		{"run|--project=first|foot|--project|second|--help", "foot|--project|second|--help"},
		{"run|-p|first|--|foot|--|-x",		       "foot|--|-x"		   },
		{"run|-p|first|--|--bind|/|/",		       "--bind|/|/"		   },
		{"run|-p|first|--|-c|a=b|%f|;|'|\n",		     "-c|a=b|%f|;|'|\n"	       },
		{"run|-p|first|foot||",				"foot||"			},
		{"run|-p|first|--tty|--env|A=1|--|--env|B=2",	      "--env|B=2"			 },
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GError *error = NULL;
		autorequest struct run_request *request = parse(cases[i].line, &error);
		g_assert_no_error(error);
		g_assert_cmpstr(request->project, ==, "first");
		g_autofree char *argv = g_strjoinv("|", request->argv);
		g_assert_cmpstr(argv, ==, cases[i].argv);
	}
}

static void test_options(void)
{
	autorequest struct run_request *request =
		parse("run|-p|first|--env|A=1|--env|B=x=y\n|--cwd|/d|--no-tty|--detach|--action|new|--|foot", NULL);
	g_assert_nonnull(request);
	g_assert_cmpstr(request->env[0], ==, "A=1");
	g_assert_cmpstr(request->env[1], ==, "B=x=y\n");
	g_assert_null(request->env[2]);
	g_assert_cmpstr(request->cwd, ==, "/d");
	g_assert_cmpstr(request->action, ==, "new");
	g_assert_cmpint(request->tty, ==, RUN_TTY_NO);
	g_assert_true(request->detach);
}

static void test_refused(void)
{
	static const char *const lines[] = {
		"run",
		"run|--|foot",
		"run|-p|first",
		"run|-p|first|--",
		"run|-p|First|foot",
		"run|-p|../first|foot",
		"run|-p||foot",
		"run|-p|first|",
		"run|-p|first|--tty|--no-tty|foot",
		"run|-p|first|--tty|--detach|foot",
		"run|-p|first|--cwd|relative|foot",
		"run|-p|first|--env|A|foot",
		"run|-p|first|--env|=x|foot",
		"run|-p|first|--env|1A=x|foot",
		"run|-p|first|--env|A B=x|foot",
		"run|-p|first|--unknown|foot",
	};
	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
		g_autoptr(GError) error = NULL;
		g_assert_null(parse(lines[i], &error));
		g_assert_nonnull(error);
		g_assert_null(strchr(error->message, '\n'));
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/run-request/arguments", test_arguments);
	g_test_add_func("/run-request/options", test_options);
	g_test_add_func("/run-request/refused", test_refused);
	return g_test_run();
}
