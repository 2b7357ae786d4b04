#include "bench.h"

#include <math.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>

const char *const bench_target_names[N_TARGETS] = {"direct", "relay", "wlproxy", "permissive"};

const struct bench_limits bench_limits[N_METRICS] = {
	[METRIC_PING_P50] = {"ping-p50",			 "round trip, median",		       "us",							     .must = 1.10,								   .aim = 1.03},
	[METRIC_PING_P99] = {"ping-p99",				 "round trip, 99th percentile",								"us"							    },
	[METRIC_WAKE] = {"wake",				 "round trip after 3 ms idle",	       "us"							   },
	[METRIC_REQUESTS] = {"requests",		 "12-byte requests",				     "/s",							   true,									 .must = 0.90, .aim = 1.0},
	[METRIC_EVENTS] = {"events",				     "pointer events",							       "/s",									  true,									   .must = 0.90, .aim = 1.0},
	[METRIC_SYNCS] = {"syncs",			   "pipelined sync objects",						     "/s",													  true,.must = 0.85, .aim = 0.95},
	[METRIC_FDS] = {"fds",			       "shm pools with their fd",		  "/s",true,										  .must = 0.85, .aim = 0.95},
	[METRIC_FRAMES] = {"frames",			     "frames of a toplevel",		     "/s",							   true												   },
	[METRIC_CLIENTS] = {"clients",		       "round trips of 100 clients",							     "/s",													      true			       },
	[METRIC_RAW_REQUESTS] = {"raw-requests",				 "requests, raw client",									 "/s",							       true																					},
	[METRIC_RAW_EVENTS] = {"raw-events",			     "events, raw client",								   "/s",	 true																      },
	[METRIC_RAW_SYNCS] = {"raw-syncs",				   "sync objects, raw client",								       "/s",						     true},
	[METRIC_RAW_FDS] = {"raw-fds",			       "shm pools, raw client",								  "/s",														 true  },
	[METRIC_CPU_PING] = {"cpu-ping",				 "CPU per message: round trip",									"ns"								    },
	[METRIC_CPU_REQUESTS] = {"cpu-requests",				 "CPU per message: requests",								      "ns"  },
	[METRIC_CPU_EVENTS] = {"cpu-events",				     "CPU per message: events",								"ns"},
	[METRIC_CPU_SYNCS] = {"cpu-syncs",			   "CPU per message: sync objects",   "ns"},
	[METRIC_CPU_FDS] = {"cpu-fds","CPU per message: shm pools",	     "ns"									 },
	[METRIC_CPU_FRAMES] = {"cpu-frames",			     "CPU per message: frames",							"ns"				    },
	[METRIC_ACCEPT] = {"accept",				     "start to first accepted client",							       "ms",			     .absolute = true,.must = 5, .aim = 2},
	[METRIC_START] = {"start",			   "start to first round trip",							"ms",													       .absolute = true,.must = 5, .aim = 2},
	[METRIC_MEMORY_ONE] = {"memory-one",			     "private memory, 1 idle client","KiB",.absolute = true,												       .must = 4096,
			     .aim = 2048},
	[METRIC_MEMORY_EACH] = {"memory-each",		       "each of 100 idle clients", "KiB",							  .absolute = true,		    .must = 100,
			     .aim = 32},
	[METRIC_MEMORY_AFTER] = {"memory-after",			 "each, after each has flooded",								 "KiB",													  .absolute = true},
};

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* The quantile of those that are numbers, NAN without any. */
static double quantile(const double *values, int n, double q)
{
	double sorted[BENCH_ROUNDS_MAX];
	int kept = 0;
	for (int i = 0; i < n; i++)
		if (!isnan(values[i]))
			sorted[kept++] = values[i];
	if (kept == 0)
		return NAN;
	qsort(sorted, (size_t)kept, sizeof *sorted, compare);
	double at = q * (kept - 1);
	int below = (int)at;
	int above = below + 1 < kept ? below + 1 : below;
	return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

/* Ratios to the relay in the same round, which had the same noise. */
static double ratio(const struct bench_results *results, int metric, int target, double q)
{
	double ratios[BENCH_ROUNDS_MAX];
	for (int i = 0; i < results->rounds; i++)
		ratios[i] = results->values[metric][target][i] / results->values[metric][TARGET_RELAY][i];
	return quantile(ratios, results->rounds, q);
}

static double median(const struct bench_results *results, int metric, int target)
{
	return quantile(results->values[metric][target], results->rounds, 0.5);
}

static const char *verdict(const struct bench_limits *limits, double value)
{
	if (limits->must == 0 || isnan(value))
		return "";
	double sign = limits->more_is_better ? -1 : 1;
	if (sign * value <= sign * limits->aim)
		return "aim reached";
	return sign * value <= sign * limits->must ? "must reached" : "MISSED";
}

static void print_value(FILE *out, double value)
{
	if (isnan(value))
		fprintf(out, " %11s", "-");
	else if (value >= 100000)
		fprintf(out, " %10.0fk", value / 1000);
	else
		fprintf(out, value >= 1000 ? " %11.0f" : value >= 100 ? " %11.1f" : " %11.2f", value);
}

static void print_ratio(FILE *out, double value)
{
	if (isnan(value))
		fprintf(out, " %9s", "-");
	else
		fprintf(out, " %9.3f", value);
}

void bench_report(const struct bench_results *results, FILE *out)
{
	double load[1] = {0};
	getloadavg(load, 1);
	fprintf(out,
		"%d rounds%s, pinned: %s, %s scheduling, load %.1f; ratios are to the relay in the same round: median, "
		"quartiles\n\n",
		results->rounds, results->quick ? " (quick)" : "", results->pinning, results->scheduling, load[0]);
	fprintf(out, "%-30s %4s", "", "");
	for (int target = 0; target < N_TARGETS; target++)
		fprintf(out, " %11s", bench_target_names[target]);
	fprintf(out, " %9s %17s %9s %7s %7s\n", "ratio", "quartiles", "permiss.", "must", "aim");
	for (int metric = 0; metric < N_METRICS; metric++) {
		const struct bench_limits *limits = &bench_limits[metric];
		fprintf(out, "%-30s %4s", limits->title, limits->unit);
		for (int target = 0; target < N_TARGETS; target++)
			print_value(out, median(results, metric, target));
		double proxy = ratio(results, metric, TARGET_PROXY, 0.5);
		print_ratio(out, proxy);
		print_ratio(out, ratio(results, metric, TARGET_PROXY, 0.25));
		fprintf(out, isnan(proxy) ? "       -" : " %7.3f", ratio(results, metric, TARGET_PROXY, 0.75));
		print_ratio(out, ratio(results, metric, TARGET_PERMISSIVE, 0.5));
		if (limits->must != 0) {
			double judged = limits->absolute ? median(results, metric, TARGET_PROXY) : proxy;
			fprintf(out, " %s%6.4g %s%6.4g  %s", limits->more_is_better ? ">" : "<", limits->must,
				limits->more_is_better ? ">" : "<", limits->aim, verdict(limits, judged));
		}
		fprintf(out, "\n");
	}
}

static void json_number(FILE *out, double value)
{
	if (isnan(value) || isinf(value))
		fprintf(out, "null");
	else
		fprintf(out, "%.6g", value);
}

static void json_target(FILE *out, const struct bench_results *results, int metric, int target)
{
	fprintf(out, "\"%s\": {\"median\": ", bench_target_names[target]);
	json_number(out, median(results, metric, target));
	fprintf(out, ", \"ratio\": ");
	json_number(out, ratio(results, metric, target, 0.5));
	fprintf(out, ", \"ratio_quartiles\": [");
	json_number(out, ratio(results, metric, target, 0.25));
	fprintf(out, ", ");
	json_number(out, ratio(results, metric, target, 0.75));
	fprintf(out, "], \"values\": [");
	for (int i = 0; i < results->rounds; i++) {
		fprintf(out, "%s", i ? ", " : "");
		json_number(out, results->values[metric][target][i]);
	}
	fprintf(out, "]}");
}

static void json_metric(FILE *out, const struct bench_results *results, int metric)
{
	const struct bench_limits *limits = &bench_limits[metric];
	double judged =
		limits->absolute ? median(results, metric, TARGET_PROXY) : ratio(results, metric, TARGET_PROXY, 0.5);
	fprintf(out,
		"\t\t\"%s\": {\"title\": \"%s\", \"unit\": \"%s\", \"more_is_better\": %s, \"limits_are_ratios\": %s",
		limits->id, limits->title, limits->unit, limits->more_is_better ? "true" : "false",
		limits->absolute ? "false" : "true");
	if (limits->must != 0)
		fprintf(out, ", \"must\": %g, \"aim\": %g, \"verdict\": \"%s\"", limits->must, limits->aim,
			verdict(limits, judged));
	for (int target = 0; target < N_TARGETS; target++) {
		fprintf(out, ",\n\t\t\t");
		json_target(out, results, metric, target);
	}
	fprintf(out, "}");
}

bool bench_report_json(const struct bench_results *results, const char *path)
{
	FILE *out = fopen(path, "we");
	if (!out)
		return false;
	struct utsname host = {0};
	uname(&host);
	double load[1] = {0};
	getloadavg(load, 1);
	fprintf(out, "{\n\t\"kernel\": \"%s\", \"machine\": \"%s\", \"cpus\": %ld, \"load\": %.2f,\n", host.release,
		host.machine, sysconf(_SC_NPROCESSORS_ONLN), load[0]);
	fprintf(out, "\t\"rounds\": %d, \"quick\": %s, \"pinned\": \"%s\", \"scheduling\": \"%s\",\n\t\"metrics\": {\n",
		results->rounds, results->quick ? "true" : "false", results->pinning, results->scheduling);
	for (int metric = 0; metric < N_METRICS; metric++) {
		json_metric(out, results, metric);
		fprintf(out, "%s\n", metric + 1 < N_METRICS ? "," : "");
	}
	fprintf(out, "\t}\n}\n");
	return fclose(out) == 0;
}
