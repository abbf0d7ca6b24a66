/* SPDX-License-Identifier: MIT */
#include "audit_read.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jsonline.h"

#define DECISION                                                               \
	"\"pid\":7,\"access\":\"fs.write\",\"object\":\"/"                     \
	"x\",\"verdict\":\"allow\""

static char base[64];
static char path[128];
static struct audit_space space;
static struct audit_record record;

static void setup(void)
{
	(void)snprintf(base, sizeof(base), "/tmp/sbxsup-read-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(base));
	(void)snprintf(path, sizeof(path), "%s/log", base);
}

static void teardown(void)
{
	(void)unlink(path);
	(void)rmdir(base);
}

static int parse(const char *line)
{
	return audit_parse(line, strlen(line), &space, &record);
}

static void write_log(const char *text, size_t len)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(text, 1, len, file), len);
	ck_assert_int_eq(fclose(file), 0);
}

static struct audit_reader *open_log(const char *text)
{
	struct audit_reader *reader;

	write_log(text, strlen(text));
	ck_assert_int_eq(audit_reader_open(path, &reader), 0);
	return reader;
}

START_TEST(takes_a_session_apart)
{
	ck_assert_int_eq(
		parse("{\"type\":\"session\",\"v\":1,\"serial\":1,"
		      "\"time\":\"T\",\"mono\":5,\"id\":\"i\",\"mode\":\"m\","
		      "\"net\":\"n\",\"log_only\":true,\"workspace\":\"/w\","
		      "\"tmpdir\":\"/t\",\"level\":\"full\","
		      "\"landlock_abi\":7,\"features\":[\"f\"],"
		      "\"missing\":[\"a\",\"b\"],\"policy_digest\":\"d\","
		      "\"argc\":2,\"argv\":[\"x\",\"y z\"]}"),
		0);
	ck_assert_int_eq(record.type, RECORD_SESSION);
	ck_assert_uint_eq(record.serial, 1);
	ck_assert_uint_eq(record.mono, 5);
	ck_assert_str_eq(record.time, "T");
	ck_assert_str_eq(record.id, "i");
	ck_assert_str_eq(record.mode, "m");
	ck_assert_str_eq(record.net, "n");
	ck_assert(record.log_only);
	ck_assert_str_eq(record.workspace, "/w");
	ck_assert_str_eq(record.tmpdir, "/t");
	ck_assert_str_eq(record.level, "full");
	ck_assert_uint_eq(record.landlock_abi, 7);
	ck_assert_uint_eq(record.num_missing, 2);
	ck_assert_str_eq(record.missing[1], "b");
	ck_assert_str_eq(record.policy_digest, "d");
	ck_assert_uint_eq(record.argc, 2);
	ck_assert_uint_eq(record.num_argv, 2);
	ck_assert_str_eq(record.argv[1], "y z");
}
END_TEST

START_TEST(takes_a_decision_apart)
{
	ck_assert_int_eq(
		parse("{\"type\":\"decision\",\"serial\":2,\"pid\":1,"
		      "\"tid\":2,\"ppid\":3,\"exe\":\"/e\",\"syscall\":\"s\","
		      "\"access\":\"fs.rename\",\"object\":\"/a\","
		      "\"object2\":\"/b\",\"verdict\":\"deny\","
		      "\"rule\":\"r:1\",\"reason\":\"why\","
		      "\"errno\":\"EROFS\",\"cwd\":\"/c\",\"cut\":true}"),
		0);
	ck_assert_int_eq(record.type, RECORD_DECISION);
	ck_assert_int_eq(record.verdict, VERDICT_DENY);
	ck_assert_uint_eq(record.pid, 1);
	ck_assert_uint_eq(record.tid, 2);
	ck_assert_uint_eq(record.ppid, 3);
	ck_assert_str_eq(record.exe, "/e");
	ck_assert_str_eq(record.syscall, "s");
	ck_assert_int_eq(audit_access(record.access), ACCESS_FS_RENAME);
	ck_assert_str_eq(record.object, "/a");
	ck_assert_str_eq(record.object2, "/b");
	ck_assert_str_eq(record.rule, "r:1");
	ck_assert_str_eq(record.reason, "why");
	ck_assert_str_eq(record.error, "EROFS");
	ck_assert_str_eq(record.cwd, "/c");
	ck_assert(record.cut);
	ck_assert_int_eq(
		parse("{\"type\":\"decision\",\"serial\":2," DECISION "}"), 0);
	ck_assert_int_eq(record.verdict, VERDICT_ALLOW);
	ck_assert_ptr_null(record.rule);
	ck_assert(!record.cut);
}
END_TEST

