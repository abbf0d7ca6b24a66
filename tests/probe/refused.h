/* SPDX-License-Identifier: MIT */
/*
 * refused: one program, many ways to ask for something that a session does not
 * grant. It is built dynamic, static and static with musl.
 */
#ifndef REFUSED_H
#define REFUSED_H

#include <limits.h>

#include "probe.h"

/**
 * struct where - one of the many ways to name an object
 * @dirfd: for the *at calls
 * @path: goes with @dirfd; the legacy calls need @dirfd to be AT_FDCWD
 */
struct where {
	int dirfd;
	char path[PATH_MAX];
};

/**
 * where_set() - name a path in the given way; see the table in where.c.
 * @where: receives the name
 * @how: the way
 * @path: absolute
 * Return: 0, or -errno when the preparation itself was refused.
 */
int where_set(struct where *where, const char *how, const char *path);

/**
 * scratch_path() - a name in the directory that the session may write to,
 * taken from the environment (SBX_SCRATCH).
 * @to: receives PATH_MAX bytes at most, terminated
 * @name: last component
 */
void scratch_path(char to[PATH_MAX], const char *name);

/* Each table ends with a row without a name. */
extern const struct probe_op ops_open[];
extern const struct probe_op ops_name[];
extern const struct probe_op ops_attr[];
extern const struct probe_op ops_net[];
extern const struct probe_op ops_process[];

#endif /* REFUSED_H */
