/* SPDX-License-Identifier: MIT */
#include "audit_fixture.h"

#include "siphash.h"
#include "utc.h"

START_TEST(creates_private_directories_and_file)
{
	struct audit *other;
	char dir[128];

	(void)umask(0);
	(void)snprintf(dir, sizeof(dir), "%s/a/b/sessions", base);
	ck_assert_int_eq(audit_open(dir, "two", NULL, &other), 0);
	ck_assert_str_eq(audit_path(other),
			 path_of("a/b/sessions/two/audit.jsonl"));
	ck_assert_int_eq(mode_of("a"), 0700);
	ck_assert_int_eq(mode_of("a/b/sessions"), 0700);
	ck_assert_int_eq(mode_of("a/b/sessions/two"), 0700);
	ck_assert_int_eq(mode_of("a/b/sessions/two/audit.jsonl"), 0600);
	ck_assert_int_eq(close_audit(other, 0, 0), 0);
	ck_assert_int_eq(close_audit(audit, 0, 0), 0);
}
END_TEST

START_TEST(refuses_a_session_that_exists)
{
	struct audit *other = NULL;

	ck_assert_int_eq(audit_open(base, "one", NULL, &other), -EEXIST);
	ck_assert_int_eq(symlink("/tmp", path_of("link")), 0);
	ck_assert_int_eq(audit_open(base, "link", NULL, &other), -EEXIST);
	ck_assert_ptr_null(other);
	ck_assert_int_eq(
		audit_open(path_of("one/audit.jsonl"), "x", NULL, &other),
		-ENOTDIR);
	ck_assert_int_eq(close_audit(audit, 0, 0), 0);
}
END_TEST

START_TEST(makes_ids_that_sort_by_time)
{
	char first[AUDIT_ID_MAX];
	char second[AUDIT_ID_MAX];
	int n = 0;

	audit_session_id(first);
	audit_session_id(second);
	ck_assert_str_ne(first, second);
	ck_assert_int_eq(
		sscanf(first, "%*8[0-9]T%*6[0-9]Z-%*d-%*8[0-9a-f]%n", &n), 0);
	ck_assert_int_eq(n, (int)strlen(first));
	ck_assert_int_le(strncmp(first, second, 16), 0);
	ck_assert_int_eq(close_audit(audit, 0, 0), 0);
}
END_TEST

START_TEST(formats_dates_like_the_c_library)
{
	static const time_t times[] = {0,          951782400,  951868799,
				       951868800,  1709251199, 1709251200,
				       1735689599, 1735689600, 4102444799,
				       4107542400, 1795428672, 253402300799};
	char ours[UTC_LEN + 1];
	char theirs[64];
	struct tm tm;

	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		utc_format(times[i], ours);
		(void)strftime(theirs, sizeof(theirs), "%Y-%m-%dT%H:%M:%S",
			       gmtime_r(&times[i], &tm));
		ck_assert_str_eq(ours, theirs);
	}
	for (time_t day = 0; day < 2932896; day += 5) {
		time_t time = day * 86400;

		utc_format(time, ours);
		(void)gmtime_r(&time, &tm);
		(void)snprintf(theirs, sizeof(theirs),
			       "%04d-%02d-%02dT00:00:00", tm.tm_year + 1900,
			       tm.tm_mon + 1, tm.tm_mday);
		if (strcmp(ours, theirs) != 0)
			ck_abort_msg("%s, not %s", ours, theirs);
	}
	ck_assert_int_eq(close_audit(audit, 0, 0), 0);
}
END_TEST

START_TEST(hashes_like_the_published_vectors)
{
	struct siphash_key key = {{0x0706050403020100, 0x0f0e0d0c0b0a0908}};
	unsigned char input[16];

	for (unsigned char i = 0; i < sizeof(input); i++)
		input[i] = i;
	ck_assert(siphash(&key, input, 0) == 0x726fdb47dd0e0e31);
	ck_assert(siphash(&key, input, 8) == 0x93f5f5799a932462);
	ck_assert(siphash(&key, input, 15) == 0xa129ca6149be45e5);
	ck_assert_int_eq(close_audit(audit, 0, 0), 0);
}
END_TEST

