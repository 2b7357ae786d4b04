#include "start.h"

#include "approval.h"
#include "base-prepare.h"
#include "error.h"
#include "fd.h"
#include "gate.h"
#include "host-app.h"
#include "host.h"
#include "log.h"
#include "project.h"
#include "xdg.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOG_MAX = 1024 * 1024 };

static volatile sig_atomic_t interrupted;

static void interrupt(int signal)
{
	interrupted = signal;
}

void start_be_interruptible(gboolean on)
{
	static const int signals[] = {SIGINT, SIGQUIT, SIGHUP};
	// Without SA_RESTART: whatever it waits for ends.
	const struct sigaction action = {.sa_handler = on ? interrupt : SIG_DFL};
	for (size_t i = 0; i < G_N_ELEMENTS(signals); i++)
		sigaction(signals[i], &action, NULL);
}

static gboolean free_host(gpointer host)
{
	host_free(host);
	return G_SOURCE_REMOVE;
}

static struct plan *load(const char *name, GError **error)
{
	autodirs struct config_dirs *dirs = config_dirs_new(error);
	autoproject struct project *project = dirs ? project_open(name, dirs, error) : NULL;
	struct host *host = project ? host_gather(project, error) : NULL;
	if (!host)
		return NULL;
	// Thousands of small pieces: once the container is on its way.
	g_idle_add_full(G_PRIORITY_LOW, free_host, host, NULL);
	return plan_build(project, host, error);
}

/* What is in an image shows only once it is unpacked, and it is unpacked only once somebody has agreed. The second plan may
 * not ask for anything that the first one did not. Takes plan over. */
static struct plan *plan_again(struct plan *plan, GError **error)
{
	autoplan struct plan *first = plan, *second = load(plan->project, error);
	if (!second)
		return NULL;
	g_autoptr(GPtrArray) fresh = approval_new(first->permissions, second->permissions);
	if (fresh->len == 0 && !second->base_missing)
		return g_steal_pointer(&second);
	error_set(error, "the configuration of %s was changed while its image was unpacked: start it again",
		first->project);
	return NULL;
}

const struct plan *start_plan(const char *project, gboolean review, GError **error)
{
	struct plan *plan = load(project, error);
	if (!plan)
		return NULL;
	enum gate_flags flags = (enum gate_flags)0;
	if (isatty(STDIN_FILENO) && isatty(STDERR_FILENO))
		flags |= GATE_TERMINAL;
	if (review)
		flags |= GATE_REVIEW;
	gboolean fetched = FALSE;
	if (!gate_check(plan, flags, error) || !base_prepare(plan, &fetched, error)) {
		plan_free(plan);
		return NULL;
	}
	return fetched ? plan_again(plan, error) : plan;
}

/* The log lies in a folder that no container can reach; a long one starts afresh. */
static int open_log(const char *project, GError **error)
{
	g_autofree char *folder = xdg_make_dir(XDG_STATE, error, project, NULL);
	if (!folder)
		return -1;
	g_autofree char *path = g_build_filename(folder, "session.log", NULL);
	autofd fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0 || (st.st_size > LOG_MAX && ftruncate(fd, 0) < 0)) {
		error_set_errno(error, errno, "cannot write to %s", path);
		return -1;
	}
	return fd_steal(&fd);
}

gboolean start_daemon(const char *project, GError **error)
{
	autofd log = open_log(project, error);
	if (log < 0)
		return FALSE;
	autofd null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0 || chdir("/") < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
		dup2(log, STDERR_FILENO) < 0)
		return error_set_errno(error, errno, "cannot leave the terminal");
	setsid();
	// From here on no key of that terminal reaches us.
	start_be_interruptible(FALSE);
	if (interrupted)
		return error_set(error, "the start of %s was interrupted", project);
	log_stamp();
	return TRUE;
}

void start_trim_log(void)
{
	struct stat st;
	if (fstat(STDERR_FILENO, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > LOG_MAX &&
		ftruncate(STDERR_FILENO, 0) == 0)
		log_info("the log was long and starts afresh");
}

void start_answer(int fd, enum session_answer answer, const GError *error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_string_append_c(text, (char)answer);
	if (answer == ANSWER_FAILED) {
		g_string_append_c(text, (char)error_exit_status(error));
		g_string_append(text, error->message);
	}
	if (fd >= 0)
		fd_write_all(fd, text->str, text->len);
}
