/* The benchmark of isolate-wlproxy: what is measured, on what, and how it is told. */
#pragma once

#include "process.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum bench_target { TARGET_DIRECT, TARGET_RELAY, TARGET_PROXY, TARGET_PERMISSIVE, N_TARGETS };
extern const char *const bench_target_names[N_TARGETS];

enum { BENCH_ROUNDS_MAX = 100 };

enum bench_metric {
	METRIC_PING_P50,
	METRIC_PING_P99,
	METRIC_WAKE,
	METRIC_REQUESTS,
	METRIC_EVENTS,
	METRIC_SYNCS,
	METRIC_FDS,
	METRIC_FRAMES,
	METRIC_CLIENTS,
	METRIC_RAW_REQUESTS,
	METRIC_RAW_EVENTS,
	METRIC_RAW_SYNCS,
	METRIC_RAW_FDS,
	METRIC_CPU_PING,
	METRIC_CPU_REQUESTS,
	METRIC_CPU_EVENTS,
	METRIC_CPU_SYNCS,
	METRIC_CPU_FDS,
	METRIC_CPU_FRAMES,
	METRIC_ACCEPT,
	METRIC_START,
	METRIC_MEMORY_ONE,
	METRIC_MEMORY_EACH,
	METRIC_MEMORY_AFTER,
	N_METRICS,
	METRIC_NONE = N_METRICS,
};

struct bench_limits {
	const char *id, *title, *unit;
	bool more_is_better;
	bool absolute;	  // the limits are in the unit, not ratios to the relay
	double must, aim; // 0: none
};
extern const struct bench_limits bench_limits[N_METRICS];

struct bench_results {
	double values[N_METRICS][N_TARGETS][BENCH_ROUNDS_MAX]; // NAN: not measured
	int rounds;
	bool quick;
	const char *pinning, *scheduling; // as the report says them
};

/* What a workload measured in one run. */
struct bench_run {
	double value, second; // of the workload's first and second metric
	double messages;      // that passed, both ways, for the cost of each
};

struct bench_workload {
	const char *name;
	bool (*run)(const char *path, double scale, struct bench_run *run);
	enum bench_metric metric, second, cpu;
};
extern const struct bench_workload bench_workloads[];
extern const size_t bench_n_workloads;

/* Starts the program afresh and measures its start and its memory with 1 and with 100 clients (process.c's figures). */
struct bench_footprint {
	double accept, start, memory_one, memory_each, memory_after;
};
bool bench_footprint(const char *program, const char *listen, const char *upstream, const char *policy, int cpu,
	struct bench_footprint *out);

void bench_report(const struct bench_results *results, FILE *out);
bool bench_report_json(const struct bench_results *results, const char *path);
