/* SPDX-License-Identifier: MIT */
/*
 * daemon RESULT PATH [SECONDS]: leaves its session and its parent, as a daemon
 * does, then tries to create PATH and writes the answer to RESULT. With
 * SECONDS, it stays for so long. The first process returns at once.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "probe.h"

#define POLL_US 10000
#define POLL_MAX 500

/* The point is to be an orphan: wait until the parent is gone. */
static void wait_for_orphanage(pid_t parent)
{
	for (int i = 0; i < POLL_MAX && getppid() == parent; i++)
		usleep(POLL_US);
}

static int try_create(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	return fd < 0 ? -errno : probe_result(close(fd));
}

static int report(const char *path, const char *answer)
{
	char temporary[PATH_MAX];
	FILE *file;

	probe_copy(temporary, path);
	strcpy(temporary + strlen(temporary) - 1, "~");
	file = fopen(temporary, "we");
	if (!file)
		return 1;
	fprintf(file, "%s %d %d\n", answer, (int)getpid(), (int)getsid(0));
	return fclose(file) || rename(temporary, path);
}

static pid_t fork_and_leave(void)
{
	pid_t self = getpid();
	pid_t pid = fork();

	if (pid > 0)
		_exit(0);
	if (pid == 0)
		wait_for_orphanage(self);
	return pid;
}

int main(int argc, char **argv)
{
	unsigned int seconds;

	if (argc < 3)
		return 2;
	seconds = argc > 3 ? (unsigned int)probe_number(argv[3]) : 0;
	if (fork_and_leave() < 0)
		return 1;
	signal(SIGHUP, SIG_IGN);
	if (setsid() < 0 || fork_and_leave() < 0)
		return 1;
	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	close(STDERR_FILENO);
	if (report(argv[1], probe_errno_name(try_create(argv[2]))))
		return 1;
	if (seconds)
		sleep(seconds);
	return 0;
}