START_TEST(writes_the_session_first)
{
	char *argv[] = {strdup("agent"), strdup("--token"), strdup("abc"),
			strdup("API_KEY=def"), NULL};
	const char *features[] = {"notify", "addfd", NULL};
	const char *missing[] = {"landlock-scope", NULL};
	struct audit_session session = {
		.id = "one",
		.argv = argv,
		.mode = "workspace-write",
		.net = "allowlist",
		.workspace = "/home/joe/p",
		.tmpdir = "/tmp/x",
		.level = "full",
		.landlock_abi = 7,
		.features = features,
		.missing = missing,
		.policy_digest = "00ff",
	};

	ck_assert_int_eq(audit_write_session(audit, &session), 0);
	close_and_load();
	ck_assert_str_eq(text(0, "type"), "session");
	ck_assert_int_eq(number(0, "v"), 1);
	ck_assert_int_eq(number(0, "serial"), 1);
	ck_assert_uint_eq(strlen(text(0, "time")), 30);
	ck_assert_int_gt(number(0, "mono"), 0);
	ck_assert_str_eq(text(0, "id"), "one");
	ck_assert_str_eq(text(0, "mode"), "workspace-write");
	ck_assert_str_eq(text(0, "net"), "allowlist");
	ck_assert(json_is_false(member(0, "log_only")));
	ck_assert_str_eq(text(0, "workspace"), "/home/joe/p");
	ck_assert_str_eq(text(0, "tmpdir"), "/tmp/x");
	ck_assert_str_eq(text(0, "level"), "full");
	ck_assert_int_eq(number(0, "landlock_abi"), 7);
	ck_assert_uint_eq(json_array_size(member(0, "features")), 2);
	ck_assert_uint_eq(json_array_size(member(0, "missing")), 1);
	ck_assert_str_eq(text(0, "policy_digest"), "00ff");
	ck_assert_int_eq(number(0, "argc"), 4);
	ck_assert_int_eq(number(0, "redacted"), 2);
	ck_assert_str_eq(
		json_string_value(json_array_get(member(0, "argv"), 2)),
		"[redacted]");
	ck_assert_str_eq(
		json_string_value(json_array_get(member(0, "argv"), 3)),
		"API_KEY=[redacted]");
	for (size_t i = 0; argv[i]; i++)
		free(argv[i]);
}
END_TEST

START_TEST(writes_what_a_decision_has)
{
	struct audit_event event = read_event;

	event.access = ACCESS_FS_RENAME;
	event.object2 = "/home/joe/other";
	event.ppid = 99;
	ck_assert_uint_eq(write_event(&event), 1);
	ck_assert_uint_eq(write_event(&denied_event), 2);
	close_and_load();
	ck_assert_str_eq(text(0, "type"), "decision");
	ck_assert_int_eq(number(0, "pid"), 100);
	ck_assert_int_eq(number(0, "tid"), 101);
	ck_assert_int_eq(number(0, "ppid"), 99);
	ck_assert_str_eq(text(0, "exe"), "/usr/bin/cat");
	ck_assert_str_eq(text(0, "syscall"), "openat");
	ck_assert_str_eq(text(0, "access"), "fs.rename");
	ck_assert_str_eq(text(0, "object"), "/home/joe/file");
	ck_assert_str_eq(text(0, "object2"), "/home/joe/other");
	ck_assert_str_eq(text(0, "verdict"), "allow");
	ck_assert_str_eq(text(0, "rule"), "default.ini:1");
	ck_assert_ptr_null(member(0, "reason"));
	ck_assert_ptr_null(member(0, "errno"));
	ck_assert_ptr_null(member(0, "argv"));
	ck_assert_ptr_null(member(0, "argv_bound"));
	ck_assert_str_eq(text(1, "verdict"), "deny");
	ck_assert_str_eq(text(1, "reason"), "private keys");
	ck_assert_str_eq(text(1, "errno"), "EACCES");
	ck_assert_ptr_null(member(1, "ppid"));
	ck_assert_ptr_null(member(1, "object2"));
	ck_assert_ptr_null(member(1, "cut"));
}
END_TEST

START_TEST(writes_the_arguments_of_a_program)
{
	const char *argv[] = {"curl",       "-H",  "X-Api-Key: abc",
			      "--password", "def", NULL};
	struct audit_event event = read_event;

	event.access = ACCESS_EXEC;
	event.argv = argv;
	event.argc = 70;
	event.cwd = "/home/joe";
	(void)write_event(&event);
	close_and_load();
	ck_assert_uint_eq(json_array_size(member(0, "argv")), 5);
	ck_assert_str_eq(
		json_string_value(json_array_get(member(0, "argv"), 2)),
		"X-Api-Key: [redacted]");
	ck_assert_str_eq(
		json_string_value(json_array_get(member(0, "argv"), 4)),
		"[redacted]");
	ck_assert_int_eq(number(0, "redacted"), 2);
	ck_assert_int_eq(number(0, "argc"), 70);
	ck_assert_str_eq(text(0, "cwd"), "/home/joe");
	ck_assert(json_is_false(member(0, "argv_bound")));
}
END_TEST

