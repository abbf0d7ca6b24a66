/* SPDX-License-Identifier: MIT */
/*
 * The session's private TMPDIR.
 */
#ifndef SBX_TMPDIR_H
#define SBX_TMPDIR_H

#include <sys/types.h>

/**
 * struct tmpdir - a directory that was made for a session
 * @path: canonical path, or NULL; owned by the caller
 * @dev: st_dev
 * @ino: st_ino
 */
struct tmpdir {
	char *path;
	dev_t dev;
	ino_t ino;
};

/**
 * tmpdir_create() - make a fresh directory, mode 0700, in $TMPDIR or /tmp.
 * @ret_tmpdir: receives it
 * Return: 0 or -errno.
 */
int tmpdir_create(struct tmpdir *ret_tmpdir);

/**
 * tmpdir_empty() - remove what is in the directory.
 * @tmpdir: from tmpdir_create()
 * Return: 0 or -errno of the first thing that could not be removed; -ESTALE
 * when another directory stands there now.
 *
 * Other sessions may write to the directory that it lies in: every step is
 * taken on a descriptor, and no link is followed.
 */
int tmpdir_empty(const struct tmpdir *tmpdir);

/**
 * tmpdir_remove() - remove the directory itself, which is empty now.
 * @tmpdir: from tmpdir_create()
 * Return: 0 or -errno.
 */
int tmpdir_remove(const struct tmpdir *tmpdir);

#endif /* SBX_TMPDIR_H */
