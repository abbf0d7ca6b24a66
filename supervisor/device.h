/* SPDX-License-Identifier: MIT */
/*
 * Terminals. /dev/tty means that of whoever opens it; and the pseudo-terminals
 * of the user's other programs are not the session's: who opens one can read
 * what is typed there.
 *
 * A terminal that the broker opens does not become the controlling terminal of
 * a target that leads a session and has none, as it natively would without
 * O_NOCTTY: only the opener itself can get one, and letting the target open it
 * would let a race open another. ioctl(TIOCSCTTY), which login_tty(3) and
 * forkpty(3) use, works.
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
	/* It failed; the errno stands in place of the descriptor. */
	DEVICE_FAILED,
};

/**
 * device_is_terminal() - a terminal, console or pseudo-terminal?
 * @rdev: st_rdev of a character device; see tty(4), devices.txt
 */
bool device_is_terminal(dev_t rdev);

/**
 * device_is_ours() - may the session open this terminal?
 * @target: the thread
 * @own: terminal that the session was started on, or 0
 * @rdev: of the terminal
 *
 * It may open the one that it was started on, its own controlling terminal,
 * and pseudo-terminals whose other end a process of the session holds now.
 */
bool device_is_ours(const struct target *target, dev_t own, dev_t rdev);

/**
 * device_own_terminal() - the terminal that a session is started on.
 * Return: st_rdev of the first of descriptors 0 to 2 that is a terminal, or 0.
 */
dev_t device_own_terminal(void);

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
