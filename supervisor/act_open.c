/* SPDX-License-Identifier: MIT */
/*
 * Opening: resolve and pin the object, decide, then open what is pinned and
 * put the new descriptor into the target.
 */
#include "act.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "device.h"
#include "hint.h"
#include "procfile.h"
#include "request.h"
#include "util.h"

/* Rounds of "not there, create it, it is there now" before giving up. */
#define CREATE_ROUNDS_MAX 16
#define OPEN_HOW_SIZE_MAX 4096

/**
 * struct opening - what is asked for
 * @flags: open(2) flags
 * @mode: for creation
 * @resolve: RESOLVE_ flags of openat2(2)
 */
struct opening {
	int flags;
	mode_t mode;
	uint64_t resolve;
};

static bool is_tmpfile(const struct opening *how)
{
	return (how->flags & O_TMPFILE) == O_TMPFILE;
}

static bool is_writing(const struct opening *how)
{
	return (how->flags & O_ACCMODE) != O_RDONLY ||
	       (how->flags & O_TRUNC) != 0;
}

static enum access wanted_access(const struct opening *how)
{
	if (is_tmpfile(how))
		return ACCESS_FS_CREATE;
	if (!is_writing(how))
		return ACCESS_FS_READ;
	return (how->flags & O_ACCMODE) == O_WRONLY ? ACCESS_FS_WRITE
						    : ACCESS_FS_READ_WRITE;
}

/* Opens the pinned object. A FIFO, or a file with a lease, may block. */
static struct answer open_pinned(struct worker *worker,
				 const struct opening *how)
{
	/* Of O_TMPFILE the others are parts of what is asked. */
	int drop = is_tmpfile(how) ? O_NOFOLLOW : O_CREAT | O_EXCL | O_NOFOLLOW;
	int flags = (how->flags & ~drop) | O_CLOEXEC | O_NOCTTY;
	bool blocks = S_ISFIFO(worker->object.st.st_mode) &&
		      !(how->flags & O_NONBLOCK);
	char path[PIN_PATH_MAX];
	struct answer answer;
	mode_t mask = 0;
	long fd;

	if (is_tmpfile(how) && target_umask(worker->target, &mask) < 0)
		return answer_error(TARGET_UNREADABLE);
	if ((how->flags & O_TRUNC) && target_is_full(worker->target))
		return answer_error(-EMFILE);
	if (blocks && !broker_block_begin(worker))
		return answer_error(-EAGAIN);
	if (mask != 0)
		(void)umask(mask);
	fd = open(pin_path(worker->object.fd, path), flags, how->mode);
	answer = blocks ? broker_block_end(worker, fd) : answer_result(fd);
	if (mask != 0)
		(void)umask(0);
	if (fd < 0)
		return answer;
	return answer_fd((int)fd, (how->flags & O_CLOEXEC) != 0);
}

static struct decision decide_device(const struct worker *worker,
				     const struct opening *how)
{
	const struct broker *broker = worker->broker;
	struct policy_object asked = act_object_of(&worker->object);
	dev_t rdev = worker->object.st.st_rdev;
	struct decision decision = policy_decide(
		broker->policy, wanted_access(how), &asked);

	if (broker->policy->mode == MODE_FULL_ACCESS ||
	    decision.verdict != VERDICT_ALLOW)
		return decision;
	if (S_ISCHR(worker->object.st.st_mode) && device_is_terminal(rdev))
		return device_is_ours(worker->target, broker->terminal, rdev)
			       ? decision
			       : policy_deny(EACCES, "terminals",
					     "a terminal of other programs");
	/* A device is more than the file that names it: one that the policy
	 * does not list for writing is not to be read either. */
	if (policy_decide(broker->policy, ACCESS_FS_WRITE, &asked).verdict ==
	    VERDICT_ALLOW)
		return decision;
	return policy_deny(EACCES, "devices", "a device that is not listed");
}

static struct answer open_device(struct worker *worker,
				 const struct opening *how)
{
	struct decision decision = decide_device(worker, how);
	struct answer answer;
	int fd;

	if (decision.verdict != VERDICT_ALLOW) {
		if (!broker_permit(worker, wanted_access(how),
				   worker->object.path, NULL, decision,
				   &answer))
			return answer;
	} else if (!act_pass(worker, &answer)) {
		return answer;
	}
	if (!S_ISCHR(worker->object.st.st_mode) ||
	    !device_is_terminal(worker->object.st.st_rdev))
		return open_pinned(worker, how);
	switch (device_terminal(worker->target, worker->broker->session_id,
				worker->object.st.st_rdev, how->flags, &fd)) {
	case DEVICE_OPENED:
		return answer_fd(fd, (how->flags & O_CLOEXEC) != 0);
	case DEVICE_PINNED:
		return open_pinned(worker, how);
	case DEVICE_FAILED:
		break;
	}
	return answer_error(fd);
}

