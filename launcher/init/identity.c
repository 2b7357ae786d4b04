#include "identity.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool root;
static uid_t uid;
static gid_t gid;

static bool parse_id(const char *word, unsigned *id)
{
	char *end;
	errno = 0;
	unsigned long value = word ? strtoul(word, &end, 10) : 0;
	if (!word || errno || end == word || *end || value == 0 || value >= 0xffffffffUL) {
		errno = EINVAL;
		return false;
	}
	*id = (unsigned)value;
	return true;
}

static bool get_capabilities(struct __user_cap_data_struct *sets)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	return syscall(SYS_capget, &header, sets) == 0;
}

static bool set_capabilities(const struct __user_cap_data_struct *sets)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	return syscall(SYS_capset, &header, sets) == 0;
}

/* Takes from the bounding set all that is not in permitted, and every ambient capability. */
static bool limit(const struct __user_cap_data_struct *sets)
{
	for (int i = 0; prctl(PR_CAPBSET_READ, i) >= 0; i++)
		if (!(sets[i / 32].permitted & 1u << i % 32) && prctl(PR_CAPBSET_DROP, i) < 0)
			return false;
	return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == 0;
}

bool identity_take(char **words)
{
	if (!words[0])
		return true;
	if (strcmp(words[0], "root") != 0 || !parse_id(words[1], &uid) || !parse_id(words[2], &gid)) {
		errno = EINVAL;
		return false;
	}
	for (char **folder = words + 3; *folder; folder++)
		if (fchownat(AT_FDCWD, *folder, uid, gid, AT_SYMLINK_NOFOLLOW) < 0)
			return false;
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
	if (!get_capabilities(sets) || !limit(sets))
		return false;
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		sets[i].inheritable = 0;
	root = set_capabilities(sets);
	return root;
}

bool identity_has_root(void)
{
	return root;
}

bool identity_give(int fd)
{
	return !root || fchown(fd, uid, (gid_t)-1) == 0;
}

bool identity_drop(void)
{
	if (!root)
		return true;
	// The bounding set first, which needs a capability to be dropped.
	static const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3];
	return limit(none) && setresgid(gid, gid, gid) == 0 && setresuid(uid, uid, uid) == 0 &&
	       set_capabilities(none) && prctl(PR_SET_DUMPABLE, 0) == 0;
}
