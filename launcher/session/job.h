/* Applications that were asked for: from the Run request until their end has been told to whoever asks. */
#pragma once

#include "client.h"

#include "init-protocol.h"

struct job {
	guint32 id;
	struct client *owner; // the connection that ran it, NULL once that has closed
	guint32 run_serial;   // to be answered when it has started
	gboolean started, exited, tty, detached;
	gboolean attended; // the owner has asked to wait for it
	gint32 status;	   // of waitpid(2), when exited
	pid_t pid;	   // inside
	gint64 started_at; // µs, CLOCK_REALTIME
	char *app;	   // of [App NAME], or NULL
	char *file;	   // what was to be executed, for errors
	char *cwd;
	char *warning; // for the one who runs it, or NULL
	char **argv;
	GArray *waits; // struct client_wait, owned
};

/* A new job with a number of its own. argv is copied. NULL with an error when there are too many. */
struct job *job_new(
	struct session *session, struct client *owner, guint32 serial, const char *app, char **argv, GError **error);
void job_free(struct job *job);
struct job *job_find(struct session *session, guint32 id);

/* TRUE while an application runs or is being started. */
gboolean job_any(const struct session *session);

/* Answers at once when it has ended. */
void job_wait(struct session *session, struct job *job, struct client *client, guint32 serial);

/* The connection is gone: what it waited for, and what only it could have asked for, is forgotten. */
void job_forget_client(struct session *session, struct client *client);

/* What init says. *fd is taken over when it is set to -1. */
void job_started(struct session *session, guint32 id, pid_t pid, int *fd);
void job_failed(struct session *session, guint32 id, int number, enum init_failure failure);
void job_stopped(struct session *session, guint32 id, int number);
void job_exited(struct session *session, guint32 id, int status);

/* All that still run have ended with the container: killed, or with failure if that is set. */
void job_end_all(struct session *session, const GError *failure);
