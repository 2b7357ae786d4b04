#include "host.h"

#include "follow.h"

#include <string.h>

static void path_free(void *data)
{
	struct host_path *path = data;
	g_free(path->path);
	g_free(path->link);
	g_free(path->resolved);
	g_clear_pointer(&path->links, g_ptr_array_unref);
	g_free(path);
}

static void git_free(void *data)
{
	struct host_git *git = data;
	g_free(git->share);
	g_free(git->path);
	g_free(git);
}

static void writable_free(void *data)
{
	struct host_writable *writable = data;
	g_free(writable->project);
	g_free(writable->path);
	g_free(writable);
}

static void program_free(void *data)
{
	struct host_git_program *program = data;
	g_free(program->git);
	g_free(program->setting);
	g_free(program->path);
	g_free(program);
}

struct host *host_new(void)
{
	struct host *host = g_new0(struct host, 1);
	host->paths = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, path_free);
	host->followed = follow_new();
	host->git = g_ptr_array_new_with_free_func(git_free);
	host->git_programs = g_ptr_array_new_with_free_func(program_free);
	host->writable = g_ptr_array_new_with_free_func(writable_free);
	host->base_names = g_ptr_array_new_with_free_func(g_free);
	host->own = g_ptr_array_new_with_free_func(g_free);
	return host;
}

void host_free(struct host *host)
{
	if (!host)
		return;
	char *texts[] = {host->user, host->group, host->full_name, host->home, host->shell, host->hostname,
		host->machine_id, host->delegated, host->resolv_conf, host->hosts, host->config, host->data,
		host->state, host->runtime, host->base, host->passwd, host->groups};
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		g_free(texts[i]);
	g_hash_table_unref(host->paths);
	g_hash_table_unref(host->followed);
	g_ptr_array_unref(host->git);
	g_ptr_array_unref(host->git_programs);
	g_ptr_array_unref(host->writable);
	g_ptr_array_unref(host->base_names);
	g_ptr_array_unref(host->own);
	g_free(host);
}

void host_add_path(struct host *host, const char *path, enum host_kind kind, const char *link, const char *resolved,
	gboolean readable)
{
	struct host_path *entry = g_new0(struct host_path, 1);
	entry->path = g_strdup(path);
	entry->kind = kind;
	entry->link = g_strdup(link);
	entry->resolved = g_strdup(resolved ? resolved : path);
	entry->readable = readable;
	g_hash_table_replace(host->paths, entry->path, entry);
}

static int compare_git(const void *a, const void *b)
{
	const struct host_git *const *x = a, *const *y = b;
	return strcmp((*x)->path, (*y)->path);
}

void host_add_git(struct host *host, const char *share, const char *path, enum host_kind kind)
{
	struct host_git *git = g_new0(struct host_git, 1);
	git->share = g_strdup(share);
	git->path = g_strdup(path);
	git->kind = kind;
	g_ptr_array_add(host->git, git);
	g_ptr_array_sort(host->git, compare_git);
}

void host_add_git_program(struct host *host, const char *git, const char *setting, const char *path)
{
	struct host_git_program *program = g_new0(struct host_git_program, 1);
	program->git = g_strdup(git);
	program->setting = g_strdup(setting);
	program->path = g_strdup(path);
	g_ptr_array_add(host->git_programs, program);
}

void host_add_link_at(struct host *host, const char *path, const char *link)
{
	struct host_path *entry = g_hash_table_lookup(host->paths, path);
	if (!entry->links)
		entry->links = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(entry->links, g_strdup(link));
}

void host_add_writable(struct host *host, const char *project, const char *path)
{
	struct host_writable *writable = g_new0(struct host_writable, 1);
	writable->project = g_strdup(project);
	writable->path = g_strdup(path);
	g_ptr_array_add(host->writable, writable);
}

const struct host_path *host_path(const struct host *host, const char *path)
{
	return g_hash_table_lookup(host->paths, path);
}
