/* SPDX-License-Identifier: MIT */
#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "util.h"

#define MAJOR_TTY 4
#define MAJOR_AUX 5
#define MINOR_CURRENT 0
#define MINOR_MULTIPLEXER 2
#define MAJOR_PTS_FIRST 136
#define MAJOR_PTS_LAST 143
#define MINORS_PER_PTS_MAJOR 256

bool device_is_terminal(dev_t rdev)
{
	unsigned int number = major(rdev);

	return number == MAJOR_TTY || number == MAJOR_AUX ||
	       (number >= MAJOR_PTS_FIRST && number <= MAJOR_PTS_LAST);
}

/* tty_nr of /proc/PID/stat: major in bits 8-19, minor in 0-7 and 20-31. */
static dev_t decode_tty(int tty)
{
	unsigned int bits = (unsigned int)tty;

	return makedev((bits >> 8) & 0xfff, (bits & 0xff) | ((bits >> 12) &
							      0xfff00));
}

/* Opens a pseudo-terminal by its number and makes sure that it is the one. */
static int open_by_number(dev_t wanted, int flags)
{
	cleanup_close int fd = -1;
	struct stat st;
	char path[64];

	if (major(wanted) < MAJOR_PTS_FIRST || major(wanted) > MAJOR_PTS_LAST)
		return -EACCES;
	(void)snprintf(path, sizeof(path), "/dev/pts/%u",
		       (major(wanted) - MAJOR_PTS_FIRST) *
				       MINORS_PER_PTS_MAJOR +
			       minor(wanted));
	fd = open(path, flags);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (st.st_rdev != wanted)
		return -EACCES;
	return TAKE_FD(fd);
}

/* /dev/tty for a target. */
static enum device_way open_current(const struct procstat *stat,
				    pid_t our_session, int flags, int *ret_fd)
{
	int ours = (flags & ~(O_CREAT | O_EXCL | O_NOFOLLOW | O_TRUNC)) |
		   O_CLOEXEC | O_NOCTTY;

	if (stat->tty == 0) {
		*ret_fd = -ENXIO;
		return DEVICE_FAILED;
	}
	if (stat->session == our_session)
		return DEVICE_PINNED;
	*ret_fd = open_by_number(decode_tty(stat->tty), ours);
	return *ret_fd < 0 ? DEVICE_FAILED : DEVICE_OPENED;
}

enum device_way device_terminal(const struct target *target, pid_t our_session,
				dev_t rdev, int flags, int *ret_fd)
{
	bool leads, acquires;
	struct procstat stat;
	int err;

	if (rdev == makedev(MAJOR_AUX, MINOR_MULTIPLEXER))
		return DEVICE_PINNED;
	err = target_stat(target, &stat);
	if (err < 0) {
		*ret_fd = err;
		return DEVICE_FAILED;
	}
	if (rdev == makedev(MAJOR_AUX, MINOR_CURRENT))
		return open_current(&stat, our_session, flags, ret_fd);
	leads = stat.session == target->pid && stat.tty == 0;
	acquires = leads && !(flags & O_NOCTTY);
	/* Acquiring needs a descriptor that reads, our way around needs one
	 * that writes: a read-only one is opened without acquiring. */
	if (acquires && (flags & O_ACCMODE) == O_RDWR)
		return DEVICE_BY_TARGET;
	return DEVICE_PINNED;
}
