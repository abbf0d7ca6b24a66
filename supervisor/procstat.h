/* SPDX-License-Identifier: MIT */
/*
 * Texts of /proc: paths that name a process, and stat lines.
 */
#ifndef SBX_PROCSTAT_H
#define SBX_PROCSTAT_H

#include <stdbool.h>
#include <sys/types.h>

/**
 * struct procstat - fields of a stat line; see proc_pid_stat(5)
 * @parent: parent's process id
 * @session: session id
 * @tty: device number of the controlling terminal, 0 for none
 */
struct procstat {
	pid_t parent;
	pid_t session;
	int tty;
};

/**
 * procstat_parse() - read a stat line.
 * @text: terminated; the program's name in it may contain anything
 * @ret_stat: receives the fields
 * Return: 0 or -EINVAL.
 */
int procstat_parse(const char *text, struct procstat *ret_stat);

/**
 * procstat_path_pid() - the process that a canonical path below /proc names.
 * @path: such as "/proc/17/comm"
 * @ret_pid: receives 17
 * @ret_rest: receives what follows, "/comm"; points into @path
 * Return: true if the path is that of a process's directory or below.
 */
bool procstat_path_pid(const char *path, pid_t *ret_pid, const char **ret_rest);

#endif /* SBX_PROCSTAT_H */
