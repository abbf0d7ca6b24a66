/* SPDX-License-Identifier: MIT */
/*
 * attack_calls OPERATION [OPERAND…]: calls with which reviewers once got more
 * out of a session than they should have, or less than natively. Prints the
 * answer.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe.h"

#define NR_LANDLOCK_CREATE_RULESET 444
#define IOPRIO_PROCESS 1
#define IOPRIO_LOWEST ((2 << 13) | 7)
#define STREAM_SIZE 2000000
#define CROWD_STACK 65536
#define CROWD_PATIENCE 10

static pid_t pid_of(const char *text)
{
	return (pid_t)probe_number(text);
}

static int run_limit_get(char **args)
{
	struct rlimit old;

	return probe_result(syscall(SYS_prlimit64, pid_of(args[0]),
				    RLIMIT_CORE, NULL, &old));
}

static int run_limit(char **args)
{
	const struct rlimit limit = {.rlim_cur = 0, .rlim_max = 0};

	return probe_result(syscall(SYS_prlimit64, pid_of(args[0]),
				    RLIMIT_CORE, &limit, NULL));
}

static int run_priority(char **args)
{
	return probe_result(setpriority(PRIO_PROCESS,
					(id_t)pid_of(args[0]), 10));
}

static int run_affinity(char **args)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		return -errno;
	return probe_result(sched_setaffinity(pid_of(args[0]), sizeof(set),
					      &set));
}

static int run_ioprio(char **args)
{
	return probe_result(syscall(SYS_ioprio_set, IOPRIO_PROCESS,
				    pid_of(args[0]), IOPRIO_LOWEST));
}

static int run_scheduler(char **args)
{
	const struct sched_param param = {.sched_priority = 0};

	return probe_result(syscall(SYS_sched_setscheduler, pid_of(args[0]),
				    SCHED_BATCH, &param));
}

/* DOMAIN LEVEL OPTION: with a value that changes nothing. */
static int run_option(char **args)
{
	const int nothing = 0;
	int fd = socket((int)probe_number(args[0]), SOCK_STREAM | SOCK_CLOEXEC,
			0);

	if (fd < 0)
		return -errno;
	return probe_result(setsockopt(fd, (int)probe_number(args[1]),
				       (int)probe_number(args[2]), &nothing,
				       sizeof(nothing)));
}

/* A ruleset that handles reading files. */
static int run_ruleset(char **args)
{
	const uint64_t attr[] = {1ULL << 2};

	(void)args;
	return probe_result(syscall(NR_LANDLOCK_CREATE_RULESET, attr,
				    sizeof(attr), 0));
}

/* PATH REQUEST: on a descriptor that is only open for reading. */
static int run_ioctl(char **args)
{
	long value[512] = {1};
	int fd = open(args[0], O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return probe_result(ioctl(fd, strtoul(args[1], NULL, 16), value));
}

/* TO: a name for something that lies in no directory. */
static int run_link_namespace(char **args)
{
	return probe_result(linkat(AT_FDCWD, "/proc/self/ns/net", AT_FDCWD,
				   args[0], AT_SYMLINK_FOLLOW));
}

static int run_connect_fd(char **args)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)args;
	if (fd < 0)
		return -errno;
	snprintf(address.sun_path, sizeof(address.sun_path),
		 "/proc/self/fd/%d", fd);
	return probe_result(connect(fd, (const struct sockaddr *)&address,
				    sizeof(address)));
}

/* DIR NAME: NAME looked up from a descriptor of DIR that cannot be read. */
static int run_below(char **args)
{
	char byte;
	int dir = open(args[0], O_PATH | O_CLOEXEC);
	int fd;

	if (dir < 0)
		return -errno;
	fd = openat(dir, args[1], O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	/* The first page of memory is never there. */
	return read(fd, &byte, 1) < 0 && errno != EIO ? -errno : 0;
}

/* DIR FLAGS: a file without a name, O_TMPFILE and more flags in octal. */
static int run_tmpfile(char **args)
{
	int flags = (int)strtol(args[1], NULL, 8);
	char link[64];
	int fd = open(args[0], O_TMPFILE | O_CLOEXEC | flags, 0600);

	if (fd < 0)
		return -errno;
	if (write(fd, "x", 1) != 1)
		return -EIO;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (linkat(AT_FDCWD, link, AT_FDCWD, "tmpfile-linked",
		   AT_SYMLINK_FOLLOW))
		return -errno;
	return probe_result(unlink("tmpfile-linked"));
}

static int run_unlink(char **args)
{
	return probe_result(unlink(args[0]));
}

/* FILE: emptied, as far as that goes without a free descriptor. */
static int run_full_table(char **args)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return -errno;
	limit.rlim_cur = 20;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		return -errno;
	while (dup(STDIN_FILENO) >= 0)
		continue;
	return probe_result(open(args[0], O_WRONLY | O_TRUNC | O_CLOEXEC));
}

static struct cmsghdr *rights_header(void *at, int fd)
{
	struct cmsghdr *header = (struct cmsghdr *)at;

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	return header;
}

static int same_file(int fd, int other)
{
	struct stat a, b;

	if (fstat(fd, &a) || fstat(other, &b))
		return -errno;
	return a.st_dev == b.st_dev && a.st_ino == b.st_ino ? 0 : -EXDEV;
}

