/* SPDX-License-Identifier: MIT */
/*
 * race_fd ALLOWED FORBIDDEN SECRETS: threads that ask for things by descriptor
 * numbers and relative to the working directory, while another thread keeps
 * changing what these are. The three are directories, each with files "data"
 * and "attributes". Prints for each call how often it was answered with what,
 * "reached N" for descriptors of forbidden objects and "secret N" for reads of
 * a secret (it starts with an S). Whether a name or an attribute was changed
 * is for the script to see afterwards.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe.h"

enum place {
	PLACE_ALLOWED,
	PLACE_FORBIDDEN,
	PLACE_SECRETS,
	PLACE_NUM,
};

struct worker {
	const char *name;
	long (*call)(struct worker *worker);
	atomic_long ok;
	atomic_long refused;
};

static atomic_bool stop;
static atomic_long reached;
static atomic_long secret_reads;
static const char *places[PLACE_NUM];
static int directories[PLACE_NUM];
static int files[PLACE_NUM];
/* The numbers behind which descriptors come and go. */
static int directory;
static int file;

static void look_at(int fd)
{
	char link[64];
	char path[PATH_MAX];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof(path) - 1);
	if (length < 0)
		return;
	path[length] = '\0';
	if (!strncmp(path, places[PLACE_FORBIDDEN],
		     strlen(places[PLACE_FORBIDDEN])))
		atomic_fetch_add(&reached, 1);
}

static long create_at(int dirfd, const char *name)
{
	int fd = openat(dirfd, name,
			O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

	if (fd < 0)
		return -1;
	look_at(fd);
	(void)!write(fd, "x", 1);
	return close(fd);
}

static long read_at(int dirfd)
{
	char byte = 0;
	int fd = openat(dirfd, "data", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	if (read(fd, &byte, 1) == 1 && byte == 'S')
		atomic_fetch_add(&secret_reads, 1);
	return close(fd);
}

static long call_create(struct worker *worker)
{
	return create_at(directory, worker->name);
}

static long call_create_here(struct worker *worker)
{
	return create_at(AT_FDCWD, worker->name);
}

static long call_read(struct worker *worker)
{
	(void)worker;
	return read_at(directory);
}

static long call_read_here(struct worker *worker)
{
	(void)worker;
	return read_at(AT_FDCWD);
}

/* Makes what it takes away, so that the allowed case goes on working. */
static long call_unlink(struct worker *worker)
{
	create_at(directories[PLACE_ALLOWED], worker->name);
	return unlinkat(directory, worker->name, 0);
}

static long call_mkdir(struct worker *worker)
{
	unlinkat(directories[PLACE_ALLOWED], worker->name, AT_REMOVEDIR);
	return mkdirat(directory, worker->name, 0755);
}

static long call_rename(struct worker *worker)
{
	create_at(directories[PLACE_ALLOWED], worker->name);
	return renameat(directory, worker->name, directories[PLACE_ALLOWED],
			"renamed");
}

static long call_chmod(struct worker *worker)
{
	(void)worker;
	return fchmod(file, 0600);
}

static long call_utime(struct worker *worker)
{
	static const struct timespec past[2] = {{.tv_sec = 1}, {.tv_sec = 1}};

	(void)worker;
	return futimens(file, past);
}

static struct worker workers[] = {
	{.name = "create", .call = call_create},
	{.name = "create-here", .call = call_create_here},
	{.name = "read", .call = call_read},
	{.name = "read-here", .call = call_read_here},
	{.name = "unlink", .call = call_unlink},
	{.name = "mkdir", .call = call_mkdir},
	{.name = "rename", .call = call_rename},
	{.name = "chmod", .call = call_chmod},
	{.name = "utime", .call = call_utime},
};
#define NUM_WORKERS (sizeof(workers) / sizeof(workers[0]))

static void *work(void *argument)
{
	struct worker *worker = argument;

	while (!stop) {
		if (worker->call(worker) == -1)
			atomic_fetch_add(&worker->refused, 1);
		else
			atomic_fetch_add(&worker->ok, 1);
	}
	return NULL;
}

static void *flip(void *argument)
{
	(void)argument;
	for (unsigned int round = 0; !stop; round++) {
		/* Allowed every other time: a win takes two looks. */
		enum place place = round & 1 ? PLACE_ALLOWED
				   : round & 2 ? PLACE_FORBIDDEN
					       : PLACE_SECRETS;

		dup3(directories[place], directory, O_CLOEXEC);
		(void)!fchdir(directories[place]);
		if (files[place] >= 0)
			dup3(files[place], file, O_CLOEXEC);
	}
	return NULL;
}

static int prepare(char **argv)
{
	for (int i = 0; i < PLACE_NUM; i++) {
		char path[PATH_MAX];

		places[i] = argv[1 + i];
		directories[i] = open(places[i],
				      O_PATH | O_DIRECTORY | O_CLOEXEC);
		probe_join(path, places[i], "attributes");
		files[i] = open(path, O_RDONLY | O_CLOEXEC);
		if (directories[i] < 0)
			return 2;
	}
	directory = fcntl(directories[PLACE_ALLOWED], F_DUPFD_CLOEXEC, 0);
	file = fcntl(files[PLACE_ALLOWED], F_DUPFD_CLOEXEC, 0);
	return directory < 0 || file < 0 ? 2 : 0;
}

int main(int argc, char **argv)
{
	pthread_t threads[NUM_WORKERS + 1];

	if (argc != 1 + PLACE_NUM || prepare(argv))
		return 2;
	for (size_t i = 0; i < NUM_WORKERS; i++)
		if (pthread_create(&threads[i], NULL, work, &workers[i]))
			return 2;
	if (pthread_create(&threads[NUM_WORKERS], NULL, flip, NULL))
		return 2;
	sleep((unsigned int)probe_seconds());
	stop = true;
	for (size_t i = 0; i <= NUM_WORKERS; i++)
		pthread_join(threads[i], NULL);
	for (size_t i = 0; i < NUM_WORKERS; i++)
		printf("%s ok %ld refused %ld\n", workers[i].name,
		       (long)workers[i].ok, (long)workers[i].refused);
	printf("reached %ld\nsecret %ld\n", (long)reached, (long)secret_reads);
	return 0;
}
