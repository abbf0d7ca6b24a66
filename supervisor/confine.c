/* SPDX-License-Identifier: MIT */
#include "confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "landlock_abi.h"
#include "util.h"

static int create_ruleset(const struct landlock_abi_ruleset *attr, int abi)
{
	/* A kernel refuses a structure with non-zero bytes that it does not
	 * know; the table has zeroed what this ABI lacks. */
	size_t size = sizeof(*attr);
	long fd;

	if (abi < 4)
		size = offsetof(struct landlock_abi_ruleset,
				handled_access_net);
	else if (abi < 6)
		size = offsetof(struct landlock_abi_ruleset, scoped);
	fd = syscall(__NR_landlock_create_ruleset, attr, size, 0);
	return fd < 0 ? -errno : (int)fd;
}

static int add_fd(int ruleset_fd, int fd, uint64_t access)
{
	struct landlock_abi_path path = {
		.allowed_access = access,
		.parent_fd = fd,
	};
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISDIR(st.st_mode))
		path.allowed_access &= LL_FS_FILE_RIGHTS;
	if (syscall(__NR_landlock_add_rule, ruleset_fd, LANDLOCK_ABI_RULE_PATH,
		    &path, 0) < 0)
		return -errno;
	return 0;
}

/* A path that does not exist cannot be granted, and need not be. */
static int add_path(int ruleset_fd, const char *path, uint64_t access)
{
	cleanup_close int fd = open(path, O_PATH | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT || errno == EACCES ? 0 : -errno;
	return add_fd(ruleset_fd, fd, access);
}

/* The literal directory above the first wildcard of a pattern. Landlock
 * cannot match patterns, so R takes the whole directory. */
static void literal_base(const char *pattern, char *buf, size_t size)
{
	size_t out = 0;
	const char *at = pattern;

	while (*at && !strchr("*?[", *at) && out + 1 < size) {
		if (*at == '\\' && at[1])
			at++;
		buf[out++] = *at++;
	}
	buf[out] = '\0';
	if (*at) {
		char *slash = strrchr(buf, '/');

		if (slash)
			*slash = '\0';
	}
	if (buf[0] == '\0')
		(void)strlcpy(buf, "/", size);
}

static int add_write_roots(int ruleset_fd, const struct policy *policy,
			   uint64_t rights)
{
	for (size_t i = 0; i < policy->num_rules; i++) {
		const struct path_rule *rule = &policy->rules[i];
		char base[4096];
		int err;

		if (rule->kind != RULE_WRITE)
			continue;
		literal_base(rule->pattern, base, sizeof(base));
		err = add_path(ruleset_fd, base, rights);
		if (err < 0)
			return err;
	}
	return 0;
}

/* Files of a process that it may write in its own /proc directory; the broker
 * checks whose directory it is. */
static int add_proc(int ruleset_fd, uint64_t fs)
{
	return add_path(ruleset_fd, "/proc",
			(LL_FS_WRITE_FILE | LL_FS_TRUNCATE) & fs);
}

int confine_ruleset_broker(const struct policy *policy, int abi, int *ret_fd)
{
	const struct landlock_abi *can = landlock_abi_get(abi);
	/* TCP is left to the broker's own decisions: a session may connect to
	 * any port that it has bound itself, and which those will be is not
	 * known yet. */
	const struct landlock_abi_ruleset attr = {
		.handled_access_fs = can->fs,
		.scoped = can->scoped,
	};
	cleanup_close int fd = create_ruleset(&attr, abi);
	int err;

	if (fd < 0)
		return fd;
	err = add_path(fd, "/", LL_FS_READ_RIGHTS & can->fs);
	if (err == 0)
		err = add_path(fd, "/dev", LL_FS_IOCTL_DEV & can->fs);
	if (err == 0)
		err = add_proc(fd, can->fs);
	if (err == 0)
		err = add_write_roots(
			fd, policy,
			(LL_FS_WRITE_RIGHTS | LL_FS_READ_RIGHTS) & can->fs);
	if (err < 0)
		return err;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int confine_ruleset_target(int abi, int *ret_fd)
{
	const struct landlock_abi *can = landlock_abi_get(abi);
	const struct landlock_abi_ruleset attr = {
		.handled_access_fs = can->fs,
		.handled_access_net = can->net,
		.scoped = can->scoped,
	};
	cleanup_close int fd = create_ruleset(&attr, abi);
	int err;

	if (fd < 0)
		return fd;
	err = add_path(fd, "/", LL_FS_READ_RIGHTS & can->fs);
	if (err < 0)
		return err;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int confine_enter(int ruleset_fd)
{
	if (syscall(__NR_landlock_restrict_self, ruleset_fd, 0) < 0)
		return -errno;
	return 0;
}

int confine_drop_capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	const struct __user_cap_data_struct none[2] = {0};

	/* The bounding set needs CAP_SETPCAP and matters only to a task that
	 * could still gain capabilities, which no_new_privs rules out. */
	for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
		(void)prctl(PR_CAPBSET_DROP, cap);
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (syscall(__NR_capset, &header, none) < 0)
		return -errno;
	return 0;
}

int confine_no_new_privs(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return 0;
}
