#include "kept-reader.h"

#include "error.h"
#include "fd.h"
#include "xdg.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RECORD_MAX = 4096 };

static int open_file(const struct kept_reader *reader, const char *name)
{
	g_autofree char *path = g_build_filename(reader->folder, name, NULL);
	autofd fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? fd_steal(&fd) : -1;
}

gboolean kept_reader_open(
	struct kept_reader *reader, const char *project, const char *name, const char *old, GError **error)
{
	*reader = (struct kept_reader){
		.folder = xdg_path(XDG_STATE, error, project, NULL), .name = name, .old = old, .fd = -1, .watch = -1};
	reader->rest = g_string_new(NULL);
	return reader->folder != NULL;
}

void kept_reader_close(struct kept_reader *reader)
{
	g_free(reader->folder);
	fd_closep(&reader->fd);
	fd_closep(&reader->watch);
	if (reader->rest)
		g_string_free(reader->rest, TRUE);
}

static void take_lines(struct kept_reader *reader, void (*take)(const char *, gpointer), gpointer data)
{
	char *newline;
	while ((newline = memchr(reader->rest->str, '\n', reader->rest->len))) {
		gssize length = newline - reader->rest->str;
		*newline = '\0';
		take(reader->rest->str, data);
		g_string_erase(reader->rest, 0, length + 1);
	}
	if (reader->rest->len > RECORD_MAX)
		g_string_truncate(reader->rest, 0);
}

static void read_all(struct kept_reader *reader, int fd, void (*take)(const char *, gpointer), gpointer data)
{
	char buffer[RECORD_MAX];
	ssize_t n;
	while ((n = read(fd, buffer, sizeof buffer)) > 0 || (n < 0 && errno == EINTR)) {
		if (n > 0)
			g_string_append_len(reader->rest, buffer, n);
		take_lines(reader, take, data);
	}
}

/* A file that starts afresh, as the session's log does, is read from there. */
static void begin_again(const struct kept_reader *reader)
{
	struct stat st;
	if (reader->fd >= 0 && fstat(reader->fd, &st) == 0 && lseek(reader->fd, 0, SEEK_CUR) > st.st_size)
		lseek(reader->fd, 0, SEEK_SET);
}

/* Whether another file is at the place of the one that is read. */
static gboolean was_rotated(const struct kept_reader *reader)
{
	g_autofree char *path = g_build_filename(reader->folder, reader->name, NULL);
	struct stat ours, there;
	return fstat(reader->fd, &ours) == 0 && stat(path, &there) == 0 && ours.st_ino != there.st_ino;
}

void kept_reader_read(struct kept_reader *reader, void (*take)(const char *line, gpointer data), gpointer data)
{
	if (!reader->begun && reader->old) {
		autofd old = open_file(reader, reader->old);
		if (old >= 0)
			read_all(reader, old, take, data);
	}
	reader->begun = TRUE;
	if (reader->fd < 0)
		reader->fd = open_file(reader, reader->name);
	begin_again(reader);
	while (reader->fd >= 0) {
		gboolean rotated = was_rotated(reader); // before: what is written to the old one meanwhile is read
		read_all(reader, reader->fd, take, data);
		if (!rotated)
			return;
		fd_closep(&reader->fd);
		g_string_truncate(reader->rest, 0);
		reader->fd = open_file(reader, reader->name);
	}
}

gboolean kept_reader_follow(struct kept_reader *reader, GError **error)
{
	if (g_mkdir_with_parents(reader->folder, 0700) < 0)
		return error_set_errno(error, errno, "cannot make the folder %s", reader->folder);
	reader->watch = inotify_init1(IN_CLOEXEC);
	if (reader->watch < 0 ||
		inotify_add_watch(reader->watch, reader->folder, IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_ONLYDIR) < 0)
		return error_set_errno(error, errno, "cannot watch %s", reader->folder);
	return TRUE;
}

gboolean kept_reader_wait(struct kept_reader *reader)
{
	char events[RECORD_MAX] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t n = read(reader->watch, events, sizeof events);
	if (n < 0)
		return errno == EINTR;
	const struct inotify_event *event;
	for (ssize_t at = 0; at < n; at += (ssize_t)(sizeof *event + event->len)) {
		event = (const struct inotify_event *)(events + at);
		if (event->mask & IN_IGNORED) // the folder was removed
			return FALSE;
	}
	return n > 0;
}
