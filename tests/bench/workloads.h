/* The workloads and what they share. Each connects to path, does full * scale of its work, and returns false when the
 * client was not served. */
#pragma once

#include "bench.h"

unsigned bench_scaled(unsigned full, double scale);
double bench_seconds_since(uint64_t start);

bool run_requests_libwayland(const char *path, double scale, struct bench_run *run);
bool run_syncs_libwayland(const char *path, double scale, struct bench_run *run);
bool run_fds_libwayland(const char *path, double scale, struct bench_run *run);
bool run_events_libwayland(const char *path, double scale, struct bench_run *run);
