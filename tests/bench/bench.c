/* The benchmark of isolate-wlproxy: the same client and stub compositor, connected directly, through a relay that parses
 * nothing, and through isolate-wlproxy with the default and with the permissive policy, interleaved. A figure never
 * fails it; a client that is not served does. */
#include "bench.h"

#include "stub.h"
#include "wire.h"

#include <getopt.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

struct setup {
	const char *directory;
	char paths[N_TARGETS][96]; // of the sockets
	char fresh[96];		   // of a socket that bench_footprint() may use
	char policies[N_TARGETS][96];
	const char *programs[N_TARGETS]; // NULL: not measured, or direct
	bool enabled[N_TARGETS];
	struct process processes[N_TARGETS];
	struct process stub;
	int client_cpu, middle_cpu, stub_cpu;
	double scale;
	const char *only; // a workload's name, or NULL
	struct bench_results results;
};

static const char usage[] =
	"usage: bench [--quick] [--rounds N] [--json FILE] [--only WORKLOAD] [--targets "
	"direct,relay,wlproxy,permissive]\n"
	"             [--pin one|each|none] [--real-time]\n"
	"ISOLATE_WLPROXY names another isolate-wlproxy than the built one.\n"
	"Client, what is measured and stub are pinned to one CPU: so a rate shows every cycle of "
	"each of them, and the cost of\n"
	"waking another CPU (up to 50 us in a virtual machine) does not hide what is measured. "
	"\"each\": a CPU for each; with\n"
	"two CPUs the client and the stub share one.\n"
	"--real-time (root): all of them have that priority, so that the scheduler gives no turn to "
	"one before it waits,\n"
	"nor to what else runs.\n";

/* What they start inherits it. */
static bool choose_scheduling(struct setup *setup, bool real_time)
{
	const struct sched_param lowest = {.sched_priority = 1};
	setup->results.scheduling = real_time ? "real-time" : "fair";
	if (!real_time || sched_setscheduler(0, SCHED_RR, &lowest) == 0)
		return true;
	perror("bench: --real-time");
	return false;
}

static bool write_policy(struct setup *setup, int target, const char *text)
{
	snprintf(setup->policies[target], sizeof setup->policies[target], "%s/%s.conf", setup->directory,
		bench_target_names[target]);
	FILE *file = fopen(setup->policies[target], "we");
	return file && fputs(text, file) >= 0 && fclose(file) == 0;
}

static void choose_cpus(struct setup *setup, const char *how)
{
	cpu_set_t set;
	int cpus[3], n = 0;
	sched_getaffinity(0, sizeof set, &set);
	for (int cpu = 0; cpu < CPU_SETSIZE && n < 3; cpu++)
		if (CPU_ISSET((size_t)cpu, &set))
			cpus[n++] = cpu;
	setup->client_cpu = setup->middle_cpu = setup->stub_cpu = -1;
	setup->results.pinning = "no";
	if (strcmp(how, "one") == 0) {
		setup->client_cpu = setup->middle_cpu = setup->stub_cpu = cpus[n - 1];
		setup->results.pinning = "all on one CPU";
	} else if (strcmp(how, "each") == 0 && n >= 2) {
		setup->client_cpu = cpus[0];
		setup->middle_cpu = cpus[1];
		setup->stub_cpu = n >= 3 ? cpus[2] : cpus[0];
		setup->results.pinning =
			n >= 3 ? "a CPU each" : "client and stub on one CPU, what is measured on another";
	}
}

static bool start_targets(struct setup *setup)
{
	for (int target = 0; target < N_TARGETS; target++) {
		snprintf(setup->paths[target], sizeof setup->paths[target], "%s/%s", setup->directory,
			bench_target_names[target]);
		if (target == TARGET_DIRECT) {
			setup->stub.pid = stub_start(setup->paths[target], NULL, setup->stub_cpu);
			if (setup->stub.pid < 0)
				return false;
			continue;
		}
		const char *policy = setup->policies[target][0] ? setup->policies[target] : NULL;
		if (setup->enabled[target] &&
			!process_start_proxy(&setup->processes[target], setup->programs[target], setup->paths[target],
				setup->paths[TARGET_DIRECT], policy, -1, setup->middle_cpu)) {
			fprintf(stderr, "bench: %s does not start\n", setup->programs[target]);
			return false;
		}
	}
	snprintf(setup->fresh, sizeof setup->fresh, "%s/fresh", setup->directory);
	return true;
}