START_TEST(takes_the_other_records_apart)
{
	ck_assert_int_eq(parse("{\"type\":\"fold\",\"serial\":3,\"of\":2,"
			       "\"count\":8,\"verdict\":\"deny\"}"),
			 0);
	ck_assert_int_eq(record.type, RECORD_FOLD);
	ck_assert_uint_eq(record.of, 2);
	ck_assert_uint_eq(record.count, 8);
	ck_assert_int_eq(parse("{\"type\":\"outcome\",\"serial\":3,\"of\":2,"
			       "\"gone\":true}"),
			 0);
	ck_assert_int_eq(record.type, RECORD_OUTCOME);
	ck_assert(record.gone);
	ck_assert_int_eq(parse("{\"type\":\"internal\",\"serial\":3,"
			       "\"what\":\"w\"}"),
			 0);
	ck_assert_int_eq(record.type, RECORD_INTERNAL);
	ck_assert_str_eq(record.what, "w");
	ck_assert_int_eq(parse("{\"type\":\"summary\",\"serial\":3,"
			       "\"exit_code\":1,\"signal\":2,\"allowed\":3,"
			       "\"denied\":4,\"changes\":5,\"execs\":6}"),
			 0);
	ck_assert_int_eq(record.type, RECORD_SUMMARY);
	ck_assert_uint_eq(record.exit_code, 1);
	ck_assert_uint_eq(record.signal, 2);
	ck_assert_uint_eq(record.allowed, 3);
	ck_assert_uint_eq(record.denied, 4);
	ck_assert_uint_eq(record.changes, 5);
	ck_assert_uint_eq(record.execs, 6);
	ck_assert_int_eq(parse("{\"type\":\"seal\",\"serial\":4}"), 0);
	ck_assert_int_eq(record.type, RECORD_OTHER);
	ck_assert_int_eq(audit_access("fs.later"), ACCESS_NUM);
	ck_assert_int_eq(audit_access(NULL), ACCESS_NUM);
}
END_TEST

static const char *const no_records[] = {
	"x",
	"{",
	"[]",
	"1",
	"null",
	"{}",
	"{\"type\":\"fold\"}",
	"{\"type\":7,\"serial\":1}",
	"{\"type\":\"session\",\"serial\":\"1\"}",
	"{\"type\":\"session\",\"serial\":-1}",
	"{\"type\":\"session\",\"serial\":1,\"serial\":2}",
	"{\"type\":\"session\",\"serial\":1} x",
	"{\"type\":\"decision\",\"serial\":1}",
	"{\"type\":\"decision\",\"serial\":1,\"verdict\":\"allow\"}",
	("{\"type\":\"decision\",\"serial\":1,\"access\":\"exec\","
	 "\"verdict\":\"maybe\"}"),
	"{\"type\":\"fold\",\"serial\":1,\"of\":1,\"count\":2}",
	"{\"type\":\"session\",\"serial\":1,\"id\":\"\\ud800\"}",
	"{\"type\":\"session\",\"serial\":1,\"id\":\"\\udc00\"}",
	"{\"type\":\"session\",\"serial\":1,\"id\":\"\\u0000\"}",
	"{\"type\":\"session\",\"serial\":1,\"id\":\"\x7f\"}",
	"{\"type\":\"session\",\"serial\":1,\"id\":\"\xff\"}",
	"{\"type\":\"session\",\"serial\":1,\"id\":\"\x01\"}",
};

START_TEST(refuses_what_is_no_record)
{
	ck_assert_int_eq(parse("{\"type\":\"session\",\"serial\":1}"), 0);
	ck_assert_int_eq(parse(no_records[_i]), -EBADMSG);
}
END_TEST

START_TEST(gives_every_byte_back)
{
	char all[2 * 255 + 1];
	char buf[AUDIT_LINE_MAX];
	struct jsonline line;
	size_t len = 0;

	for (int step = 0; step < 2; step++) {
		for (int c = 1; c < 256; c++)
			all[len++] = (char)(step ? 256 - c : c);
	}
	all[len] = '\0';
	jsonline_begin(&line, buf, sizeof(buf));
	jsonline_string(&line, "type", "session", 16);
	jsonline_unsigned(&line, "serial", 1);
	jsonline_string(&line, "id", all, sizeof(buf));
	jsonline_string(&line, "mode",
			"\\udc80 \\u007f \x7f"
			"41",
			64);
	jsonline_string(&line, "net", "\xf0\x9f\x98\x80\xf3\xa0\x81\x81\x80",
			64);
	len = jsonline_end(&line);
	ck_assert_int_eq(audit_parse(buf, len - 1, &space, &record), 0);
	ck_assert_str_eq(record.id, all);
	ck_assert_str_eq(record.mode, "\\udc80 \\u007f \x7f"
				      "41");
	ck_assert_str_eq(record.net, "\xf0\x9f\x98\x80\xf3\xa0\x81\x81\x80");
}
END_TEST

