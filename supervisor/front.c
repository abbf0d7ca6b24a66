/* SPDX-License-Identifier: MIT */
/*
 * Theory of operation
 *
 * The front forks the broker and then only reads two descriptors: the control
 * socket and a signalfd. It never touches a name or a byte that came from the
 * target.
 *
 * The command stays in the front's own process group, so that pipelines, the
 * terminal's foreground group and a shell's job control see one job. Signals
 * that the terminal sends reach the command by themselves; those that somebody
 * sends to sbxsup are passed on. When the command stops, the front stops too,
 * so that a shell notices; SIGCONT reaches both.
 *
 * When the broker ends without having said how the command ended, or dies, the
 * front kills what is left: it is a subreaper, all of it is its own now.
 */
#include "front.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "confine.h"
#include "control.h"
#include "device.h"
#include "launch.h"
#include "reap.h"
#include "summary.h"
#include "supervise.h"
#include "util.h"

#define EXIT_INTERNAL 125
#define EXIT_CANNOT_EXECUTE 126
#define EXIT_NOT_FOUND 127
#define SIGNAL_BASE 128

/**
 * struct front - state of the front
 * @session: what runs
 * @broker: its process
 * @control: to the broker
 * @signals: signalfd
 * @done: the exit status is known
 * @status: the exit status
 * @counts: for the summary
 */
struct front {
	const struct session *session;
	pid_t broker;
	int control;
	int signals;
	bool done;
	int status;
	char counts[CONTROL_TEXT_MAX];
};

static void exec_failed(struct front *front, int error)
{
	const char *command = front->session->options->command[0];

	fprintf(stderr, "sbxsup: cannot run %s: %s\n", command,
		strerror(error));
	front->done = true;
	front->status = error == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_EXECUTE;
}

static void stage_failed(struct front *front, const struct control *control)
{
	fprintf(stderr, "sbxsup: %s: %s%s\n", control->text,
		strerror(-control->value),
		control->value == -EBUSY
			? " (this runs inside another sandbox that already "
			  "has a seccomp listener)"
			: "");
	front->done = true;
	front->status = EXIT_INTERNAL;
}

/* Stops as the command did, so that a shell sees the job stopped. The kernel
 * ignores SIGTSTP and its kin where no shell could continue us. */
static void stop(int sig)
{
	struct sigaction plain = {.sa_handler = SIG_DFL}, saved;
	sigset_t mask, old;

	if (sig != SIGTSTP && sig != SIGTTIN && sig != SIGTTOU) {
		(void)raise(SIGSTOP);
		return;
	}
	(void)sigemptyset(&mask);
	(void)sigaddset(&mask, sig);
	(void)sigaction(sig, &plain, &saved);
	(void)raise(sig);
	/* It is blocked still, so raise() comes back. */
	// cppcheck-suppress unreachableCode
	(void)sigprocmask(SIG_UNBLOCK, &mask, &old);
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	(void)sigaction(sig, &saved, NULL);
}

static void exited(struct front *front, int wait_status)
{
	front->done = true;
	front->status = WIFSIGNALED(wait_status)
				? SIGNAL_BASE + WTERMSIG(wait_status)
				: WEXITSTATUS(wait_status);
}

static void listen_to_broker(struct front *front)
{
	struct control control;

	while (control_receive(front->control, &control) == 1) {
		switch (control.kind) {
		case CONTROL_STAGE:
			stage_failed(front, &control);
			break;
		case CONTROL_EXEC:
			exec_failed(front, -control.value);
			break;
		case CONTROL_STOPPED:
			stop(control.value);
			break;
		case CONTROL_EXITED:
			/* A failed exec has said more. */
			if (!front->done)
				exited(front, control.value);
			(void)strlcpy(front->counts, control.text,
				      sizeof(front->counts));
			break;
		case CONTROL_RUNNING:
		case CONTROL_SIGNAL:
			break;
		}
	}
}

/* These the terminal sends to its whole foreground group, the command
 * included; the kernel marks them. A hangup it sends to the session's leader
 * alone. */
static bool is_from_terminal(const struct signalfd_siginfo *info)
{
	int sig = (int)info->ssi_signo;

	return info->ssi_code == SI_KERNEL &&
	       (sig == SIGINT || sig == SIGQUIT || sig == SIGTSTP ||
		sig == SIGTTIN || sig == SIGTTOU || sig == SIGWINCH);
}

static bool broker_has_ended(struct front *front)
{
	return waitpid(front->broker, NULL, WNOHANG) == front->broker;
}

