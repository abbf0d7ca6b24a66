/* SPDX-License-Identifier: MIT */
/*
 * shim_hooks: calls every wrapped function twice, in the current directory:
 * first as it is, where it must succeed and say nothing; then refused, where it
 * must fail, keep its errno, and print the line of the file sbxsup-reason (the
 * test build of the shim reads it) exactly once.
 *
 * Builds against glibc and musl.
 */
#include "shim_filter.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <utime.h>

#define LINE_ROOM 1025

static int sink[2];
static char expected[LINE_ROOM];
static int file_fd;
static int udp_fd;
static struct sockaddr_in loopback;
static char text_name[PATH_MAX];

static struct sockaddr *address(void)
{
	return (struct sockaddr *)&loopback;
}

/* The name for mkstemp and its kin: they write into it. */
static char *fresh(const char *pattern)
{
	(void)snprintf(text_name, sizeof(text_name), "%s", pattern);
	return text_name;
}

static struct msghdr *message(void)
{
	static struct iovec data = {.iov_base = expected, .iov_len = 1};
	static struct msghdr header;

	header.msg_name = &loopback;
	header.msg_namelen = sizeof(loopback);
	header.msg_iov = &data;
	header.msg_iovlen = 1;
	return &header;
}

static struct mmsghdr *messages(void)
{
	static struct mmsghdr header;

	header.msg_hdr = *message();
	return &header;
}

static bool xattr_done(int result)
{
	/* Not every file system of a test machine has attributes. */
	return result == 0 || errno == EOPNOTSUPP || errno == ENODATA;
}

/* Whether a file was made with the mode that was asked for. */
static bool has_mode(int fd)
{
	struct stat status;

	return fd >= 0 && fstat(fd, &status) == 0 &&
	       (status.st_mode & 07777) == 0640;
}

static bool tmpfile_has_mode(int fd)
{
	/* Not every file system of a test machine has nameless files. */
	return has_mode(fd) || errno == EOPNOTSUPP;
}

static int quiet_socket(int family)
{
	int fd = socket(family, SOCK_DGRAM, 0);

	/* A kernel without IPv6 has no socket to give. */
	return fd < 0 && errno == EAFNOSUPPORT ? 0 : fd;
}

#ifdef __GLIBC__
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int dir, const char *path, int flags);
int __openat64_2(int dir, const char *path, int flags);
#define GLIBC_CALLS(X)                                                         \
	X(__open_2, __open_2("f", O_WRONLY) >= 0)                              \
	X(__open64_2, __open64_2("f", O_WRONLY) >= 0)                          \
	X(__openat_2, __openat_2(AT_FDCWD, "f", O_WRONLY) >= 0)                \
	X(__openat64_2, __openat64_2(AT_FDCWD, "f", O_WRONLY) >= 0)            \
	X(renameat2, renameat2(AT_FDCWD, "f", AT_FDCWD, "g", 0) == 0)          \
	X(renameat2_back, renameat2(AT_FDCWD, "g", AT_FDCWD, "f", 0) == 0)
#else
#define GLIBC_CALLS(X)
#endif

