#include "cmd.h"

#include "error.h"
#include "gate.h"
#include "plan.h"
#include "run-request.h"

/* Consent is asked here, where the person is: the session trusts whoever reaches its socket, which no container can. */
static gboolean may_be_root(const char *project, GError **error)
{
	autoplan struct plan *plan = cmd_make_plan(project, error);
	if (!plan)
		return FALSE;
	if (plan->layer == PLAN_LAYER_NONE)
		return error_set(error,
			"%s has no root of its own: [Root] Layer=persistent or ephemeral in its configuration gives it "
			"one",
			project);
	return gate_check_root(plan, cmd_interactive() ? GATE_TERMINAL : (enum gate_flags)0, error);
}

static int run(int argc, char **argv, GError **error)
{
	g_autofree char *cwd = NULL;
	gboolean root = FALSE;
	const GOptionEntry options[] = {
		{"cwd", 0, 0, G_OPTION_ARG_FILENAME, &cwd, "where it starts", "DIR"},
		{"root",	 0, 0, G_OPTION_ARG_NONE, &root, "as root of the container, which has to have a layer", NULL},
		{NULL},
	};
	g_auto(GStrv) words = cmd_words(options, argc, argv, 1, 1, error);
	autorequest struct run_request *request = words ? run_request_new(words[0], NULL, error) : NULL;
	if (!request || (root && !may_be_root(words[0], error)))
		return 0;
	request->root = root;
	request->cwd = g_steal_pointer(&cwd);
	return run_request_carry_out(request, error);
}

const struct cmd cmd_shell = {
	.name = "shell",
	.arguments = "NAME [--cwd DIR] [--root]",
	.summary = "Open a shell in a project",
	.details = "The same as isolate .NAME. With --root it is root of this container and of nothing else: what it "
		   "changes in\n"
		   "/usr, /etc, /opt and /var goes into the project's layer. You are asked before.\n",
	.flags = CMD_PROJECT,
	.run = run,
};
