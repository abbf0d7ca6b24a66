/* SPDX-License-Identifier: MIT */
/*
 * race_path ALLOWED FORBIDDEN SECRET: threads that ask for changes with a path
 * whose one differing byte another thread keeps flipping, so that a supervisor
 * which looks at it twice looks at two paths. ALLOWED and FORBIDDEN are
 * directories whose names have the same length and differ in one byte. SECRET
 * is a file; its last byte is flipped against an 'x'.
 *
 * Prints for each call how often it was answered with what, "reached N" for
 * descriptors of forbidden objects, and "secret N" for reads of the secret.
 * Whether a name was changed is for the script to see afterwards.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "probe.h"

#ifndef SYS_openat2
#define SYS_openat2 437
#endif

#define WORKERS_MAX 16

struct open_how_v0 {
	uint64_t flags;
	uint64_t mode;
	uint64_t resolve;
};

/**
 * struct worker - one kind of call, one thread
 * @name: for the output and for the names of its objects
 * @call: does it once; returns -1 with errno set, or anything else
 * @path: the flipping path
 * @at: offset of the flipping byte
 * @bytes: its two values, the allowed one first
 * @ok: number of calls that succeeded
 * @refused: number of calls that failed
 */
struct worker {
	const char *name;
	long (*call)(struct worker *worker);
	char path[PATH_MAX];
	size_t at;
	char bytes[2];
	atomic_long ok;
	atomic_long refused;
};

static atomic_bool stop;
static atomic_long reached;
static atomic_long secret_reads;
static const char *allowed;
static const char *forbidden;
static const char *secret;
static volatile struct open_how_v0 flipping_how;

/* Is this descriptor's file one that lies in the forbidden directory? */
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
	if (!strncmp(path, forbidden, strlen(forbidden)))
		atomic_fetch_add(&reached, 1);
}

static long use_fd(long fd)
{
	if (fd >= 0) {
		look_at((int)fd);
		(void)!write((int)fd, "x", 1);
		close((int)fd);
	}
	return fd;
}

