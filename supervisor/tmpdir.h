/* SPDX-License-Identifier: MIT */
/*
 * The session's private TMPDIR.
 */
#ifndef SBX_TMPDIR_H
#define SBX_TMPDIR_H

/**
 * tmpdir_create() - make a fresh directory, mode 0700, in $TMPDIR or /tmp.
 * @ret_path: receives its canonical path; the caller frees it
 * Return: 0 or -errno.
 */
int tmpdir_create(char **ret_path);

/**
 * tmpdir_remove() - remove the directory and all below it. No process of the
 * session may be alive: nothing is followed, but names are looked at twice.
 * @path: from tmpdir_create()
 * Return: 0 or -errno of the first thing that could not be removed.
 */
int tmpdir_remove(const char *path);

#endif /* SBX_TMPDIR_H */
