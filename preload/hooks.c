/* SPDX-License-Identifier: MIT */
/*
 * The wrappers that only look at the result.
 *
 * No header of libc that declares a wrapped function is included: such headers
 * rename functions (large files, fortification) and give addresses of sockets
 * a type of their own. Each wrapper declares itself instead.
 */
#include "shim.h"

#include <linux/fcntl.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <sys/types.h>

#include "rawcall.h"

struct timespec;
struct timeval;

#define WRAP(type, failed, name, parameters, arguments)                        \
	SHIM_EXPORT type name parameters;                                      \
	SHIM_EXPORT type name parameters                                       \
	{                                                                      \
		__typeof__(name) *real = shim_real(SHIM_##name);               \
		type result;                                                   \
                                                                               \
		if (!real)                                                     \
			return failed;                                         \
		result = real arguments;                                       \
		if (__builtin_expect(result == (failed), 0))                   \
			reason_check(errno);                                   \
		return result;                                                 \
	}
#define HOOK(name, ...) WRAP(int, -1, name, __VA_ARGS__)
#define HOOK_SIZE(name, ...) WRAP(ssize_t, -1, name, __VA_ARGS__)
#define HOOK_POINTER(name, ...) WRAP(void *, NULL, name, __VA_ARGS__)

/* The mode is only there when the flags ask for it. */
#define UNPACK(...) __VA_ARGS__
#define CREATES(flags) (((flags)&O_CREAT) || ((flags)&O_TMPFILE) == O_TMPFILE)
#define HOOK_MODE(name, parameters, arguments)                                 \
	SHIM_EXPORT int name parameters;                                       \
	SHIM_EXPORT int name parameters                                        \
	{                                                                      \
		__typeof__(name) *real = shim_real(SHIM_##name);               \
		mode_t mode = 0;                                               \
		int result;                                                    \
                                                                               \
		if (!real)                                                     \
			return -1;                                             \
		if (CREATES(flags)) {                                          \
			va_list list;                                          \
                                                                               \
			va_start(list, flags);                                 \
			mode = va_arg(list, mode_t);                           \
			va_end(list);                                          \
		}                                                              \
		result = real(UNPACK arguments, mode);                         \
		if (__builtin_expect(result == -1, 0))                         \
			reason_check(errno);                                   \
		return result;                                                 \
	}
#define HOOK_OWN(name)
#define ANSWER(name)
#include "symbols.def"

SHIM_EXPORT int renameat2(int from_dir, const char *from, int to_dir,
			  const char *to, unsigned int flags);
SHIM_EXPORT long syscall(long number, ...);

/*
 * musl has this function only in recent versions: where it was absent, a
 * program that looks for it must not find one that fails.
 */
SHIM_EXPORT int renameat2(int from_dir, const char *from, int to_dir,
			  const char *to, unsigned int flags)
{
	__typeof__(renameat2) *real = shim_real(SHIM_renameat2);
	long result;

	if (real) {
		result = real(from_dir, from, to_dir, to, flags);
	} else {
		result = raw_call(SYS_renameat2, from_dir, (long)from, to_dir,
				  (long)to, flags);
		if (result < 0) {
			errno = (int)-result;
			result = -1;
		}
	}
	if (result == -1)
		reason_check(errno);
	return (int)result;
}

/*
 * How many arguments there are depends on the call; the real function takes
 * all six as well, and the kernel ignores the rest.
 */
SHIM_EXPORT long syscall(long number, ...)
{
	__typeof__(syscall) *real = shim_real(SHIM_syscall);
	long arguments[6];
	long result;
	va_list list;

	if (!real)
		return -1;
	va_start(list, number);
	for (size_t i = 0; i < 6; i++)
		arguments[i] = va_arg(list, long);
	va_end(list);
	result = real(number, arguments[0], arguments[1], arguments[2],
		      arguments[3], arguments[4], arguments[5]);
	if (result == -1)
		reason_check(errno);
	return result;
}
