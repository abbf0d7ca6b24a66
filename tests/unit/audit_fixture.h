/* SPDX-License-Identifier: MIT */
/*
 * What the tests of the audit log share: a log in a directory of its own, and
 * its lines as JSON.
 */
#ifndef SBX_TEST_AUDIT_FIXTURE_H
#define SBX_TEST_AUDIT_FIXTURE_H

#include "audit.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit_fold.h"

#define LINES_MAX 40000

static char base[64];
static struct audit *audit;
static json_t *lines[LINES_MAX];
static size_t num_lines;

static const struct audit_event read_event = {
	.pid = 100,
	.tid = 101,
	.exe = "/usr/bin/cat",
	.syscall = "openat",
	.access = ACCESS_FS_READ,
	.object = "/home/joe/file",
	.decision = {.verdict = VERDICT_ALLOW,
		     .rule = "default.ini:1",
		     .reason = "readable"},
};

static const struct audit_event denied_event = {
	.pid = 100,
	.tid = 100,
	.exe = "/usr/bin/cat",
	.syscall = "openat",
	.access = ACCESS_FS_READ,
	.object = "/home/joe/.ssh/id_rsa",
	.decision = {.verdict = VERDICT_DENY,
		     .error = EACCES,
		     .rule = "default.ini:2",
		     .reason = "private keys"},
};

static inline void setup(void)
{
	(void)snprintf(base, sizeof(base), "/tmp/sbxsup-audit-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(base));
	ck_assert_int_eq(audit_open(base, "one", NULL, &audit), 0);
}

static inline void teardown(void)
{
	char command[128];

	for (size_t i = 0; i < num_lines; i++)
		json_decref(lines[i]);
	(void)snprintf(command, sizeof(command), "rm -rf %s", base);
	ck_assert_int_eq(system(command), 0);
}

static inline int close_audit(struct audit *log, int exit_code, int signal_number)
{
	int r = audit_finish(log, exit_code, signal_number);

	audit_free(log);
	return r;
}

static inline const char *path_of(const char *name)
{
	static char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", base, name);
	return path;
}

/* Reads a log; returns the number of lines that are no JSON. */
static inline size_t load(const char *name)
{
	static char line[2 * AUDIT_LINE_MAX];
	FILE *file = fopen(path_of(name), "r");
	size_t bad = 0;

	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof(line), file)) {
		json_t *root = json_loads(line, JSON_REJECT_DUPLICATES, NULL);

		ck_assert_uint_le(strlen(line), AUDIT_LINE_MAX);
		if (!root) {
			bad++;
			continue;
		}
		ck_assert_uint_lt(num_lines, LINES_MAX);
		lines[num_lines++] = root;
	}
	(void)fclose(file);
	return bad;
}

static inline void close_and_load(void)
{
	ck_assert_int_eq(close_audit(audit, 3, 0), 0);
	ck_assert_uint_eq(load("one/audit.jsonl"), 0);
}

static inline json_t *member(size_t line, const char *key)
{
	ck_assert_uint_lt(line, num_lines);
	return json_object_get(lines[line], key);
}

static inline const char *text(size_t line, const char *key)
{
	const char *value = json_string_value(member(line, key));

	return value ? value : "(none)";
}

static inline json_int_t number(size_t line, const char *key)
{
	ck_assert_msg(json_is_integer(member(line, key)), "%s", key);
	return json_integer_value(member(line, key));
}

static inline size_t count_of(const char *type)
{
	size_t count = 0;

	for (size_t i = 0; i < num_lines; i++)
		count += strcmp(text(i, "type"), type) == 0;
	return count;
}

static inline uint64_t write_event(const struct audit_event *event)
{
	uint64_t serial = 999999999;

	ck_assert_int_eq(audit_write_decision(audit, event, &serial), 0);
	return serial;
}

static inline mode_t mode_of(const char *name)
{
	struct stat st;

	ck_assert_int_eq(lstat(path_of(name), &st), 0);
	return st.st_mode & 07777;
}

#endif /* SBX_TEST_AUDIT_FIXTURE_H */
