/* SPDX-License-Identifier: MIT */
/*
 * The functions that execute a program: they pass the shim on, also in an
 * environment that the program has cleaned, and report a refusal.
 *
 * They may run between vfork() and exec or in a signal handler: all memory is
 * on the stack, and nothing global is written. The forms without an
 * environment become the forms with one.
 */
#include "shim.h"

#include <stdarg.h>
#include <sys/syscall.h>
#include <sys/types.h>

#include "rawcall.h"

extern char **environ;

/*
 * The environment to execute with: @envp itself, or a copy in the frame of the
 * function that uses this macro. The size is bounded by SHIM_ENTRIES_MAX and
 * SHIM_THEIRS_MAX.
 */
#define KEEP_SHIM(envp)                                                        \
	({                                                                     \
		struct shim_env_plan plan_;                                    \
		char *const *kept_ = (envp);                                   \
                                                                               \
		if (shim_env_plan(&shim_env, kept_, &plan_))                   \
			kept_ = shim_env_build(&shim_env, kept_, &plan_,       \
					       __builtin_alloca(plan_.size));  \
		kept_;                                                         \
	})

/*
 * The arguments from @first to the NULL that ends them, as an array in the
 * frame of the function that uses this macro. They are on the stack already,
 * so the array is no larger than what the caller could afford. Leaves @list
 * behind the NULL.
 */
#define COLLECT(list, first)                                                   \
	({                                                                     \
		const char *next_ = (first);                                   \
		size_t count_ = 0;                                             \
		const char **argv_;                                            \
                                                                               \
		va_start(list, first);                                         \
		for (; next_; count_++)                                        \
			next_ = va_arg(list, const char *);                    \
		va_end(list);                                                  \
		argv_ = __builtin_alloca((count_ + 1) * sizeof(*argv_));       \
		argv_[0] = (first);                                            \
		va_start(list, first);                                         \
		for (size_t i_ = 1; i_ <= count_; i_++)                        \
			argv_[i_] = va_arg(list, const char *);                \
		(char *const *)(size_t)argv_;                                  \
	})

SHIM_EXPORT int execve(const char *path, char *const argv[],
		       char *const envp[]);
SHIM_EXPORT int execv(const char *path, char *const argv[]);
SHIM_EXPORT int execvp(const char *file, char *const argv[]);
SHIM_EXPORT int execvpe(const char *file, char *const argv[],
			char *const envp[]);
SHIM_EXPORT int execl(const char *path, const char *first, ...);
SHIM_EXPORT int execlp(const char *file, const char *first, ...);
SHIM_EXPORT int execle(const char *path, const char *first, ...);
SHIM_EXPORT int fexecve(int fd, char *const argv[], char *const envp[]);
SHIM_EXPORT int execveat(int dir, const char *path, char *const argv[],
			 char *const envp[], int flags);
SHIM_EXPORT int posix_spawn(pid_t *pid, const char *path, const void *actions,
			    const void *attributes, char *const argv[],
			    char *const envp[]);
SHIM_EXPORT int posix_spawnp(pid_t *pid, const char *file, const void *actions,
			     const void *attributes, char *const argv[],
			     char *const envp[]);

static int exec_path(const char *path, char *const argv[], char *const envp[])
{
	__typeof__(execve) *real = shim_real(SHIM_execve);

	if (!real)
		return -1;
	(void)real(path, argv, KEEP_SHIM(envp));
	reason_check(errno);
	return -1;
}

static int exec_file(const char *file, char *const argv[], char *const envp[])
{
	__typeof__(execvpe) *real = shim_real(SHIM_execvpe);

	if (!real)
		return -1;
	(void)real(file, argv, KEEP_SHIM(envp));
	reason_check(errno);
	return -1;
}

SHIM_EXPORT int execve(const char *path, char *const argv[], char *const envp[])
{
	return exec_path(path, argv, envp);
}

SHIM_EXPORT int execv(const char *path, char *const argv[])
{
	return exec_path(path, argv, environ);
}

SHIM_EXPORT int execvp(const char *file, char *const argv[])
{
	return exec_file(file, argv, environ);
}

SHIM_EXPORT int execvpe(const char *file, char *const argv[],
			char *const envp[])
{
	return exec_file(file, argv, envp);
}

SHIM_EXPORT int execl(const char *path, const char *first, ...)
{
	va_list list;
	char *const *argv = COLLECT(list, first);

	va_end(list);
	return exec_path(path, argv, environ);
}

SHIM_EXPORT int execlp(const char *file, const char *first, ...)
{
	va_list list;
	char *const *argv = COLLECT(list, first);

	va_end(list);
	return exec_file(file, argv, environ);
}

SHIM_EXPORT int execle(const char *path, const char *first, ...)
{
	va_list list;
	char *const *argv = COLLECT(list, first);
	char *const *envp = va_arg(list, char *const *);

	va_end(list);
	return exec_path(path, argv, envp);
}

SHIM_EXPORT int fexecve(int fd, char *const argv[], char *const envp[])
{
	__typeof__(fexecve) *real = shim_real(SHIM_fexecve);

	if (!real)
		return -1;
	(void)real(fd, argv, KEEP_SHIM(envp));
	reason_check(errno);
	return -1;
}

/* musl has no such function: see renameat2(). */
SHIM_EXPORT int execveat(int dir, const char *path, char *const argv[],
			 char *const envp[], int flags)
{
	__typeof__(execveat) *real = shim_real(SHIM_execveat);

	envp = KEEP_SHIM(envp);
	if (real)
		(void)real(dir, path, argv, envp, flags);
	else
		errno = (int)-raw_call(SYS_execveat, dir, (long)path,
				       (long)argv, (long)envp, flags);
	reason_check(errno);
	return -1;
}

SHIM_EXPORT int posix_spawn(pid_t *pid, const char *path, const void *actions,
			    const void *attributes, char *const argv[],
			    char *const envp[])
{
	__typeof__(posix_spawn) *real = shim_real(SHIM_posix_spawn);
	int error;

	if (!real)
		return ENOSYS;
	error = real(pid, path, actions, attributes, argv, KEEP_SHIM(envp));
	reason_check(error);
	return error;
}

SHIM_EXPORT int posix_spawnp(pid_t *pid, const char *file, const void *actions,
			     const void *attributes, char *const argv[],
			     char *const envp[])
{
	__typeof__(posix_spawnp) *real = shim_real(SHIM_posix_spawnp);
	int error;

	if (!real)
		return ENOSYS;
	error = real(pid, file, actions, attributes, argv, KEEP_SHIM(envp));
	reason_check(error);
	return error;
}
