/* SPDX-License-Identifier: MIT */
/*
 * Size, mode, owner, times, extended attributes and inode flags. Path forms
 * act on the pinned object; descriptor forms on a duplicate of the target's
 * descriptor, so that its kind (O_PATH, read-only) counts as natively.
 */
#include "act.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/limits.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <utime.h>

#include "request.h"
#include "util.h"

#define USEC_PER_SEC 1000000
#define NSEC_PER_USEC 1000

/* Resolves the row's object. */
static bool find_meta(struct worker *worker, struct answer *ret_answer)
{
	const struct mediated *row = worker->row;
	int flags = request_int(worker, row->flags, 0);
	bool nofollow = row->nofollow || (flags & AT_SYMLINK_NOFOLLOW);
	int err;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		err = -EINVAL;
	else
		err = request_object(worker, nofollow ? PIN_NOFOLLOW : 0,
				     flags & AT_EMPTY_PATH);
	if (err < 0)
		*ret_answer = answer_error(err);
	return err == 0;
}

/* Resolves the row's object and asks whether it may be changed. */
static bool permit_meta(struct worker *worker, struct answer *ret_answer)
{
	return find_meta(worker, ret_answer) &&
	       act_permit_object(worker, worker->row->access, ret_answer);
}

/* A file may not grow beyond the target's own limit; the kernel would ask for
 * the broker's. setrlimit(2). */
static bool exceeds_limit(const struct worker *worker, off_t length)
{
	const struct target *target = worker->target;
	struct rlimit limit;

	if (length <= worker->object.st.st_size ||
	    prlimit(target->pid, RLIMIT_FSIZE, NULL, &limit) < 0 ||
	    (rlim_t)length <= limit.rlim_cur)
		return false;
	(void)syscall(__NR_tgkill, target->pid, target->tid, SIGXFSZ);
	return true;
}

struct answer act_truncate(struct worker *worker)
{
	off_t length = (off_t)request_u64(worker, worker->row->data);
	char path[PIN_PATH_MAX];
	struct answer answer;
	int err = request_object(worker, 0, false);

	if (err < 0)
		return answer_error(err);
	if (S_ISDIR(worker->object.st.st_mode))
		return answer_error(-EISDIR);
	if (!act_guard_object(worker, &answer) ||
	    !act_permit_object(worker, ACCESS_FS_TRUNCATE, &answer))
		return answer;
	if (exceeds_limit(worker, length))
		return answer_error(-EFBIG);
	return answer_result(
		truncate(pin_path(worker->object.fd, path), length));
}

/* git init tries on its configuration whether the file system keeps the
 * executable bit; that bit makes git run nothing. */
static bool permit_chmod(struct worker *worker, mode_t mode,
			 struct answer *ret_answer)
{
	const struct policy *policy = worker->broker->policy;
	const struct object *object = &worker->object;
	struct policy_object asked = act_object_of(object);
	mode_t changed = (mode ^ object->st.st_mode) & 07777;

	if ((changed & ~(S_IXUSR | S_IXGRP | S_IXOTH)) ||
	    !S_ISREG(object->st.st_mode) ||
	    !policy_is_git_config(policy, object->path))
		return act_permit_object(worker, ACCESS_FS_CHMOD, ret_answer);
	return broker_permit(worker, ACCESS_FS_CHMOD, object->path, NULL,
			     policy_decide_unprotected(policy, ACCESS_FS_CHMOD,
						       &asked),
			     ret_answer);
}

struct answer act_chmod(struct worker *worker)
{
	mode_t mode = (mode_t)request_u64(worker, worker->row->mode) & 07777;
	char path[PIN_PATH_MAX];
	struct answer answer;

	if (!find_meta(worker, &answer) || !permit_chmod(worker, mode, &answer))
		return answer;
	return answer_result(
		worker->row->fd
			? fchmod(worker->object.fd, mode)
			: chmod(pin_path(worker->object.fd, path), mode));
}

struct answer act_chown(struct worker *worker)
{
	unsigned int slot = worker->row->data;
	uid_t uid = (uid_t)request_u64(worker, slot);
	gid_t gid = (gid_t)request_u64(worker, slot + 1);
	struct answer answer;

	if (!permit_meta(worker, &answer))
		return answer;
	return answer_result(
		worker->row->fd ? fchown(worker->object.fd, uid, gid)
				: fchownat(worker->object.fd, "", uid, gid,
					   AT_EMPTY_PATH));
}

/* Sets the times of the pinned object; NULL means now, and then the kernel
 * asks for less. */
static struct answer set_times(struct worker *worker,
			       const struct timespec *times)
{
	char path[PIN_PATH_MAX];
	struct answer answer;

	if (!permit_meta(worker, &answer))
		return answer;
	return answer_result(utimensat(
		AT_FDCWD, pin_path(worker->object.fd, path), times, 0));
}

struct answer act_utime(struct worker *worker)
{
	uint64_t address = request_u64(worker, worker->row->data);
	struct utimbuf raw;
	struct timespec times[2] = {0};
	int err;

