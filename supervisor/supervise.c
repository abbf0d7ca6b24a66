/* SPDX-License-Identifier: MIT */
/*
 * Theory of operation
 *
 * Stages, in order; each says what it must not drop yet:
 *   1. no_new_privs, no capabilities, domain R: before the fork, so that the
 *      target's domain lies inside and the kernel lets the broker look into
 *      it. The log has been opened before: domain R could not reach it.
 *   2. fork the target (launch.c). Until the listener has been handed over
 *      this process must stay dumpable: the child is a copy of it, and a
 *      non-dumpable child could not be looked into.
 *   3. own process group, so that no signal from the terminal and no kill of
 *      the job's group can stop the broker while processes depend on it;
 *      standard descriptors closed, so that a pipe's reader sees its end;
 *      not dumpable.
 *   4. threads serve notifications; this thread reaps.
 *   5. the command has ended, or the front is gone: kill all descendants,
 *      close the log.
 */
#include "supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "broker.h"
#include "confine.h"
#include "control.h"
#include "hint.h"
#include "reap.h"
#include "util.h"

#define EXIT_INTERNAL 125
#define SIGNAL_BASE 128

/**
 * struct supervision - state of the broker's main thread
 * @launch: how the command was started
 * @control: to the front
 * @pid: the command's process
 * @ended: it has ended, with @wait_status
 */
struct supervision {
	const struct launch *launch;
	int control;
	pid_t pid;
	bool ended;
	int wait_status;
};

static void __attribute__((noreturn))
give_up(int control, const char *stage, int error)
{
	control_send(control, CONTROL_STAGE, error, stage);
	(void)reap_all();
	_exit(EXIT_INTERNAL);
}

static void raise_limit(int resource, struct rlimit limit)
{
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(resource, &limit);
}

static void isolate(const struct launch *launch, int control)
{
	const struct session *session = launch->session;
	int err = 0;

	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		give_up(control, "becoming a subreaper", -errno);
	/* Descriptors of many targets pass through this process, and the log
	 * grows beyond what the command may write. */
	raise_limit(RLIMIT_NOFILE, launch->caller->files);
	raise_limit(RLIMIT_FSIZE, launch->caller->file_size);
	if (session->policy.mode == MODE_FULL_ACCESS) {
		/* A filter needs CAP_SYS_ADMIN or no_new_privs; whoever has
		 * the capability keeps what it had. */
		if (geteuid() != 0)
			err = confine_no_new_privs();
		if (err < 0)
			give_up(control, "setting no_new_privs", err);
		return;
	}
	err = confine_no_new_privs();
	if (err < 0)
		give_up(control, "setting no_new_privs", err);
	err = confine_drop_capabilities();
	if (err < 0)
		give_up(control, "dropping capabilities", err);
	if (session->broker_ruleset >= 0)
		err = confine_enter(session->broker_ruleset);
	if (err < 0)
		give_up(control, "entering the Landlock domain", err);
}

/* After the command has been forked; see the head of this file. */
static void step_aside(int control)
{
	const struct rlimit none = {0};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)setpgid(0, 0);
	if (null < 0)
		give_up(control, "opening /dev/null", -errno);
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		(void)dup2(null, fd);
	(void)close(null);
	/* Staying would only keep a file system busy. */
	util_ignore(chdir("/"));
	(void)setrlimit(RLIMIT_CORE, &none);
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		give_up(control, "becoming undumpable", -errno);
}

static void start_broker(const struct launch *launch, int control,
			 int listener)
{
	/* Lives as long as the process: threads use it until the end. */
	static struct broker broker;
	const struct session *session = launch->session;
	int err;

	broker.policy = &session->policy;
	broker.audit = session->audit;
	broker.listener = listener;
	broker.passive = session->passive;
	broker.scoped = session->broker_ruleset >= 0 && session->landlock >= 6;
	broker.hosts = session->hosts;
	broker.terminal = launch->caller->terminal;
	err = hints_new(session->options->quiet, &broker.hints);
	if (err == 0)
		err = broker_init(&broker);
	if (err < 0)
		give_up(control, "preparing the broker", err);
	(void)notify_sync_wake_up(listener);
	err = pool_start(broker_ops(), &broker, &broker.pool);
	if (err < 0)
		give_up(control, "starting the broker's threads", err);
}

