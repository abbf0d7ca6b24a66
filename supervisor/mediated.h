/* SPDX-License-Identifier: MIT */
/*
 * The table of mediated system calls; see mediated.def for the columns.
 */
#ifndef SBX_MEDIATED_H
#define SBX_MEDIATED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decision.h"

/* What the broker does for a row; one handler each. */
enum op {
	OP_OPEN,
	OP_CREAT,
	OP_OPENAT2,
	OP_TRUNCATE,
	OP_UNLINK,
	OP_RMDIR,
	OP_RENAME,
	OP_LINK,
	OP_SYMLINK,
	OP_MKDIR,
	OP_MKNOD,
	OP_CHMOD,
	OP_CHOWN,
	OP_UTIME,
	OP_UTIMES,
	OP_UTIMENS,
	OP_SETXATTR,
	OP_REMOVEXATTR,
	OP_SETFLAGS,
	OP_EXEC,
	OP_PROCESS,
	OP_SOCKET,
	OP_CONNECT,
	OP_BIND,
	OP_LISTEN,
	OP_SENDTO,
	OP_SENDMSG,
	OP_SENDMMSG,
	OP_IOCTL,
	OP_REFUSE,
	OP_NUM,
};

enum when_kind {
	WHEN_ALWAYS,
	WHEN_UNLESS_BITS,
	WHEN_IF_BITS,
	WHEN_IF_NONZERO,
	WHEN_IF_LOW32,
	WHEN_UNLESS_STREAM,
	WHEN_IF_OPTION,
	WHEN_IF_TYPE,
};

/**
 * struct when - which calls of a row reach the broker
 * @kind: the test
 * @arg: the argument that it looks at
 * @value: mask or value
 */
struct when {
	enum when_kind kind;
	unsigned int arg;
	uint64_t value;
};

/**
 * struct mediated - one row
 * Slots hold the argument number plus one; 0 means that there is none.
 */
struct mediated {
	const char *name;
	long nr;
	enum op op;
	enum access access;
	struct when when;
	uint8_t dirfd;
	uint8_t path;
	uint8_t dirfd2;
	uint8_t path2;
	uint8_t fd;
	uint8_t flags;
	uint8_t mode;
	uint8_t data;
	uint8_t size;
	bool nofollow;
	int error;
};

extern const struct mediated mediated_rows[];
extern const size_t mediated_num_rows;

/**
 * mediated_applies() - does a condition hold for these arguments?
 * @when: the condition
 * @args: the six register arguments
 * Return: true if the filter sends such a call to the broker.
 */
bool mediated_applies(const struct when *when, const uint64_t args[6]);

/**
 * mediated_find() - the row for a call.
 * @nr: system call number of the native ABI
 * @args: its arguments; rows of one number differ by their condition
 * Return: the row, or NULL: such a call must be denied.
 */
const struct mediated *mediated_find(long nr, const uint64_t args[6]);

#endif /* SBX_MEDIATED_H */
