#include "job.h"

#include "client.h"
#include "container.h"
#include "error.h"
#include "fd.h"
#include "output.h"
#include "text.h"

#include <errno.h>
#include <signal.h>

struct job *job_new(
	struct session *session, struct client *owner, guint32 serial, const char *app, char **argv, GError **error)
{
	if (g_hash_table_size(session->jobs) >= INIT_JOBS_MAX) {
		error_set(error, "%s runs %d applications already", session->project, INIT_JOBS_MAX);
		return NULL;
	}
	struct job *job = g_new0(struct job, 1);
	do
		session->last_job++;
	while (session->last_job == 0 || job_find(session, session->last_job));
	job->id = session->last_job;
	job->owner = owner;
	job->run_serial = serial;
	job->app = g_strdup(app);
	job->argv = g_strdupv(argv);
	job->waits = g_array_new(FALSE, FALSE, sizeof(struct client_wait));
	g_hash_table_insert(session->jobs, &job->id, job);
	return job;
}

void job_free(struct job *job)
{
	g_free(job->app);
	g_free(job->file);
	g_free(job->cwd);
	g_free(job->warning);
	g_strfreev(job->argv);
	g_array_unref(job->waits);
	g_free(job);
}

struct job *job_find(struct session *session, guint32 id)
{
	return g_hash_table_lookup(session->jobs, &id);
}

gboolean job_any(const struct session *session)
{
	GHashTableIter iter;
	struct job *job;
	g_hash_table_iter_init(&iter, session->jobs);
	while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&job))
		if (!job->exited)
			return TRUE;
	return FALSE;
}

static GVariant *exited_body(const struct job *job)
{
	GVariantDict body;
	g_variant_dict_init(&body, NULL);
	g_variant_dict_insert(&body, "status", "i", job->status);
	return g_variant_dict_end(&body);
}

/* Whoever asked for it was interrupted before knowing that it runs: nobody would ever look after it. */
static void abandon(struct session *session, const struct job *job)
{
	const struct init_request request = {.type = INIT_SIGNAL, .job = job->id, .signal = SIGKILL, .group = TRUE};
	container_send(session, &request, NULL, 0, NULL);
}

void job_wait(struct session *session, struct job *job, struct client *client, guint32 serial)
{
	const struct client_wait wait = {client, serial};
	job->attended |= client == job->owner;
	if (!job->exited) {
		g_array_append_val(job->waits, wait);
		return;
	}
	client_send(client, serial, "Exited", exited_body(job), NULL, 0);
	if (job->owner == client)
		g_hash_table_remove(session->jobs, &job->id);
}

void job_forget_client(struct session *session, struct client *client)
{
	GHashTableIter iter;
	struct job *job;
	g_hash_table_iter_init(&iter, session->jobs);
	while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&job)) {
		for (guint i = job->waits->len; i > 0; i--)
			if (g_array_index(job->waits, struct client_wait, i - 1).client == client)
				g_array_remove_index_fast(job->waits, i - 1);
		if (job->owner == client) {
			job->owner = NULL;
			if (job->started && !job->exited && !job->attended && !job->detached)
				abandon(session, job);
		}
		if (!job->owner && job->exited)
			g_hash_table_iter_remove(&iter);
	}
}

void job_started(struct session *session, guint32 id, pid_t pid, int *fd)
{
	struct job *job = job_find(session, id);
	if (!job || job->started)
		return;
	job->started = TRUE;
	job->pid = pid;
	job->started_at = g_get_real_time();
	output_started(session->output, id, pid);
	if (!job->owner) {
		abandon(session, job);
		return;
	}
	GVariantDict body;
	g_variant_dict_init(&body, NULL);
	g_variant_dict_insert(&body, "job", "u", id);
	g_variant_dict_insert(&body, "pid", "i", (gint32)pid);
	if (job->warning)
		g_variant_dict_insert(&body, "warning", "s", job->warning);
	client_send(job->owner, job->run_serial, "Started", g_variant_dict_end(&body), fd, *fd >= 0 ? 1 : 0);
}

/* What a person is told when an application could not be started. */
static GError *start_error(const struct session *session, const struct job *job, int number, enum init_failure failure)
{
	g_autofree char *file = text_dup_sanitized(job->file, 200);
	g_autofree char *cwd = text_dup_sanitized(job->cwd, 200);
	int code = ISOLATE_ERROR_FAILED;
	switch (failure) {
	case INIT_FAILURE_EXEC:
		code = number == ENOENT ? ISOLATE_ERROR_NOT_FOUND : ISOLATE_ERROR_NOT_EXECUTABLE;
		return g_error_new(
			ISOLATE_ERROR, code, "%s: cannot execute %s: %s", session->project, file, g_strerror(number));
	case INIT_FAILURE_CWD:
		return g_error_new(ISOLATE_ERROR, code, "%s: cannot start in the folder %s: %s", session->project, cwd,
			g_strerror(number));
	case INIT_FAILURE_SETUP:
		break;
	}
	return g_error_new(ISOLATE_ERROR, code, "%s: cannot start %s: %s", session->project, file, g_strerror(number));
}

void job_failed(struct session *session, guint32 id, int number, enum init_failure failure)
{
	struct job *job = job_find(session, id);
	if (!job || job->started)
		return;
	g_autoptr(GError) error = start_error(session, job, number, failure);
	output_started(session->output, id, 0);
	if (job->owner)
		client_send_error(job->owner, job->run_serial, error);
	g_hash_table_remove(session->jobs, &id);
}

void job_stopped(struct session *session, guint32 id, int number)
{
	struct job *job = job_find(session, id);
	if (!job || !job->owner)
		return;
	GVariantDict body;
	g_variant_dict_init(&body, NULL);
	g_variant_dict_insert(&body, "job", "u", id);
	g_variant_dict_insert(&body, "signal", "i", number);
	client_send(job->owner, 0, "Stopped", g_variant_dict_end(&body), NULL, 0);
}

void job_exited(struct session *session, guint32 id, int status)
{
	struct job *job = job_find(session, id);
	if (!job || job->exited)
		return;
	job->exited = TRUE;
	job->status = status;
	gboolean told = FALSE;
	for (guint i = 0; i < job->waits->len; i++) {
		const struct client_wait *wait = &g_array_index(job->waits, struct client_wait, i);
		client_send(wait->client, wait->serial, "Exited", exited_body(job), NULL, 0);
		told |= wait->client == job->owner;
	}
	g_array_set_size(job->waits, 0);
	if (told || !job->owner)
		g_hash_table_remove(session->jobs, &id);
}

void job_end_all(struct session *session, const GError *failure)
{
	g_autoptr(GList) jobs = g_hash_table_get_values(session->jobs);
	for (GList *link = jobs; link; link = link->next) {
		struct job *job = link->data;
		guint32 id = job->id;
		if (!job->started && job->owner && failure)
			client_send_error(job->owner, job->run_serial, failure);
		else if (!job->started && job->owner)
			client_send(job->owner, job->run_serial, "Ending", NULL, NULL, 0);
		for (guint i = 0; failure && i < job->waits->len; i++) {
			const struct client_wait *wait = &g_array_index(job->waits, struct client_wait, i);
			client_send_error(wait->client, wait->serial, failure);
		}
		if (failure)
			g_array_set_size(job->waits, 0);
		job_exited(session, id, SIGKILL);
	}
}
