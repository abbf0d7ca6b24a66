/* SPDX-License-Identifier: MIT */
/*
 * The broker process: confines itself, starts the command, serves until the
 * command ends or the front is gone, and takes everything down with it.
 */
#ifndef SBX_SUPERVISE_H
#define SBX_SUPERVISE_H

#include "launch.h"

/**
 * supervise_run() - the life of the broker process. Does not return.
 * @launch: how the command is to start
 * @control: its end of the control socket
 */
void supervise_run(const struct launch *launch, int control)
	__attribute__((noreturn));

#endif /* SBX_SUPERVISE_H */
