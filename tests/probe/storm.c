/* SPDX-License-Identifier: MIT */
/*
 * storm INSIDE OUTSIDE: starts processes that create, open and remove files as
 * fast as they can, and kills each of them in the middle of it, over and over.
 * Then asks once more for something allowed and something forbidden, and
 * prints the two answers: whoever answers must have survived.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "probe.h"

#define PROCESSES 8
#define LIFE_US 5000

static int create(const char *dir, const char *name)
{
	char path[PATH_MAX];
	int fd;

	probe_join(path, dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	return fd < 0 ? -errno : probe_result(close(fd));
}

static _Noreturn void work(const char *inside, const char *outside)
{
	char path[PATH_MAX];
	char name[32];

	snprintf(name, sizeof(name), "storm-%d", (int)getpid());
	probe_join(path, inside, name);
	for (;;) {
		create(inside, name);
		create(outside, name);
		unlink(path);
	}
}

/* In the order of their start, each after a life of random length. */
static long one_round(const char *inside, const char *outside)
{
	pid_t pids[PROCESSES];
	long killed = 0;

	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			work(inside, outside);
	}
	for (int i = 0; i < PROCESSES; i++) {
		usleep((useconds_t)(rand() % LIFE_US));
		if (pids[i] > 0 && !kill(pids[i], SIGKILL) &&
		    waitpid(pids[i], NULL, 0) == pids[i])
			killed++;
	}
	return killed;
}

int main(int argc, char **argv)
{
	time_t end = time(NULL) + probe_seconds();
	long killed = 0;

	if (argc != 3)
		return 2;
	while (time(NULL) < end)
		killed += one_round(argv[1], argv[2]);
	printf("killed %ld\n", killed);
	printf("inside %s\n", probe_errno_name(create(argv[1], "after")));
	printf("outside %s\n", probe_errno_name(create(argv[2], "after")));
	return 0;
}
