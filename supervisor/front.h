/* SPDX-License-Identifier: MIT */
/*
 * The front: what the caller of sbxsup sees. It owns the terminal side (job
 * control, signals, exit status) and outlives everything else.
 */
#ifndef SBX_FRONT_H
#define SBX_FRONT_H

#include "launch.h"
#include "session.h"

/**
 * front_get_caller() - learn how sbxsup was called, and reserve descriptors 0
 * to 2. Comes first in main(): whatever is opened later must not become one of
 * them.
 * @ret_caller: receives the state
 */
void front_get_caller(struct caller *ret_caller);

/**
 * front_run() - run a prepared session. Logging.
 * @session: prepared
 * @caller: from front_get_caller()
 * Return: exit status for sbxsup.
 */
int front_run(const struct session *session, const struct caller *caller);

#endif /* SBX_FRONT_H */
