#include "output.h"

#include "fd.h"
#include "kept.h"
#include "log.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <stdlib.h>
#include <string.h>

enum {
	STREAMS_MAX = 1024,
	CHUNK = 16 * 1024,
	PAUSE_MS = 20, // after a full chunk: a program that writes without end does not keep the session from its work
	TEXT_MAX = 1000,
	BURST = 256 * 1024, // bytes that are kept at once
	PER_SECOND =
		16 * 1024, // and then in each second: a disk is not worn out, nor older lines pushed out within moments
};

struct stream {
	struct output *output;
	int fd;
	guint source;
	char *name;
	guint32 job;
	pid_t pid;
	GString *line; // what has no end yet
};

struct output {
	char *project;
	struct kept file;
	GPtrArray *streams; // owned
	gint64 tokens;	    // bytes
	gint64 refilled;    // µs, monotonic
	guint64 lost;	    // lines
	gboolean failed;    // it was said that it cannot be written
};

static void stream_free(gpointer data)
{
	struct stream *stream = data;
	if (stream->source)
		g_source_remove(stream->source);
	fd_closep(&stream->fd);
	g_free(stream->name);
	g_string_free(stream->line, TRUE);
	g_free(stream);
}

struct output *output_new(const char *project)
{
	struct output *output = g_new0(struct output, 1);
	*output = (struct output){.project = g_strdup(project), .tokens = BURST, .refilled = g_get_monotonic_time()};
	output->file = (struct kept){.project = output->project,
		.name = OUTPUT_FILE,
		.old = OUTPUT_FILE_OLD,
		.max = OUTPUT_FILE_MAX,
		.fd = -1};
	output->streams = g_ptr_array_new_with_free_func(stream_free);
	return output;
}

static void write_line(struct output *output, const char *name, pid_t pid, const char *text)
{
	gint64 now = g_get_real_time();
	g_autoptr(GError) error = NULL;
	g_autofree char *number = pid > 0 ? g_strdup_printf("[%d]", (int)pid) : g_strdup("");
	g_autofree char *line = g_strdup_printf("%" G_GINT64_FORMAT ".%06" G_GINT64_FORMAT " %s%s: %s\n",
		now / G_USEC_PER_SEC, now % G_USEC_PER_SEC, name, number, text);
	gsize length = strlen(line);
	output->tokens -= (gint64)length;
	gboolean written = kept_write(&output->file, line, length, &error);
	if (!written && !output->failed)
		log_warning("%s", error->message);
	output->failed = !written;
}

static gboolean may_keep(struct output *output)
{
	gint64 now = g_get_monotonic_time();
	output->tokens = MIN(BURST, output->tokens + (now - output->refilled) * PER_SECOND / G_USEC_PER_SEC);
	output->refilled = now;
	if (output->tokens <= 0) {
		output->lost++;
		return FALSE;
	}
	if (output->lost > 0) {
		g_autofree char *text =
			g_strdup_printf("%" G_GUINT64_FORMAT " lines were too many to keep", output->lost);
		write_line(output, "isolate-session", 0, text);
		output->lost = 0;
	}
	return TRUE;
}

static void keep_line(struct stream *stream, const char *text, gsize length)
{
	if (!may_keep(stream->output))
		return;
	g_autofree char *copy = g_strndup(text, length);
	// What stood behind a NUL is lost with it; a tab is no reason for a question mark.
	g_strdelimit(copy, "\t", ' ');
	if (g_str_has_suffix(copy, "\r"))
		copy[strlen(copy) - 1] = '\0';
	char *clean = text_dup_sanitized(copy, 4 * TEXT_MAX);
	write_line(stream->output, stream->name, stream->pid, clean ? clean : "?");
	free(clean);
}

static void take(struct stream *stream, const char *text, gsize length)
{
	g_string_append_len(stream->line, text, (gssize)length);
	gsize at = 0;
	while (at < stream->line->len) {
		const char *start = stream->line->str + at;
		const char *newline = memchr(start, '\n', stream->line->len - at);
		gsize n = newline ? (gsize)(newline - start) : stream->line->len - at;
		gboolean whole = newline && n <= TEXT_MAX;
		if (!whole && n <= TEXT_MAX)
			break;
		if (!whole)
			n = text_utf8_cut(start, n, TEXT_MAX);
		// Of what is no UTF-8, all may be cut off.
		if (!whole && n == 0)
			n = TEXT_MAX;
		keep_line(stream, start, n);
		at += n + (whole ? 1 : 0);
	}
	g_string_erase(stream->line, 0, (gssize)at);
}

/* What there is now. FALSE at the end. full: there is more. */
static gboolean read_some(struct stream *stream, gboolean *full)
{
	char text[CHUNK];
	ssize_t n = read(stream->fd, text, sizeof text);
	*full = n == sizeof text;
	if (n > 0)
		take(stream, text, (gsize)n);
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static void finish(struct stream *stream)
{
	if (stream->line->len > 0)
		keep_line(stream, stream->line->str, stream->line->len);
	g_string_truncate(stream->line, 0);
}

static gboolean go_on(gpointer data);

static gboolean has_written(gint fd, GIOCondition condition, gpointer data)
{
	struct stream *stream = data;
	gboolean full;
	if (!read_some(stream, &full)) {
		finish(stream);
		stream->source = 0;
		g_ptr_array_remove_fast(stream->output->streams, stream);
		return G_SOURCE_REMOVE;
	}
	if (!full)
		return G_SOURCE_CONTINUE;
	stream->source = g_timeout_add(PAUSE_MS, go_on, stream);
	return G_SOURCE_REMOVE;
}

static gboolean go_on(gpointer data)
{
	struct stream *stream = data;
	stream->source = g_unix_fd_add(stream->fd, G_IO_IN | G_IO_HUP, has_written, stream);
	return G_SOURCE_REMOVE;
}

int output_pipe(struct output *output, const char *name, guint32 job)
{
	int pair[2];
	if (output->streams->len >= STREAMS_MAX || pipe2(pair, O_CLOEXEC) < 0)
		return -1;
	fd_set_nonblocking(pair[0], true);
	g_autofree char *base = g_path_get_basename(name);
	char *clean = text_dup_sanitized(base, 64);
	struct stream *stream = g_new0(struct stream, 1);
	*stream = (struct stream){.output = output, .fd = pair[0], .job = job, .line = g_string_new(NULL)};
	// A name with these would read as another.
	stream->name = g_strdelimit(g_strdup(clean ? clean : "?"), " :[]", '_');
	free(clean);
	g_ptr_array_add(output->streams, stream);
	return pair[1];
}

void output_started(struct output *output, guint32 job, pid_t pid)
{
	for (guint i = 0; i < output->streams->len; i++) {
		struct stream *stream = output->streams->pdata[i];
		if (stream->job != job)
			continue;
		stream->pid = pid;
		go_on(stream);
		return;
	}
}

void output_free(struct output *output)
{
	if (!output)
		return;
	for (guint i = 0; i < output->streams->len; i++) {
		struct stream *stream = output->streams->pdata[i];
		gboolean full = TRUE;
		// A pipe holds no more than this, and nobody is left who writes.
		for (int rounds = 0; full && rounds < 64 && read_some(stream, &full); rounds++)
			;
		finish(stream);
	}
	if (output->lost > 0) {
		output->tokens = BURST;
		may_keep(output);
	}
	g_ptr_array_unref(output->streams);
	kept_close(&output->file);
	g_free(output->project);
	g_free(output);
}
