#include "log.h"

#include "text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *program_name = "isolate";
static const char *debug_topics = "";
static bool stamped;
static bool cut; // the last line has no end

void log_init(const char *program)
{
	program_name = program;
	const char *topics = getenv("ISOLATE_DEBUG");
	debug_topics = topics ? topics : "";
	stamped = getenv(LOG_STAMPED) != NULL;
}

void log_stamp(void)
{
	stamped = true;
	setenv(LOG_STAMPED, "1", 1);
}

bool log_topic(const char *topic)
{
	size_t length = strlen(topic);
	for (const char *p = debug_topics; *p; p += strcspn(p, ",")) {
		p += *p == ',';
		size_t n = strcspn(p, ",");
		if ((n == length && strncmp(p, topic, n) == 0) || (n == 3 && strncmp(p, "all", 3) == 0))
			return true;
	}
	return false;
}

void log_line(enum log_level level, const char *format, ...)
{
	if (level == LOG_LEVEL_DEBUG && !*debug_topics)
		return;
	int saved = errno;
	char text[2000], line[2048];
	va_list args;
	va_start(args, format);
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	int head = stamped ? snprintf(line, sizeof line, "%lld.%06ld ", (long long)now.tv_sec, now.tv_nsec / 1000) : 0;
	head += snprintf(line + head, sizeof line - (size_t)head, "%s: %s", program_name,
		level == LOG_LEVEL_WARNING ? "warning: " : "");
	errno = saved; // for %m
	int body = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	// The last place where anybody's text can be made harmless, whoever forgot it before.
	size_t size = (size_t)head + (body < 0 ? 0 : text_sanitize(line + head, sizeof line - (size_t)head - 1, text));
	line[size++] = '\n';
	// Of the line before, a full disk took the beginning only: as long as it is full there is no room for this one either.
	if (!cut || write(STDERR_FILENO, "\n", 1) == 1) {
		// One write, so that lines of several processes do not mix.
		ssize_t n = write(STDERR_FILENO, line, size);
		cut = n > 0 && (size_t)n < size;
	}
	errno = saved;
}
