/* SPDX-License-Identifier: MIT */
/*
 * Starting the command: fork, confine, install the filter, hand the listener
 * over, exec.
 */
#ifndef SBX_LAUNCH_H
#define SBX_LAUNCH_H

#include <signal.h>
#include <sys/resource.h>

#include "session.h"

/**
 * struct caller - how sbxsup itself was started; restored for the command
 * @mask: signal mask
 * @child_action: action for SIGCHLD
 * @files: RLIMIT_NOFILE
 * @file_size: RLIMIT_FSIZE
 * @closed: bit N set: descriptor N (0 to 2) was closed
 * @terminal: st_rdev of the terminal that it was started on, or 0
 */
struct caller {
	sigset_t mask;
	struct sigaction child_action;
	struct rlimit files;
	struct rlimit file_size;
	unsigned int closed;
	dev_t terminal;
};

/**
 * struct launch - how the command is to start
 * @session: what it runs under
 * @caller: how sbxsup was started
 */
struct launch {
	const struct session *session;
	const struct caller *caller;
};

/**
 * struct launched - a command that waits to be let go
 * @pid: its process
 * @listener: its notifications
 * @go: write a byte here and close it to let it exec
 * @status: the errno of a failed exec can be read here; end of file means that
 *          it succeeded
 */
struct launched {
	pid_t pid;
	int listener;
	int go;
	int status;
};

/**
 * launch_go() - let the command exec.
 * @launched: from launch_target(); its go and status descriptors are closed
 * Return: 0 when it has, -errno of the exec that failed (the child is ending
 * then). Call it only when notifications are being served.
 */
int launch_go(struct launched *launched);

/**
 * launch_target() - fork the command up to the point before exec.
 * @launch: how
 * @ret_launched: receives it; descriptors are the caller's
 * @ret_stage: on failure: static text that names what failed
 * Return: 0 or -errno.
 *
 * The listener crosses by its number in a pipe and pidfd_getfd(2): the filter
 * already traps sendmsg(2), which would wait for a broker that does not listen
 * yet. Linux 5.6.
 */
int launch_target(const struct launch *launch, struct launched *ret_launched,
		  const char **ret_stage);

#endif /* SBX_LAUNCH_H */
