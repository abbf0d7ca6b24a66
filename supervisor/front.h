/* SPDX-License-Identifier: MIT */
/*
 * The front: what the caller of sbxsup sees. It owns the terminal side (job
 * control, signals, exit status) and outlives everything else.
 */
#ifndef SBX_FRONT_H
#define SBX_FRONT_H

#include "session.h"

/**
 * front_run() - run a prepared session. Logging.
 * @session: prepared
 * Return: exit status for sbxsup.
 */
int front_run(const struct session *session);

#endif /* SBX_FRONT_H */
