/* SPDX-License-Identifier: MIT */
#include "act.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "gitdir.h"
#include "util.h"

static struct answer act_refuse(struct worker *worker)
{
	struct answer answer;

	/* Judged by number and registers; there is nothing that could change
	 * and no act that could follow. */
	if (broker_permit(worker, worker->row->access, worker->row->name, NULL,
			  policy_deny(worker->row->error, "mediated.def",
				      "this system call is not available to "
				      "confined programs"),
			  &answer))
		return answer_error(-worker->row->error);
	return answer;
}

static struct answer (*const handlers[])(struct worker *) = {
	[OP_OPEN] = act_open,
	[OP_CREAT] = act_creat,
	[OP_OPENAT2] = act_openat2,
	[OP_TRUNCATE] = act_truncate,
	[OP_UNLINK] = act_unlink,
	[OP_RMDIR] = act_rmdir,
	[OP_RENAME] = act_rename,
	[OP_LINK] = act_link,
	[OP_SYMLINK] = act_symlink,
	[OP_MKDIR] = act_mkdir,
	[OP_MKNOD] = act_mknod,
	[OP_CHMOD] = act_chmod,
	[OP_CHOWN] = act_chown,
	[OP_UTIME] = act_utime,
	[OP_UTIMES] = act_utimes,
	[OP_UTIMENS] = act_utimens,
	[OP_SETXATTR] = act_setxattr,
	[OP_REMOVEXATTR] = act_removexattr,
	[OP_SETFLAGS] = act_setflags,
	[OP_EXEC] = act_exec,
	[OP_PROCESS] = act_process,
	[OP_SOCKET] = act_socket,
	[OP_CONNECT] = act_connect,
	[OP_BIND] = act_bind,
	[OP_LISTEN] = act_listen,
	[OP_SENDTO] = act_sendto,
	[OP_SENDMSG] = act_sendmsg,
	[OP_SENDMMSG] = act_sendmmsg,
	[OP_IOCTL] = act_ioctl,
	[OP_REFUSE] = act_refuse,
};
_Static_assert(ARRAY_SIZE(handlers) == OP_NUM, "a handler for each operation");

struct answer act_on(struct worker *worker)
{
	return handlers[worker->row->op](worker);
}

struct policy_object act_object_of(const struct object *object)
{
	return (struct policy_object){
		.path = object->path,
		.has_id = true,
		.dev = object->st.st_dev,
		.ino = object->st.st_ino,
		.is_file = S_ISREG(object->st.st_mode),
	};
}

struct policy_object act_name_of(const struct name *name)
{
	return (struct policy_object){
		.path = name->path,
		.has_id = name->exists,
		.dev = name->st.st_dev,
		.ino = name->st.st_ino,
	};
}

bool act_guard_name(struct worker *worker, int dir, const char *path,
		    struct answer *ret_answer)
{
	if (worker->broker->passive || !gitdir_is_name(path))
		return true;
	if (!worker->git_locked)
		gitdir_lock();
	worker->git_locked = true;
	if (!gitdir_completes(dir, path))
		return true;
	return broker_permit(worker, worker->row->access, path, NULL,
			     policy_deny(EACCES, "git repository",
					 "with this file git would take the "
					 "directory for a repository and obey "
					 "what is in it"),
			     ret_answer);
}

bool act_guard_object(struct worker *worker, struct answer *ret_answer)
{
	const struct object *object = &worker->object;
	char dir[RESOLVE_PATH_MAX];
	char *slash;
	cleanup_close int fd = -1;
	struct stat st;

	if (worker->broker->passive || !S_ISREG(object->st.st_mode) ||
	    object->is_private || !gitdir_is_name(object->path))
		return true;
	(void)strlcpy(dir, object->path, sizeof(dir));
	slash = strrchr(dir, '/');
	if (!slash)
		return true;
	*slash = '\0';
	fd = open(slash == dir ? "/" : dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	/* The directory must hold the pinned object still. */
	if (fd < 0 || fstatat(fd, slash + 1, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    st.st_dev != object->st.st_dev || st.st_ino != object->st.st_ino) {
		*ret_answer = answer_error(-EAGAIN);
		return false;
	}
	return act_guard_name(worker, fd, object->path, ret_answer);
}

void act_release(struct worker *worker)
{
	if (worker->git_locked)
		gitdir_unlock();
	worker->git_locked = false;
}

bool act_pass(struct worker *worker, struct answer *ret_answer)
{
	if (!broker_is_waiting(worker)) {
		*ret_answer = answer_error(-ESRCH);
		return false;
	}
	/* CONTINUE: nothing is refused in a passive session. */
	*ret_answer = answer_continue();
	return !worker->broker->passive;
}

bool act_permit_object(struct worker *worker, enum access access,
		       struct answer *ret_answer)
{
	const struct object *object = &worker->object;
	struct policy_object asked = act_object_of(object);

	if (object->is_private)
		return act_pass(worker, ret_answer);
	return broker_permit(
		worker, access, object->path, NULL,
		policy_decide(worker->broker->policy, access, &asked),
		ret_answer);
}

bool act_permit_name(struct worker *worker, enum access access, bool is_link,
		     struct answer *ret_answer)
{
	struct policy_object asked = act_name_of(&worker->name);

	asked.is_link = is_link;
	asked.is_file = access == ACCESS_FS_CREATE || access == ACCESS_FS_MKNOD;
	return broker_permit(
		worker, access, worker->name.path, NULL,
		policy_decide(worker->broker->policy, access, &asked),
		ret_answer);
}
