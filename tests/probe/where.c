/* SPDX-License-Identifier: MIT */
#include "refused.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A path, split at its last slash. */
struct split {
	char dir[PATH_MAX];
	char name[PATH_MAX];
};

void scratch_path(char to[PATH_MAX], const char *name)
{
	const char *dir = getenv("SBX_SCRATCH");

	probe_join(to, dir ? dir : "/nonexistent", name);
}

static void split_path(struct split *split, const char *path)
{
	char *slash;

	probe_copy(split->dir, path);
	slash = strrchr(split->dir, '/');
	if (!slash || slash == split->dir) {
		fprintf(stderr, "refused: need an absolute path: %s\n", path);
		exit(2);
	}
	probe_copy(split->name, slash + 1);
	*slash = '\0';
}

static int where_plain(struct where *where, const char *path)
{
	probe_copy(where->path, path);
	return 0;
}

static int where_directory(struct where *where, const char *path, int flags)
{
	struct split split;

	split_path(&split, path);
	where->dirfd = open(split.dir, flags | O_DIRECTORY | O_CLOEXEC);
	probe_copy(where->path, split.name);
	return probe_result(where->dirfd);
}

static int where_dirfd(struct where *where, const char *path)
{
	return where_directory(where, path, O_RDONLY);
}

static int where_opath_dirfd(struct where *where, const char *path)
{
	return where_directory(where, path, O_PATH);
}

static int where_cwd(struct where *where, const char *path)
{
	struct split split;

	split_path(&split, path);
	probe_copy(where->path, split.name);
	return probe_result(chdir(split.dir));
}

static int where_dotdot(struct where *where, const char *path)
{
	struct split parent;
	struct split split;
	char up[PATH_MAX];
	char back[PATH_MAX];

	split_path(&split, path);
	split_path(&parent, split.dir);
	probe_join(up, split.dir, "..");
	probe_join(back, up, parent.name);
	probe_join(where->path, back, split.name);
	return 0;
}

/* As seen from the scratch directory: ../../…/object. */
static int where_relative(struct where *where, const char *path)
{
	char here[PATH_MAX];
	char up[PATH_MAX] = "..";

	scratch_path(here, "");
	if (chdir(here))
		return -errno;
	if (!getcwd(here, sizeof(here)))
		return -errno;
	for (const char *c = here + 1; *c; c++)
		if (*c == '/' && strlen(up) + 4 < sizeof(up))
			strcat(up, "/..");
	probe_join(where->path, up, path + 1);
	return 0;
}

static int where_slashes(struct where *where, const char *path)
{
	struct split split;
	char odd[PATH_MAX];

	split_path(&split, path);
	probe_join(odd, split.dir, "././/.");
	probe_join(where->path, odd, split.name);
	return 0;
}

static int where_proc_cwd(struct where *where, const char *path)
{
	struct split split;

	split_path(&split, path);
	probe_join(where->path, "/proc/self/cwd", split.name);
	return probe_result(chdir(split.dir));
}

static int where_pid_cwd(struct where *where, const char *path)
{
	struct split split;
	char dir[64];

	split_path(&split, path);
	snprintf(dir, sizeof(dir), "/proc/%d/cwd", (int)getpid());
	probe_join(where->path, dir, split.name);
	return probe_result(chdir(split.dir));
}

static int where_proc_root(struct where *where, const char *path)
{
	probe_join(where->path, "/proc/self/root", path + 1);
	return 0;
}

static int where_fd_directory(struct where *where, const char *path,
			      const char *format)
{
	struct split split;
	char dir[64];
	int fd;

	split_path(&split, path);
	fd = open(split.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	snprintf(dir, sizeof(dir), "%s/%d", format, fd);
	probe_join(where->path, dir, split.name);
	return 0;
}

static int where_proc_fd_dir(struct where *where, const char *path)
{
	return where_fd_directory(where, path, "/proc/self/fd");
}

static int where_thread_fd_dir(struct where *where, const char *path)
{
	return where_fd_directory(where, path, "/proc/thread-self/fd");
}

static int where_dev_fd_dir(struct where *where, const char *path)
{
	return where_fd_directory(where, path, "/dev/fd");
}

static int where_object_fd(struct where *where, const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	snprintf(where->path, sizeof(where->path), "/proc/self/fd/%d", fd);
	return probe_result(fd);
}

static int where_opath_fd(struct where *where, const char *path)
{
	return where_object_fd(where, path, O_PATH);
}

static int where_read_fd(struct where *where, const char *path)
{
	return where_object_fd(where, path, O_RDONLY | O_NONBLOCK);
}

static int where_symlink(struct where *where, const char *path)
{
	scratch_path(where->path, "link-to-object");
	unlink(where->path);
	return probe_result(symlink(path, where->path));
}

static int where_dir_symlink(struct where *where, const char *path)
{
	struct split split;
	char link[PATH_MAX];

	split_path(&split, path);
	scratch_path(link, "link-to-dir");
	unlink(link);
	probe_join(where->path, link, split.name);
	return probe_result(symlink(split.dir, link));
}

static const struct {
	const char *how;
	int (*set)(struct where *where, const char *path);
} ways[] = {
	{"path", where_plain},
	{"dirfd", where_dirfd},
	{"opath-dirfd", where_opath_dirfd},
	{"cwd", where_cwd},
	{"dotdot", where_dotdot},
	{"relative", where_relative},
	{"slashes", where_slashes},
	{"proc-cwd", where_proc_cwd},
	{"pid-cwd", where_pid_cwd},
	{"proc-root", where_proc_root},
	{"proc-fd-dir", where_proc_fd_dir},
	{"thread-fd-dir", where_thread_fd_dir},
	{"dev-fd-dir", where_dev_fd_dir},
	{"opath-fd", where_opath_fd},
	{"read-fd", where_read_fd},
	{"symlink", where_symlink},
	{"dir-symlink", where_dir_symlink},
};

int where_set(struct where *where, const char *how, const char *path)
{
	where->dirfd = AT_FDCWD;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (!strcmp(ways[i].how, how))
			return ways[i].set(where, path);
	fprintf(stderr, "refused: unknown way: %s\n", how);
	exit(2);
}
