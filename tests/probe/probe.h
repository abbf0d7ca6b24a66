/* SPDX-License-Identifier: MIT */
/*
 * What the probes share. A probe does one thing that a hostile or an ordinary
 * program would do, says on stdout how the kernel answered, and judges
 * nothing: the scripts compare the words with what they expect.
 */
#ifndef PROBE_H
#define PROBE_H

#include <limits.h>
#include <stddef.h>

#define PROBE_ARGS_MAX 4

/**
 * struct probe_op - one operation of a multi-call probe
 * @name: first argument on the command line
 * @args: number of operands
 * @run: does it; returns 0 or -errno
 */
struct probe_op {
	const char *name;
	int args;
	int (*run)(char **args);
};

/**
 * probe_errno_name() - "ok" for 0, otherwise the name of an errno.
 * @error: 0 or -errno; unknown ones are "errno N" in a static buffer
 */
const char *probe_errno_name(int error);

/**
 * probe_result() - turn what a system call returned into 0 or -errno.
 * @result: -1 with errno set, or anything else
 */
int probe_result(long result);

/**
 * probe_number() - parse a decimal operand, or end the program with status 2.
 * @text: the operand
 */
long probe_number(const char *text);

/**
 * probe_seconds() - how long a race lasts: SBX_RACE_SECONDS, or 2.
 */
long probe_seconds(void);

/**
 * probe_copy() - copy a path, or end the program with status 2.
 * @to: receives PATH_MAX bytes at most, terminated
 * @from: the path
 */
void probe_copy(char to[PATH_MAX], const char *from);

/**
 * probe_join() - DIR/NAME, or end the program with status 2.
 * @to: receives PATH_MAX bytes at most, terminated
 * @dir: directory
 * @name: appended after a slash
 */
void probe_join(char to[PATH_MAX], const char *dir, const char *name);

#endif /* PROBE_H */
