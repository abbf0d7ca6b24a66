/* SPDX-License-Identifier: MIT */
/*
 * DOC: Theory of operation
 *
 * The shim tells a program, and whoever reads its stderr, why a call failed.
 * It decides nothing and its absence loses nothing but comfort: the supervisor
 * refuses with or without it.
 *
 * Loaded by LD_PRELOAD, it stands before the functions of symbols.def. Each
 * wrapper calls the real function and returns what that returned. Only when
 * the call failed with an errno that the supervisor uses for refusals,
 * reason_tell() opens a file that exists nowhere: the supervisor sees the open
 * and answers with a descriptor that holds one line, or nothing when the
 * refusal was not its own or has been explained already. Text, rate and order
 * are the supervisor's, so that shim and log cannot disagree. Outside sbxsup
 * the open fails with ENOENT and the shim never asks again.
 *
 * The functions that execute programs also pass the shim on, on an environment
 * that the program has cleaned (exec.c, shim_env.c).
 *
 * Must:
 *  - load under any libc: no DT_NEEDED, no symbol version, and nothing from
 *    libc but dlsym, dlerror, __errno_location, environ and string functions;
 *  - work before its constructor has run (other constructors open files), in a
 *    signal handler, in a vfork child, on a small stack;
 *  - leave errno as the real function left it.
 * Must not:
 *  - allocate, lock or use stdio in a wrapper;
 *  - call a function that is hooked: rawcall.h has its own system calls.
 */
#include "shim.h"

#include <dlfcn.h>
#include <string.h>

/* Longest name in symbols.def, with room for a terminating null byte. */
#define NAME_ROOM 32

extern char **environ;

void *shim_functions[SHIM_NUM];
struct shim_env shim_env;

static const char *const names[] = {
#define SHIM_ROW(name, ...) [SHIM_##name] = #name,
#define HOOK SHIM_ROW
#define HOOK_SIZE SHIM_ROW
#define HOOK_POINTER SHIM_ROW
#define HOOK_MODE SHIM_ROW
#define HOOK_OWN SHIM_ROW
#define ANSWER(name)
#include "symbols.def"
};

/*
 * A libc can lack a name that we export: musl has no __open_2, and since 1.2.4
 * maps open64 to open in its loader only, which dlsym() does not see. The
 * plain name is the same function there.
 */
static bool name_plain(const char *name, char ret_plain[NAME_ROOM])
{
	size_t size = strlen(name);
	size_t end = size;

	if (end > 2 && strcmp(name + end - 2, "_2") == 0) {
		name += 2;
		size -= 2;
		end = size - 2;
	}
	if (end > 2 && strncmp(name + end - 2, "64", 2) == 0)
		end -= 2;
	if (end == size || end >= NAME_ROOM)
		return false;
	memcpy(ret_plain, name, end);
	ret_plain[end] = '\0';
	return true;
}

void *shim_resolve(enum shim_symbol symbol)
{
	char plain[NAME_ROOM];
	int saved = errno;
	void *real = dlsym(RTLD_NEXT, names[symbol]);

	if (!real && name_plain(names[symbol], plain))
		real = dlsym(RTLD_NEXT, plain);
	if (!real) {
		/* The program must not find our failure in dlerror(). */
		(void)dlerror();
		errno = ENOSYS;
		return NULL;
	}
	__atomic_store_n(&shim_functions[symbol], real, __ATOMIC_RELAXED);
	errno = saved;
	return real;
}

/*
 * Everything is looked up here, although the wrappers could do it when they
 * are first called: dlsym() takes the loader's lock, which a signal handler or
 * a vfork child must not wait for, and clears the program's dlerror().
 */
__attribute__((constructor)) static void shim_start(void)
{
	int saved = errno;

	for (unsigned int i = 0; i < SHIM_NUM; i++)
		(void)shim_resolve((enum shim_symbol)i);
	shim_env_load(environ, &shim_env);
	if (!shim_env.quiet)
		reason_enable();
	errno = saved;
}

/*
 * The dynamic runtime of AddressSanitizer refuses to start when a library is
 * loaded before it, unless told that this is meant. It asks this function,
 * which a program with options of its own defines itself.
 */
SHIM_EXPORT const char *__asan_default_options(void);
SHIM_EXPORT const char *__asan_default_options(void)
{
	return "verify_asan_link_order=0";
}
