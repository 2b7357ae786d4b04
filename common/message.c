#include "message.h"

#include "error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

struct wire_header {
	guint32 magic;
	guint32 size; // of the variant; where it is: after this header, or in the last descriptor
	guint32 in_memfd;
	guint32 reserved;
};
G_STATIC_ASSERT(sizeof(struct wire_header) == 16);
enum { WIRE_MAGIC = 0x31736f69 };

gboolean message_send(
	int socket, guint32 serial, const char *name, GVariant *body, const int *fds, size_t n_fds, GError **error)
{
	g_autoptr(GVariant) all =
		g_variant_ref_sink(g_variant_new("(usv)", serial, name, body ? body : g_variant_new("a{sv}", NULL)));
	gsize size = g_variant_get_size(all);
	if (size > MESSAGE_MAX || n_fds > MESSAGE_FDS_MAX)
		return error_set(error, "message %s is too large (%zu bytes)", name, size);
	struct wire_header header = {WIRE_MAGIC, (guint32)size, size > MESSAGE_INLINE_MAX, 0};
	g_autofree char *data = g_malloc(sizeof header + size);
	memcpy(data, &header, sizeof header);
	g_variant_store(all, data + sizeof header);
	int all_fds[FD_PASS_MAX];
	if (n_fds > 0)
		memcpy(all_fds, fds, n_fds * sizeof(int));
	autofd memory = -1;
	gsize sent = sizeof header + size;
	if (header.in_memfd) {
		memory = fd_memfd_sealed("isolate-message", data + sizeof header, size);
		if (memory < 0)
			return error_set_errno(error, errno, "cannot make a memory file");
		all_fds[n_fds++] = memory;
		sent = sizeof header;
	}
	if (fd_send(socket, data, sent, all_fds, n_fds, 0) < 0)
		return error_set_errno(error, errno, "cannot send %s", name);
	return TRUE;
}

/* Copies the variant out of the memory file, whose seals say that nobody can change or cut it meanwhile. */
static char *read_memory(int fd, gsize size)
{
	const int seals = F_SEAL_SHRINK | F_SEAL_WRITE;
	struct stat st;
	if (fd < 0 || (fcntl(fd, F_GET_SEALS) & seals) != seals || fd_stat(fd, &st) < 0 || st.st_size != (off_t)size)
		return NULL;
	char *copy = g_try_malloc(size);
	if (copy && pread(fd, copy, size, 0) == (ssize_t)size)
		return copy;
	g_free(copy);
	return NULL;
}

static gboolean parse(struct message *message, char *data, gsize size)
{
	g_autoptr(GBytes) bytes = g_bytes_new_take(data, size);
	g_autoptr(GVariant) all = g_variant_ref_sink(g_variant_new_from_bytes(G_VARIANT_TYPE("(usv)"), bytes, FALSE));
	if (!g_variant_is_normal_form(all))
		return FALSE;
	g_variant_get(all, "(usv)", &message->serial, &message->name, &message->body);
	return TRUE;
}

int message_recv(int socket, struct message *message, GError **error)
{
	static char buffer[sizeof(struct wire_header) + MESSAGE_INLINE_MAX];
	int fds[FD_PASS_MAX];
	size_t n_fds = FD_PASS_MAX;
	struct wire_header header;

	memset(message, 0, sizeof *message);
	ssize_t n = fd_recv(socket, buffer, sizeof buffer, fds, &n_fds, 0);
	if (n < 0 && errno == ECONNRESET) {
		// The peer closed without having read all of ours; what it said before is still to be read, after this error.
		n_fds = FD_PASS_MAX;
		n = fd_recv(socket, buffer, sizeof buffer, fds, &n_fds, 0);
	}
	if (n < 0 && errno == ECONNRESET)
		return 0;
	if (n < 0) {
		error_set_errno(error, errno, "cannot receive a message");
		return -1;
	}
	if (n == 0)
		return 0;
	autofd memory = -1;
	char *data = NULL;
	if (n >= (ssize_t)sizeof header) {
		memcpy(&header, buffer, sizeof header);
		gsize rest = (gsize)n - sizeof header;
		if (header.magic == WIRE_MAGIC && header.in_memfd && n_fds > 0 && header.size <= MESSAGE_MAX) {
			memory = fds[--n_fds];
			data = read_memory(memory, header.size);
		} else if (header.magic == WIRE_MAGIC && !header.in_memfd && header.size == rest) {
			data = g_memdup2(buffer + sizeof header, rest);
		}
	}
	message->n_fds = n_fds < MESSAGE_FDS_MAX ? n_fds : MESSAGE_FDS_MAX;
	memcpy(message->fds, fds, message->n_fds * sizeof(int));
	if (n_fds > MESSAGE_FDS_MAX)
		close(fds[MESSAGE_FDS_MAX]);
	if (data && parse(message, data, header.size))
		return 1;
	message_clear(message);
	error_set(error, "a message from the peer does not parse");
	return -1;
}

int message_take_fd(struct message *message, size_t i)
{
	return i < message->n_fds ? fd_steal(&message->fds[i]) : -1;
}

void message_clear(struct message *message)
{
	for (size_t i = 0; i < message->n_fds; i++)
		if (message->fds[i] >= 0)
			close(message->fds[i]);
	g_free(message->name);
	g_clear_pointer(&message->body, g_variant_unref);
	memset(message, 0, sizeof *message);
}
