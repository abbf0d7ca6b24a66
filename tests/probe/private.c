/* SPDX-License-Identifier: MIT */
/*
 * private INSIDE OUTSIDE SECRETS: a thread that has a descriptor table and a
 * working directory of its own asks for things by numbers and names that mean
 * something else to the other threads. INSIDE, OUTSIDE and SECRETS are
 * directories, each with a file "data". Prints the answers: first with the
 * thread in OUTSIDE and SECRETS and the others in INSIDE, then the other way
 * around, where everything is allowed.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe.h"

/* Numbers that nothing else uses. */
#define DIR_FD 200
#define SECRET_FD 201
#define FILE_FD 202

/**
 * struct place - what the numbers and the working directory mean
 * @dir: for DIR_FD, FILE_FD and as working directory
 * @secrets: for SECRET_FD
 */
struct place {
	const char *dir;
	const char *secrets;
};

static struct place thread_place;

static int put_at(int number, const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (dup2(fd, number) < 0)
		return -errno;
	return probe_result(close(fd));
}

static int take_place(const struct place *place)
{
	char file[PATH_MAX];
	int error = put_at(DIR_FD, place->dir, O_PATH | O_DIRECTORY);

	probe_join(file, place->dir, "data");
	if (!error)
		error = put_at(SECRET_FD, place->secrets,
			       O_PATH | O_DIRECTORY);
	if (!error)
		error = put_at(FILE_FD, file, O_RDONLY);
	return error ? error : probe_result(chdir(place->dir));
}

static int create_at(int dirfd, const char *name)
{
	int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			0644);

	return fd < 0 ? -errno : probe_result(close(fd));
}

static int read_at(int dirfd, const char *name)
{
	char byte;
	int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return read(fd, &byte, 1) == 1 ? probe_result(close(fd)) : -EIO;
}

static void say(const char *what, int error)
{
	printf("%s %s\n", what, probe_errno_name(error));
}

static void *thread(void *argument)
{
	int error = probe_result(unshare(CLONE_FS | CLONE_FILES));

	(void)argument;
	say("prepare", error ? error : take_place(&thread_place));
	say("create-by-descriptor", create_at(DIR_FD, "new-by-descriptor"));
	say("create-by-directory", create_at(AT_FDCWD, "new-by-directory"));
	say("mkdir", probe_result(mkdirat(DIR_FD, "new-directory", 0755)));
	say("chmod", probe_result(fchmod(FILE_FD, 0600)));
	say("secret-by-descriptor", read_at(SECRET_FD, "data"));
	error = probe_result(fchdir(SECRET_FD));
	say("secret-by-directory", error ? error : read_at(AT_FDCWD, "data"));
	return NULL;
}

int main(int argc, char **argv)
{
	for (int round = 0; argc == 4 && round < 2; round++) {
		struct place good = {.dir = argv[1], .secrets = argv[1]};
		struct place bad = {.dir = argv[2], .secrets = argv[3]};
		int error = take_place(round ? &bad : &good);
		pthread_t id;

		if (error)
			say("main", error);
		thread_place = round ? good : bad;
		if (pthread_create(&id, NULL, thread, NULL) ||
		    pthread_join(id, NULL))
			return 1;
	}
	return argc == 4 ? 0 : 2;
}
