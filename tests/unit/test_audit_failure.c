/* SPDX-License-Identifier: MIT */
/*
 * Copies, failing writes, largest records, many threads.
 */
#include "audit_fixture.h"

START_TEST(writes_a_second_copy)
{
	struct audit *other;
	char copy[256];
	char command[512];

	(void)snprintf(copy, sizeof(copy), "%s", path_of("copy"));
	ck_assert_int_eq(close_audit(audit, 0, 0), 0);
	ck_assert_int_eq(audit_open(base, "two", copy, &audit), 0);
	(void)write_event(&read_event);
	ck_assert_int_eq(close_audit(audit, 0, 0), 0);
	ck_assert_int_eq(mode_of("copy"), 0600);
	(void)snprintf(command, sizeof(command), "cmp %s/two/audit.jsonl %s",
		       base, copy);
	ck_assert_int_eq(system(command), 0);
	/* The next session is appended; a bad copy leaves no session. */
	ck_assert_int_eq(audit_open(base, "three", copy, &other), 0);
	ck_assert_int_eq(close_audit(other, 0, 0), 0);
	ck_assert_uint_eq(load("copy"), 0);
	ck_assert_uint_eq(count_of("summary"), 2);
	ck_assert_int_eq(audit_open(base, "four", base, &other), -EISDIR);
	ck_assert_int_eq(access(path_of("four"), F_OK), -1);
}
END_TEST

START_TEST(reports_a_write_that_fails)
{
	uint64_t serial = 77;
	struct audit *other;

	ck_assert_int_eq(close_audit(audit, 0, 0), 0);
	ck_assert_int_eq(audit_open(base, "good", "/dev/null", &other), 0);
	ck_assert_int_eq(audit_write_decision(other, &read_event, &serial), 0);
	ck_assert_uint_eq(serial, 1);
	ck_assert_int_eq(close_audit(other, 0, 0), 0);

	serial = 77;
	ck_assert_int_eq(audit_open(base, "full", "/dev/full", &other), 0);
	ck_assert_int_eq(audit_write_decision(other, &read_event, &serial),
			 -ENOSPC);
	ck_assert_uint_eq(serial, 77);
	/* Not remembered as written: it is tried again, not folded. */
	ck_assert_int_eq(audit_write_decision(other, &read_event, &serial),
			 -ENOSPC);
	ck_assert_uint_eq(audit_totals(other).allowed, 0);
	ck_assert_uint_eq(audit_totals(other).denied, 2);
	ck_assert_int_eq(close_audit(other, 0, 0), -ENOSPC);
}
END_TEST

/*
 * Writes a decision while the log cannot grow by more than @room bytes. No
 * assertion may stand in between: check writes its messages to a file too.
 */
static int write_limited(const struct audit_event *event, off_t room,
			 uint64_t *ret_serial)
{
	struct rlimit limit;
	rlim_t former;
	struct stat st;
	int r;

	(void)signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(stat(audit_path(audit), &st), 0);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	former = limit.rlim_cur;
	limit.rlim_cur = (rlim_t)(st.st_size + room);
	(void)setrlimit(RLIMIT_FSIZE, &limit);
	r = audit_write_decision(audit, event, ret_serial);
	limit.rlim_cur = former;
	(void)setrlimit(RLIMIT_FSIZE, &limit);
	return r;
}

START_TEST(starts_a_new_line_after_a_torn_one)
{
	struct audit_event event = denied_event;
	uint64_t serial = 77;

	ck_assert_uint_eq(write_event(&event), 1);
	event.object = "/lost";
	ck_assert_int_eq(write_limited(&event, 50, &serial), -EFBIG);
	ck_assert_int_eq(write_limited(&event, 0, &serial), -EFBIG);
	ck_assert_uint_eq(serial, 77);
	event.object = "/found";
	ck_assert_uint_eq(write_event(&event), 4);
	ck_assert_int_eq(close_audit(audit, 0, 0), 0);
	ck_assert_uint_eq(load("one/audit.jsonl"), 1);
	ck_assert_uint_eq(num_lines, 3);
	ck_assert_str_eq(text(1, "object"), "/found");
	ck_assert_int_eq(number(1, "serial"), 4);
	ck_assert_int_eq(number(2, "denied"), 4);
}
END_TEST

START_TEST(retries_a_count_that_could_not_be_told)
{
	uint64_t serial = 77;

	(void)write_event(&denied_event);
	ck_assert_int_eq(write_limited(&denied_event, 0, &serial), -EFBIG);
	ck_assert_uint_eq(serial, 77);
	ck_assert_uint_eq(write_event(&denied_event), 0);
	close_and_load();
	ck_assert_uint_eq(num_lines, 3);
	ck_assert_int_eq(number(1, "count"), 2);
}
END_TEST

