/* SPDX-License-Identifier: MIT */
/*
 * Repositories by any other name. Git takes a directory with HEAD, objects and
 * refs for a repository, whatever it is called, and obeys the configuration and
 * the hooks in it. So HEAD and what git obeys must not come together in a
 * directory through a session, in whichever order. The names below .git are
 * the policy's; this is about all other directories.
 */
#ifndef SBX_GITDIR_H
#define SBX_GITDIR_H

#include <stdbool.h>

#include "resolve.h"

/**
 * gitdir_is_name() - is this one of the names that matter? Cheap; asked for
 * each name that is made or opened for writing.
 * @path: canonical path of the name
 */
bool gitdir_is_name(const char *path);

/**
 * gitdir_completes() - would an object of this name, with what is in the
 * directory, make a repository that git obeys?
 * @dir: pinned directory of the name
 * @path: canonical path of the name
 *
 * Names and neighbours can change between the question and the act: hold
 * gitdir_lock() over both. Only the broker makes names, so that is enough.
 */
bool gitdir_completes(int dir, const char *path);

/**
 * gitdir_lock() - one such name at a time.
 */
void gitdir_lock(void);

/**
 * gitdir_unlock() - the act is done.
 */
void gitdir_unlock(void);

#endif /* SBX_GITDIR_H */