static void collect(struct supervision *supervision)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
		if (pid != supervision->pid)
			continue;
		if (WIFSTOPPED(status)) {
			control_send(supervision->control, CONTROL_STOPPED,
				     WSTOPSIG(status), NULL);
			continue;
		}
		supervision->ended = true;
		supervision->wait_status = status;
	}
}

/* Returns false when the front is gone. */
static bool obey(const struct supervision *supervision)
{
	struct control control;
	int got = control_receive(supervision->control, &control);

	if (got == 1 && control.kind == CONTROL_SIGNAL)
		(void)kill(supervision->pid, control.value);
	return got == 1 || got == -EAGAIN;
}

static void wait_for_end(struct supervision *supervision, int signals)
{
	struct pollfd polls[] = {
		{.fd = supervision->control, .events = POLLIN},
		{.fd = signals, .events = POLLIN},
	};

	while (!supervision->ended) {
		struct signalfd_siginfo info;

		if (poll(polls, ARRAY_SIZE(polls), -1) < 0 && errno != EINTR)
			return;
		if (polls[0].revents && !obey(supervision))
			return;
		if (polls[1].revents)
			/* Only says that children are to be looked at. */
			util_ignore(read(signals, &info, sizeof(info)));
		collect(supervision);
	}
}

static int open_signals(void)
{
	sigset_t mask;

	/* All are blocked since the front; only this one is of interest, and
	 * SIGUSR1 must reach the threads that it is meant for. */
	(void)sigemptyset(&mask);
	(void)sigaddset(&mask, SIGUSR1);
	(void)sigprocmask(SIG_UNBLOCK, &mask, NULL);
	(void)sigemptyset(&mask);
	(void)sigaddset(&mask, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &mask, NULL);
	return signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void __attribute__((noreturn))
finish(const struct supervision *supervision)
{
	int status = supervision->wait_status;
	int sig = supervision->ended && WIFSIGNALED(status) ? WTERMSIG(status)
							    : 0;
	int code = sig ? SIGNAL_BASE + sig : WEXITSTATUS(status);
	struct audit *audit = supervision->launch->session->audit;
	struct audit_totals totals;
	char counts[CONTROL_TEXT_MAX];

	(void)reap_all();
	totals = audit_totals(audit);
	(void)snprintf(counts, sizeof(counts), "%llu change%s, %llu refusal%s",
		       (unsigned long long)totals.changes,
		       totals.changes == 1 ? "" : "s",
		       (unsigned long long)totals.denied,
		       totals.denied == 1 ? "" : "s");
	(void)audit_finish(audit, supervision->ended ? code : EXIT_INTERNAL,
			   sig);
	control_send(supervision->control, CONTROL_EXITED, status, counts);
	_exit(0);
}

void supervise_run(const struct launch *launch, int control)
{
	struct supervision supervision = {.launch = launch, .control = control};
	struct launched launched;
	const char *stage;
	int signals, err;

	isolate(launch, control);
	signals = open_signals();
	if (signals < 0)
		give_up(control, "signalfd", -errno);
	err = launch_target(launch, &launched, &stage);
	if (err < 0)
		give_up(control, stage, err);
	step_aside(control);
	supervision.pid = launched.pid;
	start_broker(launch, control, launched.listener);
	err = launch_go(&launched);
	control_send(control, err < 0 ? CONTROL_EXEC : CONTROL_RUNNING,
		     err < 0 ? err : launched.pid, NULL);
	wait_for_end(&supervision, signals);
	finish(&supervision);
}
