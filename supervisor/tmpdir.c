/* SPDX-License-Identifier: MIT */
#include "tmpdir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "resolve.h"
#include "util.h"

/* Deeper trees stay: each level holds a descriptor. */
#define DEPTH_MAX 256

int tmpdir_create(struct tmpdir *ret_tmpdir)
{
	const char *base = getenv("TMPDIR");
	cleanup_free char *template = NULL;
	cleanup_free char *path = NULL;
	struct stat st;

	if (!base || base[0] != '/' || access(base, W_OK | X_OK) < 0)
		base = "/tmp";
	if (asprintf(&template, "%s/sbxsup-XXXXXX", base) < 0)
		return -ENOMEM;
	if (!mkdtemp(template))
		return -errno;
	path = realpath(template, NULL);
	if (!path || lstat(path, &st) < 0) {
		int err = -errno;

		(void)rmdir(template);
		return err;
	}
	ret_tmpdir->dev = st.st_dev;
	ret_tmpdir->ino = st.st_ino;
	ret_tmpdir->path = TAKE_PTR(path);
	return 0;
}

static int empty(int dir, int depth);

/* Opens a directory to be emptied. One that may not be read is made readable,
 * on the descriptor. */
static int open_dir(int parent, const char *name)
{
	cleanup_close int fd = openat(parent, name,
				      O_PATH | O_DIRECTORY | O_NOFOLLOW |
					      O_CLOEXEC);
	char path[PIN_PATH_MAX];
	int readable;

	if (fd < 0)
		return -errno;
	(void)chmod(pin_path(fd, path), 0700);
	readable = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return readable < 0 ? -errno : readable;
}

static int remove_entry(int parent, const char *name, int depth)
{
	cleanup_close int dir = -1;
	int err;

	if (unlinkat(parent, name, 0) == 0)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -errno;
	dir = open_dir(parent, name);
	if (dir < 0)
		return dir;
	err = depth < DEPTH_MAX ? empty(dir, depth + 1) : -ELOOP;
	if (unlinkat(parent, name, AT_REMOVEDIR) < 0)
		return err < 0 ? err : -errno;
	return 0;
}

/* Removes what is in a directory. Recursion is bounded by DEPTH_MAX. */
static int empty(int dir, int depth)
{
	int copy = fcntl(dir, F_DUPFD_CLOEXEC, 0);
	DIR *entries = copy < 0 ? NULL : fdopendir(copy);
	int first = 0;

	if (!entries) {
		util_close(&copy);
		return -errno;
	}
	for (const struct dirent *entry; (entry = readdir(entries));) {
		int err = 0;

		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			err = remove_entry(dir, entry->d_name, depth);
		if (err < 0 && first == 0)
			first = err;
	}
	(void)closedir(entries);
	return first;
}

int tmpdir_remove(const struct tmpdir *tmpdir)
{
	/* Whatever stands there by now: an empty directory at most goes. */
	return rmdir(tmpdir->path) < 0 ? -errno : 0;
}

int tmpdir_empty(const struct tmpdir *tmpdir)
{
	cleanup_close int dir = open_dir(AT_FDCWD, tmpdir->path);
	struct stat st;

	if (dir < 0)
		return dir;
	if (fstat(dir, &st) < 0)
		return -errno;
	if (st.st_dev != tmpdir->dev || st.st_ino != tmpdir->ino)
		return -ESTALE;
	return empty(dir, 0);
}
