/* SPDX-License-Identifier: MIT */
/*
 * Decoding: from a notification's registers and slots to copies in our memory.
 */
#ifndef SBX_REQUEST_H
#define SBX_REQUEST_H

#include "broker.h"

/**
 * request_int() - a register argument as the kernel reads an int.
 * @worker: the current notification
 * @slot: slot of the row (argument number plus one)
 * @fallback: value when the row has no such slot
 */
int request_int(const struct worker *worker, unsigned int slot, int fallback);

/**
 * request_u64() - a register argument as it is; 0 when the row has no slot.
 */
uint64_t request_u64(const struct worker *worker, unsigned int slot);

/**
 * request_copy_path() - copy a path argument.
 * @worker: the current notification
 * @slot: its slot
 * @buf: receives the path, terminated
 * Return: its length; -EFAULT, -ENAMETOOLONG as natively; -EPERM when the
 * target cannot be read.
 */
ssize_t request_copy_path(const struct worker *worker, unsigned int slot,
			  char buf[PATH_MAX]);

/**
 * request_object() - copy the row's path and resolve it to worker->object.
 * @worker: the current notification
 * @flags: PIN_ flags
 * @empty_ok: an empty path means the descriptor itself (AT_EMPTY_PATH)
 * Return: 0 or -errno; a row with an fd slot resolves the descriptor.
 */
int request_object(struct worker *worker, unsigned int flags, bool empty_ok);

/**
 * request_name() - copy the row's first path and resolve it to worker->name.
 * Return: 0 or -errno.
 */
int request_name(struct worker *worker);

/**
 * request_name2() - the same for the second path and worker->name2.
 */
int request_name2(struct worker *worker);

/**
 * request_done() - close what the requests of a worker have pinned.
 * @worker: the worker
 */
void request_done(struct worker *worker);

#endif /* SBX_REQUEST_H */
