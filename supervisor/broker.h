/* SPDX-License-Identifier: MIT */
/*
 * The broker: answers notifications.
 *
 * Theory of operation
 *
 * For each notification: find the row of mediated.def, look at the target,
 * copy the arguments (request.c), then call the row's handler (act_*.c). The
 * handler resolves what the copy names to pinned objects, asks the policy, and
 * passes the decision through broker_permit(): the one place that checks that
 * the caller still waits, writes the audit record, and turns a record that
 * could not be written into a denial. Only after that the handler acts, on the
 * copy and on the pinned objects, and returns the answer.
 *
 * What the target can change meanwhile (memory, names, descriptors) has no
 * influence any more. Every path that does not end in an act ends in an errno.
 */
#ifndef SBX_BROKER_H
#define SBX_BROKER_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "audit.h"
#include "mediated.h"
#include "notify.h"
#include "policy.h"
#include "pool.h"
#include "resolve.h"
#include "target.h"

struct hints;
struct ownports;

/* Bytes of a message that is sent on behalf in one piece. */
#define BROKER_BUFFER_SIZE (256 * 1024)

/* The file that the shim reads reasons from; it exists only in answers. */
#define BROKER_REASON_PATH "/.sbxsup/reason"

/**
 * struct broker - shared by all threads; read-only but for what it points to
 * @policy: sealed
 * @audit: the log
 * @targets: cache of threads
 * @resolver: device numbers for resolution
 * @hints: reasons of recent denials
 * @pool: the threads
 * @listener: where notifications come from
 * @passive: decide and record, refuse nothing (full-access, log-only)
 * @scoped: domain R keeps abstract sockets within the session (ABI 6)
 * @hosts: memory file that stands in for /etc/hosts, or -1
 * @session_id: terminal session of the broker, see device.h
 * @terminal: st_rdev of the terminal that the session was started on, or 0
 * @ports: sockets that the session has bound
 */
struct broker {
	const struct policy *policy;
	struct audit *audit;
	struct target_table *targets;
	struct resolver resolver;
	struct hints *hints;
	struct pool *pool;
	int listener;
	bool passive;
	bool scoped;
	int hosts;
	pid_t session_id;
	dev_t terminal;
	struct ownports *ports;
};

enum answer_kind {
	ANSWER_ERROR,
	ANSWER_VALUE,
	ANSWER_FD,
	ANSWER_CONTINUE,
};

/**
 * struct answer - what the target gets
 * @kind: which of the others counts; the zero value is an error
 * @error: positive errno for ANSWER_ERROR; 0 there means EPERM
 * @value: return value for ANSWER_VALUE
 * @fd: our descriptor for ANSWER_FD; closed after it has been injected
 * @cloexec: the target's new descriptor is close-on-exec
 * @created: the file at worker->name was made for it, and goes again if the
 *           target's table has no room for the descriptor
 */
struct answer {
	enum answer_kind kind;
	int error;
	int64_t value;
	int fd;
	bool cloexec;
	bool created;
};

/**
 * struct worker - one thread's state; lives from its start to its end
 * @broker: shared state
 * @notification: the current one
 * @row: its row
 * @target: the calling thread
 * @args: its register arguments
 * @path: copy of the first path
 * @path2: copy of the second path, or of a link's text
 * @object: object of @path
 * @object2: object of @path2
 * @name: name of @path
 * @name2: name of @path2
 * @serial: of the decision's record, for the outcome
 * @permitted: an allowed decision is being acted on
 * @denied: a denial is being answered
 * @git_locked: gitdir_lock() is held until the notification is answered
 * @buffer: BROKER_BUFFER_SIZE bytes, made when first needed
 *
 * Scratch space is here, so that nothing is allocated between receive and
 * respond, and stacks stay small.
 */
struct worker {
	struct broker *broker;
	union notification notification;
	const struct mediated *row;
	const struct target *target;
	uint64_t args[6];
	char path[PATH_MAX];
	char path2[PATH_MAX];
	struct object object;
	struct object object2;
	struct name name;
	struct name name2;
	uint64_t serial;
	bool permitted;
	bool denied;
	bool git_locked;
	uint8_t *buffer;
};

/* Answers. An error is passed as a negative errno. */
struct answer answer_error(int error);
struct answer answer_value(int64_t value);
struct answer answer_fd(int fd, bool cloexec);
struct answer answer_continue(void);
/* For system calls: -1 means errno, anything else is the value. */
struct answer answer_result(long result);

/**
 * broker_permit() - record a decision; may the handler act?
 * @worker: the current notification
 * @access: what is asked for
 * @object: for the log
 * @object2: for the log, or NULL
 * @decision: from the policy
 * @ret_answer: receives the answer when the handler must not act
 * Return: true: act on the copy now. False: return @ret_answer.
 */
bool broker_permit(struct worker *worker, enum access access,
		   const char *object, const char *object2,
		   struct decision decision, struct answer *ret_answer);

/**
 * broker_permit_event() - the same for a record with more to it (exec).
 * @event: access, objects, argv, decision; the rest is filled in
 */
bool broker_permit_event(struct worker *worker, struct audit_event *event,
			 struct answer *ret_answer);

/**
 * broker_is_waiting() - does the caller still wait for this answer?
 * @worker: the current notification
 */
bool broker_is_waiting(const struct worker *worker);

/**
 * broker_block_begin() - the handler is about to make a blocking call. Others
 * take over; the call returns EINTR when the caller is gone or a signal that
 * it catches is waiting.
 * @worker: the current notification
 * Return: false if nobody can: the handler must answer EAGAIN instead.
 */
bool broker_block_begin(struct worker *worker);

/**
 * broker_block_end() - the blocking call has returned.
 * @worker: the current notification
 * @result: of the call, with errno set when -1
 * Return: the answer: for a call that was interrupted because of a signal,
 * what lets the kernel restart it or not as it would have natively.
 */
struct answer broker_block_end(struct worker *worker, long result);

/**
 * broker_buffer() - the worker's large buffer.
 * @worker: the worker
 * Return: BROKER_BUFFER_SIZE bytes, or NULL.
 */
uint8_t *broker_buffer(struct worker *worker);

/**
 * broker_ops() - what the pool's threads run.
 */
const struct pool_ops *broker_ops(void);

/**
 * broker_init() - set up the shared state; call it in the broker process after
 * it has entered its domain.
 * @broker: policy, audit, listener, hints and passive are set already
 * Return: 0 or -errno.
 */
int broker_init(struct broker *broker);

#endif /* SBX_BROKER_H */
