#include "facts.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static FILE *open_proc(pid_t pid, const char *name)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
	FILE *file = fopen(path, "re");
	CHECK(file, "%s: %s", path, strerror(errno));
	return file;
}

/* What stands behind the name in a file of lines; "" when it is not there. */
static void find_line(pid_t pid, const char *file_name, const char *name, char *value, size_t size)
{
	char line[512];
	FILE *file = open_proc(pid, file_name);
	*value = '\0';
	while (fgets(line, sizeof line, file))
		if (strncmp(line, name, strlen(name)) == 0)
			snprintf(value, size, "%s", line + strlen(name) + strspn(line + strlen(name), " \t"));
	value[strcspn(value, "\n")] = '\0';
	fclose(file);
}

void facts_status(pid_t pid, bool bounded)
{
	static const struct {
		const char *name, *value;
		bool only_bounded;
	} facts[] = {
		{"Seccomp:",    "2",		  false},
		{"NoNewPrivs:", "1",		     false},
		{"CapInh:",	    "0000000000000000", false},
		{"CapPrm:",	    "0000000000000000", false},
		{"CapEff:",	    "0000000000000000", false},
		{"CapAmb:",	    "0000000000000000", false},
		{"CapBnd:",	    "0000000000000000", true },
	};
	for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
		char value[64];
		find_line(pid, "status", facts[i].name, value, sizeof value);
		CHECK((facts[i].only_bounded && !bounded) || strcmp(value, facts[i].value) == 0, "%d has %s %s", pid,
			facts[i].name, value);
	}
}

void facts_limits(pid_t pid)
{
	static const char *const names[] = {
		"Max processes", "Max core file size", "Max locked memory", "Max msgqueue size"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char value[128];
		unsigned long soft = 1, hard = 1;
		find_line(pid, "limits", names[i], value, sizeof value);
		CHECK(sscanf(value, "%lu %lu", &soft, &hard) == 2 && soft == 0 && hard == 0, "%d has %s %s", pid,
			names[i], value);
	}
}

static void read_namespace(const char *process, const char *name, char *link, size_t size)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%s/ns/%s", process, name);
	ssize_t n = readlink(path, link, size - 1);
	CHECK(n > 0, "%s: %s", path, strerror(errno));
	link[n] = '\0';
}

void facts_namespaces(pid_t pid)
{
	static const char *const names[] = {"user", "net"};
	char process[16], path[64], theirs[64], ours[64];
	snprintf(process, sizeof process, "%d", pid);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		read_namespace(process, names[i], theirs, sizeof theirs);
		read_namespace("self", names[i], ours, sizeof ours);
		CHECK(strcmp(theirs, ours) != 0, "%d is in our %s", pid, ours);
	}
	snprintf(path, sizeof path, "/proc/%d/root", pid);
	CHECK(readlink(path, theirs, sizeof theirs) > 1, "%s is ours", path);
	snprintf(path, sizeof path, "/proc/%d/root/", pid);
	DIR *root = opendir(path);
	struct dirent *entry;
	while (root && (entry = readdir(root)))
		CHECK(entry->d_name[0] == '.', "%s has %s", path, entry->d_name);
	if (root)
		closedir(root);
	static const char *const there[] = {"etc", "proc", "usr", "tmp", "0", "1", "2"};
	for (size_t i = 0; i < sizeof there / sizeof *there; i++) {
		snprintf(path, sizeof path, "/proc/%d/root/%s", pid, there[i]);
		CHECK(access(path, F_OK) < 0, "%s is there", path);
	}
}

static bool is_allowed(const char *target, const char *const *files)
{
	static const char *const kinds[] = {"socket:[", "pipe:[", "anon_inode:[eventpoll]", "anon_inode:[signalfd]",
		"anon_inode:[timerfd]", "/dev/null"};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strncmp(target, kinds[i], strlen(kinds[i])) == 0)
			return true;
	while (*files && strcmp(target, *files) != 0)
		files++;
	return *files != NULL;
}

void facts_descriptors(pid_t pid, const char *const *files)
{
	char path[PATH_MAX], target[PATH_MAX];
	snprintf(path, sizeof path, "/proc/%d/fd", pid);
	DIR *directory = opendir(path);
	CHECK(directory, "%s: %s", path, strerror(errno));
	struct dirent *entry;
	unsigned n_found = 0;
	while ((entry = readdir(directory))) {
		if (entry->d_name[0] == '.')
			continue;
		ssize_t n = readlinkat(dirfd(directory), entry->d_name, target, sizeof target - 1);
		CHECK(n > 0, "%s/%s: %s", path, entry->d_name, strerror(errno));
		target[n] = '\0';
		CHECK(is_allowed(target, files), "descriptor %s of %d is %s", entry->d_name, pid, target);
		n_found++;
	}
	closedir(directory);
	CHECK(n_found >= 3, "%d has %u descriptors", pid, n_found);
}

void facts_memory(pid_t pid)
{
	char line[512];
	unsigned n = 0;
	FILE *maps = open_proc(pid, "maps");
	while (fgets(line, sizeof line, maps)) {
		char mode[8] = "", *place = strpbrk(line, "/[");
		CHECK(sscanf(line, "%*s %7s", mode) == 1, "%s", line);
		bool executable = strchr(mode, 'x');
		CHECK(!executable || !strchr(mode, 'w'), "%d has %s", pid, line);
		CHECK(!executable || place, "%d has %s", pid, line);
		n += executable;
	}
	fclose(maps);
	CHECK(n > 0, "%d has no code", pid);
}

pid_t facts_child(pid_t pid)
{
	char name[64];
	int child = 0;
	snprintf(name, sizeof name, "task/%d/children", pid);
	FILE *children = open_proc(pid, name);
	if (fscanf(children, "%d", &child) != 1)
		child = 0;
	fclose(children);
	return child;
}
