#include "cmd.h"

#include "run-request.h"

static int run(int argc, char **argv, GError **error)
{
	g_autofree char *cwd = NULL;
	const GOptionEntry options[] = {
		{"cwd", 0, 0, G_OPTION_ARG_FILENAME, &cwd, "where it starts", "DIR"},
		{NULL   },
	};
	g_auto(GStrv) words = cmd_words(options, argc, argv, 1, 1, error);
	autorequest struct run_request *request = words ? run_request_new(words[0], NULL, error) : NULL;
	if (!request)
		return 0;
	request->cwd = g_steal_pointer(&cwd);
	return run_request_carry_out(request, error);
}

const struct cmd cmd_shell = {
	.name = "shell",
	.arguments = "NAME [--cwd DIR]",
	.summary = "Open a shell in a project",
	.details = "The same as isolate .NAME.\n",
	.flags = CMD_PROJECT,
	.run = run,
};
