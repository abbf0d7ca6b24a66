/* SPDX-License-Identifier: MIT */
/*
 * Where the lines of the audit log go: creating the file, appending lines.
 */
#ifndef SBX_AUDIT_SINK_H
#define SBX_AUDIT_SINK_H

#include <stdbool.h>
#include <stddef.h>

#define AUDIT_LOG_NAME "audit.jsonl"

/**
 * struct sink - one copy of the log
 * @fd: descriptor, opened for appending, or -1 for none
 * @torn: the last line was not written to its end
 */
struct sink {
	int fd;
	bool torn;
};

/**
 * sink_create() - create a session's directory (0700) and log (0600).
 * @dir: directory of sessions; missing ones on the way are created 0700
 * @id: session id, one path component; must not exist yet
 * @ret_sink: receives the log
 * Return: 0 or -errno; -EEXIST when the session exists.
 */
int sink_create(const char *dir, const char *id, struct sink *ret_sink);

/**
 * sink_append() - open a second copy, made 0600 if it is missing.
 * @path: where
 * @ret_sink: receives it
 * Return: 0 or -errno.
 */
int sink_append(const char *path, struct sink *ret_sink);

/**
 * sink_write() - write a line.
 * @sink: where to
 * @buf: a newline, which is written only after a torn line, and the line
 * @len: length of @buf
 * Return: 0 or -errno; then the line is missing or torn.
 *
 * SIGPIPE and SIGXFSZ must be blocked or ignored in the calling thread.
 */
int sink_write(struct sink *sink, const char *buf, size_t len);

/**
 * sink_close() - close the descriptor, if any.
 * @sink: where lines went
 * Return: 0 or -errno.
 */
int sink_close(struct sink *sink);

#endif /* SBX_AUDIT_SINK_H */