START_TEST(counts_equal_denials_instead_of_repeating_them)
{
	static const json_int_t counts[] = {2, 4, 8, 16, 20};

	ck_assert_uint_eq(write_event(&denied_event), 1);
	for (int i = 1; i < 20; i++)
		ck_assert_uint_eq(write_event(&denied_event), 0);
	ck_assert_uint_eq(audit_totals(audit).denied, 20);
	close_and_load();
	ck_assert_uint_eq(num_lines, 1 + 5 + 1);
	for (size_t i = 0; i < 5; i++) {
		ck_assert_str_eq(text(i + 1, "type"), "fold");
		ck_assert_int_eq(number(i + 1, "of"), 1);
		ck_assert_int_eq(number(i + 1, "count"), counts[i]);
		ck_assert_str_eq(text(i + 1, "verdict"), "deny");
	}
	ck_assert_int_eq(number(6, "denied"), 20);
}
END_TEST

START_TEST(tells_a_final_count_only_once)
{
	for (int i = 0; i < 4; i++)
		(void)write_event(&denied_event);
	close_and_load();
	/* 1, 2, 4, and the summary. */
	ck_assert_uint_eq(num_lines, 4);
}
END_TEST

START_TEST(keeps_denials_that_differ)
{
	const char *argv[] = {"a", "bc", NULL};
	const char *other_argv[] = {"ab", "c", NULL};
	struct audit_event events[11];

	for (size_t i = 0; i < 11; i++)
		events[i] = denied_event;
	events[1].pid = 101;
	events[2].object = "/home/joe/.ssh/id_rs";
	events[3].object2 = "a";
	events[4].exe = "/usr/bin/dog";
	events[5].exe = NULL;
	events[6].decision.error = EROFS;
	events[7].decision.rule = "default.ini:3";
	events[8].access = ACCESS_FS_WRITE;
	events[9].argv = argv;
	events[10].argv = other_argv;
	for (size_t i = 0; i < 11; i++)
		ck_assert_uint_eq(write_event(&events[i]), i + 1);
	for (size_t i = 0; i < 11; i++)
		ck_assert_uint_eq(write_event(&events[i]), 0);
	ck_assert_int_eq(close_audit(audit, 0, 0), 0);
}
END_TEST

START_TEST(folds_allowed_reads_of_all_processes)
{
	struct audit_event event = read_event;

	ck_assert_uint_eq(write_event(&event), 1);
	event.pid = 200;
	event.tid = 200;
	ck_assert_uint_eq(write_event(&event), 0);
	event.object = "/other";
	ck_assert_uint_ne(write_event(&event), 0);
	ck_assert_int_eq(close_audit(audit, 0, 0), 0);
}
END_TEST

START_TEST(never_folds_changes_programs_and_connections)
{
	struct audit_event event = read_event;
	uint64_t serial = 0;

	for (enum access access = 0; access < ACCESS_NUM; access++) {
		if (!(access_rights(access) & RIGHT_WRITE) &&
		    access != ACCESS_EXEC && access != ACCESS_NET_CONNECT)
			continue;
		event.access = access;
		for (int i = 0; i < 3; i++)
			ck_assert_uint_eq(write_event(&event), ++serial);
	}
	ck_assert_uint_gt(serial, 3 * 10);
	close_and_load();
	ck_assert_uint_eq(count_of("decision"), serial);
	ck_assert_uint_eq(count_of("fold"), 0);
}
END_TEST

START_TEST(tells_the_count_of_a_record_that_gives_way)
{
	struct audit_event event = denied_event;
	const size_t distinct = 2 * FOLD_ENTRIES;
	json_int_t denied = 0;
	char object[32];

	event.object = object;
	for (size_t i = 0; i < distinct; i++) {
		(void)snprintf(object, sizeof(object), "/%zu", i);
		for (int k = 0; k < 3; k++)
			(void)write_event(&event);
	}
	close_and_load();
	ck_assert_uint_eq(count_of("decision"), distinct);
	/* A count of two, and of three when it gives way or at the end. */
	ck_assert_uint_eq(count_of("fold"), 2 * distinct);
	for (size_t i = 0; i < num_lines; i++) {
		if (strcmp(text(i, "type"), "fold") == 0)
			denied += number(i, "count") == 3 ? 3 : 0;
	}
	ck_assert_int_eq(denied, (json_int_t)(3 * distinct));
	ck_assert_int_eq(number(num_lines - 1, "denied"), denied);
}
END_TEST

