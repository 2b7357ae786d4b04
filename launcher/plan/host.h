/* What plan_build() has to know about the host, looked up beforehand, so that building is pure and a test can make a
 * host up. Made for one project: it holds the paths that the project names. */
#pragma once

#include "project.h"

#include <glib.h>
#include <sys/types.h>

enum host_kind { HOST_MISSING, HOST_DIR, HOST_FILE, HOST_OTHER };

struct host_path {
	char *path;
	enum host_kind kind; // of what it leads to
	char *link;	     // the target, when path itself is a symbolic link, else NULL
	char *resolved;	     // path without any link; of a missing one, as far as it exists
	gboolean readable;   // by this user, or by others
	GPtrArray *links;    // char *, owned: where the links on the way lie, without links themselves; NULL: none
};

struct host_writable { // a folder that a container may write
	char *project;
	char *path; // resolved
};

struct host_git {    // a .git found in a share
	char *share; // the share's resolved source
	char *path;  // resolved, below share
	enum host_kind kind;
};

struct host_git_program { // what a setting of a git repository runs or reads, below a share
	char *git;	  // the repository's .git
	char *setting;	  // "core.hookspath"
	char *path;	  // resolved
};

struct host {
	uid_t uid;
	gid_t gid;
	char *user, *group, *full_name, *home, *shell;
	char *hostname;
	char *machine_id;	     // "" where there is none
	char *resolv_conf, *hosts;   // contents, for [Network] Mode=host
	char *config, *data, *state; // isolate's own folders, resolved as far as they exist
	char *base;		     // the folder that Base= names, resolved; NULL for the host's own programs
	gboolean base_missing;	     // it is an image that is not unpacked yet
	GPtrArray *base_names;	     // char *, owned, sorted: what is in base, or in the etc of a profile
	char *passwd, *groups;	     // contents, of the base; "" where they are not needed
	char *runtime;		     // $XDG_RUNTIME_DIR/isolate, likewise
	char *delegated;	     // "cpu memory pids": what the user's service manager can limit; NULL without one
	gboolean counts_tasks;	     // RLIMIT_NPROC counts each user namespace alone (Linux 5.14)
	GHashTable *paths;	     // path → struct host_path, owned
	GHashTable *followed;	     // what host_gather() has seen on the way (follow.h)
	GPtrArray *git;		     // struct host_git, owned, sorted by path
	GPtrArray *git_programs;     // struct host_git_program, owned
	GPtrArray *writable; // struct host_writable, owned: of all projects; looked up only where there are links
	GPtrArray *own;	     // char *, owned: resolved paths that no container may write: configuration, wherever it is
};

/* host-base.c: the part of host_gather() that [Root] needs. */
gboolean host_gather_base(struct host *host, const struct project *project, GError **error);

/* Looks one path up; the second way also finds the links that lie on it. */
void host_look_up(struct host *host, const char *path);
void host_look_up_linked(struct host *host, const char *path);

/* A file that is small; "" when it cannot be read. */
char *host_read_text(const char *path);

/* Looks at the real host. NULL with an error, for instance when XDG_RUNTIME_DIR is not set. */
struct host *host_gather(const struct project *project, GError **error);
void host_free(struct host *host);
static inline void host_freep(struct host **p)
{
	host_free(*p);
}
#define autohost __attribute__((cleanup(host_freep)))

/* host-user.c: uid, gid, user, group, full_name, home, shell. */
gboolean host_gather_user(struct host *host, GError **error);

/* The fields of an id's line in file, which is /etc/passwd or /etc/group and has ids in its third field, or else of what
 * getent(1) says of database; NULL when neither knows it. */
char **host_account(const char *file, const char *database, unsigned id);

/* host-limits.c: delegated and counts_tasks, for host_gather() and doctor. */
void host_gather_limits(struct host *host);

/* path without links. An error when one of them lies where a container can write, and so could lead anywhere the next
 * time. What is missing stays as it is, its parents resolved. */
char *host_resolve(const char *path, GError **error);

/* Runs a program of the host in folder and takes all that it prints, NULs too. */
gboolean host_read_output(const char *folder, const char *const *words, GString *out, GError **error);

/* An empty host, and a path for it; for host_gather() and for tests. */
struct host *host_new(void);
void host_add_path(struct host *host, const char *path, enum host_kind kind, const char *link, const char *resolved,
	gboolean readable);

void host_add_git(struct host *host, const char *share, const char *path, enum host_kind kind);
void host_add_git_program(struct host *host, const char *git, const char *setting, const char *path);

void host_add_link_at(struct host *host, const char *path, const char *link);
void host_add_writable(struct host *host, const char *project, const char *path);

/* Of a path that was looked up; NULL for one that was not. */
const struct host_path *host_path(const struct host *host, const char *path);