static int receive_rights(int socket, const int sent[2])
{
	_Alignas(struct cmsghdr) char control[256];
	char byte;
	struct iovec data = {.iov_base = &byte, .iov_len = 1};
	struct msghdr msg = {.msg_iov = &data, .msg_iovlen = 1,
			     .msg_control = control,
			     .msg_controllen = sizeof(control)};
	struct cmsghdr *header;
	int fds[2];

	if (recvmsg(socket, &msg, 0) != 1)
		return -EIO;
	header = CMSG_FIRSTHDR(&msg);
	if (!header || header->cmsg_len != CMSG_LEN(sizeof(fds)))
		return -ENODATA;
	memcpy(fds, CMSG_DATA(header), sizeof(fds));
	return same_file(fds[0], sent[0]) ? -EXDEV
					  : same_file(fds[1], sent[1]);
}

/* FILE: passes a pipe and the file in two headers. The second one is not
 * padded, so that some C libraries do not see it; the kernel does. */
static int run_rights(char **args)
{
	_Alignas(struct cmsghdr) char control[2 * CMSG_SPACE(sizeof(int))];
	struct iovec data = {.iov_base = (char[]){'x'}, .iov_len = 1};
	struct msghdr msg = {.msg_iov = &data, .msg_iovlen = 1,
			     .msg_control = control,
			     .msg_controllen = CMSG_SPACE(sizeof(int)) +
					       CMSG_LEN(sizeof(int))};
	int pair[2], pipes[2];
	int sent[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) || pipe(pipes))
		return -errno;
	sent[0] = pipes[0];
	sent[1] = open(args[0], O_RDONLY | O_CLOEXEC);
	if (sent[1] < 0)
		return -errno;
	memset(control, 0, sizeof(control));
	rights_header(control, sent[0]);
	rights_header(control + CMSG_SPACE(sizeof(int)), sent[1]);
	if (sendmsg(pair[0], &msg, 0) != 1)
		return -errno;
	return receive_rights(pair[1], sent);
}

static uint8_t stream_byte(size_t at)
{
	return (uint8_t)(at * 31 + (at >> 8) * 7 + (at >> 16));
}

/* Returns the exit status: 0 when all has arrived in order. */
static int read_stream(int fd)
{
	static uint8_t buffer[65536];
	size_t at = 0;
	ssize_t len;

	usleep(300000);
	while ((len = read(fd, buffer, sizeof(buffer))) > 0) {
		for (ssize_t i = 0; i < len; i++)
			if (buffer[i] != stream_byte(at++))
				return 1;
		usleep(5000);
	}
	return at == STREAM_SIZE ? 0 : 2;
}

/* One blocking sendmsg() to somebody who reads slowly. */
static int run_stream(char **args)
{
	static uint8_t data[STREAM_SIZE];
	struct iovec piece = {.iov_base = data, .iov_len = sizeof(data)};
	const struct msghdr msg = {.msg_iov = &piece, .msg_iovlen = 1};
	int pair[2];
	int status = 0;
	ssize_t sent;
	pid_t pid;

	(void)args;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = stream_byte(i);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return -errno;
	pid = fork();
	if (pid == 0) {
		close(pair[0]);
		_exit(read_stream(pair[1]));
	}
	close(pair[1]);
	sent = sendmsg(pair[0], &msg, MSG_NOSIGNAL);
	close(pair[0]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -errno;
	if (sent != STREAM_SIZE)
		return -EMSGSIZE;
	return status == 0 ? 0 : -EIO;
}

static void *open_fifo(void *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return NULL;
}

static int open_in_child(const char *path)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		alarm(CROWD_PATIENCE);
		_exit(open(path, O_RDONLY | O_CLOEXEC) < 0 ? errno : 0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -ETIMEDOUT;
}

/* FIFO NUMBER FILE: can another process open FILE while many threads wait for
 * somebody to write into FIFO? */
static int run_crowd(char **args)
{
	long number = probe_number(args[1]);
	pthread_attr_t attr;
	pthread_t thread;

	if (pthread_attr_init(&attr) ||
	    pthread_attr_setstacksize(&attr, CROWD_STACK))
		return -ENOMEM;
	for (long i = 0; i < number; i++)
		if (pthread_create(&thread, &attr, open_fifo, args[0]))
			return -ENOMEM;
	sleep(1);
	return open_in_child(args[2]);
}

static const struct probe_op ops[] = {
	{"limit-get", 1, run_limit_get},
	{"limit", 1, run_limit},
	{"priority", 1, run_priority},
	{"affinity", 1, run_affinity},
	{"ioprio", 1, run_ioprio},
	{"scheduler", 1, run_scheduler},
	{"option", 3, run_option},
	{"ruleset", 0, run_ruleset},
	{"ioctl", 2, run_ioctl},
	{"link-namespace", 1, run_link_namespace},
	{"connect-fd", 0, run_connect_fd},
	{"below", 2, run_below},
	{"tmpfile", 2, run_tmpfile},
	{"unlink", 1, run_unlink},
	{"full-table", 1, run_full_table},
	{"rights", 1, run_rights},
	{"stream", 0, run_stream},
	{"crowd", 3, run_crowd},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		if (argc < 2 || strcmp(ops[i].name, argv[1]) != 0 ||
		    argc - 2 < ops[i].args)
			continue;
		puts(probe_errno_name(ops[i].run(argv + 2)));
		/* Not exit(): threads may wait forever. */
		fflush(stdout);
		_exit(0);
	}
	fprintf(stderr, "usage: %s OPERATION [OPERAND…]\n", argv[0]);
	return 2;
}
