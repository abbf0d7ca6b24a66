/* SPDX-License-Identifier: MIT */
/*
 * Running programs: decided on a copy, recorded with its arguments, and left
 * to the kernel, because nobody can exec on behalf of another.
 */
#include "act.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "request.h"
#include "util.h"

#define ARGUMENT_MAX 1024
/* Pointers that are looked at when arguments are counted. */
#define ARGC_MAX 65536
#define POINTERS_CHUNK 64

/**
 * struct arguments - a copy of the start of an argument vector
 * @argv: NULL-terminated, pointing into the worker's buffer
 * @argc: how many arguments the target passed
 */
struct arguments {
	const char *argv[AUDIT_ARGV_MAX + 1];
	size_t argc;
};

static void copy_argument(const struct worker *worker, uint64_t address,
			  size_t index, struct arguments *arguments)
{
	char *buf = (char *)worker->buffer + index * ARGUMENT_MAX;
	ssize_t len = target_read_string(worker->target->tid, address, buf,
					 ARGUMENT_MAX);

	if (len == -ENAMETOOLONG)
		buf[ARGUMENT_MAX - 1] = '\0';
	else if (len < 0)
		buf[0] = '\0';
	arguments->argv[index] = buf;
}

/* Copies what the record shows. An unreadable vector gives an empty record:
 * the kernel answers it with EFAULT. */
static void copy_arguments(struct worker *worker, struct arguments *arguments)
{
	uint64_t address = request_u64(worker, worker->row->data);

	memset(arguments, 0, sizeof(*arguments));
	if (address == 0 || !broker_buffer(worker))
		return;
	while (arguments->argc < ARGC_MAX) {
		uint64_t pointers[POINTERS_CHUNK];
		ssize_t len = target_read_some(
			worker->target->tid,
			address + arguments->argc * sizeof(pointers[0]),
			pointers, sizeof(pointers));
		size_t num =
			len < 0 ? 0 : (size_t)len / sizeof(pointers[0]);

		for (size_t i = 0; i < num; i++) {
			if (pointers[i] == 0)
				return;
			if (arguments->argc < AUDIT_ARGV_MAX)
				copy_argument(worker, pointers[i],
					      arguments->argc, arguments);
			arguments->argc++;
		}
		if (num == 0)
			return;
	}
}

/* Programs for the 32-bit ABI would find each of their system calls refused.
 * Not ENOEXEC: a shell would take the program for a script then. */
static bool is_foreign_elf(const struct object *object)
{
	unsigned char ident[EI_NIDENT];
	char path[PIN_PATH_MAX];
	cleanup_close int fd = open(pin_path(object->fd, path),
				    O_RDONLY | O_CLOEXEC | O_NOCTTY);

	return fd >= 0 && read(fd, ident, sizeof(ident)) == sizeof(ident) &&
	       memcmp(ident, ELFMAG, SELFMAG) == 0 &&
	       ident[EI_CLASS] != ELFCLASS64;
}

static struct decision decide(const struct worker *worker)
{
	struct policy_object asked = act_object_of(&worker->object);
	char path[PIN_PATH_MAX];

	/* A program that we may not read becomes a process that we may not
	 * look into: nothing it asks for could be decided. */
	if (faccessat(AT_FDCWD, pin_path(worker->object.fd, path), R_OK,
		      AT_EACCESS) < 0)
		return policy_deny(EACCES, "unreadable program",
				   "a program that cannot be read cannot be "
				   "supervised");
	if (is_foreign_elf(&worker->object))
		return policy_deny(EACCES, "foreign ABI",
				   "32-bit programs are not available");
	if (worker->object.is_private)
		return policy_allow("own descriptor");
	return policy_decide(worker->broker->policy, ACCESS_EXEC, &asked);
}

static int find_program(struct worker *worker)
{
	int flags = request_int(worker, worker->row->flags, 0);
	char path[PIN_PATH_MAX];
	int err = request_object(
		worker, (flags & AT_SYMLINK_NOFOLLOW) ? PIN_NOFOLLOW : 0,
		flags & AT_EMPTY_PATH);

	if (err < 0)
		return err;
	if (S_ISLNK(worker->object.st.st_mode))
		return -ELOOP;
	if (!S_ISREG(worker->object.st.st_mode))
		return -EACCES;
	if (faccessat(AT_FDCWD, pin_path(worker->object.fd, path), X_OK,
		      AT_EACCESS) < 0)
		return -errno;
	return 0;
}

struct answer act_exec(struct worker *worker)
{
	struct audit_event event = {.access = ACCESS_EXEC};
	struct arguments arguments;
	struct answer answer;
	char cwd[PATH_MAX];
	ssize_t len;
	int err = find_program(worker);

	if (err < 0)
		return answer_error(err);
	copy_arguments(worker, &arguments);
	len = readlinkat(worker->target->proc, "cwd", cwd, sizeof(cwd) - 1);
	cwd[len < 0 ? 0 : len] = '\0';
	event.object = worker->object.path;
	event.argv = arguments.argv;
	event.argc = arguments.argc;
	event.cwd = cwd[0] ? cwd : NULL;
	event.decision = decide(worker);
	if (!broker_permit_event(worker, &event, &answer))
		return answer;
	target_will_exec(worker->broker->targets, worker->target);
	/* CONTINUE: nobody can exec on behalf of another. A lost race runs
	 * another program than the record says, inside of the same domain C,
	 * under the same filter: it can do nothing that this one could not.
	 * The record therefore calls its arguments unbound. */
	return answer_continue();
}
