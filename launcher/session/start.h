/* From a project's name to an approved plan, and from a child of `isolate` on a terminal to a daemon. */
#pragma once

#include "answer.h"
#include "plan.h"

#include <glib.h>

/* ^C, before start_daemon(), is an error of start_daemon(), if not before, and not the end of this process, which then puts away what it has made.
 * Programs that it has started end by it. */
void start_be_interruptible(gboolean on);

/* Reads the configuration once, builds the plan and asks the gate for it. What it returns is what was approved: from here on
 * the plan is const and no file is read again. */
const struct plan *start_plan(const char *project, gboolean review, GError **error);

/* Leaves the caller's terminal, session and folder; log lines go to the project's log from here on. */
gboolean start_daemon(const char *project, GError **error);

/* To be called now and then: a container can have lines written, and shall not fill the disk with them. */
void start_trim_log(void);

void start_answer(int fd, enum session_answer answer, const GError *error);