START_TEST(reads_record_after_record)
{
	struct audit_reader *reader =
		open_log("{\"type\":\"session\",\"serial\":1}\n"
			 "{\"type\":\"decision\",\"serial\":2," DECISION "}\n");
	const struct audit_record *next;
	struct audit_faults faults;

	ck_assert_int_eq(audit_reader_next(reader, &next), 1);
	ck_assert_int_eq(next->type, RECORD_SESSION);
	ck_assert_int_eq(audit_reader_next(reader, &next), 1);
	ck_assert_int_eq(next->type, RECORD_DECISION);
	ck_assert_str_eq(next->object, "/x");
	ck_assert_uint_eq(next->len, strlen("{\"type\":\"decision\","
					    "\"serial\":2," DECISION "}"));
	ck_assert_int_eq(audit_reader_next(reader, &next), 0);
	ck_assert_int_eq(audit_reader_next(reader, &next), 0);
	faults = audit_reader_faults(reader);
	ck_assert_uint_eq(faults.bad + faults.missing + faults.disorder, 0);
	ck_assert(!faults.unfinished);
	audit_reader_close(reader);
	audit_reader_close(NULL);
}
END_TEST

START_TEST(passes_over_damage_and_counts_it)
{
	struct audit_reader *reader =
		open_log("{\"type\":\"session\",\"serial\":1}\n"
			 "{\"type\":\"dec\n"
			 "\n"
			 "{\"type\":\"internal\",\"serial\":4}\n"
			 "{\"type\":\"internal\",\"serial\":4}\n"
			 "{\"type\":\"internal\",\"serial\":3}\n"
			 "{\"type\":\"internal\",\"serial\":5}\n"
			 "{\"type\":\"internal\",\"ser");
	const struct audit_record *next;
	struct audit_faults faults;
	int count = 0;

	while (audit_reader_next(reader, &next) > 0)
		count++;
	faults = audit_reader_faults(reader);
	ck_assert_int_eq(count, 5);
	ck_assert_uint_eq(faults.bad, 1);
	ck_assert_uint_eq(faults.missing, 2);
	ck_assert_uint_eq(faults.disorder, 2);
	ck_assert(faults.unfinished);
	audit_reader_close(reader);
}
END_TEST

/* A line of @len bytes that is a record if it is read whole. */
static size_t put_long(char *text, size_t len, unsigned int serial)
{
	size_t n = (size_t)sprintf(
		text, "{\"type\":\"internal\",\"serial\":%u,\"what\":\"",
		serial);

	memset(text + n, 'x', len - n);
	memcpy(text + len - 2, "\"}", 2);
	text[len] = '\n';
	return len + 1;
}

START_TEST(reads_lines_up_to_the_limit_only)
{
	static char text[512 * 1024];
	const struct audit_record *next;
	struct audit_reader *reader;
	size_t len = put_long(text, AUDIT_LINE_MAX, 1);

	len += put_long(text + len, AUDIT_LINE_MAX + 1, 2);
	len += put_long(text + len, 300000, 3);
	len += put_long(text + len, 100, 4);
	write_log(text, len);
	ck_assert_int_eq(audit_reader_open(path, &reader), 0);
	ck_assert_int_eq(audit_reader_next(reader, &next), 1);
	ck_assert_uint_eq(next->serial, 1);
	ck_assert_int_eq(audit_reader_next(reader, &next), 1);
	ck_assert_uint_eq(next->serial, 4);
	ck_assert_uint_eq(audit_reader_faults(reader).bad, 2);
	ck_assert_int_eq(audit_reader_next(reader, &next), 0);
	audit_reader_close(reader);
}
END_TEST