/* Texts of the largest size, with the most expensive bytes. */
START_TEST(always_fits_and_keeps_the_verdict)
{
	static char hostile[3][131072];
	const char *argv[AUDIT_ARGV_MAX + 1];
	struct audit_event event = denied_event;
	static const char fills[] = {'x', '\x01', '\xff'};
	size_t line = 0;

	for (size_t i = 0; i < 3; i++)
		memset(hostile[i], fills[i], sizeof(hostile[i]) - 1);
	for (size_t i = 0; i < 3; i++) {
		for (size_t k = 0; k < AUDIT_ARGV_MAX; k++)
			argv[k] = hostile[i];
		argv[AUDIT_ARGV_MAX] = NULL;
		event.exe = hostile[i];
		event.syscall = hostile[i];
		event.object = hostile[i];
		event.object2 = hostile[i];
		event.decision.rule = hostile[i];
		event.decision.reason = hostile[i];
		event.access = ACCESS_FS_RENAME;
		(void)write_event(&event);
		event.access = ACCESS_EXEC;
		event.object2 = NULL;
		event.argv = argv;
		event.argc = AUDIT_ARGV_MAX;
		event.cwd = hostile[i];
		(void)write_event(&event);
		event.argv = NULL;
	}
	ck_assert_int_eq(close_audit(audit, 0, 0), 0);
	/* jansson refuses lone \udcXX, so the last two are looked at as text;
	 * test_audit_read.c reads such lines. */
	ck_assert_uint_eq(load("one/audit.jsonl"), 2);
	for (; line < 4; line++) {
		ck_assert(json_is_true(member(line, "cut")));
		ck_assert_str_eq(text(line, "verdict"), "deny");
		ck_assert_str_eq(text(line, "errno"), "EACCES");
		ck_assert_uint_gt(strlen(text(line, "exe")), 600);
		ck_assert_uint_gt(strlen(text(line, "object")), 500);
		ck_assert_uint_gt(strlen(text(line, "rule")), 60);
		ck_assert_uint_gt(strlen(text(line, "reason")), 60);
		if (line % 2 == 0) {
			ck_assert_uint_gt(strlen(text(line, "object2")), 600);
			continue;
		}
		ck_assert_uint_ge(json_array_size(member(line, "argv")), 2);
		ck_assert_int_eq(number(line, "argc"), AUDIT_ARGV_MAX);
		ck_assert_uint_gt(strlen(text(line, "cwd")), 600);
	}
}
END_TEST

START_TEST(keeps_long_paths_whole)
{
	static char path[4096];
	struct audit_event event = read_event;

	memset(path, 'p', sizeof(path) - 1);
	event.access = ACCESS_FS_RENAME;
	event.exe = path;
	event.object = path;
	event.object2 = path;
	(void)write_event(&event);
	close_and_load();
	ck_assert_str_eq(text(0, "exe"), path);
	ck_assert_str_eq(text(0, "object"), path);
	ck_assert_str_eq(text(0, "object2"), path);
	ck_assert_ptr_null(member(0, "cut"));
}
END_TEST

static void *write_many(void *arg)
{
	struct audit_event event = read_event;
	uint64_t serial;

	event.pid = *(pid_t *)arg;
	for (int i = 0; i < 2000; i++) {
		event.access = i % 2 ? ACCESS_FS_WRITE : ACCESS_FS_READ;
		ck_assert_int_eq(audit_write_decision(audit, &event, &serial),
				 0);
	}
	return NULL;
}

START_TEST(keeps_lines_and_serials_in_one_order)
{
	pthread_t threads[4];
	pid_t pids[4] = {1, 2, 3, 4};

	for (size_t i = 0; i < 4; i++)
		ck_assert_int_eq(
			pthread_create(&threads[i], NULL, write_many, &pids[i]),
			0);
	for (size_t i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	close_and_load();
	for (size_t i = 0; i < num_lines; i++)
		ck_assert_int_eq(number(i, "serial"), (json_int_t)i + 1);
	ck_assert_uint_eq(count_of("decision"), 4001);
	ck_assert_int_eq(number(num_lines - 1, "allowed"), 8000);
	ck_assert_int_eq(number(num_lines - 1, "changes"), 4000);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("audit_failure");
	TCase *tc = tcase_create("audit_failure");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, writes_a_second_copy);
	tcase_add_test(tc, reports_a_write_that_fails);
	tcase_add_test(tc, starts_a_new_line_after_a_torn_one);
	tcase_add_test(tc, retries_a_count_that_could_not_be_told);
	tcase_add_test(tc, always_fits_and_keeps_the_verdict);
	tcase_add_test(tc, keeps_long_paths_whole);
	tcase_add_test(tc, keeps_lines_and_serials_in_one_order);
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
