/* SPDX-License-Identifier: MIT */
/*
 * Asks the supervisor why a call was refused, and prints the answer.
 *
 * Only raw system calls: this runs in signal handlers, between vfork() and
 * exec, in threads with little stack and under any lock of libc.
 */
#include "shim.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "rawcall.h"

#ifndef SHIM_REASON_PATH
#define SHIM_REASON_PATH "/.sbxsup/reason"
#endif
#define SHIM_REASON_PREFIX "sbxsup: "
/* No line of the supervisor is longer. */
#define SHIM_REASON_MAX 1024
/* Larger than any kernel's struct termios. */
#define TERMIOS_ROOM 128

/* The kernel's signal set: one word, whatever libc's sigset_t is. */
#define SIGNAL_BIT(number) (UINT64_C(1) << ((number)-1))

static bool reason_enabled;

void reason_enable(void)
{
	__atomic_store_n(&reason_enabled, true, __ATOMIC_RELAXED);
}

static bool is_terminal(int fd)
{
	char settings[TERMIOS_ROOM];

	return raw_call(SYS_ioctl, fd, TCGETS, (long)settings, 0, 0) == 0;
}

/*
 * A line may go to a terminal or a pipe, and only when it can be written at
 * once: a full pipe whose reader waits for something else must not stop the
 * program here. Asked before the reason is fetched, because the supervisor
 * says each reason only once.
 */
static bool stderr_takes_line(void)
{
	struct pollfd output = {.fd = STDERR_FILENO, .events = POLLOUT};
	struct timespec now = {0};
	struct stat status = {0};

	if (raw_call(SYS_fstat, STDERR_FILENO, (long)&status, 0, 0, 0) != 0)
		return false;
	if (!S_ISFIFO(status.st_mode) &&
	    !(S_ISCHR(status.st_mode) && is_terminal(STDERR_FILENO)))
		return false;
	return raw_call(SYS_ppoll, (long)&output, 1, (long)&now, 0, 0) == 1 &&
	       output.revents == POLLOUT;
}

/* Returns the size of the line in @line, 0 if there is none. */
static size_t reason_fetch(char line[SHIM_REASON_MAX])
{
	const size_t prefix = sizeof(SHIM_REASON_PREFIX) - 1;
	long fd = raw_call(SYS_openat, AT_FDCWD, (long)SHIM_REASON_PATH,
			   O_RDONLY | O_CLOEXEC, 0, 0);
	long size;

	if (fd == -ENOENT)
		__atomic_store_n(&reason_enabled, false, __ATOMIC_RELAXED);
	if (fd < 0)
		return 0;
	/*
	 * pread, and a look at what came: a thread that closes descriptors
	 * that are not its own may have put another file behind this number.
	 */
	size = raw_call(SYS_pread64, fd, (long)line, SHIM_REASON_MAX, 0, 0);
	(void)raw_call(SYS_close, fd, 0, 0, 0, 0);
	if (size <= (long)prefix || line[size - 1] != '\n' ||
	    memcmp(line, SHIM_REASON_PREFIX, prefix) != 0)
		return 0;
	return (size_t)size;
}

/*
 * Writes without the signals that a program which never writes to stderr
 * would not have got: SIGPIPE when the reader is gone, SIGTTOU when the
 * terminal stops background output.
 */
static void line_write(const char *line, size_t size)
{
	const uint64_t quiet = SIGNAL_BIT(SIGPIPE) | SIGNAL_BIT(SIGTTOU);
	const uint64_t pipe_only = SIGNAL_BIT(SIGPIPE);
	struct timespec now = {0};
	uint64_t before = 0;
	uint64_t pending = 0;
	long result;

	if (raw_call(SYS_rt_sigprocmask, SIG_BLOCK, (long)&quiet, (long)&before,
		     sizeof(quiet), 0) != 0)
		return;
	(void)raw_call(SYS_rt_sigpending, (long)&pending, sizeof(pending), 0, 0,
		       0);
	result = raw_call(SYS_write, STDERR_FILENO, (long)line, (long)size, 0,
			  0);
	if (result == -EPIPE && !(pending & pipe_only))
		(void)raw_call(SYS_rt_sigtimedwait, (long)&pipe_only, 0,
			       (long)&now, sizeof(pipe_only), 0);
	(void)raw_call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&before, 0,
		       sizeof(before), 0);
}

void reason_tell(void)
{
	char line[SHIM_REASON_MAX];
	size_t size;

	if (!__atomic_load_n(&reason_enabled, __ATOMIC_RELAXED) ||
	    !stderr_takes_line())
		return;
	size = reason_fetch(line);
	if (size)
		line_write(line, size);
}