static void stop_all(struct setup *setup)
{
	for (int target = 0; target < N_TARGETS; target++) {
		process_stop(&setup->processes[target]);
		unlink(setup->paths[target]);
		if (setup->policies[target][0])
			unlink(setup->policies[target]);
	}
	process_stop(&setup->stub);
	unlink(setup->fresh);
	rmdir(setup->directory);
}

static bool run_workload(struct setup *setup, const struct bench_workload *workload, int target, int round)
{
	struct bench_run run;
	pid_t pid = setup->processes[target].pid;
	uint64_t cpu = pid > 0 ? process_cpu(pid) : 0;
	if (!workload->run(setup->paths[target], setup->scale, &run)) {
		fprintf(stderr, "bench: %s through %s: the client was not served\n", workload->name,
			bench_target_names[target]);
		return false;
	}
	double(*values)[N_TARGETS][BENCH_ROUNDS_MAX] = setup->results.values;
	values[workload->metric][target][round] = run.value;
	if (workload->second != METRIC_NONE)
		values[workload->second][target][round] = run.second;
	if (workload->cpu != METRIC_NONE && pid > 0)
		values[workload->cpu][target][round] = (double)(process_cpu(pid) - cpu) / run.messages;
	return true;
}

static bool run_footprint(struct setup *setup, int target, int round)
{
	struct bench_footprint footprint = {NAN, NAN, NAN, NAN, NAN};
	const char *policy = setup->policies[target][0] ? setup->policies[target] : NULL;
	if (!bench_footprint(setup->programs[target], setup->fresh, setup->paths[TARGET_DIRECT], policy,
		    setup->middle_cpu, &footprint)) {
		fprintf(stderr, "bench: 100 idle clients through %s: not served\n", bench_target_names[target]);
		return false;
	}
	double(*values)[N_TARGETS][BENCH_ROUNDS_MAX] = setup->results.values;
	values[METRIC_ACCEPT][target][round] = footprint.accept;
	values[METRIC_START][target][round] = footprint.start;
	values[METRIC_MEMORY_ONE][target][round] = footprint.memory_one;
	values[METRIC_MEMORY_EACH][target][round] = footprint.memory_each;
	values[METRIC_MEMORY_AFTER][target][round] = footprint.memory_after;
	return true;
}

/* Every workload on every target, the first target another one in each round. */
static bool run_round(struct setup *setup, int round)
{
	for (size_t i = 0; i < bench_n_workloads; i++) {
		if (setup->only && strcmp(setup->only, bench_workloads[i].name) != 0)
			continue;
		for (int turn = 0; turn < N_TARGETS; turn++) {
			int target = (turn + round) % N_TARGETS;
			if (setup->enabled[target] && !run_workload(setup, &bench_workloads[i], target, round))
				return false;
		}
	}
	for (int target = TARGET_RELAY; target < N_TARGETS; target++)
		if (setup->enabled[target] && (!setup->only || strcmp(setup->only, "footprint") == 0) &&
			!run_footprint(setup, target, round))
			return false;
	return true;
}

static bool parse_targets(struct setup *setup, const char *list)
{
	memset(setup->enabled, 0, sizeof setup->enabled);
	char copy[128];
	snprintf(copy, sizeof copy, "%s", list);
	for (char *name = strtok(copy, ","); name; name = strtok(NULL, ",")) {
		int target = 0;
		while (target < N_TARGETS && strcmp(name, bench_target_names[target]) != 0)
			target++;
		if (target == N_TARGETS)
			return false;
		setup->enabled[target] = true;
	}
	return true;
}