#define CALLS(X)                                                               \
	X(open, open("f", O_WRONLY) >= 0)                                      \
	X(open_new, has_mode(open("n1", O_RDWR | O_CREAT | O_EXCL, 0640)))     \
	X(open_tmpfile, tmpfile_has_mode(open(".", O_RDWR | O_TMPFILE, 0640))) \
	X(open64_new, has_mode(open64("n2", O_RDWR | O_CREAT, 0640)))          \
	X(openat_new,                                                          \
	  has_mode(openat(AT_FDCWD, "n3", O_WRONLY | O_CREAT, 0640)))          \
	X(openat64_new,                                                        \
	  has_mode(openat64(AT_FDCWD, "n4", O_RDWR | O_CREAT, 0640)))          \
	X(creat_new, has_mode(creat("n5", 0640)))                              \
	X(open64, open64("f", O_WRONLY) >= 0)                                  \
	X(openat, openat(AT_FDCWD, "f", O_WRONLY) >= 0)                        \
	X(openat64, openat64(AT_FDCWD, "f", O_WRONLY) >= 0)                    \
	X(creat, creat("f", 0600) >= 0)                                        \
	X(creat64, creat64("f", 0600) >= 0)                                    \
	X(fopen, fopen("f", "w"))                                              \
	X(fopen64, fopen64("f", "w"))                                          \
	X(freopen, freopen("f", "w", fopen("f", "r")))                         \
	X(freopen64, freopen64("f", "w", fopen("f", "r")))                     \
	X(opendir, opendir("."))                                               \
	X(mkstemp, mkstemp(fresh("t1XXXXXX")) >= 0)                            \
	X(mkstemp64, mkstemp64(fresh("t2XXXXXX")) >= 0)                        \
	X(mkostemp, mkostemp(fresh("t3XXXXXX"), 0) >= 0)                       \
	X(mkostemp64, mkostemp64(fresh("t4XXXXXX"), 0) >= 0)                   \
	X(mkstemps, mkstemps(fresh("t5XXXXXXs"), 1) >= 0)                      \
	X(mkstemps64, mkstemps64(fresh("t6XXXXXXs"), 1) >= 0)                  \
	X(mkostemps, mkostemps(fresh("t7XXXXXXs"), 1, 0) >= 0)                 \
	X(mkostemps64, mkostemps64(fresh("t8XXXXXXs"), 1, 0) >= 0)             \
	X(mkdtemp, mkdtemp(fresh("t9XXXXXX")))                                 \
	X(mkdir, mkdir("d1", 0700) == 0)                                       \
	X(mkdirat, mkdirat(AT_FDCWD, "d2", 0700) == 0)                         \
	X(mkfifo, mkfifo("p1", 0600) == 0)                                     \
	X(mkfifoat, mkfifoat(AT_FDCWD, "p2", 0600) == 0)                       \
	X(mknod, mknod("p3", S_IFREG | 0600, 0) == 0)                          \
	X(mknodat, mknodat(AT_FDCWD, "p4", S_IFREG | 0600, 0) == 0)            \
	X(unlink, unlink("p1") == 0)                                           \
	X(unlinkat, unlinkat(AT_FDCWD, "p2", 0) == 0)                          \
	X(rmdir, rmdir("d1") == 0)                                             \
	X(remove, remove("d2") == 0)                                           \
	X(rename, rename("p3", "p5") == 0)                                     \
	X(renameat, renameat(AT_FDCWD, "p4", AT_FDCWD, "p6") == 0)             \
	X(link, link("f", "l1") == 0)                                          \
	X(linkat, linkat(AT_FDCWD, "f", AT_FDCWD, "l2", 0) == 0)               \
	X(symlink, symlink("f", "s1") == 0)                                    \
	X(symlinkat, symlinkat("f", AT_FDCWD, "s2") == 0)                      \
	X(truncate, truncate("f", 1) == 0)                                     \
	X(truncate64, truncate64("f", 1) == 0)                                 \
	X(chmod, chmod("f", 0600) == 0)                                        \
	X(fchmod, fchmod(file_fd, 0600) == 0)                                  \
	X(fchmodat, fchmodat(AT_FDCWD, "f", 0600, 0) == 0)                     \
	X(chown, chown("f", getuid(), getgid()) == 0)                          \
	X(lchown, lchown("f", getuid(), getgid()) == 0)                        \
	X(fchown, fchown(file_fd, getuid(), getgid()) == 0)                    \
	X(fchownat, fchownat(AT_FDCWD, "f", getuid(), getgid(), 0) == 0)       \
	X(utime, utime("f", NULL) == 0)                                        \
	X(utimes, utimes("f", NULL) == 0)                                      \
	X(lutimes, lutimes("f", NULL) == 0)                                    \
	X(futimes, futimes(file_fd, NULL) == 0)                                \
	X(futimesat, futimesat(AT_FDCWD, "f", NULL) == 0)                      \
	X(utimensat, utimensat(AT_FDCWD, "f", NULL, 0) == 0)                   \
	X(futimens, futimens(file_fd, NULL) == 0)                              \
	X(setxattr, xattr_done(setxattr("f", "user.a", "", 0, 0)))             \
	X(lsetxattr, xattr_done(lsetxattr("f", "user.b", "", 0, 0)))           \
	X(fsetxattr, xattr_done(fsetxattr(file_fd, "user.c", "", 0, 0)))       \
	X(removexattr, xattr_done(removexattr("f", "user.a")))                 \
	X(lremovexattr, xattr_done(lremovexattr("f", "user.b")))               \
	X(fremovexattr, xattr_done(fremovexattr(file_fd, "user.c")))           \
	X(socket, quiet_socket(AF_INET6) >= 0)                                 \
	X(bind, bind(udp_fd, address(), sizeof(loopback)) == 0)                \
	X(connect, connect(udp_fd, address(), sizeof(loopback)) == 0)          \
	X(sendto, sendto(udp_fd, "", 1, 0, address(), sizeof(loopback)) == 1)  \
	X(sendmsg, sendmsg(udp_fd, message(), MSG_CONFIRM) == 1)               \
	X(sendmmsg, sendmmsg(udp_fd, messages(), 1, MSG_CONFIRM) == 1)         \
	X(kill, kill(getpid(), 0) == 0)                                        \
	X(killpg, killpg(getpgrp(), 0) == 0)                                   \
	X(syscall, syscall(SYS_mkdirat, AT_FDCWD, "d3", 0700) == 0)            \
	GLIBC_CALLS(X)

