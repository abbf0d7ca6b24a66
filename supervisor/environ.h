/* SPDX-License-Identifier: MIT */
/*
 * The environment of the command: the caller's, less secrets, injection
 * variables and sockets, plus what the session sets.
 */
#ifndef SBX_ENVIRON_H
#define SBX_ENVIRON_H

#include "options.h"
#include "policy.h"

/**
 * environ_build() - make the command's environment.
 * @policy: its env patterns; nothing is dropped in full-access
 * @options: --env
 * @session_id: for SBXSUP_SESSION
 * @shim: path of the preload library, or NULL
 * @ret_env: receives a NULL-terminated vector; free with environ_free()
 * Return: 0 or -ENOMEM.
 *
 * TMPDIR is the session's private directory unless --env sets it.
 */
int environ_build(const struct policy *policy, const struct options *options,
		  const char *session_id, const char *shim, char ***ret_env);

/**
 * environ_free() - free a vector; NULL is allowed.
 */
void environ_free(char **env);

#endif /* SBX_ENVIRON_H */
