#include "connector-child.h"

#include "fd.h"
#include "listener.h"
#include "probe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum { COMPOSITORS_MAX = 64 };

/* One compositor, for one project: how to connect to it is found out when the first client comes. */
struct compositor {
	struct compositor *next;
	char upstream[UPSTREAM_PATH_SIZE], directory[UPSTREAM_PATH_SIZE], project[UPSTREAM_PROJECT_SIZE];
	bool known;			  // it answered as a compositor: nothing else is ever connected to
	bool probed;			  // for a context
	char context[UPSTREAM_PATH_SIZE]; // path of our socket on it, or ""
	int close_fd;			  // the context ends when this is closed
	char withheld[UPSTREAM_WITHHELD_SIZE];
};

static struct compositor *compositors;
static unsigned n_compositors, n_contexts;
static char own_directory[UPSTREAM_PATH_SIZE]; // made when none was named

static void drop_context(struct compositor *compositor)
{
	if (compositor->context[0])
		unlink(compositor->context);
	compositor->context[0] = '\0';
	fd_closep(&compositor->close_fd);
	compositor->probed = false;
}

static struct compositor *find_compositor(const struct upstream_request *request)
{
	struct compositor *compositor;
	for (compositor = compositors; compositor; compositor = compositor->next)
		if (strcmp(compositor->upstream, request->upstream) == 0 &&
			strcmp(compositor->directory, request->directory) == 0 &&
			strcmp(compositor->project, request->project) == 0)
			return compositor;
	if (n_compositors == COMPOSITORS_MAX || !(compositor = calloc(1, sizeof *compositor)))
		return NULL;
	strcpy(compositor->upstream, request->upstream);
	strcpy(compositor->directory, request->directory);
	strcpy(compositor->project, request->project);
	compositor->close_fd = -1;
	compositor->next = compositors;
	compositors = compositor;
	n_compositors++;
	return compositor;
}

/* The folder for our sockets. It is private: who can connect there is under this project's context. */
static const char *find_directory(const struct compositor *compositor)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	if (compositor->directory[0])
		return compositor->directory;
	if (own_directory[0])
		return own_directory;
	if (!runtime || runtime[0] != '/')
		return NULL;
	int n = snprintf(own_directory, sizeof own_directory, "%s/isolate-wlproxy.XXXXXX", runtime);
	if (n < 0 || (size_t)n >= sizeof own_directory || !mkdtemp(own_directory))
		own_directory[0] = '\0';
	return own_directory[0] ? own_directory : NULL;
}

static bool make_context(struct compositor *compositor, struct probe *probe)
{
	const char *directory = find_directory(compositor);
	if (!directory)
		return false;
	char path[UPSTREAM_PATH_SIZE];
	int n = snprintf(path, sizeof path, "%s/up-%u", directory, ++n_contexts);
	if (n < 0 || (size_t)n >= sizeof path)
		return false;
	unlink(path);
	compositor->close_fd = probe_make_context(probe, path, compositor->project);
	if (compositor->close_fd < 0)
		return false;
	strcpy(compositor->context, path);
	return true;
}

/* What the first registry has and the second has not. */
static void compare(struct compositor *compositor, const struct probe *raw, const struct probe *context)
{
	size_t used = 0;
	memset(compositor->withheld, 0, sizeof compositor->withheld);
	for (const char *name = raw->names; *name; name += strlen(name) + 1) {
		size_t size = strlen(name) + 1;
		if (probe_has(context, name) || used + size + 2 > sizeof compositor->withheld)
			continue;
		memcpy(compositor->withheld + used, name, size);
		used += size;
	}
}

/* Finds out how to connect. A compositor that refuses a context, or one that leads nowhere, is used without. */
static const char *probe_compositor(struct compositor *compositor, bool raw)
{
	autoprobe probe = {0};
	autoprobe inside = {0};
	const char *error = probe_connect(&probe, compositor->upstream);
	if (error)
		return error;
	compositor->known = true;
	if (raw)
		return NULL;
	if (probe.manager != 0 && make_context(compositor, &probe)) {
		if (!probe_connect(&inside, compositor->context))
			compare(compositor, &probe, &inside);
		else
			drop_context(compositor);
	}
	compositor->probed = true;
	return NULL;
}

static const char *open_connection(struct compositor *compositor, bool raw, int *fd)
{
	// A context whose compositor is gone refuses: then there may be a new one at the old place.
	for (int attempt = 0; attempt < 2; attempt++) {
		const char *error = NULL;
		if (raw ? !compositor->known : !compositor->probed)
			error = probe_compositor(compositor, raw);
		if (error)
			return error;
		const char *path = raw || !compositor->context[0] ? compositor->upstream : compositor->context;
		*fd = probe_open(path);
		if (*fd >= 0)
			return NULL;
		if (path == compositor->upstream)
			break;
		drop_context(compositor);
	}
	return strerror(errno);
}

/* A project is one for as long as we live, and has one folder. The first request comes before a client's first byte is
 * read: who has taken the proxy over later can make sockets nowhere else, and in nobody else's name. */
static bool is_ours(const struct upstream_request *request)
{
	static struct upstream_request first;
	if (!first.number)
		first = *request;
	return strcmp(first.directory, request->directory) == 0 && strcmp(first.project, request->project) == 0;
}

static void answer(const struct upstream_request *request, struct upstream_reply *reply, int *fd)
{
	struct compositor *compositor = NULL;
	const char *error;
	if (request->upstream[0] != '/' || (request->directory[0] && request->directory[0] != '/'))
		error = "not an absolute path";
	else if (!is_ours(request))
		error = "not this project's";
	else if (!(compositor = find_compositor(request)))
		error = strerror(ENOMEM);
	else
		error = open_connection(compositor, request->raw, fd);
	if (error)
		snprintf(reply->error, sizeof reply->error, "%s: %s", request->upstream, error);
	else if (!request->raw && compositor->context[0])
		memcpy(reply->withheld, compositor->withheld, sizeof reply->withheld);
}

void connector_child_run(int socket, const char *listen_path)
{
	for (;;) {
		struct upstream_request request;
		struct upstream_reply reply = {0};
		size_t none = 0;
		ssize_t n = fd_recv(socket, &request, sizeof request, NULL, &none, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n != sizeof request)
			break;
		request.upstream[sizeof request.upstream - 1] = '\0';
		request.directory[sizeof request.directory - 1] = '\0';
		request.project[sizeof request.project - 1] = '\0';
		reply.number = request.number;
		autofd fd = -1;
		if (!request.remove)
			answer(&request, &reply, &fd);
		else if (listen_path)
			listener_remove(listen_path);
		if (fd_send(socket, &reply, sizeof reply, &fd, fd >= 0 ? 1 : 0, 0) < 0)
			break;
	}
	for (struct compositor *compositor = compositors; compositor; compositor = compositor->next)
		drop_context(compositor);
	if (own_directory[0])
		rmdir(own_directory);
}
