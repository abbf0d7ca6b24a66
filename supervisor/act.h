/* SPDX-License-Identifier: MIT */
/*
 * The handlers: one for each operation of mediated.h. Each copies what its row
 * names, resolves it, asks the policy, passes broker_permit() and acts.
 */
#ifndef SBX_ACT_H
#define SBX_ACT_H

#include "broker.h"

/**
 * act_on() - run the handler of the worker's row.
 * @worker: row, target and args are set
 * Return: the answer for the target.
 */
struct answer act_on(struct worker *worker);

/* act_open.c: opening and creating files. */
struct answer act_open(struct worker *worker);
struct answer act_creat(struct worker *worker);
struct answer act_openat2(struct worker *worker);

/* act_names.c: making, moving and removing names. */
struct answer act_unlink(struct worker *worker);
struct answer act_rmdir(struct worker *worker);
struct answer act_rename(struct worker *worker);
struct answer act_link(struct worker *worker);
struct answer act_symlink(struct worker *worker);
struct answer act_mkdir(struct worker *worker);
struct answer act_mknod(struct worker *worker);

/* act_gitconfig.c: a rename of config.lock to config; both names are pinned. */
bool act_is_git_config(const struct worker *worker);
struct answer act_git_config(struct worker *worker);

/* act_meta.c: size, mode, owner, times, extended attributes, flags. */
struct answer act_truncate(struct worker *worker);
struct answer act_chmod(struct worker *worker);
struct answer act_chown(struct worker *worker);
struct answer act_utime(struct worker *worker);
struct answer act_utimes(struct worker *worker);
struct answer act_utimens(struct worker *worker);
struct answer act_setxattr(struct worker *worker);
struct answer act_removexattr(struct worker *worker);
struct answer act_setflags(struct worker *worker);

/* act_ioctl.c: other requests to file systems */
struct answer act_ioctl(struct worker *worker);

/* act_exec.c */
struct answer act_exec(struct worker *worker);

/* act_process.c: settings of other processes */
struct answer act_process(struct worker *worker);

/* act_net.c: sockets, addresses. */
struct answer act_socket(struct worker *worker);
struct answer act_connect(struct worker *worker);
struct answer act_bind(struct worker *worker);
struct answer act_listen(struct worker *worker);

/* act_send.c: messages with addresses. */
struct answer act_sendto(struct worker *worker);
struct answer act_sendmsg(struct worker *worker);
struct answer act_sendmmsg(struct worker *worker);

/**
 * act_permit_object() - decide about worker->object and record it.
 * @worker: with a pinned object
 * @access: a file access
 * @ret_answer: receives the answer when there must be no act
 * Return: true: act.
 */
bool act_permit_object(struct worker *worker, enum access access,
		       struct answer *ret_answer);

/**
 * act_permit_name() - decide about worker->name and record it.
 * @worker: with a pinned name
 * @access: a file access
 * @is_link: a symbolic link will stand there
 * @ret_answer: receives the answer when there must be no act
 * Return: true: act.
 */
bool act_permit_name(struct worker *worker, enum access access, bool is_link,
		     struct answer *ret_answer);

/**
 * act_guard_name() - may an object get this name, as far as git would take its
 * directory for a repository then? See gitdir.h.
 * @worker: the current notification; act_release() follows its answer
 * @dir: pinned directory
 * @path: canonical path of the name
 * @ret_answer: receives the answer when there must be no act
 * Return: true: go on to the policy.
 */
bool act_guard_name(struct worker *worker, int dir, const char *path,
		    struct answer *ret_answer);

/**
 * act_guard_object() - the same for worker->object, which is to be changed.
 */
bool act_guard_object(struct worker *worker, struct answer *ret_answer);

/**
 * act_release() - the notification has been answered.
 */
void act_release(struct worker *worker);

/**
 * act_pass() - act without a record: reopening what the session holds already,
 * devices that are no storage.
 * @worker: the current notification
 * @ret_answer: receives the answer when there must be no act
 * Return: true: act.
 */
bool act_pass(struct worker *worker, struct answer *ret_answer);

/**
 * act_object_of() - what the policy wants to know of a pinned object.
 */
struct policy_object act_object_of(const struct object *object);

/**
 * act_name_of() - what the policy wants to know of a pinned name.
 */
struct policy_object act_name_of(const struct name *name);

#endif /* SBX_ACT_H */