/* The session's own /etc/hosts, with the addresses of host rules. */
static bool is_hosts_file(const struct worker *worker,
			  const struct opening *how)
{
	return worker->broker->hosts >= 0 && !is_writing(how) &&
	       strcmp(worker->object.path, "/etc/hosts") == 0;
}

static struct answer open_hosts(struct worker *worker,
				const struct opening *how)
{
	char path[PIN_PATH_MAX];
	int fd = open(pin_path(worker->broker->hosts, path),
		      O_RDONLY | O_CLOEXEC);

	return fd < 0 ? answer_error(-errno)
		      : answer_fd(fd, (how->flags & O_CLOEXEC) != 0);
}

static struct decision decide_procfile(const struct resolver *resolver,
				       const struct object *object)
{
	return procfile_is_writable(resolver, object)
		       ? policy_allow("own process")
		       : policy_deny(EACCES, "processes",
				     "only a few settings of the session's own "
				     "processes can be changed");
}

static struct answer open_existing(struct worker *worker,
				   const struct opening *how)
{
	const struct resolver *resolver = &worker->broker->resolver;
	const struct object *object = &worker->object;
	mode_t type = object->st.st_mode & S_IFMT;
	struct answer answer;

	if ((how->flags & O_CREAT) && (how->flags & O_EXCL))
		return answer_error(-EEXIST);
	if (type == S_IFLNK)
		return answer_error(-ELOOP);
	if (type == S_IFDIR && !is_tmpfile(how) &&
	    (is_writing(how) || (how->flags & O_CREAT)))
		return answer_error(-EISDIR);
	if ((type == S_IFCHR || type == S_IFBLK) && !object->is_private)
		return open_device(worker, how);
	if (is_writing(how) && !act_guard_object(worker, &answer))
		return answer;
	if (is_writing(how) && procfile_is_of_process(resolver, object)) {
		if (!broker_permit(worker, wanted_access(how), object->path,
				   NULL, decide_procfile(resolver, object),
				   &answer))
			return answer;
	} else if (!act_permit_object(worker, wanted_access(how), &answer)) {
		return answer;
	}
	return is_hosts_file(worker, how) ? open_hosts(worker, how)
					  : open_pinned(worker, how);
}

/* Creates the file at worker->name, which did not exist when it was resolved.
 * Returns false when it exists by now and the caller must look again. */
static bool create(struct worker *worker, const struct opening *how,
		   struct answer *ret_answer)
{
	const struct name *name = &worker->name;
	int flags = how->flags | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC |
		    O_NOCTTY;
	mode_t mask;
	int fd;

	if (!act_guard_name(worker, name->dir, name->path, ret_answer) ||
	    !act_permit_name(worker, ACCESS_FS_CREATE, false, ret_answer))
		return true;
	if (target_umask(worker->target, &mask) < 0) {
		*ret_answer = answer_error(TARGET_UNREADABLE);
		return true;
	}
	(void)umask(mask);
	fd = openat(name->dir, name->last, flags, how->mode);
	*ret_answer = answer_result(fd);
	(void)umask(0);
	if (fd >= 0) {
		*ret_answer = answer_fd(fd, (how->flags & O_CLOEXEC) != 0);
		ret_answer->created = true;
	}
	return fd >= 0 || ret_answer->error != EEXIST ||
	       (how->flags & O_EXCL) != 0;
}

/* Finds the name to create. Returns true when @ret_answer is final. */
static bool find_creation(struct worker *worker, int base,
			  const struct opening *how, struct answer *ret_answer)
{
	const struct resolver *resolver = &worker->broker->resolver;
	bool follow = (how->flags & (O_EXCL | O_NOFOLLOW)) == 0 &&
		      how->resolve == 0;
	int err;

	name_done(&worker->name);
	err = follow ? resolve_creation(resolver, worker->target, base,
					worker->path, &worker->name)
		     : resolve_name(resolver, worker->target, base,
				    worker->path, how->resolve, &worker->name);
	*ret_answer = answer_error(err);
	if (err < 0)
		return true;
	if (!worker->name.exists)
		return false;
	if (how->flags & O_EXCL)
		*ret_answer = answer_error(-EEXIST);
	else if (S_ISLNK(worker->name.st.st_mode))
		*ret_answer = answer_error(-ELOOP);
	else
		return false;
	return true;
}

/* What O_CREAT says to a name with a slash behind it, wherever that leads. */
static struct answer refuse_slash(struct worker *worker, int base,
				  const struct opening *how)
{
	int err = resolve_name(&worker->broker->resolver, worker->target, base,
			       worker->path, how->resolve, &worker->name);

	return answer_error(err < 0 ? err : -EISDIR);
}