START_TEST(jumps_to_the_last_records)
{
	static char text[1 << 20];
	const struct audit_record *next;
	struct audit_reader *reader;
	size_t len = 0;
	uint64_t count = 0;
	uint64_t last = 0;

	for (unsigned int i = 1; i <= 5000; i++)
		len += put_long(text + len, 150, i);
	write_log(text, len);
	ck_assert_int_eq(audit_reader_open(path, &reader), 0);
	ck_assert_int_eq(audit_reader_tail(reader), 0);
	while (audit_reader_next(reader, &next) > 0) {
		last = next->serial;
		count++;
	}
	ck_assert_uint_eq(last, 5000);
	ck_assert_uint_gt(count, 100);
	ck_assert_uint_lt(count, 1000);
	ck_assert_uint_eq(audit_reader_faults(reader).missing, 0);
	ck_assert_uint_eq(audit_reader_faults(reader).bad, 0);
	audit_reader_close(reader);

	/* A short log is read from its start. */
	reader = open_log("{\"type\":\"session\",\"serial\":1}\n");
	ck_assert_int_eq(audit_reader_tail(reader), 0);
	ck_assert_int_eq(audit_reader_next(reader, &next), 1);
	ck_assert_uint_eq(next->serial, 1);
	audit_reader_close(reader);
}
END_TEST

START_TEST(opens_regular_files_only)
{
	struct audit_reader *reader = NULL;

	ck_assert_int_eq(audit_reader_open(path, &reader), -ENOENT);
	ck_assert_int_eq(audit_reader_open(base, &reader), -EINVAL);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(audit_reader_open(path, &reader), -EINVAL);
	ck_assert_ptr_null(reader);
}
END_TEST

static int close_audit(struct audit *log, int exit_code, int signal_number)
{
	int r = audit_finish(log, exit_code, signal_number);

	audit_free(log);
	return r;
}

/* What the writer writes at its worst, the reader reads. */
START_TEST(reads_hostile_records_of_the_writer)
{
	static char hostile[3][8192];
	static const char fills[] = {'\x7f', '\xff', '"'};
	const char *argv[] = {hostile[0], hostile[1], hostile[2], NULL};
	const struct audit_record *next;
	struct audit_reader *reader;
	struct audit *audit;
	uint64_t serial;

	for (size_t i = 0; i < 3; i++)
		memset(hostile[i], fills[i], sizeof(hostile[i]) - 1);
	ck_assert_int_eq(audit_open(base, "s", path, &audit), 0);
	for (size_t i = 0; i < 3; i++) {
		struct audit_event event = {
			.pid = 1,
			.exe = hostile[i],
			.syscall = hostile[i],
			.access = ACCESS_EXEC,
			.object = hostile[i],
			.decision = {.verdict = VERDICT_ALLOW,
				     .rule = hostile[i],
				     .reason = hostile[i]},
			.argv = argv,
			.argc = 3,
			.cwd = hostile[i],
		};

		ck_assert_int_eq(audit_write_decision(audit, &event, &serial),
				 0);
	}
	ck_assert_int_eq(audit_reader_open(audit_path(audit), &reader), 0);
	for (size_t i = 0; i < 3; i++) {
		size_t len;

		ck_assert_int_eq(audit_reader_next(reader, &next), 1);
		ck_assert(next->cut);
		len = strlen(next->object) - strlen(JSONLINE_CUT);
		ck_assert_uint_gt(len, 300);
		ck_assert_int_eq(strncmp(next->object, hostile[i], len), 0);
		ck_assert_str_eq(next->object + len, JSONLINE_CUT);
		ck_assert_uint_ge(next->num_argv, 1);
	}
	ck_assert_int_eq(audit_reader_next(reader, &next), 0);
	ck_assert_uint_eq(audit_reader_faults(reader).bad, 0);
	audit_reader_close(reader);
	(void)unlink(audit_path(audit));
	ck_assert_int_eq(close_audit(audit, 0, 0), 0);
	(void)snprintf(path, sizeof(path), "%s/s", base);
	(void)rmdir(path);
	(void)snprintf(path, sizeof(path), "%s/log", base);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("audit_read");
	TCase *tc = tcase_create("audit_read");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, takes_a_session_apart);
	tcase_add_test(tc, takes_a_decision_apart);
	tcase_add_test(tc, takes_the_other_records_apart);
	tcase_add_loop_test(tc, refuses_what_is_no_record, 0,
			    (int)(sizeof(no_records) / sizeof(*no_records)));
	tcase_add_test(tc, gives_every_byte_back);
	tcase_add_test(tc, reads_record_after_record);
	tcase_add_test(tc, passes_over_damage_and_counts_it);
	tcase_add_test(tc, reads_lines_up_to_the_limit_only);
	tcase_add_test(tc, jumps_to_the_last_records);
	tcase_add_test(tc, opens_regular_files_only);
	tcase_add_test(tc, reads_hostile_records_of_the_writer);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	SRunner *runner = srunner_create(suite());
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
