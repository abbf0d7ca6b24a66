/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the preload shim share. See shim.c for how it works.
 */
#ifndef SBX_SHIM_H
#define SBX_SHIM_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#include "shim_env.h"

#define SHIM_EXPORT __attribute__((visibility("default")))
#define SHIM_COLD __attribute__((noinline, cold))

/* One value for each wrapped function. */
enum shim_symbol {
#define SHIM_ROW(name, ...) SHIM_##name,
#define HOOK SHIM_ROW
#define HOOK_SIZE SHIM_ROW
#define HOOK_POINTER SHIM_ROW
#define HOOK_MODE SHIM_ROW
#define HOOK_OWN SHIM_ROW
#define ANSWER(name)
#include "symbols.def"
#undef SHIM_ROW
#undef HOOK
#undef HOOK_SIZE
#undef HOOK_POINTER
#undef HOOK_MODE
#undef HOOK_OWN
#undef ANSWER
	SHIM_NUM,
};

/* The functions behind ours; NULL until looked up. Use shim_real(). */
extern void *shim_functions[SHIM_NUM];

/* What goes with every program that is executed; empty: nothing does. */
extern struct shim_env shim_env;

/**
 * shim_resolve() - look up the function behind one of ours.
 * @symbol: which.
 *
 * Return: the function, or NULL with errno ENOSYS when this libc has none.
 */
void *shim_resolve(enum shim_symbol symbol) SHIM_COLD;

/**
 * shim_real() - the function behind one of ours.
 * @symbol: which.
 *
 * Return: as shim_resolve().
 */
static inline void *shim_real(enum shim_symbol symbol)
{
	void *real = __atomic_load_n(&shim_functions[symbol], __ATOMIC_RELAXED);

	return __builtin_expect(!real, 0) ? shim_resolve(symbol) : real;
}

/**
 * reason_enable() - let reason_tell() speak from now on.
 */
void reason_enable(void);

/**
 * reason_tell() - print what the supervisor says about the call just refused.
 *
 * Prints at most one line, with one write, on a stderr that is a terminal or
 * a pipe with room; otherwise nothing. Leaves errno alone, takes no lock,
 * allocates nothing.
 */
void reason_tell(void) SHIM_COLD;

/**
 * reason_check() - call reason_tell() if an error can be a refusal.
 * @error: the errno of the call that failed.
 */
static inline void reason_check(int error)
{
	if (error == EROFS || error == EACCES || error == EPERM ||
	    error == ENETUNREACH)
		reason_tell();
}

#endif /* SBX_SHIM_H */
