/* SPDX-License-Identifier: MIT */
#include "audit_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "util.h"

/* Like mkdir -p, for us alone. */
static int make_directories(const char *dir)
{
	char path[PATH_MAX];
	size_t len = strlen(dir);

	if (len == 0 || len >= sizeof(path))
		return len ? -ENAMETOOLONG : -ENOENT;
	memcpy(path, dir, len + 1);
	for (size_t i = 1; i <= len; i++) {
		char c = path[i];

		if (c != '/' && c != '\0')
			continue;
		path[i] = '\0';
		if (mkdir(path, 0700) < 0 && errno != EEXIST &&
		    access(path, F_OK) < 0)
			return -errno;
		path[i] = c;
	}
	return 0;
}

int sink_create(const char *dir, const char *id, struct sink *ret_sink)
{
	cleanup_close int sessions = -1;
	cleanup_close int session = -1;
	int fd;
	int r = make_directories(dir);

	if (r < 0)
		return r;
	sessions = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (sessions < 0)
		return -errno;
	if (mkdirat(sessions, id, 0700) < 0)
		return -errno;
	session = openat(sessions, id,
			 O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (session < 0)
		return -errno;
	fd = openat(session, AUDIT_LOG_NAME,
		    O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC |
			    O_NOFOLLOW,
		    0600);
	if (fd < 0)
		return -errno;
	*ret_sink = (struct sink){.fd = fd};
	return 0;
}

int sink_append(const char *path, struct sink *ret_sink)
{
	int fd =
		open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY,
		     0600);

	if (fd < 0)
		return -errno;
	*ret_sink = (struct sink){.fd = fd};
	return 0;
}

/*
 * One write(2) as a rule. A disk that is almost full takes a part: then the
 * rest is tried, and if that fails the next record starts on a line of its
 * own, so that one lost record does not spoil the next.
 */
int sink_write(struct sink *sink, const char *buf, size_t len)
{
	if (!sink->torn) {
		buf++;
		len--;
	}
	while (len) {
		ssize_t n = RETRY_EINTR(write(sink->fd, buf, len));

		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		buf += n;
		len -= (size_t)n;
		sink->torn = len > 0;
	}
	return 0;
}

int sink_close(struct sink *sink)
{
	int fd = TAKE_FD(sink->fd);

	return fd >= 0 && close(fd) < 0 ? -errno : 0;
}
