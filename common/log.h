/* Log lines go to stderr as "program: message". They keep errno, and are one line each without characters that act on a
 * terminal: text_sanitize() is applied to the whole. A line about a fault names the culprit in its words: client, host or
 * isolate. */
#pragma once

#include <stdbool.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* program is kept, not copied. Reads ISOLATE_DEBUG: a comma-separated list of topics, or "all". */
void log_init(const char *program);

/* Begins each line, also those of programs that are started with the environment of this one, with the time: "SECONDS.MICROSECONDS ".
 * For those whose stderr is a file. */
void log_stamp(void);
#define LOG_STAMPED "ISOLATE_LOG_STAMPED"

/* One of the topics of ISOLATE_DEBUG; keep the answer in a static when asked on a hot path. */
bool log_topic(const char *topic);

void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...) log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)
