/* SPDX-License-Identifier: MIT */
/*
 * race_link DIR FORBIDDEN: a process keeps exchanging the directory DIR/real,
 * which is there already, with the symbolic link DIR/link, which leads to
 * FORBIDDEN, while others create, change and remove things below both names.
 * Prints how often each call was answered with what; whether something arrived
 * in FORBIDDEN is for the script to see afterwards.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "probe.h"

#define RENAME_EXCHANGE_FLAG 2

static char real[PATH_MAX];
static char link_path[PATH_MAX];

static int put(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0)
		return -1;
	(void)!write(fd, "x", 1);
	return close(fd);
}

static int call_create(const char *path)
{
	return put(path);
}

static int call_append(const char *path)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

	if (fd < 0)
		return -1;
	(void)!write(fd, "x", 1);
	return close(fd);
}

/* Makes what it takes away, so that the allowed case goes on working. */
static int call_unlink(const char *path)
{
	put(path);
	return unlink(path);
}

static int call_mkdir(const char *path)
{
	rmdir(path);
	return mkdir(path, 0755);
}

static int call_rename_to(const char *path)
{
	char other[PATH_MAX];

	probe_copy(other, real);
	strcpy(strrchr(other, '/'), "/moving");
	put(other);
	return rename(other, path);
}

static int call_chmod(const char *path)
{
	return chmod(path, 0600);
}

static int call_symlink(const char *path)
{
	unlink(path);
	return symlink("target", path);
}

static const struct {
	const char *name;
	int (*call)(const char *path);
} calls[] = {
	{"create", call_create},
	{"append", call_append},
	{"unlink", call_unlink},
	{"mkdir", call_mkdir},
	{"rename-to", call_rename_to},
	{"chmod", call_chmod},
	{"symlink", call_symlink},
};
#define NUM_CALLS (sizeof(calls) / sizeof(calls[0]))

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

static int swap_loop(time_t end)
{
	long swaps = 0;

	while (now() < end)
		if (!syscall(SYS_renameat2, AT_FDCWD, real, AT_FDCWD,
			     link_path, RENAME_EXCHANGE_FLAG))
			swaps++;
	/* An even number leaves everything as it was. */
	if (swaps & 1)
		syscall(SYS_renameat2, AT_FDCWD, real, AT_FDCWD, link_path,
			RENAME_EXCHANGE_FLAG);
	printf("swaps %ld\n", swaps);
	return 0;
}

static int call_loop(size_t index, time_t end)
{
	char path[2][PATH_MAX];
	long ok = 0;
	long refused = 0;

	probe_join(path[0], real, calls[index].name);
	probe_join(path[1], link_path, calls[index].name);
	for (unsigned int round = 0; now() < end; round++) {
		if (calls[index].call(path[round & 1]))
			refused++;
		else
			ok++;
	}
	printf("%s ok %ld refused %ld\n", calls[index].name, ok, refused);
	return 0;
}

/* One process for each call, and one that swaps. */
int main(int argc, char **argv)
{
	time_t end = now() + probe_seconds();
	int failed = 0;
	int status;

	if (argc != 3)
		return 2;
	probe_join(real, argv[1], "real");
	probe_join(link_path, argv[1], "link");
	if (symlink(argv[2], link_path))
		return 2;
	for (size_t i = 0; i <= NUM_CALLS; i++) {
		pid_t pid = fork();

		if (pid < 0)
			return 2;
		if (pid == 0) {
			status = i < NUM_CALLS ? call_loop(i, end)
					       : swap_loop(end);
			fflush(stdout);
			_exit(status);
		}
	}
	while (wait(&status) > 0)
		failed |= status;
	return failed ? 1 : 0;
}
