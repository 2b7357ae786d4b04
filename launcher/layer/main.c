/* isolate-layer --mount FD -- PROGRAM ARGUMENTS…   started by isolate-session: PROGRAM in namespaces with a layered file system
 * isolate-layer --remove PATH                      started by isolate: removes a tree with files of subordinate ids in it
 * isolate-layer --copy FROM TO                     started by isolate: copies one, to where nothing is
 * isolate-layer --check                            started by isolate doctor: whether layers can be had here */
#include "error.h"
#include "fd.h"
#include "log.h"
#include "mount.h"
#include "spawn.h"
#include "supervise.h"
#include "tree.h"
#include "userns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

enum { SPEC_MAX = 4 * 1024 * 1024 };

/* The words of the memory file, ending with NULL. */
static char **read_words(const char *number, GError **error)
{
	int fd = atoi(number);
	struct stat st;
	if (fd <= STDERR_FILENO || fstat(fd, &st) < 0 || st.st_size <= 0 || st.st_size > SPEC_MAX) {
		error_set(error, "this is started by isolate-session");
		return NULL;
	}
	g_autofree char *text = g_malloc0((gsize)st.st_size + 1);
	if (pread(fd, text, (size_t)st.st_size, 0) != st.st_size || text[st.st_size - 1] != '\0') {
		error_set(error, "cannot read what the layer is to be");
		return NULL;
	}
	close(fd);
	g_autoptr(GPtrArray) words = g_ptr_array_new();
	for (const char *word = text; word < text + st.st_size; word += strlen(word) + 1)
		g_ptr_array_add(words, g_strdup(word));
	g_ptr_array_add(words, NULL);
	return (char **)g_ptr_array_free(g_steal_pointer(&words), FALSE);
}

/* Before anything is made, so that a person reads what is missing and not what went wrong of it. */
static char *find_fuse(GError **error)
{
	g_autofree char *path = spawn_find_system("fuse-overlayfs", "fuse-overlayfs", error);
	if (!path)
		return NULL;
	autofd fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (fuse >= 0)
		return g_steal_pointer(&path);
	if (errno == ENOENT || errno == ENODEV || errno == ENXIO)
		error_set(error, "there is no /dev/fuse, which a layer needs: as root, modprobe fuse");
	else
		error_set_errno(error, errno,
			"cannot open /dev/fuse, which a layer needs and everybody may elsewhere: as root, chmod 666 "
			"/dev/fuse");
	return NULL;
}

static int mount_and_run(const char *number, char **argv, GError **error)
{
	pid_t session = getppid();
	g_auto(GStrv) words = read_words(number, error);
	g_autofree char *fuse = words ? find_fuse(error) : NULL;
	struct layer layer;
	if (!fuse || !userns_enter(CLONE_NEWNS | CLONE_NEWPID, error))
		return 0;
	// Which a change of credentials has cleared.
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != session)
		return 125;
	if (!layer_prepare(&layer, words, error))
		return 0;
	int status = supervise(&layer, fuse, argv);
	g_free(layer.options);
	g_free(layer.place);
	return status;
}

/* cp keeps owners, modes, times, extended attributes and several names of a file, makes the devices by which a layer hides
 * files of its base, and goes through no link. */
static int copy(char *from, char *to, GError **error)
{
	g_autofree char *cp = spawn_find_system("cp", "coreutils", error);
	char *argv[] = {"cp", "-aT", "--reflink=auto", "--", from, to, NULL}, *env[] = {"LC_ALL=C.UTF-8", NULL};
	pid_t caller = getppid();
	struct stat st;
	if (!cp)
		return 0;
	if (lstat(to, &st) == 0) {
		error_set(error, "%s is there already", to);
		return 0;
	}
	if (!userns_enter(0, error))
		return 0;
	// A change of credentials clears it. Half a copy that goes on alone is of no use.
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) < 0 || getppid() != caller)
		return 125;
	execve(cp, argv, env);
	error_set_errno(error, errno, "cannot start %s", cp);
	return 0;
}

static int check(GError **error)
{
	g_autofree char *fuse = find_fuse(error);
	if (fuse && userns_enter(CLONE_NEWNS, error))
		puts("fuse-overlayfs, subordinate ids and /dev/fuse are there");
	return 0;
}

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	int status = 0;
	if (fd_fill_stdio() < 0)
		return ISOLATE_ERROR_FAILED;
	log_init("isolate-layer");
	umask(022);
	if (argc > 4 && strcmp(argv[1], "--mount") == 0 && strcmp(argv[3], "--") == 0)
		status = mount_and_run(argv[2], argv + 4, &error);
	else if (argc == 3 && strcmp(argv[1], "--remove") == 0 && g_path_is_absolute(argv[2]))
		status = userns_enter(0, &error) && tree_remove(argv[2], &error) ? 0 : 125;
	else if (argc == 4 && strcmp(argv[1], "--copy") == 0 && g_path_is_absolute(argv[2]) &&
		 g_path_is_absolute(argv[3]))
		status = copy(argv[2], argv[3], &error);
	else if (argc == 2 && strcmp(argv[1], "--check") == 0)
		status = check(&error);
	else
		error_set(&error, "this is started by isolate");
	if (!error)
		return status;
	log_error("%s", error->message);
	return error_exit_status(error);
}
