#include "cmd.h"

#include "error.h"
#include "run-request.h"

int run_request_carry_out(const struct run_request *request, GError **error)
{
	error_set(error, "%s: this build of isolate has no engine", request->project);
	return 0;
}

static int run(int argc, char **argv, GError **error)
{
	autorequest struct run_request *request = run_request_parse(argc, argv, error);
	return request ? run_request_carry_out(request, error) : 0;
}

const struct cmd cmd_run = {
	.name = "run",
	.arguments =
		"--project NAME [--env K=V] [--cwd DIR] [--tty|--no-tty] [--detach] [--action ID] -- APP [ARGUMENTS]",
	.summary = "Run an application in a project, whatever its name is",
	.flags = CMD_STRICT,
	.run = run,
};