static long call_open(struct worker *worker)
{
	return use_fd(open(worker->path,
			   O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
}

static long call_truncate_open(struct worker *worker)
{
	return use_fd(open(worker->path,
			   O_WRONLY | O_TRUNC | O_NONBLOCK | O_CLOEXEC));
}

/* Here the flags flip, on a forbidden object that may be read. */
static long call_openat2(struct worker *worker)
{
	char path[PATH_MAX];
	long fd;

	probe_join(path, forbidden, worker->name);
	fd = syscall(SYS_openat2, AT_FDCWD, path, &flipping_how,
		     sizeof(flipping_how));
	if (fd >= 0 && (fcntl((int)fd, F_GETFL) & O_ACCMODE) != O_RDONLY)
		return use_fd(fd);
	if (fd >= 0)
		close((int)fd);
	return fd;
}

static long call_read(struct worker *worker)
{
	char byte = 0;
	int fd = open(worker->path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return fd;
	if (read(fd, &byte, 1) == 1 && byte == 'S')
		atomic_fetch_add(&secret_reads, 1);
	return close(fd);
}

/* Makes its allowed object anew, so that every other call can succeed. */
static void make(const struct worker *worker, const char *suffix)
{
	char name[NAME_MAX];
	char path[PATH_MAX];
	int fd;

	snprintf(name, sizeof(name), "%s%s", worker->name, suffix);
	probe_join(path, allowed, name);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd >= 0)
		close(fd);
}

static long call_unlink(struct worker *worker)
{
	make(worker, "");
	return unlink(worker->path);
}

static void other_name(const struct worker *worker, char other[PATH_MAX])
{
	char name[NAME_MAX];

	snprintf(name, sizeof(name), "%s.other", worker->name);
	probe_join(other, allowed, name);
}

static long call_rename_from(struct worker *worker)
{
	char other[PATH_MAX];

	make(worker, "");
	other_name(worker, other);
	return rename(worker->path, other);
}

static long call_rename_to(struct worker *worker)
{
	char other[PATH_MAX];

	make(worker, ".other");
	other_name(worker, other);
	return rename(other, worker->path);
}

static long call_link_to(struct worker *worker)
{
	char other[PATH_MAX];
	char path[PATH_MAX];

	make(worker, ".other");
	other_name(worker, other);
	probe_join(path, allowed, worker->name);
	unlink(path);
	return link(other, worker->path);
}

static long call_mkdir(struct worker *worker)
{
	char path[PATH_MAX];

	probe_join(path, allowed, worker->name);
	rmdir(path);
	return mkdir(worker->path, 0755);
}

static long call_symlink(struct worker *worker)
{
	char path[PATH_MAX];

	probe_join(path, allowed, worker->name);
	unlink(path);
	return symlink("target", worker->path);
}

static long call_chmod(struct worker *worker)
{
	return chmod(worker->path, 0600);
}

static long call_truncate(struct worker *worker)
{
	return truncate(worker->path, 1);
}

static struct worker workers[] = {
	{.name = "open", .call = call_open},
	{.name = "open-trunc", .call = call_truncate_open},
	{.name = "openat2", .call = call_openat2},
	{.name = "unlink", .call = call_unlink},
	{.name = "rename-from", .call = call_rename_from},
	{.name = "rename-to", .call = call_rename_to},
	{.name = "link-to", .call = call_link_to},
	{.name = "mkdir", .call = call_mkdir},
	{.name = "symlink", .call = call_symlink},
	{.name = "chmod", .call = call_chmod},
	{.name = "truncate", .call = call_truncate},
	{.name = "read", .call = call_read},
};
#define NUM_WORKERS (sizeof(workers) / sizeof(workers[0]))
_Static_assert(NUM_WORKERS <= WORKERS_MAX, "one thread each");

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
		for (size_t i = 0; i < NUM_WORKERS; i++) {
			volatile char *path = workers[i].path;

			path[workers[i].at] = workers[i].bytes[round & 1];
		}
		flipping_how.flags = round & 1 ? O_RDWR | O_TRUNC : O_RDONLY;
	}
	return NULL;
}

static int prepare(struct worker *worker)
{
	size_t at = 0;

	if (worker->call == call_read) {
		probe_copy(worker->path, secret);
		worker->at = strlen(secret) - 1;
		worker->bytes[0] = 'x';
		worker->bytes[1] = secret[worker->at];
		return 0;
	}
	probe_join(worker->path, allowed, worker->name);
	while (allowed[at] && allowed[at] == forbidden[at])
		at++;
	worker->at = at;
	worker->bytes[0] = allowed[at];
	worker->bytes[1] = forbidden[at];
	return !allowed[at] || strcmp(allowed + at + 1, forbidden + at + 1);
}

static void report(void)
{
	for (size_t i = 0; i < NUM_WORKERS; i++)
		printf("%s ok %ld refused %ld\n", workers[i].name,
		       (long)workers[i].ok, (long)workers[i].refused);
	printf("reached %ld\nsecret %ld\n", (long)reached, (long)secret_reads);
}

int main(int argc, char **argv)
{
	pthread_t threads[WORKERS_MAX + 1];

	if (argc != 4)
		return 2;
	allowed = argv[1];
	forbidden = argv[2];
	secret = argv[3];
	for (size_t i = 0; i < NUM_WORKERS; i++)
		if (prepare(&workers[i]) ||
		    pthread_create(&threads[i], NULL, work, &workers[i]))
			return 2;
	if (pthread_create(&threads[NUM_WORKERS], NULL, flip, NULL))
		return 2;
	sleep((unsigned int)probe_seconds());
	stop = true;
	for (size_t i = 0; i <= NUM_WORKERS; i++)
		pthread_join(threads[i], NULL);
	report();
	return 0;
}
