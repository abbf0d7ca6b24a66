/* SPDX-License-Identifier: MIT */
/*
 * Theory of operation
 *
 * The child goes through stages, each of which takes something away. What a
 * later stage needs must not be dropped by an earlier one:
 *
 *   descriptors, signals, limits, directory   as sbxsup's caller had them
 *   domain C           needs no_new_privs, which the broker has set already
 *   filter             last: from here on mediated calls wait for the broker
 *   listener           its number goes through a pipe with write(2), which is
 *                      not mediated; closed once the broker has its duplicate
 *   exec               the first call that the broker answers
 */
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "confine.h"
#include "util.h"

#ifndef __NR_close_range
#define __NR_close_range 436
#endif

#define EXIT_INTERNAL 125

/**
 * struct report - what the child says before it execs
 * @stage: static text of the parent's image (it is a fork), NULL when ready
 * @value: -errno of the stage, or the listener's number
 */
struct report {
	const char *stage;
	int value;
};

/**
 * struct pipes - between broker and child
 * @to_parent: reports, then the errno of a failed exec
 * @to_child: one byte: go
 */
struct pipes {
	int to_parent[2];
	int to_child[2];
};

static void fail(int fd, const char *stage, int error)
{
	const struct report report = {.stage = stage, .value = error};

	(void)RETRY_EINTR(write(fd, &report, sizeof(report)));
	_exit(EXIT_INTERNAL);
}

static void restore_caller_state(const struct launch *launch)
{
	const struct caller *caller = launch->caller;

	(void)sigaction(SIGCHLD, &caller->child_action, NULL);
	(void)setrlimit(RLIMIT_NOFILE, &caller->files);
	(void)setrlimit(RLIMIT_FSIZE, &caller->file_size);
	(void)sigprocmask(SIG_SETMASK, &caller->mask, NULL);
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (caller->closed & (1U << fd))
			(void)close(fd);
}

/* Runs in the child; does not return. */
static void run_child(const struct launch *launch, const struct pipes *pipes)
{
	const struct session *session = launch->session;
	int out = pipes->to_parent[1];
	struct report ready = {.stage = NULL};
	char go;

	/* If the broker is killed while this is being set up. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	restore_caller_state(launch);
	if (chdir(session->policy.workspace) < 0)
		fail(out, "entering the workspace", -errno);
	if (session->target_ruleset >= 0) {
		int err = confine_enter(session->target_ruleset);

		if (err < 0)
			fail(out, "entering the Landlock domain", err);
	}
	/* Only 0, 1 and 2 are the command's; all else closes on exec. */
	if (syscall(__NR_close_range, STDERR_FILENO + 1, ~0U,
		    CLOSE_RANGE_CLOEXEC) < 0)
		fail(out, "closing descriptors", -errno);
	ready.value = filter_install(&session->filter, session->filter_flags);
	if (ready.value < 0)
		fail(out, "installing the seccomp filter", ready.value);
	if (write(out, &ready, sizeof(ready)) != sizeof(ready) ||
	    RETRY_EINTR(read(pipes->to_child[0], &go, 1)) != 1)
		_exit(EXIT_INTERNAL);
	(void)close(ready.value);
	environ = session->env;
	(void)execvp(session->options->command[0], session->options->command);
	fail(out, NULL, -errno);
}

static int open_pipes(struct pipes *pipes)
{
	if (pipe2(pipes->to_parent, O_CLOEXEC) < 0)
		return -errno;
	if (pipe2(pipes->to_child, O_CLOEXEC) < 0) {
		int err = -errno;

		(void)close(pipes->to_parent[0]);
		(void)close(pipes->to_parent[1]);
		return err;
	}
	return 0;
}

static int take_listener(pid_t pid, int number)
{
	cleanup_close int pidfd = (int)syscall(__NR_pidfd_open, pid, 0);
	long fd;

	if (pidfd < 0)
		return -errno;
	fd = syscall(__NR_pidfd_getfd, pidfd, number, 0);
	return fd < 0 ? -errno : (int)fd;
}

/* Waits for the child's report and fetches its listener. */
static int receive_listener(struct launched *launched, const char **ret_stage)
{
	struct report report;
	ssize_t len = RETRY_EINTR(
		read(launched->status, &report, sizeof(report)));

	*ret_stage = "starting the command";
	if (len != sizeof(report))
		return len < 0 ? -errno : -ECHILD;
	if (report.stage) {
		*ret_stage = report.stage;
		return report.value;
	}
	*ret_stage = "taking over the listener";
	launched->listener = take_listener(launched->pid, report.value);
	return launched->listener < 0 ? launched->listener : 0;
}

int launch_target(const struct launch *launch, struct launched *ret_launched,
		  const char **ret_stage)
{
	struct launched launched = {.listener = -1};
	struct pipes pipes;
	int err = open_pipes(&pipes);

	*ret_stage = "making pipes";
	if (err < 0)
		return err;
	launched.pid = fork();
	if (launched.pid == 0)
		run_child(launch, &pipes);
	err = launched.pid < 0 ? -errno : 0;
	(void)close(pipes.to_parent[1]);
	(void)close(pipes.to_child[0]);
	launched.status = pipes.to_parent[0];
	launched.go = pipes.to_child[1];
	*ret_stage = "forking";
	if (err == 0)
		err = receive_listener(&launched, ret_stage);
	if (err < 0) {
		(void)close(launched.status);
		(void)close(launched.go);
		return err;
	}
	*ret_launched = launched;
	return 0;
}

int launch_go(struct launched *launched)
{
	struct report report;
	ssize_t len;

	(void)RETRY_EINTR(write(launched->go, "", 1));
	(void)close(launched->go);
	/* A successful exec closes the other end without a word. */
	len = RETRY_EINTR(read(launched->status, &report, sizeof(report)));
	(void)close(launched->status);
	return len == sizeof(report) ? report.value : 0;
}
