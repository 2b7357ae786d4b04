#include "transfer.h"

#include "fd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <wayland-server-core.h>

struct transfers {
	struct wl_event_loop *loop;
	struct wl_list list; // transfer::link
	unsigned count;
	void (*ended)(void *data); // NULL: nobody asks
	void *ended_data;
};

struct transfer {
	struct wl_list link; // transfers::list
	struct transfers *transfers;
	int in, out;
	struct wl_event_source *readable; // while we wait for data
	struct wl_event_source *writable; // while we wait for room; one of the two
	bool from_file;			  // in is a file, of which we read at offset
	loff_t offset;
	uint64_t left;
	uint32_t owner;
};

struct transfers *transfers_create(struct wl_event_loop *loop)
{
	struct transfers *transfers = calloc(1, sizeof *transfers);
	if (!transfers)
		return NULL;
	signal(SIGPIPE, SIG_IGN);
	transfers->loop = loop;
	wl_list_init(&transfers->list);
	return transfers;
}

static void finish(struct transfer *transfer)
{
	if (transfer->readable)
		wl_event_source_remove(transfer->readable);
	if (transfer->writable)
		wl_event_source_remove(transfer->writable);
	wl_list_remove(&transfer->link);
	transfer->transfers->count--;
	close(transfer->in);
	close(transfer->out);
	free(transfer);
}

void transfers_clear(struct transfers *transfers)
{
	struct transfer *transfer, *next;
	wl_list_for_each_safe (transfer, next, &transfers->list, link)
		finish(transfer);
}

void transfers_destroy(struct transfers *transfers)
{
	if (!transfers)
		return;
	transfers_clear(transfers);
	free(transfers);
}

void transfers_on_end(struct transfers *transfers, void (*ended)(void *data), void *data)
{
	transfers->ended = ended;
	transfers->ended_data = data;
}

static int handle_ready(int fd, uint32_t mask, void *data);

/* Waits for data, or for room: a destination without a poll function (a file) always has room. */
static bool wait_for(struct transfer *transfer, bool room)
{
	struct wl_event_source **wanted = room ? &transfer->writable : &transfer->readable;
	struct wl_event_source **other = room ? &transfer->readable : &transfer->writable;
	if (*other)
		wl_event_source_remove(*other);
	*other = NULL;
	if (!*wanted)
		*wanted = wl_event_loop_add_fd(transfer->transfers->loop, room ? transfer->out : transfer->in,
			room ? WL_EVENT_WRITABLE : WL_EVENT_READABLE, handle_ready, transfer);
	return *wanted != NULL;
}

static bool has_data(const struct transfer *transfer)
{
	int n = 0;
	return transfer->from_file || (ioctl(transfer->in, FIONREAD, &n) == 0 && n > 0);
}

/* By itself. Nothing may be touched afterwards. */
static void end(struct transfer *transfer)
{
	struct transfers *transfers = transfer->transfers;
	finish(transfer);
	if (transfers->ended)
		transfers->ended(transfers->ended_data);
}

static int handle_ready(int fd, uint32_t mask, void *data)
{
	enum { CHUNK = 1 << 20 };
	struct transfer *transfer = data;
	if (transfer->left == 0) {
		end(transfer);
		return 0;
	}
	size_t size = transfer->left < CHUNK ? (size_t)transfer->left : CHUNK;
	loff_t *offset = transfer->from_file ? &transfer->offset : NULL;
	ssize_t n = splice(transfer->in, offset, transfer->out, NULL, size, SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
	if (n > 0)
		transfer->left -= (uint64_t)n;
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		end(transfer);
	else if (!wait_for(transfer, has_data(transfer)))
		end(transfer);
	return 0;
}

static bool is_pipe(int fd)
{
	struct stat st;
	return fd_stat(fd, &st) == 0 && S_ISFIFO(st.st_mode);
}

static unsigned count_of(const struct transfers *transfers, uint32_t owner)
{
	const struct transfer *transfer;
	unsigned n = 0;
	wl_list_for_each (transfer, &transfers->list, link)
		n += transfer->owner == owner;
	return n;
}

static void make_room(struct transfers *transfers)
{
	struct transfer *transfer, *chosen = NULL;
	unsigned most = 0;
	wl_list_for_each_reverse(transfer, &transfers->list, link)
	{
		unsigned n = count_of(transfers, transfer->owner);
		if (n <= most)
			continue;
		most = n;
		chosen = transfer;
	}
	finish(chosen);
}

/* Takes out over, and in unless it fails. */
static struct transfer *add(struct transfers *transfers, uint32_t owner, int in, int out, uint64_t limit)
{
	if (transfers->count >= TRANSFERS_MAX)
		make_room(transfers);
	struct transfer *transfer = calloc(1, sizeof *transfer);
	if (!transfer) {
		close(out);
		return NULL;
	}
	transfer->transfers = transfers;
	transfer->in = in;
	transfer->out = out;
	transfer->left = limit;
	transfer->owner = owner;
	wl_list_insert(&transfers->list, &transfer->link);
	transfers->count++;
	return transfer;
}

int transfers_start(struct transfers *transfers, uint32_t owner, int destination, bool untrusted, uint64_t limit)
{
	autofd out = destination;
	int ends[2];
	if (untrusted && !is_pipe(out)) {
		errno = EINVAL;
		return -1;
	}
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	struct transfer *transfer = add(transfers, owner, ends[0], fd_steal(&out), limit);
	if (transfer && wait_for(transfer, false))
		return ends[1];
	if (transfer)
		finish(transfer);
	else
		close(ends[0]);
	close(ends[1]);
	return -1;
}

int transfers_send(
	struct transfers *transfers, uint32_t owner, int file, uint64_t offset, uint64_t size, int destination)
{
	autofd out = destination;
	if (!is_pipe(out)) {
		errno = EINVAL;
		return -1;
	}
	autofd in = fcntl(file, F_DUPFD_CLOEXEC, 0);
	struct transfer *transfer = in < 0 ? NULL : add(transfers, owner, in, fd_steal(&out), size);
	if (!transfer)
		return -1;
	(void)fd_steal(&in);
	transfer->from_file = true;
	transfer->offset = (loff_t)offset;
	if (wait_for(transfer, true))
		return 0;
	finish(transfer);
	return -1;
}