/* Returns true when the broker has ended. */
static bool take_signals(struct front *front)
{
	struct signalfd_siginfo info;
	bool ended = false;

	while (read(front->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			ended |= broker_has_ended(front);
		else if (!is_from_terminal(&info))
			control_send(front->control, CONTROL_SIGNAL,
				     (int)info.ssi_signo, NULL);
	}
	return ended;
}

static void wait_for_broker(struct front *front)
{
	struct pollfd polls[] = {
		{.fd = front->control, .events = POLLIN},
		{.fd = front->signals, .events = POLLIN},
	};

	for (;;) {
		bool ended = false;

		if (poll(polls, ARRAY_SIZE(polls), -1) < 0 && errno != EINTR)
			break;
		if (polls[0].revents)
			listen_to_broker(front);
		if (polls[0].revents & (POLLHUP | POLLERR))
			polls[0].fd = -1;
		if (polls[1].revents)
			ended = take_signals(front);
		if (ended)
			break;
	}
	/* Its last words may still be in the socket. */
	listen_to_broker(front);
}

/* Gives up what only the command and the broker need. */
static void step_back(const struct session *session)
{
	const struct rlimit none = {0};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	/* A reader of the command's output must see its end. */
	if (null >= 0) {
		(void)dup2(null, STDIN_FILENO);
		(void)dup2(null, STDOUT_FILENO);
		(void)close(null);
	}
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0);
	if (session->policy.mode != MODE_FULL_ACCESS) {
		(void)confine_no_new_privs();
		(void)confine_drop_capabilities();
	}
}

static int start_broker(struct front *front, struct launch *launch)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	front->broker = fork();
	if (front->broker < 0)
		return -errno;
	if (front->broker == 0) {
		(void)close(ends[0]);
		(void)close(front->signals);
		supervise_run(launch, ends[1]);
	}
	(void)close(ends[1]);
	front->control = ends[0];
	return 0;
}

static int block_signals(void)
{
	sigset_t mask;

	(void)sigfillset(&mask);
	/* Faults of our own must not be swallowed. */
	(void)sigdelset(&mask, SIGSEGV);
	(void)sigdelset(&mask, SIGBUS);
	(void)sigdelset(&mask, SIGFPE);
	(void)sigdelset(&mask, SIGILL);
	(void)sigdelset(&mask, SIGABRT);
	if (sigprocmask(SIG_BLOCK, &mask, NULL) < 0)
		return -errno;
	return signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Opens what the caller had closed, so that no descriptor of ours becomes a
 * standard one; the command finds it closed again. */
static unsigned int fill_standard(void)
{
	unsigned int closed = 0;

	for (int fd = 0; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		closed |= 1U << fd;
		/* Takes the lowest free number: this one. */
		util_ignore(open("/dev/null", O_RDWR));
	}
	return closed;
}

void front_get_caller(struct caller *ret_caller)
{
	const struct sigaction plain = {.sa_handler = SIG_DFL};

	/* Nobody can open through us what the command does not get. */
	(void)close_range(STDERR_FILENO + 1, ~0U, 0);
	ret_caller->closed = fill_standard();
	ret_caller->terminal = device_own_terminal();
	(void)getrlimit(RLIMIT_NOFILE, &ret_caller->files);
	(void)getrlimit(RLIMIT_FSIZE, &ret_caller->file_size);
	(void)sigprocmask(SIG_SETMASK, NULL, &ret_caller->mask);
	/* With an ignored SIGCHLD nobody would learn how children end. */
	(void)sigaction(SIGCHLD, &plain, &ret_caller->child_action);
}

int front_run(const struct session *session, const struct caller *caller)
{
	struct front front = {.session = session, .status = EXIT_INTERNAL};
	struct launch launch = {.session = session, .caller = caller};
	int err;

	front.signals = block_signals();
	err = front.signals < 0 ? front.signals : 0;
	if (err == 0 && prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		err = -errno;
	if (err == 0)
		err = start_broker(&front, &launch);
	if (err < 0) {
		fprintf(stderr, "sbxsup: starting: %s\n", strerror(-err));
		return EXIT_INTERNAL;
	}
	step_back(session);
	wait_for_broker(&front);
	if (!front.done)
		fprintf(stderr, "sbxsup: the broker process has ended; "
				"everything it supervised is being stopped\n");
	if (reap_all() < 0)
		fprintf(stderr, "sbxsup: some processes could not be stopped\n");
	if (!session->options->quiet && front.counts[0])
		summary_after(session, front.counts);
	return front.status;
}
