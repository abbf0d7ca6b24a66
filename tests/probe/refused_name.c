/* SPDX-License-Identifier: MIT */
/* Operations on names: HOW PATH. */
#include "refused.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE (1 << 0)
#define RENAME_EXCHANGE (1 << 1)
#endif
#ifndef AT_EMPTY_PATH
#define AT_EMPTY_PATH 0x1000
#endif

/* The legacy calls exist on some architectures only. */
#ifdef SYS_unlink
#define LEGACY(number, ...) syscall(SYS_##number, __VA_ARGS__)
#else
#define LEGACY(number, ...) (number)(__VA_ARGS__)
#endif

/* "where" names the object; "other" is a fresh name in the scratch directory. */
struct names {
	struct where where;
	char other[PATH_MAX];
};

static int names_set(struct names *names, char **args)
{
	scratch_path(names->other, "other");
	return where_set(&names->where, args[0], args[1]);
}

static int scratch_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0)
		return -errno;
	return probe_result(close(fd));
}

#define NAME_OP(id, expression)                                                \
	static int run_##id(char **args)                                       \
	{                                                                      \
		struct names names;                                            \
		int error = names_set(&names, args);                           \
		const struct where *at = &names.where;                         \
                                                                               \
		return error ? error : probe_result(expression);               \
	}

/* The same, with an existing file under the other name. */
#define NAME_OP_FROM(id, expression)                                           \
	static int run_##id(char **args)                                       \
	{                                                                      \
		struct names names;                                            \
		int error = names_set(&names, args);                           \
		const struct where *at = &names.where;                         \
                                                                               \
		if (!error)                                                    \
			error = scratch_file(names.other);                     \
		return error ? error : probe_result(expression);               \
	}

NAME_OP(truncate, syscall(SYS_truncate, at->path, 1L))
NAME_OP(unlink, LEGACY(unlink, at->path))
NAME_OP(unlinkat, syscall(SYS_unlinkat, at->dirfd, at->path, 0))
NAME_OP(rmdir, LEGACY(rmdir, at->path))
NAME_OP(unlinkat_dir, syscall(SYS_unlinkat, at->dirfd, at->path, AT_REMOVEDIR))
NAME_OP(mkdir, LEGACY(mkdir, at->path, 0755))
NAME_OP(mkdirat, syscall(SYS_mkdirat, at->dirfd, at->path, 0755))
NAME_OP(mkfifo, LEGACY(mknod, at->path, S_IFIFO | 0644, 0))
NAME_OP(mkfifoat, syscall(SYS_mknodat, at->dirfd, at->path, S_IFIFO | 0644, 0))
NAME_OP(mknod_file, syscall(SYS_mknodat, at->dirfd, at->path, S_IFREG | 0644, 0))
NAME_OP(symlink, LEGACY(symlink, "target", at->path))
NAME_OP(symlinkat, syscall(SYS_symlinkat, "target", at->dirfd, at->path))

NAME_OP(rename_from, LEGACY(rename, at->path, names.other))
NAME_OP_FROM(rename_to, LEGACY(rename, names.other, at->path))
NAME_OP(renameat_from, syscall(SYS_renameat2, at->dirfd, at->path, AT_FDCWD,
			       names.other, 0))
NAME_OP_FROM(renameat_to, syscall(SYS_renameat2, AT_FDCWD, names.other,
				  at->dirfd, at->path, 0))
NAME_OP_FROM(rename_noreplace, syscall(SYS_renameat2, AT_FDCWD, names.other,
				       at->dirfd, at->path, RENAME_NOREPLACE))
NAME_OP_FROM(rename_exchange, syscall(SYS_renameat2, AT_FDCWD, names.other,
				      at->dirfd, at->path, RENAME_EXCHANGE))
NAME_OP(link_from, LEGACY(link, at->path, names.other))
NAME_OP_FROM(link_to, LEGACY(link, names.other, at->path))
NAME_OP(linkat_from, syscall(SYS_linkat, at->dirfd, at->path, AT_FDCWD,
			     names.other, 0))
NAME_OP(linkat_follow, syscall(SYS_linkat, at->dirfd, at->path, AT_FDCWD,
			       names.other, AT_SYMLINK_FOLLOW))
NAME_OP_FROM(linkat_to, syscall(SYS_linkat, AT_FDCWD, names.other, at->dirfd,
				at->path, 0))

/* Moving the directory would move what it holds out of its rule. */
static int run_rename_parent(char **args)
{
	struct names names;
	int error = names_set(&names, args);
	char *slash = strrchr(names.where.path, '/');

	if (error)
		return error;
	if (slash)
		*slash = '\0';
	return probe_result(syscall(SYS_renameat2, AT_FDCWD, names.where.path,
				    AT_FDCWD, names.other, 0));
}

static int run_linkat_empty(char **args)
{
	struct names names;
	int error = names_set(&names, args);
	int fd;

	if (error)
		return error;
	fd = open(args[1], O_PATH | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return probe_result(syscall(SYS_linkat, fd, "", AT_FDCWD, names.other,
				    AT_EMPTY_PATH));
}

/* Binding a unix socket makes a name, too. */
static int run_bind_unix(char **args)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct where where;
	int error = where_set(&where, args[0], args[1]);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (error || fd < 0)
		return error ? error : -errno;
	if (strlen(where.path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, where.path);
	return probe_result(bind(fd, (const struct sockaddr *)&address,
				 sizeof(address)));
}

const struct probe_op ops_name[] = {
	{"truncate", 2, run_truncate},
	{"unlink", 2, run_unlink},
	{"unlinkat", 2, run_unlinkat},
	{"rmdir", 2, run_rmdir},
	{"unlinkat-dir", 2, run_unlinkat_dir},
	{"mkdir", 2, run_mkdir},
	{"mkdirat", 2, run_mkdirat},
	{"mkfifo", 2, run_mkfifo},
	{"mkfifoat", 2, run_mkfifoat},
	{"mknod-file", 2, run_mknod_file},
	{"symlink", 2, run_symlink},
	{"symlinkat", 2, run_symlinkat},
	{"rename-from", 2, run_rename_from},
	{"rename-to", 2, run_rename_to},
	{"renameat-from", 2, run_renameat_from},
	{"renameat-to", 2, run_renameat_to},
	{"rename-noreplace", 2, run_rename_noreplace},
	{"rename-exchange", 2, run_rename_exchange},
	{"rename-parent", 2, run_rename_parent},
	{"link-from", 2, run_link_from},
	{"link-to", 2, run_link_to},
	{"linkat-from", 2, run_linkat_from},
	{"linkat-follow", 2, run_linkat_follow},
	{"linkat-to", 2, run_linkat_to},
	{"linkat-empty", 2, run_linkat_empty},
	{"bind-unix", 2, run_bind_unix},
	{NULL, 0, NULL},
};