static bool measure(struct setup *setup, const char *json)
{
	if (!write_policy(setup, TARGET_PROXY, "[Display]\n") ||
		!write_policy(setup, TARGET_PERMISSIVE, "[Display]\nProfile=permissive\n") || !start_targets(setup))
		return false;
	process_pin(0, setup->client_cpu);
	for (int round = 0; round < setup->results.rounds; round++) {
		if (!run_round(setup, round))
			return false;
		if (isatty(STDERR_FILENO))
			fprintf(stderr, "\rround %d of %d%s", round + 1, setup->results.rounds,
				round + 1 == setup->results.rounds ? "\n" : "");
	}
	bench_report(&setup->results, stdout);
	if (json && !bench_report_json(&setup->results, json)) {
		perror(json);
		return false;
	}
	return true;
}

/* Beside this program in the build directory. */
static const char *find_relay(void)
{
	static char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 16);
	char *slash = n > 0 ? memrchr(path, '/', (size_t)n) : NULL;
	if (!slash)
		return NULL;
	strcpy(slash + 1, "bench-relay");
	return path;
}

static void find_programs(struct setup *setup)
{
	const char *proxy = process_program("ISOLATE_WLPROXY", getenv("ISOLATE_BUILT_WLPROXY"));
	setup->programs[TARGET_RELAY] = find_relay();
	setup->programs[TARGET_PROXY] = setup->programs[TARGET_PERMISSIVE] = proxy;
	setup->enabled[TARGET_DIRECT] = true;
	for (int target = TARGET_RELAY; target < N_TARGETS; target++)
		setup->enabled[target] = setup->programs[target] && access(setup->programs[target], X_OK) == 0;
	if (!setup->enabled[TARGET_PROXY])
		fprintf(stderr, "bench: there is no isolate-wlproxy (%s): only the relay is measured\n",
			proxy ? proxy : "unset");
}

int main(int argc, char *argv[])
{
	static const struct option options[] = {
		{"quick",		  no_argument, NULL, 'q'},
		   {"rounds",	      required_argument, NULL, 'r'},
		{"json",			 required_argument, NULL, 'j'},
		{"only",required_argument, NULL, 'o'},
		{"targets",		    required_argument, NULL, 't'},
		   {"pin",		   required_argument, NULL, 'p'},
		{"real-time",	      no_argument, NULL, 'R'},
		       {0		 }
	  };
	static struct setup setup = {.scale = 1, .results.rounds = 20};
	const char *json = NULL, *pin = "one";
	bool real_time = false;
	signal(SIGPIPE, SIG_IGN);
	find_programs(&setup);
	for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		if (option == 'q') {
			setup.results.quick = true;
			setup.results.rounds = 3;
			setup.scale = 0.1;
		} else if (option == 'r') {
			setup.results.rounds = atoi(optarg);
		} else if (option == 'j') {
			json = optarg;
		} else if (option == 'o') {
			setup.only = optarg;
		} else if (option == 'p') {
			pin = optarg;
		} else if (option == 'R') {
			real_time = true;
		} else if (option != 't' || !parse_targets(&setup, optarg)) {
			fputs(usage, stderr);
			return 2;
		}
	}
	if (setup.results.rounds < 1 || setup.results.rounds > BENCH_ROUNDS_MAX)
		setup.results.rounds = 20;
	for (int metric = 0; metric < N_METRICS; metric++)
		for (int target = 0; target < N_TARGETS; target++)
			for (int round = 0; round < BENCH_ROUNDS_MAX; round++)
				setup.results.values[metric][target][round] = NAN;
	choose_cpus(&setup, pin);
	if (!choose_scheduling(&setup, real_time))
		return 1;
	// In memory, as the folder is where a login session has its sockets.
	char in_memory[] = "/dev/shm/isolate-bench-XXXXXX", elsewhere[] = "/tmp/isolate-bench-XXXXXX";
	setup.directory = mkdtemp(in_memory);
	if (!setup.directory && !(setup.directory = mkdtemp(elsewhere))) {
		perror(elsewhere);
		return 1;
	}
	bool ok = measure(&setup, json);
	stop_all(&setup);
	return ok ? 0 : 1;
}
