#include "bench.h"

#include "client.h"
#include "window.h"

#include <math.h>
#include <unistd.h>

enum { N_CLIENTS = 100 };

/* A client as a small application leaves it: a seat with its devices, an output, a window that was drawn once. */
static bool make_idle(struct client *client, struct window *window, const char *path)
{
	if (!client_open(client, path, true) || !window_open(window, client, "idle", "idle"))
		return false;
	uint32_t seat = client_bind(client, "wl_seat", 5);
	client_bind(client, "wl_output", 4);
	if (seat) {
		wire_send(&client->wire, seat, 0, "n", client_id(client));
		wire_send(&client->wire, seat, 1, "n", client_id(client));
	}
	window_put_frame(window, 0, 0, true);
	return client_roundtrip(client);
}

/* Every client floods once, so that what buffers grow to shows. */
static bool load(struct client *clients, struct window *windows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (unsigned message = 0; message < 20000; message++)
			*wire_put(&clients[i].wire, windows[i].surface, 8, 1) = 1 + message % 2;
		if (!client_roundtrip(&clients[i]))
			return false;
	}
	return true;
}

static double settled_memory(pid_t pid)
{
	usleep(20000);
	int64_t bytes = process_private_memory(pid);
	return bytes < 0 ? NAN : (double)bytes / 1024;
}

static bool measure(struct process *process, const char *listen, struct bench_footprint *out)
{
	static struct client clients[N_CLIENTS];
	static struct window windows[N_CLIENTS];
	struct client first;
	bool ok = client_open(&first, listen, false);
	out->accept = (double)(wire_now() - process->started) / 1e6;
	ok = ok && client_roundtrip(&first);
	out->start = (double)(wire_now() - process->started) / 1e6;
	client_close(&first);
	size_t n = 0;
	for (; ok && n < N_CLIENTS; n++) {
		ok = make_idle(&clients[n], &windows[n], listen);
		if (n == 0)
			out->memory_one = settled_memory(process->pid);
	}
	out->memory_each = (settled_memory(process->pid) - out->memory_one) / (N_CLIENTS - 1);
	ok = ok && load(clients, windows, N_CLIENTS);
	out->memory_after = (settled_memory(process->pid) - out->memory_one) / (N_CLIENTS - 1);
	while (n > 0) {
		window_close(&windows[--n]);
		client_close(&clients[n]);
	}
	return ok;
}

bool bench_footprint(const char *program, const char *listen, const char *upstream, const char *policy, int cpu,
	struct bench_footprint *out)
{
	struct process process = {0};
	bool ok = process_start_proxy(&process, program, listen, upstream, policy, -1, cpu) &&
		  measure(&process, listen, out);
	process_stop(&process);
	return ok;
}
