#include "workloads.h"

#include "client.h"
#include "window.h"

#include <math.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

double bench_seconds_since(uint64_t start)
{
	return (double)(wire_now() - start) / 1e9;
}

unsigned bench_scaled(unsigned full, double scale)
{
	double n = full * scale;
	return n < 1 ? 1 : (unsigned)n;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* n round trips, each after a pause of that many microseconds: median and 99th percentile in microseconds. */
static bool round_trips(const char *path, unsigned n, unsigned pause, struct bench_run *run)
{
	enum { MAX = 20000 };
	static double times[MAX];
	struct client client;
	bool ok = client_open(&client, path, true);
	n = n > MAX ? MAX : n;
	for (unsigned i = 0; ok && i < n; i++) {
		if (pause > 0)
			usleep(pause);
		uint64_t start = wire_now();
		ok = client_roundtrip(&client);
		times[i] = (double)(wire_now() - start) / 1e3;
	}
	client_close(&client);
	qsort(times, n, sizeof *times, compare);
	*run = (struct bench_run){.value = times[n / 2], .second = times[n * 99ul / 100], .messages = 3.0 * n};
	return ok;
}

static bool run_ping(const char *path, double scale, struct bench_run *run)
{
	return round_trips(path, bench_scaled(4000, scale), 0, run);
}

static bool run_wake(const char *path, double scale, struct bench_run *run)
{
	return round_trips(path, bench_scaled(40, scale), 3000, run);
}

static bool run_requests(const char *path, double scale, struct bench_run *run)
{
	struct client client;
	unsigned n = bench_scaled(400000, scale);
	bool ok = client_open(&client, path, true);
	uint32_t compositor = ok ? client_bind(&client, "wl_compositor", 4) : 0;
	uint32_t surface = client_id(&client);
	if (compositor)
		wire_send(&client.wire, compositor, 0, "n", surface);
	ok = compositor && client_roundtrip(&client);
	uint64_t start = wire_now();
	for (unsigned i = 0; ok && i < n; i++) {
		*wire_put(&client.wire, surface, 8, 1) = 1 + i % 2; // set_buffer_scale
		if (wire_pending(&client.wire) + 12 > WIRE_CHUNK)
			ok = client_flush(&client, CLIENT_TIMEOUT);
	}
	ok = ok && client_roundtrip(&client);
	*run = (struct bench_run){.value = n / bench_seconds_since(start), .messages = n};
	client_close(&client);
	return ok;
}

static void count_event(struct client *client, const struct wire_message *message)
{
	++*(unsigned *)client->data;
}

static bool run_events(const char *path, double scale, struct bench_run *run)
{
	struct client client;
	unsigned n = bench_scaled(200000, scale), seen = 0; // each a motion and a frame
	bool ok = client_open(&client, path, true);
	uint32_t seat = ok ? client_bind(&client, "wl_seat", 5) : 0;
	uint32_t compositor = ok ? client_bind(&client, "wl_compositor", 4) : 0;
	uint32_t pointer = client_id(&client), surface = client_id(&client);
	ok = seat && compositor;
	if (ok) {
		wire_send(&client.wire, seat, 0, "n", pointer);
		wire_send(&client.wire, compositor, 0, "n", surface);
	}
	ok = ok && client_roundtrip(&client);
	client.on_event = count_event;
	client.data = &seen;
	uint64_t start = wire_now();
	if (ok)
		wire_send(&client.wire, pointer, 0, "uoii", 1, surface, n, 0); // set_cursor
	while (ok && seen < 2 * n + 1)
		ok = client_dispatch(&client, CLIENT_TIMEOUT);
	*run = (struct bench_run){.value = seen / bench_seconds_since(start), .messages = seen};
	client_close(&client);
	return ok;
}

static bool run_syncs(const char *path, double scale, struct bench_run *run)
{
	enum { WINDOW = 512 };
	struct client client;
	unsigned n = bench_scaled(150000, scale), sent = 0, done = 0;
	bool ok = client_open(&client, path, true);
	client.on_event = count_event;
	client.data = &done;
	uint64_t start = wire_now();
	while (ok && done < n) {
		while (sent < n && sent - done < WINDOW && wire_pending(&client.wire) + 12 <= WIRE_CHUNK) {
			client_put_sync(&client);
			sent++;
		}
		ok = client_dispatch(&client, CLIENT_TIMEOUT);
	}
	*run = (struct bench_run){.value = n / bench_seconds_since(start), .messages = 3.0 * n};
	client_close(&client);
	return ok;
}

/* One pool, one buffer, both destroyed again. */
static void put_pool(struct client *client, uint32_t shm, int memory)
{
	uint32_t pool = client_id(client), buffer = client_id(client);
	wire_send(&client->wire, shm, 0, "nhi", pool, memory, 16384);
	wire_send(&client->wire, pool, 0, "niiiiu", buffer, 0, 64, 64, 256, 0);
	wire_send(&client->wire, pool, 1, "");
	wire_send(&client->wire, buffer, 0, "");
}

static bool run_fds(const char *path, double scale, struct bench_run *run)
{
	enum { BATCH = 16, WINDOW = 8 * BATCH };
	struct client client;
	unsigned n = bench_scaled(12000, scale), sent = 0;
	int memory = memfd_create("bench", MFD_CLOEXEC);
	if (memory < 0 || ftruncate(memory, 16384) < 0)
		abort();
	bool ok = client_open(&client, path, true);
	uint32_t shm = ok ? client_bind(&client, "wl_shm", 1) : 0;
	ok = shm && client_roundtrip(&client);
	uint64_t before = client.n_events, start = wire_now();
	while (ok && client.n_events - before < 2ul * n) { // two delete_id for each
		for (unsigned i = 0; i < BATCH && sent < n && 2ul * sent - (client.n_events - before) < 2 * WINDOW;
			i++) {
			put_pool(&client, shm, memory);
			sent++;
		}
		ok = client_dispatch(&client, CLIENT_TIMEOUT);
	}
	*run = (struct bench_run){.value = n / bench_seconds_since(start), .messages = 6.0 * n};
	client_close(&client);
	close(memory);
	return ok;
}

static bool run_frames(const char *path, double scale, struct bench_run *run)
{
	struct client client;
	struct window window = {.memory = -1};
	unsigned n = bench_scaled(4000, scale);
	bool ok = client_open(&client, path, true) && window_open(&window, &client, "bench", "bench");
	uint32_t region = ok ? window_put_region(&window) : 0;
	uint64_t start = wire_now();
	for (unsigned i = 0; ok && i < n; i++) {
		window_put_frame(&window, i % 64, region, true);
		while (ok && window.n_frames <= i)
			ok = client_dispatch(&client, CLIENT_TIMEOUT);
	}
	*run = (struct bench_run){.value = n / bench_seconds_since(start), .messages = 8.0 * n};
	window_close(&window);
	client_close(&client);
	return ok;
}

/* Round trips of 100 clients at once. */
static bool run_clients(const char *path, double scale, struct bench_run *run)
{
	enum { N = 100 };
	static struct client clients[N];
	static unsigned done[N];
	unsigned turns = bench_scaled(100, scale), n = 0;
	bool ok = true;
	for (; ok && n < N; n++) {
		ok = client_open(&clients[n], path, true);
		done[n] = 0;
		clients[n].on_event = count_event;
		clients[n].data = &done[n];
	}
	uint64_t start = wire_now();
	for (unsigned turn = 1; ok && turn <= turns; turn++) {
		for (unsigned i = 0; ok && i < N; i++) {
			client_put_sync(&clients[i]);
			ok = client_flush(&clients[i], CLIENT_TIMEOUT);
		}
		for (unsigned i = 0; ok && i < N; i++)
			while (ok && done[i] < turn)
				ok = client_dispatch(&clients[i], CLIENT_TIMEOUT);
	}
	*run = (struct bench_run){.value = N * turns / bench_seconds_since(start), .messages = 3.0 * N * turns};
	while (n > 0)
		client_close(&clients[--n]);
	return ok;
}

const struct bench_workload bench_workloads[] = {
	{"ping",	 run_ping,		   METRIC_PING_P50,	    METRIC_PING_P99, METRIC_CPU_PING    },
	{"wake",	 run_wake,		   METRIC_WAKE,		METRIC_NONE,     METRIC_NONE	},
	{"requests",     run_requests_libwayland, METRIC_REQUESTS,     METRIC_NONE,	    METRIC_CPU_REQUESTS},
	{"events",	   run_events_libwayland,	  METRIC_EVENTS,	 METRIC_NONE,     METRIC_CPU_EVENTS  },
	{"syncs",	  run_syncs_libwayland,	METRIC_SYNCS,	      METRIC_NONE,	   METRIC_CPU_SYNCS   },
	{"fds",		run_fds_libwayland,	    METRIC_FDS,		METRIC_NONE,     METRIC_CPU_FDS	   },
	{"frames",	   run_frames,	       METRIC_FRAMES,	      METRIC_NONE,	   METRIC_CPU_FRAMES  },
	{"clients",	    run_clients,		 METRIC_CLIENTS,	 METRIC_NONE,     METRIC_NONE	 },
	{"raw-requests", run_requests,	       METRIC_RAW_REQUESTS, METRIC_NONE,	 METRIC_NONE	    },
	{"raw-events",   run_events,		   METRIC_RAW_EVENTS,   METRIC_NONE,	   METRIC_NONE	      },
	{"raw-syncs",    run_syncs,		 METRIC_RAW_SYNCS,	   METRIC_NONE,	METRIC_NONE	   },
	{"raw-fds",	    run_fds,		     METRIC_RAW_FDS,	     METRIC_NONE,	  METRIC_NONE	     },
};
const size_t bench_n_workloads = sizeof bench_workloads / sizeof *bench_workloads;
