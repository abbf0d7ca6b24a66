/* SPDX-License-Identifier: MIT */
/*
 * threads INSIDE OUTSIDE SECRET: 64 threads at once, each of which creates
 * files below INSIDE and reads them back, tries to create files below OUTSIDE
 * and tries to read SECRET. Prints how often each kind of answer came, so that
 * a mixed-up answer shows as a wrong count.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "probe.h"

#define THREADS 64
#define ROUNDS 25
#define ERRNO_MAX 256

enum kind {
	KIND_INSIDE,
	KIND_OUTSIDE,
	KIND_SECRET,
	KIND_NUM,
};

static const char *const kinds[KIND_NUM] = {"inside", "outside", "secret"};
static const char *places[KIND_NUM];
static atomic_int counts[KIND_NUM][ERRNO_MAX];
static pthread_barrier_t barrier;

static int put(const char *path, const char *text)
{
	size_t length = strlen(text);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	int error;

	if (fd < 0)
		return -errno;
	error = write(fd, text, length) == (ssize_t)length ? 0 : -EIO;
	close(fd);
	return error;
}

/* The answer must be ours, not that of another thread. */
static int get(const char *path, const char *want)
{
	char text[PATH_MAX] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return -errno;
	got = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (got < 0)
		return -errno;
	return want && strcmp(text, want) ? -EIO : 0;
}

static void count(enum kind kind, int error)
{
	atomic_fetch_add(&counts[kind][-error % ERRNO_MAX], 1);
}

static void one_round(int thread, int round)
{
	char name[64];
	char path[PATH_MAX];
	int error;

	snprintf(name, sizeof(name), "t%d-%d", thread, round);
	probe_join(path, places[KIND_INSIDE], name);
	error = put(path, name);
	count(KIND_INSIDE, error ? error : get(path, name));
	probe_join(path, places[KIND_OUTSIDE], name);
	count(KIND_OUTSIDE, put(path, name));
	count(KIND_SECRET, get(places[KIND_SECRET], NULL));
}

static void *worker(void *argument)
{
	int thread = *(int *)argument;

	pthread_barrier_wait(&barrier);
	for (int round = 0; round < ROUNDS; round++)
		one_round(thread, round);
	return NULL;
}

static void print_counts(void)
{
	for (int kind = 0; kind < KIND_NUM; kind++)
		for (int error = 0; error < ERRNO_MAX; error++)
			if (counts[kind][error])
				printf("%s %s %d\n", kinds[kind],
				       probe_errno_name(error),
				       counts[kind][error]);
}

int main(int argc, char **argv)
{
	pthread_t threads[THREADS];
	int numbers[THREADS];

	if (argc != 1 + KIND_NUM)
		return 2;
	for (int kind = 0; kind < KIND_NUM; kind++)
		places[kind] = argv[1 + kind];
	pthread_barrier_init(&barrier, NULL, THREADS);
	for (int i = 0; i < THREADS; i++) {
		numbers[i] = i;
		if (pthread_create(&threads[i], NULL, worker, &numbers[i]))
			return 1;
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	print_counts();
	return 0;
}
