/* SPDX-License-Identifier: MIT */
#include "device.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

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
	struct procstat stat;
	int err;

	if (rdev != makedev(MAJOR_AUX, MINOR_CURRENT))
		return DEVICE_PINNED;
	err = target_stat(target, &stat);
	if (err == 0)
		return open_current(&stat, our_session, flags, ret_fd);
	*ret_fd = err;
	return DEVICE_FAILED;
}

dev_t device_own_terminal(void)
{
	struct stat st;

	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (isatty(fd) && fstat(fd, &st) == 0)
			return st.st_rdev;
	return 0;
}

/* The number of the pseudo-terminal that a descriptor is the master of, or -1.
 * proc_pid_fdinfo(5). */
static int master_index(const char *fd_path, const char *info_path)
{
	static const char key[] = "tty-index:";
	char text[512];
	cleanup_close int fd = -1;
	const char *found;
	ssize_t len = readlink(fd_path, text, sizeof(text) - 1);

	if (len < 0)
		return -1;
	text[len] = '\0';
	if (!strstr(text, "ptmx"))
		return -1;
	fd = open(info_path, O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (len < 0)
		return -1;
	text[len] = '\0';
	found = strstr(text, key);
	return found ? (int)strtol(found + strlen(key), NULL, 10) : -1;
}

/* Does a process hold the master of this pseudo-terminal? The kernel lets the
 * broker look only into processes of its own domain. */
static bool process_has_master(const char *pid, int index)
{
	char dir[64], path[320], info[320];
	bool found = false;
	DIR *fds;

	(void)snprintf(dir, sizeof(dir), "/proc/%.16s/fd", pid);
	fds = opendir(dir);
	if (!fds)
		return false;
	for (const struct dirent *entry; !found && (entry = readdir(fds));) {
		(void)snprintf(path, sizeof(path), "/proc/%.16s/fd/%s", pid,
			       entry->d_name);
		(void)snprintf(info, sizeof(info), "/proc/%.16s/fdinfo/%s", pid,
			       entry->d_name);
		found = master_index(path, info) == index;
	}
	(void)closedir(fds);
	return found;
}

static bool session_has_master(int index)
{
	DIR *proc = opendir("/proc");
	bool found = false;

	if (!proc)
		return false;
	for (const struct dirent *entry; !found && (entry = readdir(proc));)
		if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9')
			found = process_has_master(entry->d_name, index);
	(void)closedir(proc);
	return found;
}

bool device_is_ours(const struct target *target, dev_t own, dev_t rdev)
{
	unsigned int number = major(rdev);
	struct procstat stat;

	/* /dev/tty is the target's own, ptmx makes a new one. */
	if (rdev == makedev(MAJOR_AUX, MINOR_CURRENT) ||
	    rdev == makedev(MAJOR_AUX, MINOR_MULTIPLEXER) ||
	    (own != 0 && rdev == own))
		return true;
	if (target_stat(target, &stat) == 0 && stat.tty != 0 &&
	    decode_tty(stat.tty) == rdev)
		return true;
	if (number < MAJOR_PTS_FIRST || number > MAJOR_PTS_LAST)
		return false;
	return session_has_master((int)((number - MAJOR_PTS_FIRST) *
						MINORS_PER_PTS_MAJOR +
					minor(rdev)));
}
