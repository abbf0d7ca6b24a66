/* SPDX-License-Identifier: MIT */
/*
 * Reads an audit log, one record at a time, in bounded memory.
 *
 * Theory of operation
 *
 * A log may be damaged, and its strings were chosen by a target. So: a line
 * that is not a record is counted and passed over; strings come back as the
 * bytes that they were before they were escaped, and must be escaped again
 * before they are shown. Serials count from one without a gap; what is missing
 * or out of order is counted as well.
 */
#ifndef SBX_AUDIT_READ_H
#define SBX_AUDIT_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit.h"

#define AUDIT_NAMES_MAX 32

enum record_type {
	RECORD_OTHER = 0, /* from a later version */
	RECORD_SESSION,
	RECORD_DECISION,
	RECORD_FOLD,
	RECORD_OUTCOME,
	RECORD_INTERNAL,
	RECORD_SUMMARY,
	RECORD_NUM,
};

/**
 * struct audit_record - one line, taken apart
 *
 * Members that the line does not have are 0, false or NULL; see
 * sbxsup-audit(5) for their meaning. Strings live until the next record.
 */
struct audit_record {
	enum record_type type;
	enum verdict verdict;
	uint64_t serial;
	uint64_t mono;
	uint64_t of;
	uint64_t count;
	uint64_t pid;
	uint64_t tid;
	uint64_t ppid;
	uint64_t argc;
	uint64_t landlock_abi;
	uint64_t exit_code;
	uint64_t signal;
	uint64_t allowed;
	uint64_t denied;
	uint64_t changes;
	uint64_t execs;
	const char *time;
	const char *exe;
	const char *syscall;
	const char *access;
	const char *object;
	const char *object2;
	const char *rule;
	const char *reason;
	const char *error;
	const char *cwd;
	const char *what;
	const char *id;
	const char *mode;
	const char *net;
	const char *workspace;
	const char *tmpdir;
	const char *level;
	const char *policy_digest;
	bool log_only;
	bool gone;
	bool cut;
	const char *argv[AUDIT_ARGV_MAX];
	size_t num_argv;
	const char *missing[AUDIT_NAMES_MAX];
	size_t num_missing;
	const char *line;
	size_t len;
};

/**
 * struct audit_space - where one line is taken apart
 * @clean: the line without what jansson does not accept
 * @text: its strings
 */
struct audit_space {
	char clean[AUDIT_LINE_MAX];
	char text[AUDIT_LINE_MAX];
};

/**
 * audit_parse() - take a line apart.
 * @line: without its newline
 * @len: length, at most AUDIT_LINE_MAX
 * @space: holds the strings of the record
 * @ret_record: receives the record; its @line is @line
 * Return: 0, -EBADMSG when the line is not a record, -ENOMEM.
 */
int audit_parse(const char *line, size_t len, struct audit_space *space,
		struct audit_record *ret_record);

/**
 * audit_access() - which access a name in a log means.
 * @name: such as "fs.write", or NULL
 * Return: the access, or ACCESS_NUM for a name of a later version.
 */
enum access audit_access(const char *name);

/**
 * struct audit_faults - what is wrong with a log, as far as it was read
 * @bad: lines that are not records
 * @missing: serials that were passed over
 * @disorder: serials that are not above the one before
 * @unfinished: the last line has no newline
 */
struct audit_faults {
	uint64_t bad;
	uint64_t missing;
	uint64_t disorder;
	bool unfinished;
};

struct audit_reader;

/**
 * audit_reader_open() - open a log.
 * @path: a regular file
 * @ret_reader: receives the reader; the caller closes it
 * Return: 0 or -errno; -EINVAL when it is not a regular file.
 */
int audit_reader_open(const char *path, struct audit_reader **ret_reader);

/**
 * audit_reader_close() - close a log; NULL is allowed.
 * @reader: the reader
 */
void audit_reader_close(struct audit_reader *reader);

/**
 * audit_reader_tail() - go on with the last records of the log.
 * @reader: the reader
 * Return: 0 or -errno. Serials are not checked across the jump.
 */
int audit_reader_tail(struct audit_reader *reader);

/**
 * audit_reader_next() - read the next record.
 * @reader: the reader
 * @ret_record: receives the record, which lives until the next call
 * Return: 1, 0 at the end, or -errno.
 */
int audit_reader_next(struct audit_reader *reader,
		      const struct audit_record **ret_record);

/**
 * audit_reader_faults() - what was wrong so far.
 * @reader: the reader
 */
struct audit_faults audit_reader_faults(const struct audit_reader *reader);

#endif /* SBX_AUDIT_READ_H */
