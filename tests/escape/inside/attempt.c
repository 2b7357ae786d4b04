#include "attempt.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const abi_names[N_ABIS] = {"native", "i386", "x32"};
enum { X32_BIT = 0x40000000, I386_GETPID = 20 };

struct outcome {
	long result;
	int error;
};

/* By the gate of 32-bit programs, which a 64-bit one can enter as well. Registers are cut to 32 bits there. */
static struct outcome call_i386(long number, const long *args)
{
#ifdef __x86_64__
	long result;
	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(args[0]), "c"(args[1]), "d"(args[2]), "S"(args[3]), "D"(args[4])
			 : "memory", "r8", "r9", "r10", "r11");
	int32_t value = (int32_t)result;
	return value < 0 && value > -4096 ? (struct outcome){-1, -value} : (struct outcome){value, 0};
#else
	(void)number;
	(void)args;
	return (struct outcome){-1, ENOSYS};
#endif
}

static struct outcome call(enum abi abi, const struct attempt *attempt)
{
	const long *a = attempt->args;
	long in_words[ATTEMPT_ARGS] = {a[0], SCRATCH_WORDS};
	if (abi == ABI_I386) {
		if (attempt->words) {
			int32_t *words = (int32_t *)(intptr_t)SCRATCH_WORDS;
			for (int i = 1; i < ATTEMPT_ARGS; i++)
				words[i - 1] = (int32_t)a[i];
		}
		return call_i386(attempt->number_i386, attempt->words ? in_words : a);
	}
	long number = attempt->number;
	if (abi == ABI_X32)
		number = (attempt->number_x32 ? attempt->number_x32 : number) | X32_BIT;
	long result = syscall(number, a[0], a[1], a[2], a[3], a[4]);
	return (struct outcome){result, result < 0 ? errno : 0};
}

/* In a process of its own, since a success changes the process, and a filter may kill it. */
static int run(enum abi abi, const struct attempt *attempt, struct outcome *outcome)
{
	int report[2];
	if (pipe(report) < 0)
		exit(2);
	pid_t parent = getpid();
	pid_t pid = fork();
	if (pid == 0) {
		alarm(10);
		*outcome = call(abi, attempt);
		if (attempt->own_memory && outcome->result == 0 && getppid() != parent)
			_exit(0); // the new process
		ssize_t n = write(report[1], outcome, sizeof *outcome);
		_exit(n == sizeof *outcome ? 0 : 2);
	}
	close(report[1]);
	ssize_t n = read(report[0], outcome, sizeof *outcome);
	close(report[0]);
	int status = 0;
	waitpid(pid, &status, 0);
	if (n == sizeof *outcome)
		return 0;
	return WIFSIGNALED(status) ? WTERMSIG(status) : -1;
}

static void describe(char *text, size_t size, int ended_by, const struct outcome *outcome)
{
	if (ended_by)
		snprintf(text, size, "signal %d", ended_by);
	else if (outcome->result >= 0)
		snprintf(text, size, "success");
	else if (strerrorname_np(outcome->error))
		snprintf(text, size, "%s", strerrorname_np(outcome->error));
	else
		snprintf(text, size, "errno %d", outcome->error);
}

static void print_expected(const struct attempt *attempt)
{
	for (size_t i = 0; i < sizeof attempt->expected / sizeof *attempt->expected && attempt->expected[i]; i++)
		printf("%s%s", i ? "|" : "", strerrorname_np(attempt->expected[i]));
}

bool attempt_has(enum abi abi)
{
	const struct attempt getpid_attempt = {"getpid", SYS_getpid, I386_GETPID, {0}, {0}, 0, false, false};
	struct outcome outcome;
	int ended_by = run(abi, &getpid_attempt, &outcome);
	// A filter that refuses it shows that it is there to be refused; without one the kernel says ENOSYS.
	return ended_by ? ended_by == SIGSYS : outcome.result >= 0 || outcome.error != ENOSYS;
}

static void attempt_abi(enum abi abi, const struct attempt *attempts, int n)
{
	for (int i = 0; i < n; i++) {
		struct outcome outcome = {0, 0};
		char text[32];
		int number = abi == ABI_I386 ? attempts[i].number_i386 : attempts[i].number;
		if (number == NO_NUMBER || (attempts[i].words && abi != ABI_I386))
			continue;
		int ended_by = run(abi, &attempts[i], &outcome);
		describe(text, sizeof text, ended_by, &outcome);
		printf("%s\t%s\t", abi_names[abi], attempts[i].name);
		print_expected(&attempts[i]);
		printf("\t%s\n", text);
		fflush(stdout);
	}
}

void attempt_all(const struct attempt *attempts, int n)
{
	void *scratch = mmap((void *)(intptr_t)SCRATCH, SCRATCH_SIZE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (scratch == MAP_FAILED) {
		perror("mmap");
		exit(2);
	}
	strcpy((char *)(intptr_t)SCRATCH_TEXT, "x");
	for (enum abi abi = 0; abi < N_ABIS; abi++)
		if (attempt_has(abi))
			attempt_abi(abi, attempts, n);
		else
			printf("%s\tabsent\n", abi_names[abi]);
}
