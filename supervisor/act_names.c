/* SPDX-License-Identifier: MIT */
/*
 * Names: each directory is pinned, and the kernel gets one component in it,
 * which it does not follow. So a trailing slash, "." and ".." mean what they
 * mean natively.
 */
#include "act.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "request.h"
#include "util.h"

#ifndef RENAME_WHITEOUT
#define RENAME_WHITEOUT (1 << 2)
#endif

static struct answer remove_name(struct worker *worker, enum access access,
				 int flags)
{
	int err = request_name(worker);
	struct answer answer;

	if (err < 0)
		return answer_error(err);
	if (!worker->name.exists)
		return answer_error(-ENOENT);
	if (!act_permit_name(worker, access, false, &answer))
		return answer;
	return answer_result(
		unlinkat(worker->name.dir, worker->name.last, flags));
}

struct answer act_unlink(struct worker *worker)
{
	int flags = request_int(worker, worker->row->flags, 0);

	return remove_name(worker,
			   (flags & AT_REMOVEDIR) ? ACCESS_FS_RMDIR
						  : ACCESS_FS_UNLINK,
			   flags);
}

struct answer act_rmdir(struct worker *worker)
{
	return remove_name(worker, ACCESS_FS_RMDIR, AT_REMOVEDIR);
}

struct answer act_rename(struct worker *worker)
{
	unsigned int flags =
		(unsigned int)request_int(worker, worker->row->flags, 0);
	struct policy_object from, to;
	struct decision decision;
	struct answer answer;
	int err = request_name(worker);

	if (err == 0)
		err = request_name2(worker);
	if (err < 0)
		return answer_error(err);
	if (!worker->name.exists)
		return answer_error(-ENOENT);
	if (flags == 0 && act_is_git_config(worker))
		return act_git_config(worker);
	if (!act_guard_name(worker, worker->name2.dir, worker->name2.path,
			    &answer))
		return answer;
	if ((flags & RENAME_EXCHANGE) &&
	    !act_guard_name(worker, worker->name.dir, worker->name.path,
			    &answer))
		return answer;
	from = act_name_of(&worker->name);
	to = act_name_of(&worker->name2);
	/* A whiteout is a device node: nothing for a confined program. An
	 * exchange needs the same rights both ways, which the rule for moves
	 * asks for anyway. */
	decision = (flags & RENAME_WHITEOUT)
			   ? policy_deny(EPERM, "whiteout",
					 "whiteouts are not available")
			   : policy_decide_move(worker->broker->policy,
						ACCESS_FS_RENAME, &from, &to);
	if (!broker_permit(worker, ACCESS_FS_RENAME, worker->name.path,
			   worker->name2.path, decision, &answer))
		return answer;
	return answer_result(renameat2(worker->name.dir, worker->name.last,
				       worker->name2.dir, worker->name2.last,
				       flags));
}

struct answer act_link(struct worker *worker)
{
	int flags = request_int(worker, worker->row->flags, 0);
	struct policy_object from, to;
	char path[PIN_PATH_MAX];
	struct answer answer;
	int err;

	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return answer_error(-EINVAL);
	err = request_object(worker,
			     (flags & AT_SYMLINK_FOLLOW) ? 0 : PIN_NOFOLLOW,
			     flags & AT_EMPTY_PATH);
	if (err == 0)
		err = request_name2(worker);
	if (err < 0)
		return answer_error(err);
	if (worker->name2.exists)
		return answer_error(-EEXIST);
	if (worker->object.is_private)
		return answer_error(-EXDEV);
	if (!act_guard_name(worker, worker->name2.dir, worker->name2.path,
			    &answer))
		return answer;
	from = act_object_of(&worker->object);
	to = act_name_of(&worker->name2);
	if (!broker_permit(worker, ACCESS_FS_LINK, worker->object.path,
			   worker->name2.path,
			   policy_decide_move(worker->broker->policy,
					      ACCESS_FS_LINK, &from, &to),
			   &answer))
		return answer;
	/* The magic link leads to the pinned object itself, even when that is
	 * a symbolic link. */
	return answer_result(linkat(AT_FDCWD,
				    pin_path(worker->object.fd, path),
				    worker->name2.dir, worker->name2.last,
				    AT_SYMLINK_FOLLOW));
}

struct answer act_symlink(struct worker *worker)
{
	ssize_t len =
		request_copy_path(worker, worker->row->data, worker->path2);
	struct answer answer;
	int err;

	if (len <= 0)
		return answer_error(len < 0 ? (int)len : -ENOENT);
	err = request_name(worker);
	if (err < 0)
		return answer_error(err);
	if (worker->name.exists)
		return answer_error(-EEXIST);
	if (!act_guard_name(worker, worker->name.dir, worker->name.path,
			    &answer) ||
	    !act_permit_name(worker, ACCESS_FS_SYMLINK, true, &answer))
		return answer;
	return answer_result(symlinkat(worker->path2, worker->name.dir,
				       worker->name.last));
}

/* What the two calls that make nodes have in common: the name must be free,
 * and the target's umask applies. */
static bool prepare_node(struct worker *worker, enum access access,
			 mode_t *ret_mask, struct answer *ret_answer)
{
	int err = request_name(worker);

	if (err == 0 && worker->name.exists)
		err = -EEXIST;
	if (err < 0) {
		*ret_answer = answer_error(err);
		return false;
	}
	/* An empty directory is harmless under any name. */
	if (access == ACCESS_FS_MKNOD &&
	    !act_guard_name(worker, worker->name.dir, worker->name.path,
			    ret_answer))
		return false;
	if (!act_permit_name(worker, access, false, ret_answer))
		return false;
	err = target_umask(worker->target, ret_mask);
	*ret_answer = answer_error(err < 0 ? TARGET_UNREADABLE : 0);
	return err == 0;
}

struct answer act_mkdir(struct worker *worker)
{
	mode_t mode = (mode_t)request_u64(worker, worker->row->mode);
	struct answer answer;
	mode_t mask;

	if (!prepare_node(worker, ACCESS_FS_MKDIR, &mask, &answer))
		return answer;
	(void)umask(mask);
	answer = answer_result(
		mkdirat(worker->name.dir, worker->name.last, mode));
	(void)umask(0);
	return answer;
}

struct answer act_mknod(struct worker *worker)
{
	mode_t mode = (mode_t)request_u64(worker, worker->row->mode);
	dev_t dev = (dev_t)(uint32_t)request_u64(worker, worker->row->data);
	struct answer answer;
	mode_t mask;

	if (!prepare_node(worker, ACCESS_FS_MKNOD, &mask, &answer))
		return answer;
	(void)umask(mask);
	answer = answer_result(
		mknodat(worker->name.dir, worker->name.last, mode, dev));
	(void)umask(0);
	return answer;
}
