/* SPDX-License-Identifier: MIT */
/*
 * Operations on what an object carries beside its content: HOW PATH. The
 * descriptor forms need no right to write, so Landlock does not see them.
 */
#include "refused.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
/* Numbers that all architectures share; not yet in the headers. */
#define NR_SETXATTRAT 463
#define NR_REMOVEXATTRAT 466
#define NR_FILE_SETATTR 469

#ifndef AT_EMPTY_PATH
#define AT_EMPTY_PATH 0x1000
#endif

#define ATTR "user.sbx"
#define NEW_MODE 0600
#define GETFLAGS _IOR('f', 1, long)
#define SETFLAGS _IOW('f', 2, long)
#define FSGETXATTR _IOR('X', 31, struct fsxattr)
#define FSSETXATTR _IOW('X', 32, struct fsxattr)
#define NODUMP_FL 0x40
#define XFLAG_NODUMP 0x80

/* struct fsxattr of <linux/fs.h>, which musl lacks. */
struct fsxattr {
	uint32_t xflags;
	uint32_t extsize;
	uint32_t nextents;
	uint32_t projid;
	uint32_t cowextsize;
	unsigned char pad[8];
};

/* struct file_attr of newer kernels. */
struct file_attr {
	uint64_t xflags;
	uint32_t extsize;
	uint32_t nextents;
	uint32_t projid;
	uint32_t cowextsize;
};

/* struct xattr_args of newer kernels. */
struct xattr_args {
	uint64_t value;
	uint32_t size;
	uint32_t flags;
};

/* An ordinary user may only give a file to himself, which is a change too. */
static uid_t new_owner(void)
{
	return geteuid() ? geteuid() : 1;
}

