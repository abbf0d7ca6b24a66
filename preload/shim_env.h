/* SPDX-License-Identifier: MIT */
/*
 * The environment that takes the shim into the next program: pure functions
 * on memory that the caller provides, so that they can run in a signal handler
 * or between vfork() and exec.
 */
#ifndef SBX_SHIM_ENV_H
#define SBX_SHIM_ENV_H

#include <stdbool.h>
#include <stddef.h>

/* Longest path of the library, and longest LD_PRELOAD that ours goes before. */
#define SHIM_PATH_MAX 1024
#define SHIM_THEIRS_MAX 4096
/* Longest environment that is copied: 32 KiB of stack. */
#define SHIM_ENTRIES_MAX 4096

/* What this process was started with, ready to be put into an environment. */
struct shim_env {
	char preload[sizeof("LD_PRELOAD=") + SHIM_PATH_MAX];
	char self[sizeof("SBXSUP_PRELOAD=") + SHIM_PATH_MAX];
	const char *path; /* points into @preload; NULL: nothing to keep */
	bool quiet;       /* SBXSUP_HINTS=off */
};

/* How a copy will look. */
struct shim_env_plan {
	size_t entries;     /* in the original */
	size_t preload_at;  /* the entry to replace; @entries: none */
	const char *theirs; /* libraries that follow ours; NULL: none */
	size_t theirs_size; /* without a terminating null byte */
	bool add_preload;
	bool add_self;
	bool add_hints;
	size_t size; /* bytes that the copy needs */
};

/**
 * shim_env_load() - read what is to be kept from the process's environment.
 * @envp: the environment, or NULL.
 * @ret_env: filled in completely.
 *
 * Without SBXSUP_PRELOAD, or when it is no absolute path or too long, nothing
 * is kept.
 */
void shim_env_load(char *const envp[], struct shim_env *ret_env);

/**
 * shim_env_plan() - find out what an environment lacks.
 * @env: what is to be kept.
 * @envp: the environment of the next program, or NULL.
 * @ret_plan: filled in when a copy is needed.
 *
 * Return: true if a copy is needed; false if nothing is missing, or if the
 * environment is too large for a copy on the stack.
 */
bool shim_env_plan(const struct shim_env *env, char *const envp[],
		   struct shim_env_plan *ret_plan);

/**
 * shim_env_build() - make the copy.
 * @env: what is to be kept.
 * @envp: what shim_env_plan() has seen.
 * @plan: what it made of it.
 * @room: @plan->size bytes, aligned for pointers.
 *
 * Return: the new environment, inside @room; its strings are those of @envp
 * and @env, except for a joined LD_PRELOAD.
 */
char *const *shim_env_build(const struct shim_env *env, char *const envp[],
			    const struct shim_env_plan *plan, void *room);

#endif /* SBX_SHIM_ENV_H */
