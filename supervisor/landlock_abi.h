/* SPDX-License-Identifier: MIT */
/*
 * Landlock: the user API as of ABI 7 (Debian 12's headers stop at 2), and the
 * table of what each ABI brought.
 */
#ifndef SBX_LANDLOCK_ABI_H
#define SBX_LANDLOCK_ABI_H

#include <stdint.h>

/* linux/landlock.h, the part that is used here. */
struct landlock_abi_ruleset {
	uint64_t handled_access_fs;
	uint64_t handled_access_net;
	uint64_t scoped;
};

struct landlock_abi_path {
	uint64_t allowed_access;
	int32_t parent_fd;
} __attribute__((packed));

#define LANDLOCK_ABI_RULE_PATH 1

#define LL_FS_EXECUTE (1ULL << 0)
#define LL_FS_WRITE_FILE (1ULL << 1)
#define LL_FS_READ_FILE (1ULL << 2)
#define LL_FS_READ_DIR (1ULL << 3)
#define LL_FS_REMOVE_DIR (1ULL << 4)
#define LL_FS_REMOVE_FILE (1ULL << 5)
#define LL_FS_MAKE_CHAR (1ULL << 6)
#define LL_FS_MAKE_DIR (1ULL << 7)
#define LL_FS_MAKE_REG (1ULL << 8)
#define LL_FS_MAKE_SOCK (1ULL << 9)
#define LL_FS_MAKE_FIFO (1ULL << 10)
#define LL_FS_MAKE_BLOCK (1ULL << 11)
#define LL_FS_MAKE_SYM (1ULL << 12)
#define LL_FS_REFER (1ULL << 13)
#define LL_FS_TRUNCATE (1ULL << 14)
#define LL_FS_IOCTL_DEV (1ULL << 15)
#define LL_NET_BIND_TCP (1ULL << 0)
#define LL_NET_CONNECT_TCP (1ULL << 1)
#define LL_SCOPE_ABSTRACT_UNIX (1ULL << 0)
#define LL_SCOPE_SIGNAL (1ULL << 1)

/* Rights that a rule on a file, rather than a directory, may carry. */
#define LL_FS_FILE_RIGHTS                                                      \
	(LL_FS_EXECUTE | LL_FS_WRITE_FILE | LL_FS_READ_FILE |                  \
	 LL_FS_TRUNCATE | LL_FS_IOCTL_DEV)
#define LL_FS_READ_RIGHTS (LL_FS_EXECUTE | LL_FS_READ_FILE | LL_FS_READ_DIR)
#define LL_FS_WRITE_RIGHTS                                                     \
	(LL_FS_WRITE_FILE | LL_FS_REMOVE_DIR | LL_FS_REMOVE_FILE |             \
	 LL_FS_MAKE_CHAR | LL_FS_MAKE_DIR | LL_FS_MAKE_REG |                   \
	 LL_FS_MAKE_SOCK | LL_FS_MAKE_FIFO | LL_FS_MAKE_BLOCK |                \
	 LL_FS_MAKE_SYM | LL_FS_REFER | LL_FS_TRUNCATE | LL_FS_IOCTL_DEV)

/**
 * struct landlock_abi - what one ABI version can handle
 * @fs: file rights
 * @net: TCP rights
 * @scoped: scopes
 * @lacks: what the next version brought, in words, or NULL for the newest
 */
struct landlock_abi {
	uint64_t fs;
	uint64_t net;
	uint64_t scoped;
	const char *lacks;
};

/**
 * landlock_abi_version() - the ABI that the running kernel offers.
 * Return: 1 or more, 0 when Landlock is absent or disabled.
 * landlock_create_ruleset(2), Linux 5.13.
 */
int landlock_abi_version(void);

/**
 * landlock_abi_get() - the row for a version.
 * @version: 0 or more; versions newer than the table get its newest row
 * Return: static row; all zero for version 0.
 */
const struct landlock_abi *landlock_abi_get(int version);

/**
 * landlock_abi_missing() - words for what a version lacks against the newest
 * row.
 * @version: as above
 * @index: 0, 1, … until NULL is returned
 */
const char *landlock_abi_missing(int version, int index);

#endif /* SBX_LANDLOCK_ABI_H */
