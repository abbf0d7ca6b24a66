/* SPDX-License-Identifier: MIT */
/*
 * Terminals. Opening one may give it to the opener's session as controlling
 * terminal, and /dev/tty means the opener's: both depend on who opens.
 */
#ifndef SBX_DEVICE_H
#define SBX_DEVICE_H

#include <stdbool.h>
#include <sys/types.h>

#include "target.h"

enum device_way {
	/* A descriptor has been opened. */
	DEVICE_OPENED,
	/* The pinned object is to be opened like any file. */
	DEVICE_PINNED,
	/* Only the target itself can do it, and asks for writing. */
	DEVICE_BY_TARGET,
	/* It failed; the errno stands in place of the descriptor. */
	DEVICE_FAILED,
};

/**
 * device_is_terminal() - a terminal, console or pseudo-terminal?
 * @rdev: st_rdev of a character device; see tty(4), devices.txt
 */
bool device_is_terminal(dev_t rdev);

/**
 * device_terminal() - how to open a terminal for a target.
 * @target: the thread
 * @our_session: session of the broker
 * @rdev: of the terminal
 * @flags: open(2) flags of the target
 * @ret_fd: receives our descriptor (DEVICE_OPENED) or -errno (DEVICE_FAILED)
 */
enum device_way device_terminal(const struct target *target, pid_t our_session,
				dev_t rdev, int flags, int *ret_fd);

#endif /* SBX_DEVICE_H */
