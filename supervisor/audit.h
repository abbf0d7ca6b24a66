/* SPDX-License-Identifier: MIT */
/*
 * The audit log: one JSON object a line, written to the kernel before the
 * answer is given to the target.
 *
 * Theory of operation
 *
 * The log's descriptor is opened before the broker confines itself. Each
 * record is formatted into a bounded buffer and written with one write(2) on
 * an O_APPEND descriptor, under one lock, so that serials and lines have the
 * same order. Foreign bytes are JSON-escaped, invalid UTF-8 as \udcXX (like
 * Python's surrogateescape, so the original bytes can be had back).
 *
 * Equal records are folded: the first of a kind is written at once, later ones
 * are counted; a fold record tells the count whenever it reaches a power of
 * two, when the first record is forgotten, and when the log is finished. So
 * the log holds each distinct fact before the answer, and totals to within a
 * factor of two even if the supervisor is killed. Denials are equal if they
 * are of one process; what reads is folded across processes. Changes, programs
 * and connections that are allowed are never folded.
 *
 * Each record takes the next serial even if it cannot be written, so a lost
 * one leaves a gap. After a line that was written in part only the next one
 * starts on a line of its own.
 */
#ifndef SBX_AUDIT_H
#define SBX_AUDIT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "decision.h"

#define AUDIT_LINE_MAX 16384
#define AUDIT_ID_MAX 40
#define AUDIT_ARGV_MAX 32

struct audit;

/**
 * struct audit_session - what the first record says
 * @id: session id, made by audit_session_id()
 * @argv: command, NULL-terminated, redacted before it is written
 * @mode: mode name
 * @net: network mode name
 * @log_only: nothing is refused
 * @workspace: canonical path
 * @tmpdir: private temporary directory, or NULL
 * @level: "full", "floor" …
 * @landlock_abi: ABI version, 0 for none
 * @features: NULL-terminated names of kernel features that are in use
 * @missing: NULL-terminated names of features that were wanted and absent
 * @policy_digest: hex digest of the effective rules, or NULL
 */
struct audit_session {
	const char *id;
	char *const *argv;
	const char *mode;
	const char *net;
	bool log_only;
	const char *workspace;
	const char *tmpdir;
	const char *level;
	int landlock_abi;
	const char *const *features;
	const char *const *missing;
	const char *policy_digest;
};

/**
 * struct audit_event - one decision
 * @pid: thread group of the subject
 * @tid: thread of the subject
 * @ppid: parent of the subject, 0 when unknown
 * @exe: path of the subject's program, or NULL
 * @syscall: name of the system call
 * @access: what was asked for
 * @object: path, address or system call, or NULL
 * @object2: second object of a rename or link, or NULL
 * @decision: what was decided
 * @argv: for exec: NULL-terminated copy of the arguments, or NULL
 * @argc: for exec: number of arguments the target passed (may exceed @argv)
 * @cwd: for exec: working directory, or NULL
 */
struct audit_event {
	pid_t pid;
	pid_t tid;
	pid_t ppid;
	const char *exe;
	const char *syscall;
	enum access access;
	const char *object;
	const char *object2;
	struct decision decision;
	const char *const *argv;
	size_t argc;
	const char *cwd;
};

/**
 * audit_session_id() - a new session id: UTC time to the second, pid and
 * random bits, such as "20261123T101112Z-4711-9f3c2a10"; sorts by time.
 * @buf: receives AUDIT_ID_MAX bytes at most, terminated
 */
void audit_session_id(char buf[AUDIT_ID_MAX]);

/**
 * audit_open() - create the session directory (0700) and its audit.jsonl.
 * @dir: directory of sessions; missing parents are created 0700
 * @id: session id
 * @extra: path of a second copy (appended to), or NULL
 * @ret_audit: receives the log; freed by audit_free()
 * Return: 0 or -errno.
 */
int audit_open(const char *dir, const char *id, const char *extra,
	       struct audit **ret_audit);

/**
 * audit_path() - path of the log, for messages.
 * @audit: the log
 */
const char *audit_path(const struct audit *audit);

/**
 * audit_write_session() - write the first record.
 * Return: 0 or -errno of the failed write.
 */
int audit_write_session(struct audit *audit,
			const struct audit_session *session);

/**
 * audit_write_decision() - write, or fold, a decision before it is acted on.
 * @audit: the log; thread-safe
 * @event: copied from
 * @ret_serial: receives the serial of the record, 0 when it was folded
 * Return: 0 or -errno of the failed write: the caller must deny with EIO.
 */
int audit_write_decision(struct audit *audit, const struct audit_event *event,
			 uint64_t *ret_serial);

/**
 * audit_write_outcome() - say that an allowed act failed or the target left.
 * @audit: the log; thread-safe
 * @serial: of the decision; 0 does nothing
 * @error: errno of the act, positive; 0 with @gone
 * @gone: the target left before the response
 */
int audit_write_outcome(struct audit *audit, uint64_t serial, int error,
			bool gone);

/**
 * audit_write_internal() - record an internal error (always after a denial).
 * @audit: the log; thread-safe
 * @what: static text
 * @error: errno, positive, or 0
 */
int audit_write_internal(struct audit *audit, const char *what, int error);

/**
 * struct audit_totals - counts for the summary
 * @allowed: decisions that allowed, folded ones included
 * @denied: decisions that denied, folded ones included
 * @changes: allowed accesses that need RIGHT_WRITE
 * @execs: programs run
 */
struct audit_totals {
	uint64_t allowed;
	uint64_t denied;
	uint64_t changes;
	uint64_t execs;
};

/**
 * audit_totals() - counts so far.
 * @audit: the log; thread-safe
 */
struct audit_totals audit_totals(struct audit *audit);

/**
 * audit_finish() - flush folded counts and write the summary record. What is
 * written later fails with -EBADF: threads may still be about.
 * @audit: the log; thread-safe
 * @exit_code: exit status of the command
 * @signal: signal that ended it, or 0
 * Return: 0 or -errno of the first failed write.
 */
int audit_finish(struct audit *audit, int exit_code, int signal);

/**
 * audit_free() - close and free; NULL is allowed. No thread may use it.
 * @audit: the log
 */
void audit_free(struct audit *audit);

#endif /* SBX_AUDIT_H */
