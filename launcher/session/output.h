/* What applications write that were started with nobody to read it: kept in the project's state folder, for `isolate logs`. A line
 * of it is "SECONDS.MICROSECONDS NAME[PID]: TEXT", like those of the session's own log, and has no character that acts on a
 * terminal. */
#pragma once

#include "session.h"

#define OUTPUT_FILE "output"
#define OUTPUT_FILE_OLD "output.1"
enum { OUTPUT_FILE_MAX = 512 * 1024 };

struct output;

struct output *output_new(const char *project);

/* The end of an anonymous pipe that an application may write to, which is read, from output_started() on, until nobody has it any
 * more; name says whose it is. -1 where there can be no more: then nothing is kept of this one. */
int output_pipe(struct output *output, const char *name, guint32 job);

/* The process of that job, as it is numbered inside; 0 when there is none after all. */
void output_started(struct output *output, guint32 job, pid_t pid);

/* Keeps what was written and not read yet, and closes everything. */
void output_free(struct output *output);
