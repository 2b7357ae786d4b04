/* Plans of made-up projects on made-up hosts. */
#pragma once

#include "fixture.h"
#include "host.h"
#include "plan.h"

/* A Debian on which the user "me" (1000) has /home/me. Add what a project names with the functions below. */
struct host *host_debian(void);
void host_add_dir(struct host *host, const char *path);
void host_add_file(struct host *host, const char *path);
void host_add_link(struct host *host, const char *path, const char *target, const char *resolved);

/* The plan of a project with this configuration; or the error, with folders of the test written as @. */
struct plan *plan_of(const char *text, const struct host *host);
char *plan_error(const char *text, const struct host *host);

/* The operation that decides what is at dest, the last one; NULL when there is none. */
const struct plan_op *plan_op_at(const struct plan *plan, const char *dest);
gboolean plan_has(const GPtrArray *lines, const char *line);