START_TEST(writes_outcomes_and_errors)
{
	struct audit_event event = read_event;

	event.access = ACCESS_FS_WRITE;
	ck_assert_uint_eq(write_event(&event), 1);
	ck_assert_int_eq(audit_write_outcome(audit, 1, ENOENT, false), 0);
	ck_assert_int_eq(audit_write_outcome(audit, 1, 0, true), 0);
	ck_assert_int_eq(audit_write_outcome(audit, 0, ENOENT, false), 0);
	ck_assert_int_eq(audit_write_outcome(audit, 1, 4000, false), 0);
	ck_assert_int_eq(audit_write_internal(audit, "queue full", ENOMEM), 0);
	ck_assert_int_eq(audit_write_internal(audit, "bad row", 0), 0);
	close_and_load();
	ck_assert_uint_eq(num_lines, 7);
	ck_assert_str_eq(text(1, "type"), "outcome");
	ck_assert_int_eq(number(1, "of"), 1);
	ck_assert_str_eq(text(1, "errno"), "ENOENT");
	ck_assert_ptr_null(member(1, "gone"));
	ck_assert(json_is_true(member(2, "gone")));
	ck_assert_ptr_null(member(2, "errno"));
	ck_assert_str_eq(text(3, "errno"), "4000");
	ck_assert_str_eq(text(4, "what"), "queue full");
	ck_assert_str_eq(text(4, "errno"), "ENOMEM");
	ck_assert_ptr_null(member(5, "errno"));
}
END_TEST

START_TEST(sums_up_at_the_end)
{
	struct audit_event event = read_event;

	(void)write_event(&read_event);
	(void)write_event(&read_event);
	(void)write_event(&denied_event);
	event.access = ACCESS_FS_CREATE;
	(void)write_event(&event);
	event.access = ACCESS_EXEC;
	(void)write_event(&event);
	ck_assert_int_eq(close_audit(audit, 137, 9), 0);
	ck_assert_uint_eq(load("one/audit.jsonl"), 0);
	ck_assert_str_eq(text(num_lines - 1, "type"), "summary");
	ck_assert_int_eq(number(num_lines - 1, "exit_code"), 137);
	ck_assert_int_eq(number(num_lines - 1, "signal"), 9);
	ck_assert_int_eq(number(num_lines - 1, "allowed"), 4);
	ck_assert_int_eq(number(num_lines - 1, "denied"), 1);
	ck_assert_int_eq(number(num_lines - 1, "changes"), 1);
	ck_assert_int_eq(number(num_lines - 1, "execs"), 1);
	audit_free(NULL);
}
END_TEST

START_TEST(refuses_to_write_after_the_end)
{
	uint64_t serial = 77;

	(void)write_event(&read_event);
	ck_assert_int_eq(audit_finish(audit, 0, 0), 0);
	/* Also one that would be counted only. */
	ck_assert_int_eq(audit_write_decision(audit, &read_event, &serial),
			 -EBADF);
	ck_assert_int_eq(audit_write_decision(audit, &denied_event, &serial),
			 -EBADF);
	ck_assert_int_eq(audit_write_internal(audit, "late", 0), -EBADF);
	ck_assert_int_eq(audit_write_outcome(audit, 1, EIO, false), -EBADF);
	ck_assert_uint_eq(serial, 77);
	audit_free(audit);
	ck_assert_uint_eq(load("one/audit.jsonl"), 0);
	ck_assert_uint_eq(num_lines, 2);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("audit");
	TCase *tc = tcase_create("audit");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, creates_private_directories_and_file);
	tcase_add_test(tc, refuses_a_session_that_exists);
	tcase_add_test(tc, makes_ids_that_sort_by_time);
	tcase_add_test(tc, formats_dates_like_the_c_library);
	tcase_add_test(tc, hashes_like_the_published_vectors);
	tcase_add_test(tc, writes_the_session_first);
	tcase_add_test(tc, writes_what_a_decision_has);
	tcase_add_test(tc, writes_the_arguments_of_a_program);
	tcase_add_test(tc, counts_equal_denials_instead_of_repeating_them);
	tcase_add_test(tc, tells_a_final_count_only_once);
	tcase_add_test(tc, keeps_denials_that_differ);
	tcase_add_test(tc, folds_allowed_reads_of_all_processes);
	tcase_add_test(tc, never_folds_changes_programs_and_connections);
	tcase_add_test(tc, tells_the_count_of_a_record_that_gives_way);
	tcase_add_test(tc, writes_outcomes_and_errors);
	tcase_add_test(tc, sums_up_at_the_end);
	tcase_add_test(tc, refuses_to_write_after_the_end);
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
