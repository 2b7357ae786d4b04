/* The processes of a test: started with pinning and a ready descriptor, looked at from outside, ended with it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct process {
	pid_t pid;	  // 0: none
	uint64_t started; // wire_now() before the fork
	uint64_t ready;	  // wire_now() when it said that it listens
};

/* The environment variable's program, or else the built one. */
const char *process_program(const char *variable, const char *built);

/* Starts PROGRAM --listen LISTEN --upstream UPSTREAM [--policy POLICY] --ready-fd N, stderr to log_fd when >= 0, on
 * this CPU (-1: any), and waits up to 10 s until it is ready. The child dies with its parent. */
bool process_start_proxy(struct process *process, const char *program, const char *listen, const char *upstream,
	const char *policy, int log_fd, int cpu);

/* SIGTERM, then SIGKILL after two seconds; reaps it. Returns the wait status. */
int process_stop(struct process *process);
/* False once it has ended; *status is then its wait status. It stays to be reaped by process_stop(). */
bool process_alive(const struct process *process);

void process_pin(pid_t pid, int cpu); // pid 0: the caller; cpu -1: nothing
int process_count_fds(pid_t pid);     // -1 when it cannot be read
/* Bytes that the process and its children share with no other, from smaps_rollup; -1 when that cannot be read. */
int64_t process_private_memory(pid_t pid);
uint64_t process_cpu(pid_t pid); // CPU time used, ns