#define DEFINE_CALL(name, success)                                             \
	static bool call_##name(void)                                          \
	{                                                                      \
		return success;                                                \
	}
CALLS(DEFINE_CALL)

struct call {
	const char *name;
	bool (*call)(void);
};

static const struct call calls[] = {
#define CALL_ROW(name, success) {#name, call_##name},
	CALLS(CALL_ROW)};

/*
 * A file that cannot be executed refuses exec without any filter; the same
 * functions are seen to succeed in shim_exec.c.
 */
static char *const exec_argv[] = {text_name, NULL};

static bool spawns(int error)
{
	errno = error;
	return error == 0;
}

#ifdef __GLIBC__
#define GLIBC_EXECS(X)                                                         \
	X(execveat, execveat(AT_FDCWD, "./f", exec_argv, environ, 0) == 0)
#else
#define GLIBC_EXECS(X)
#endif
#define EXECS(X)                                                               \
	X(execve, execve("./f", exec_argv, environ) == 0)                      \
	X(execv, execv("./f", exec_argv) == 0)                                 \
	X(execvp, execvp("./f", exec_argv) == 0)                               \
	X(execvpe, execvpe("./f", exec_argv, environ) == 0)                    \
	X(execl, execl("./f", "f", NULL) == 0)                                 \
	X(execlp, execlp("./f", "f", NULL) == 0)                               \
	X(execle, execle("./f", "f", NULL, environ) == 0)                      \
	X(fexecve, fexecve(file_fd, exec_argv, environ) == 0)                  \
	X(posix_spawn,                                                         \
	  spawns(posix_spawn(NULL, "./f", NULL, NULL, exec_argv, environ)))    \
	X(posix_spawnp,                                                        \
	  spawns(posix_spawnp(NULL, "./f", NULL, NULL, exec_argv, environ)))   \
	GLIBC_EXECS(X)
EXECS(DEFINE_CALL)

static const struct call execs[] = {EXECS(CALL_ROW)};

/* Reads what has been printed since the last time. */
static void drain(char text[LINE_ROOM * 2])
{
	ssize_t size = read(sink[0], text, LINE_ROOM * 2 - 1);

	text[size > 0 ? size : 0] = '\0';
}

static bool is_refusal(int error)
{
	return error == EROFS || error == EACCES || error == EPERM ||
	       error == ENETUNREACH;
}

static bool check(const struct call *call, bool refused)
{
	char text[LINE_ROOM * 2];
	bool done;
	int error;

	errno = 0;
	done = call->call();
	error = errno;
	drain(text);
	if (done == refused || (refused && !is_refusal(error))) {
		printf("FAIL %s: %s, errno %d (%s)\n", call->name,
		       done ? "succeeded" : "failed", error,
		       refused ? "refused" : "allowed");
		return false;
	}
	if (strcmp(text, refused ? expected : "") != 0) {
		printf("FAIL %s: printed \"%s\" (%s)\n", call->name, text,
		       refused ? "refused" : "allowed");
		return false;
	}
	return true;
}

static bool check_all(const struct call *list, size_t count, bool refused)
{
	bool good = true;

	for (size_t i = 0; i < count; i++)
		good = check(&list[i], refused) && good;
	return good;
}

static bool prepare(void)
{
	FILE *reason = fopen("sbxsup-reason", "r");
	socklen_t size = sizeof(loopback);
	int bound = socket(AF_INET, SOCK_DGRAM, 0);

	if (!reason || !fgets(expected, sizeof(expected), reason))
		return false;
	(void)fclose(reason);
	(void)umask(0);
	file_fd = open("f", O_RDWR | O_CREAT, 0600);
	udp_fd = socket(AF_INET, SOCK_DGRAM, 0);
	loopback.sin_family = AF_INET;
	loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	/* The number of a port that is free again. */
	if (bind(bound, address(), size) != 0 ||
	    getsockname(bound, address(), &size) != 0 || close(bound) != 0)
		return false;
	if (pipe2(sink, O_NONBLOCK) != 0 || dup2(sink[1], STDERR_FILENO) < 0)
		return false;
	return file_fd >= 0 && udp_fd >= 0;
}

int main(void)
{
	bool good;

	if (!prepare()) {
		printf("FAIL preparation: errno %d\n", errno);
		return 1;
	}
	good = check_all(calls, sizeof(calls) / sizeof(*calls), false);
	good = check_all(execs, sizeof(execs) / sizeof(*execs), true) && good;
	if (!filter_refuse()) {
		printf("SKIP no seccomp filter: errno %d\n", errno);
		return 77;
	}
	good = check_all(calls, sizeof(calls) / sizeof(*calls), true) && good;
	printf("%zu functions %s\n",
	       (sizeof(calls) + sizeof(execs)) / sizeof(*calls),
	       good ? "good" : "checked, some bad");
	return good ? 0 : 1;
}
