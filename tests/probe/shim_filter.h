/* SPDX-License-Identifier: MIT */
/*
 * A filter that refuses changes, without a supervisor: the shim's tests need
 * calls that fail the way refused calls do, for root and for others alike.
 */
#ifndef SBX_SHIM_FILTER_H
#define SBX_SHIM_FILTER_H

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FILTER_LOAD(field)                                                     \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define FILTER_NUMBER FILTER_LOAD(nr)
#define FILTER_REFUSE(error)                                                   \
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))
#define FILTER_CALL(name)                                                      \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1),                 \
		FILTER_REFUSE(EROFS)
/* Refuses when one of the bits is set in an argument. */
#define FILTER_BITS(name, argument, bits, error)                               \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 4),                 \
		FILTER_LOAD(args[argument]),                                   \
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (bits), 0, 1),            \
		FILTER_REFUSE(error), FILTER_NUMBER
/* Refuses when an argument has this value. */
#define FILTER_VALUE(name, argument, value, error)                             \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 4),                 \
		FILTER_LOAD(args[argument]),                                   \
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, 1),            \
		FILTER_REFUSE(error), FILTER_NUMBER

#define FILTER_WRITES (O_WRONLY | O_RDWR | O_CREAT)

/* Signal 0, family AF_INET6 and flag MSG_CONFIRM stand for what is refused. */
static const struct sock_filter filter_calls[] = {
	FILTER_NUMBER,
	FILTER_BITS(openat, 2, FILTER_WRITES, EROFS),
	FILTER_VALUE(kill, 1, 0, EPERM),
	FILTER_VALUE(socket, 0, AF_INET6, EACCES),
	FILTER_BITS(connect, 2, ~0U, ENETUNREACH),
	FILTER_BITS(bind, 2, ~0U, EACCES),
	FILTER_BITS(sendto, 5, ~0U, EACCES),
	FILTER_BITS(sendmsg, 2, MSG_CONFIRM, EACCES),
	FILTER_BITS(sendmmsg, 3, MSG_CONFIRM, EACCES),
#ifdef SYS_open
	FILTER_BITS(open, 1, FILTER_WRITES, EROFS),
	FILTER_CALL(creat),
	FILTER_CALL(mkdir),
	FILTER_CALL(mknod),
	FILTER_CALL(unlink),
	FILTER_CALL(rmdir),
	FILTER_CALL(rename),
	FILTER_CALL(renameat),
	FILTER_CALL(link),
	FILTER_CALL(symlink),
	FILTER_CALL(chmod),
	FILTER_CALL(chown),
	FILTER_CALL(lchown),
	FILTER_CALL(utime),
	FILTER_CALL(utimes),
	FILTER_CALL(futimesat),
#endif
	FILTER_CALL(mkdirat),
	FILTER_CALL(mknodat),
	FILTER_CALL(unlinkat),
	FILTER_CALL(renameat2),
	FILTER_CALL(linkat),
	FILTER_CALL(symlinkat),
	FILTER_CALL(truncate),
	FILTER_CALL(fchmod),
	FILTER_CALL(fchmodat),
	FILTER_CALL(fchown),
	FILTER_CALL(fchownat),
	FILTER_CALL(utimensat),
	FILTER_CALL(setxattr),
	FILTER_CALL(lsetxattr),
	FILTER_CALL(fsetxattr),
	FILTER_CALL(removexattr),
	FILTER_CALL(lremovexattr),
	FILTER_CALL(fremovexattr),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

/* Opening a directory is what opendir() does, and much else that must work. */
static const struct sock_filter filter_directories[] = {
	FILTER_NUMBER,
	FILTER_BITS(openat, 2, O_DIRECTORY, EACCES),
#ifdef SYS_open
	FILTER_BITS(open, 1, O_DIRECTORY, EACCES),
#endif
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

static inline bool filter_load(const struct sock_filter *filter, size_t length)
{
	struct sock_fprog program = {
		.len = (unsigned short)length,
		.filter = (struct sock_filter *)(size_t)filter,
	};

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* Refuses from now on, for good. */
static inline bool filter_refuse(void)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       filter_load(filter_directories, sizeof(filter_directories) /
						       sizeof(*filter_calls)) &&
	       filter_load(filter_calls,
			   sizeof(filter_calls) / sizeof(*filter_calls));
}

/* The same, but directories can be read. */
static inline bool filter_refuse_changes(void)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       filter_load(filter_calls,
			   sizeof(filter_calls) / sizeof(*filter_calls));
}

#endif /* SBX_SHIM_FILTER_H */
