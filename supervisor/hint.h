/* SPDX-License-Identifier: MIT */
/*
 * Hints: why the last call of a thread was refused, in one line for people and
 * models. The shim asks for it by opening BROKER_REASON_PATH; the answer is a
 * sealed memory file, so that the target has no channel into the broker.
 */
#ifndef SBX_HINT_H
#define SBX_HINT_H

#include <stdbool.h>
#include <sys/types.h>

#include "decision.h"

#define HINT_TEXT_MAX 1024

struct hints;

/**
 * hints_new() - an empty store.
 * @quiet: never say anything
 * @ret_hints: receives it; freed by hints_free()
 * Return: 0 or -ENOMEM.
 */
int hints_new(bool quiet, struct hints **ret_hints);

/**
 * hints_free() - free a store; NULL is allowed.
 */
void hints_free(struct hints *hints);

/**
 * hints_set() - remember why a thread was refused.
 * @hints: the store; thread-safe
 * @pid: its thread group
 * @tid: the thread
 * @access: what it asked for
 * @object: what it was about; control bytes are escaped
 * @decision: the denial
 */
void hints_set(struct hints *hints, pid_t pid, pid_t tid, enum access access,
	       const char *object, const struct decision *decision);

/**
 * hints_clear() - the thread's last call was not refused.
 * @hints: the store; thread-safe
 * @tid: the thread
 */
void hints_clear(struct hints *hints, pid_t tid);

/**
 * hints_take() - the text for a thread, once for each rule and access in a
 * process and at most HINT_RATE lines in a second for the whole session.
 * @hints: the store; thread-safe
 * @tid: the thread
 * @buf: receives one line with its newline, or ""
 * Return: length of the text.
 */
size_t hints_take(struct hints *hints, pid_t tid, char buf[HINT_TEXT_MAX]);

/**
 * hints_open() - a sealed memory file with the text for a thread.
 * @hints: the store
 * @tid: the thread
 * Return: a read-only descriptor, or -errno.
 */
int hints_open(struct hints *hints, pid_t tid);

#endif /* SBX_HINT_H */