static struct answer open_path(struct worker *worker, int base,
			       const struct opening *how)
{
	unsigned int flags = 0;
	struct answer answer = answer_error(-ELOOP);

	if ((how->flags & O_CREAT) && !is_tmpfile(how) &&
	    worker->path[strlen(worker->path) - 1] == '/')
		return refuse_slash(worker, base, how);

	if ((how->flags & O_NOFOLLOW) ||
	    (how->flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		flags |= PIN_NOFOLLOW;
	if (how->flags & O_DIRECTORY)
		flags |= PIN_DIRECTORY;
	for (int round = 0; round < CREATE_ROUNDS_MAX; round++) {
		int err = resolve_object(&worker->broker->resolver,
					 worker->target, base, worker->path,
					 flags, how->resolve, &worker->object);

		if (err == 0)
			return open_existing(worker, how);
		if (err != -ENOENT || !(how->flags & O_CREAT) ||
		    is_tmpfile(how))
			return answer_error(err);
		if (find_creation(worker, base, how, &answer) ||
		    (!worker->name.exists && create(worker, how, &answer)))
			return answer;
	}
	return answer;
}

static struct answer open_copied(struct worker *worker,
				 const struct opening *how)
{
	int dirfd = request_int(worker, worker->row->dirfd, AT_FDCWD);
	cleanup_close int base = -1;

	if (!worker->broker->passive &&
	    strcmp(worker->path, BROKER_REASON_PATH) == 0) {
		int fd = hints_open(worker->broker->hints, worker->target->tid);

		return fd < 0 ? answer_error(fd) : answer_fd(fd, true);
	}
	/* A scoped path starts from the descriptor even when it is absolute. */
	base = resolve_base(worker->target, dirfd,
			    (how->resolve & (RESOLVE_IN_ROOT | RESOLVE_BENEATH))
				    ? ""
				    : worker->path);
	if (base < 0 && base != AT_FDCWD)
		return answer_error(base);
	return open_path(worker, base, how);
}

static int copy_path(struct worker *worker)
{
	ssize_t len =
		request_copy_path(worker, worker->row->path, worker->path);

	if (len < 0)
		return (int)len;
	return len == 0 ? -ENOENT : 0;
}

struct answer act_open(struct worker *worker)
{
	struct opening how = {
		.flags = request_int(worker, worker->row->flags, 0),
		.mode = (mode_t)request_u64(worker, worker->row->mode) & 07777,
	};
	int err = copy_path(worker);

	if (err < 0)
		return answer_error(err);
	/* Since Linux 6.4 this pair is refused instead of half obeyed. */
	if ((how.flags & O_CREAT) && (how.flags & O_DIRECTORY) &&
	    !is_tmpfile(&how))
		return answer_error(-EINVAL);
	if (is_tmpfile(&how) && (how.flags & O_ACCMODE) == O_RDONLY)
		return answer_error(-EINVAL);
	return open_copied(worker, &how);
}

struct answer act_creat(struct worker *worker)
{
	const struct opening how = {
		.flags = O_CREAT | O_WRONLY | O_TRUNC,
		.mode = (mode_t)request_u64(worker, worker->row->mode) & 07777,
	};
	int err = copy_path(worker);

	return err < 0 ? answer_error(err) : open_copied(worker, &how);
}

/* Copies struct open_how; what a newer program appends must be zero. */
static int copy_how(struct worker *worker, struct open_how *ret_how)
{
	uint64_t size = request_u64(worker, worker->row->size);
	uint8_t bytes[OPEN_HOW_SIZE_MAX] = {0};
	int err;

	if (size < sizeof(*ret_how))
		return -EINVAL;
	if (size > sizeof(bytes))
		return -E2BIG;
	err = target_read(worker->target->tid,
			  request_u64(worker, worker->row->data), bytes, size);
	if (err < 0)
		return err;
	for (size_t i = sizeof(*ret_how); i < size; i++)
		if (bytes[i] != 0)
			return -E2BIG;
	memcpy(ret_how, bytes, sizeof(*ret_how));
	return 0;
}

/* The kernel judges flags before it looks at the path: for an empty path it
 * says ENOENT only when they are in order. */
static int check_how(const struct open_how *how)
{
	if (syscall(__NR_openat2, AT_FDCWD, "", how, sizeof(*how)) >= 0)
		return -EINVAL;
	return errno == ENOENT ? 0 : -errno;
}

struct answer act_openat2(struct worker *worker)
{
	struct open_how raw;
	struct opening how;
	int err = copy_how(worker, &raw);

	if (err == 0)
		err = check_how(&raw);
	if (err == 0)
		err = copy_path(worker);
	if (err < 0)
		return answer_error(err);
	/* An O_PATH descriptor cannot be put into another process, and the
	 * flags are in memory, so that letting the kernel open it would let a
	 * race open something for reading. Programs fall back on openat(2). */
	if (raw.flags & O_PATH)
		return answer_error(-ENOSYS);
	how = (struct opening){
		.flags = (int)raw.flags,
		.mode = (mode_t)raw.mode,
		.resolve = raw.resolve,
	};
	return open_copied(worker, &how);
}
