/* What was denied to a project's programs, kept in its state folder, where no container reaches: a record is one line, an
 * a{sv} in GVariant's text form, so that no byte of it can end its line. Two files of bounded size; what comes faster than
 * it can be of use is counted in a record of its own. */
#pragma once

#include <glib.h>

/* In $XDG_STATE_HOME/isolate/<project>/: the newer records, and those before them. */
#define AUDIT_FILE "audit"
#define AUDIT_FILE_OLD "audit.1"

enum { AUDIT_FILE_MAX = 512 * 1024 };

struct audit;

struct audit *audit_new(const char *project);
void audit_free(struct audit *audit);

/* Keeps what an Audit message of isolate-wlproxy says: docs/control-protocol.md. */
void audit_keep(struct audit *audit, GVariant *body);

/* A line of the session's own about a denial under this key. */
void audit_tell(struct audit *audit, const char *app, const char *key, const char *text);
