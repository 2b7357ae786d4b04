#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static int notes[2] = {-1, -1};

static void caught(int number, siginfo_t *info, void *context)
{
	int saved = errno;
	const struct signal_note note = {number, info->si_code == SI_KERNEL};
	// Nonblocking: when the pipe is full the person has pressed Ctrl-C a thousand times.
	ssize_t ignored = write(notes[1], &note, sizeof note);
	(void)ignored;
	errno = saved;
}

int signals_catch(void)
{
	static const int passed_on[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGTSTP, SIGCONT, SIGWINCH};
	struct sigaction action = {.sa_sigaction = caught, .sa_flags = SA_SIGINFO}, before;
	if (pipe2(notes, O_CLOEXEC | O_NONBLOCK) < 0)
		return -1;
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < G_N_ELEMENTS(passed_on); i++) {
		// What the caller wants ignored (nohup, a background job of sh) stays ignored.
		if (sigaction(passed_on[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
			sigaction(passed_on[i], &action, NULL);
	}
	signal(SIGPIPE, SIG_IGN);
	return notes[0];
}

gboolean signals_next(struct signal_note *note)
{
	return read(notes[0], note, sizeof *note) == sizeof *note;
}

void signals_stop_ourselves(void)
{
	struct sigaction stop = {.sa_handler = SIG_DFL}, before;
	sigaction(SIGTSTP, &stop, &before);
	kill(0, SIGTSTP);
	sigaction(SIGTSTP, &before, NULL);
}