	if (address == 0)
		return set_times(worker, NULL);
	err = target_read(worker->target->tid, address, &raw, sizeof(raw));
	if (err < 0)
		return answer_error(err);
	times[0].tv_sec = raw.actime;
	times[1].tv_sec = raw.modtime;
	return set_times(worker, times);
}

struct answer act_utimes(struct worker *worker)
{
	uint64_t address = request_u64(worker, worker->row->data);
	struct timeval raw[2];
	struct timespec times[2];
	int err;

	if (address == 0)
		return set_times(worker, NULL);
	err = target_read(worker->target->tid, address, raw, sizeof(raw));
	if (err < 0)
		return answer_error(err);
	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		if (raw[i].tv_usec < 0 || raw[i].tv_usec >= USEC_PER_SEC)
			return answer_error(-EINVAL);
		times[i].tv_sec = raw[i].tv_sec;
		times[i].tv_nsec = raw[i].tv_usec * NSEC_PER_USEC;
	}
	return set_times(worker, times);
}

/* utimensat(fd, NULL, …): what futimens(3) calls. */
static struct answer set_times_fd(struct worker *worker,
				  const struct timespec *times)
{
	int fd = request_int(worker, worker->row->dirfd, -1);
	int flags = request_int(worker, worker->row->flags, 0);
	struct answer answer;
	int err = resolve_fd(&worker->broker->resolver, worker->target, fd,
			     &worker->object);

	if (err < 0)
		return answer_error(fd == AT_FDCWD ? -EFAULT : err);
	if (!act_permit_object(worker, ACCESS_FS_UTIME, &answer))
		return answer;
	return answer_result(syscall(__NR_utimensat, worker->object.fd, NULL,
				     times, flags));
}

struct answer act_utimens(struct worker *worker)
{
	uint64_t address = request_u64(worker, worker->row->data);
	struct timespec times[2];
	const struct timespec *given = NULL;

	if (address != 0) {
		int err = target_read(worker->target->tid, address, times,
				      sizeof(times));

		if (err < 0)
			return answer_error(err);
		given = times;
	}
	if (request_u64(worker, worker->row->path) == 0)
		return set_times_fd(worker, given);
	return set_times(worker, given);
}

/* Copies the name of an extended attribute to worker->path2. */
static int copy_xattr_name(struct worker *worker)
{
	ssize_t len = target_read_string(
		worker->target->tid, request_u64(worker, worker->row->data),
		worker->path2, XATTR_NAME_MAX + 1);

	if (len == -ENAMETOOLONG || len == 0)
		return -ERANGE;
	return len < 0 ? (int)len : 0;
}

struct answer act_setxattr(struct worker *worker)
{
	unsigned int slot = worker->row->data;
	uint64_t value = request_u64(worker, slot + 1);
	uint64_t size = request_u64(worker, worker->row->size);
	int flags = request_int(worker, slot + 3, 0);
	uint8_t *buffer = broker_buffer(worker);
	char path[PIN_PATH_MAX];
	struct answer answer;
	int err = copy_xattr_name(worker);

	if (err == 0 && size > XATTR_SIZE_MAX)
		err = -E2BIG;
	if (err == 0 && !buffer)
		err = -ENOMEM;
	if (err == 0 && size > 0)
		err = target_read(worker->target->tid, value, buffer, size);
	if (err < 0)
		return answer_error(err);
	if (!permit_meta(worker, &answer))
		return answer;
	return answer_result(
		worker->row->fd ? fsetxattr(worker->object.fd, worker->path2,
					    buffer, size, flags)
				: setxattr(pin_path(worker->object.fd, path),
					   worker->path2, buffer, size, flags));
}

struct answer act_removexattr(struct worker *worker)
{
	char path[PIN_PATH_MAX];
	struct answer answer;
	int err = copy_xattr_name(worker);

	if (err < 0)
		return answer_error(err);
	if (!permit_meta(worker, &answer))
		return answer;
	return answer_result(
		worker->row->fd
			? fremovexattr(worker->object.fd, worker->path2)
			: removexattr(pin_path(worker->object.fd, path),
				      worker->path2));
}

struct answer act_setflags(struct worker *worker)
{
	/* Both requests pass a pointer to an argument of fixed size; of the
	 * one that says long the kernel reads an int. */
	union {
		int flags;
		struct fsxattr attributes;
	} argument = {0};
	unsigned int request = (unsigned int)worker->args[1];
	size_t size = request == FS_IOC_SETFLAGS ? sizeof(argument.flags)
						 : sizeof(argument.attributes);
	struct answer answer;
	int err = target_read(worker->target->tid,
			      request_u64(worker, worker->row->data),
			      &argument, size);

	if (err < 0)
		return answer_error(err);
	if (!permit_meta(worker, &answer))
		return answer;
	return answer_result(ioctl(worker->object.fd, request, &argument));
}