static const struct timeval past_us[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
static const struct timespec past_ns[2] = {{.tv_sec = 1}, {.tv_sec = 1}};

#ifdef SYS_chmod
#define LEGACY_CHMOD(path) syscall(SYS_chmod, path, NEW_MODE)
#define LEGACY_CHOWN(path) syscall(SYS_chown, path, new_owner(), -1)
#define LEGACY_LCHOWN(path) syscall(SYS_lchown, path, new_owner(), -1)
#define LEGACY_UTIME(path) syscall(SYS_utime, path, past_us)
#define LEGACY_UTIMES(path) syscall(SYS_utimes, path, past_us)
#define LEGACY_FUTIMESAT(dirfd, path) \
	syscall(SYS_futimesat, dirfd, path, past_us)
#else
#define LEGACY_CHMOD(path) chmod(path, NEW_MODE)
#define LEGACY_CHOWN(path) chown(path, new_owner(), (gid_t)-1)
#define LEGACY_LCHOWN(path) lchown(path, new_owner(), (gid_t)-1)
#define LEGACY_UTIME(path) utimes(path, past_us)
#define LEGACY_UTIMES(path) utimes(path, past_us)
#define LEGACY_FUTIMESAT(dirfd, path) \
	utimensat(dirfd, path, past_ns, 0)
#endif

#define PATH_OP(id, expression)                                                \
	static int run_##id(char **args)                                       \
	{                                                                      \
		struct where where;                                            \
		int error = where_set(&where, args[0], args[1]);               \
		const struct where *at = &where;                               \
                                                                               \
		return error ? error : probe_result(expression);               \
	}

/* The same on a descriptor that was opened with the given flags. */
#define FD_OP(id, flags, expression)                                           \
	static int run_##id(char **args)                                       \
	{                                                                      \
		struct where where;                                            \
		int error = where_set(&where, args[0], args[1]);               \
		int fd;                                                        \
                                                                               \
		if (error)                                                     \
			return error;                                          \
		fd = openat(where.dirfd, where.path, (flags) | O_CLOEXEC);     \
		return fd < 0 ? -errno : probe_result(expression);             \
	}

PATH_OP(chmod, LEGACY_CHMOD(at->path))
PATH_OP(fchmodat, syscall(SYS_fchmodat, at->dirfd, at->path, NEW_MODE))
PATH_OP(fchmodat2, syscall(SYS_fchmodat2, at->dirfd, at->path, NEW_MODE, 0))
FD_OP(fchmodat2_empty, O_PATH,
      syscall(SYS_fchmodat2, fd, "", NEW_MODE, AT_EMPTY_PATH))
FD_OP(fchmod, O_RDONLY, syscall(SYS_fchmod, fd, NEW_MODE))

PATH_OP(chown, LEGACY_CHOWN(at->path))
PATH_OP(lchown, LEGACY_LCHOWN(at->path))
PATH_OP(fchownat, syscall(SYS_fchownat, at->dirfd, at->path, new_owner(), -1,
			  0))
FD_OP(fchownat_empty, O_PATH,
      syscall(SYS_fchownat, fd, "", new_owner(), -1, AT_EMPTY_PATH))
FD_OP(fchown, O_RDONLY, syscall(SYS_fchown, fd, new_owner(), -1))

PATH_OP(utime, LEGACY_UTIME(at->path))
PATH_OP(utimes, LEGACY_UTIMES(at->path))
PATH_OP(futimesat, LEGACY_FUTIMESAT(at->dirfd, at->path))
PATH_OP(utimensat, syscall(SYS_utimensat, at->dirfd, at->path, past_ns, 0))
PATH_OP(utimensat_now, syscall(SYS_utimensat, at->dirfd, at->path, NULL, 0))
FD_OP(futimens, O_RDONLY, syscall(SYS_utimensat, fd, NULL, past_ns, 0))
FD_OP(futimens_empty, O_PATH,
      syscall(SYS_utimensat, fd, "", past_ns, AT_EMPTY_PATH))

static long setxattrat(int dirfd, const char *path, unsigned int flags)
{
	struct xattr_args value = {.value = (uintptr_t) "1", .size = 1};

	return syscall(NR_SETXATTRAT, dirfd, path, flags, ATTR, &value,
		       sizeof(value));
}

PATH_OP(setxattr, syscall(SYS_setxattr, at->path, ATTR, "1", 1, 0))
PATH_OP(lsetxattr, syscall(SYS_lsetxattr, at->path, ATTR, "1", 1, 0))
FD_OP(fsetxattr, O_RDONLY, syscall(SYS_fsetxattr, fd, ATTR, "1", 1, 0))
PATH_OP(setxattrat, setxattrat(at->dirfd, at->path, 0))
FD_OP(setxattrat_empty, O_RDONLY, setxattrat(fd, "", AT_EMPTY_PATH))
PATH_OP(removexattr, syscall(SYS_removexattr, at->path, ATTR))
PATH_OP(lremovexattr, syscall(SYS_lremovexattr, at->path, ATTR))
FD_OP(fremovexattr, O_RDONLY, syscall(SYS_fremovexattr, fd, ATTR))
PATH_OP(removexattrat,
	syscall(NR_REMOVEXATTRAT, at->dirfd, at->path, 0, ATTR))

static long set_flags(int fd)
{
	long flags = 0;

	if (syscall(SYS_ioctl, fd, GETFLAGS, &flags))
		return -1;
	flags ^= NODUMP_FL;
	return syscall(SYS_ioctl, fd, SETFLAGS, &flags);
}

static long set_fsxattr(int fd)
{
	struct fsxattr attr = {0};

	if (syscall(SYS_ioctl, fd, FSGETXATTR, &attr))
		return -1;
	attr.xflags ^= XFLAG_NODUMP;
	return syscall(SYS_ioctl, fd, FSSETXATTR, &attr);
}

static long file_setattr(const struct where *at)
{
	struct file_attr attr = {.xflags = XFLAG_NODUMP};

	return syscall(NR_FILE_SETATTR, at->dirfd, at->path, &attr,
		       sizeof(attr), 0);
}

FD_OP(setflags, O_RDONLY, set_flags(fd))
FD_OP(fssetxattr, O_RDONLY, set_fsxattr(fd))
PATH_OP(file_setattr, file_setattr(at))

const struct probe_op ops_attr[] = {
	{"chmod", 2, run_chmod},
	{"fchmodat", 2, run_fchmodat},
	{"fchmodat2", 2, run_fchmodat2},
	{"fchmodat2-empty", 2, run_fchmodat2_empty},
	{"fchmod", 2, run_fchmod},
	{"chown", 2, run_chown},
	{"lchown", 2, run_lchown},
	{"fchownat", 2, run_fchownat},
	{"fchownat-empty", 2, run_fchownat_empty},
	{"fchown", 2, run_fchown},
	{"utime", 2, run_utime},
	{"utimes", 2, run_utimes},
	{"futimesat", 2, run_futimesat},
	{"utimensat", 2, run_utimensat},
	{"utimensat-now", 2, run_utimensat_now},
	{"futimens", 2, run_futimens},
	{"futimens-empty", 2, run_futimens_empty},
	{"setxattr", 2, run_setxattr},
	{"lsetxattr", 2, run_lsetxattr},
	{"fsetxattr", 2, run_fsetxattr},
	{"setxattrat", 2, run_setxattrat},
	{"setxattrat-empty", 2, run_setxattrat_empty},
	{"removexattr", 2, run_removexattr},
	{"lremovexattr", 2, run_lremovexattr},
	{"fremovexattr", 2, run_fremovexattr},
	{"removexattrat", 2, run_removexattrat},
	{"setflags", 2, run_setflags},
	{"fssetxattr", 2, run_fssetxattr},
	{"file-setattr", 2, run_file_setattr},
	{NULL, 0, NULL},
};
