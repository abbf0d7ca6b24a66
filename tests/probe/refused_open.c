/* SPDX-License-Identifier: MIT */
/* Operations that open: HOW PATH. */
#include "refused.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef O_TMPFILE
#define O_TMPFILE (020000000 | O_DIRECTORY)
#endif

#define OPEN_MODE 0644

/* struct open_how of <linux/openat2.h>, which musl lacks. */
struct how {
	uint64_t flags;
	uint64_t mode;
	uint64_t resolve;
};

enum call {
	CALL_OPEN,
	CALL_OPENAT,
	CALL_OPENAT2,
	CALL_CREAT,
};

static long call_legacy(enum call call, const struct where *where, int flags)
{
	if (where->dirfd != AT_FDCWD) {
		fprintf(stderr, "refused: a legacy call takes no dirfd\n");
		exit(2);
	}
#ifdef SYS_open
	if (call == CALL_CREAT)
		return syscall(SYS_creat, where->path, OPEN_MODE);
	return syscall(SYS_open, where->path, flags, OPEN_MODE);
#else
	if (call == CALL_CREAT)
		flags = O_WRONLY | O_CREAT | O_TRUNC;
	return syscall(SYS_openat, AT_FDCWD, where->path, flags, OPEN_MODE);
#endif
}

static long call_openat2(const struct where *where, int flags)
{
	struct how how = {.flags = (uint64_t)flags};

	if (flags & O_CREAT)
		how.mode = OPEN_MODE;
	return syscall(SYS_openat2, where->dirfd, where->path, &how,
		       sizeof(how));
}

static long call_open(enum call call, const struct where *where, int flags)
{
	switch (call) {
	case CALL_OPENAT:
		return syscall(SYS_openat, where->dirfd, where->path, flags,
			       OPEN_MODE);
	case CALL_OPENAT2:
		return call_openat2(where, flags);
	case CALL_OPEN:
	case CALL_CREAT:
		break;
	}
	return call_legacy(call, where, flags);
}

/* Opens, and uses what it got, so that the test sees a trace of it. */
static int open_use(enum call call, char **args, int flags)
{
	struct where where;
	char byte = 'x';
	int error = where_set(&where, args[0], args[1]);
	int fd;

	if (error)
		return error;
	fd = (int)call_open(call, &where, flags);
	if (fd < 0)
		return -errno;
	if ((flags & O_ACCMODE) != O_RDONLY && write(fd, &byte, 1) != 1)
		return -errno;
	if (flags == O_RDONLY && read(fd, &byte, 1) < 0)
		return -errno;
	return 0;
}

#define OPEN_OP(id, call, flags)                                               \
	static int run_##id(char **args)                                       \
	{                                                                      \
		return open_use(call, args, flags);                            \
	}

OPEN_OP(open_w, CALL_OPEN, O_WRONLY)
OPEN_OP(open_rw, CALL_OPEN, O_RDWR)
OPEN_OP(open_t, CALL_OPEN, O_WRONLY | O_TRUNC)
OPEN_OP(open_c, CALL_OPEN, O_WRONLY | O_CREAT)
OPEN_OP(open_rt, CALL_OPEN, O_RDONLY | O_TRUNC)
OPEN_OP(open_rc, CALL_OPEN, O_RDONLY | O_CREAT)
OPEN_OP(open_r, CALL_OPEN, O_RDONLY)
OPEN_OP(openat_w, CALL_OPENAT, O_WRONLY)
OPEN_OP(openat_rw, CALL_OPENAT, O_RDWR)
OPEN_OP(openat_t, CALL_OPENAT, O_WRONLY | O_TRUNC)
OPEN_OP(openat_a, CALL_OPENAT, O_WRONLY | O_APPEND)
OPEN_OP(openat_c, CALL_OPENAT, O_WRONLY | O_CREAT)
OPEN_OP(openat_x, CALL_OPENAT, O_WRONLY | O_CREAT | O_EXCL)
OPEN_OP(openat_rt, CALL_OPENAT, O_RDONLY | O_TRUNC)
OPEN_OP(openat_rc, CALL_OPENAT, O_RDONLY | O_CREAT)
OPEN_OP(openat_r, CALL_OPENAT, O_RDONLY)
OPEN_OP(openat2_w, CALL_OPENAT2, O_WRONLY)
OPEN_OP(openat2_t, CALL_OPENAT2, O_RDWR | O_TRUNC)
OPEN_OP(openat2_c, CALL_OPENAT2, O_WRONLY | O_CREAT)
OPEN_OP(openat2_r, CALL_OPENAT2, O_RDONLY)
OPEN_OP(creat, CALL_CREAT, O_WRONLY)

/* A file without a name, made in one directory and linked into another. */
static int tmpfile_link(const char *dir, const char *path)
{
	char source[64];
	int fd = (int)syscall(SYS_openat, AT_FDCWD, dir, O_TMPFILE | O_WRONLY,
			      OPEN_MODE);

	if (fd < 0)
		return -errno;
	snprintf(source, sizeof(source), "/proc/self/fd/%d", fd);
	return probe_result(syscall(SYS_linkat, AT_FDCWD, source, AT_FDCWD,
				    path, AT_SYMLINK_FOLLOW));
}

static int run_tmpfile_there(char **args)
{
	char dir[PATH_MAX];
	char *slash;

	probe_copy(dir, args[1]);
	slash = strrchr(dir, '/');
	if (slash)
		*slash = '\0';
	return tmpfile_link(dir, args[1]);
}

static int run_tmpfile_here(char **args)
{
	char dir[PATH_MAX];

	scratch_path(dir, "");
	return tmpfile_link(dir, args[1]);
}

const struct probe_op ops_open[] = {
	{"open:w", 2, run_open_w},
	{"open:rw", 2, run_open_rw},
	{"open:t", 2, run_open_t},
	{"open:c", 2, run_open_c},
	{"open:rt", 2, run_open_rt},
	{"open:rc", 2, run_open_rc},
	{"open:r", 2, run_open_r},
	{"openat:w", 2, run_openat_w},
	{"openat:rw", 2, run_openat_rw},
	{"openat:t", 2, run_openat_t},
	{"openat:a", 2, run_openat_a},
	{"openat:c", 2, run_openat_c},
	{"openat:x", 2, run_openat_x},
	{"openat:rt", 2, run_openat_rt},
	{"openat:rc", 2, run_openat_rc},
	{"openat:r", 2, run_openat_r},
	{"openat2:w", 2, run_openat2_w},
	{"openat2:t", 2, run_openat2_t},
	{"openat2:c", 2, run_openat2_c},
	{"openat2:r", 2, run_openat2_r},
	{"creat", 2, run_creat},
	{"tmpfile-there", 2, run_tmpfile_there},
	{"tmpfile-here", 2, run_tmpfile_here},
	{NULL, 0, NULL},
};
