/* SPDX-License-Identifier: MIT */
#include "request.h"

#include <errno.h>
#include <fcntl.h>

#include "util.h"

int request_int(const struct worker *worker, unsigned int slot, int fallback)
{
	return slot ? (int)worker->args[slot - 1] : fallback;
}

uint64_t request_u64(const struct worker *worker, unsigned int slot)
{
	return slot ? worker->args[slot - 1] : 0;
}

ssize_t request_copy_path(const struct worker *worker, unsigned int slot,
			  char buf[PATH_MAX])
{
	return target_read_string(worker->target->tid,
				  request_u64(worker, slot), buf, PATH_MAX);
}

static int object_at(struct worker *worker, int dirfd, unsigned int flags)
{
	cleanup_close int base =
		resolve_base(worker->target, dirfd, worker->path);

	if (base < 0 && base != AT_FDCWD)
		return base;
	return resolve_object(&worker->broker->resolver, worker->target, base,
			      worker->path, flags, 0, &worker->object);
}

/* The descriptor itself; AT_FDCWD means the working directory. */
static int object_of_fd(struct worker *worker, int fd)
{
	worker->path[0] = '.';
	worker->path[1] = '\0';
	if (fd == AT_FDCWD)
		return object_at(worker, fd, 0);
	return resolve_fd(&worker->broker->resolver, worker->target, fd,
			  &worker->object);
}

int request_object(struct worker *worker, unsigned int flags, bool empty_ok)
{
	const struct mediated *row = worker->row;
	int dirfd = request_int(worker, row->dirfd, AT_FDCWD);
	ssize_t len;

	if (row->fd)
		return object_of_fd(worker, request_int(worker, row->fd, -1));
	len = request_copy_path(worker, row->path, worker->path);
	if (len < 0)
		return (int)len;
	if (len == 0)
		return empty_ok ? object_of_fd(worker, dirfd) : -ENOENT;
	return object_at(worker, dirfd, flags);
}

static int name_at(struct worker *worker, unsigned int dirfd_slot,
		   unsigned int path_slot, char path[PATH_MAX],
		   struct name *ret_name)
{
	int dirfd = request_int(worker, dirfd_slot, AT_FDCWD);
	ssize_t len = request_copy_path(worker, path_slot, path);
	cleanup_close int base = -1;

	if (len <= 0)
		return len < 0 ? (int)len : -ENOENT;
	base = resolve_base(worker->target, dirfd, path);
	if (base < 0 && base != AT_FDCWD)
		return base;
	return resolve_name(&worker->broker->resolver, worker->target, base,
			    path, 0, ret_name);
}

int request_name(struct worker *worker)
{
	return name_at(worker, worker->row->dirfd, worker->row->path,
		       worker->path, &worker->name);
}

int request_name2(struct worker *worker)
{
	return name_at(worker, worker->row->dirfd2, worker->row->path2,
		       worker->path2, &worker->name2);
}

void request_done(struct worker *worker)
{
	object_done(&worker->object);
	object_done(&worker->object2);
	name_done(&worker->name);
	name_done(&worker->name2);
}
