/* SPDX-License-Identifier: MIT */
#include "policy.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Paths below /w do not exist, so that nothing of this machine gets in. */
static struct policy policy;

static void setup(void)
{
	ck_assert_int_eq(policy_init(&policy), 0);
}

static void teardown(void)
{
	policy_done(&policy);
}

static void add(enum rule_kind kind, const char *pattern)
{
	char origin[512];

	(void)snprintf(origin, sizeof(origin), "%s %s", rule_kind_name(kind),
		       pattern);
	ck_assert_int_eq(policy_add_path(&policy, kind, pattern, origin, NULL),
			 0);
}

static void seal(void)
{
	ck_assert_int_eq(policy_seal(&policy), 0);
}

static struct decision ask(enum access access, const char *path)
{
	struct policy_object object = {.path = path};

	return policy_decide(&policy, access, &object);
}

static struct decision link_to(const char *path)
{
	struct policy_object object = {.path = path, .is_link = true};

	return policy_decide(&policy, ACCESS_FS_SYMLINK, &object);
}

static struct decision move(enum access access, const char *from,
			    const char *to)
{
	struct policy_object from_object = {.path = from};
	struct policy_object to_object = {.path = to};

	return policy_decide_move(&policy, access, &from_object, &to_object);
}

static void assert_allowed(struct decision decision, const char *rule)
{
	ck_assert_msg(decision.verdict == VERDICT_ALLOW, "denied by %s: %s",
		      decision.rule, decision.reason);
	ck_assert_int_eq(decision.error, 0);
	ck_assert_ptr_nonnull(decision.reason);
	if (rule)
		ck_assert_str_eq(decision.rule, rule);
}

static void assert_denied(struct decision decision, int error, const char *rule)
{
	ck_assert_msg(decision.verdict == VERDICT_DENY, "allowed by %s",
		      decision.rule);
	ck_assert_int_eq(decision.error, error);
	ck_assert_ptr_nonnull(decision.reason);
	ck_assert_str_eq(decision.rule, rule);
}

/* --- Paths --- */

START_TEST(decide_reads_everything_without_a_rule)
{
	seal();
	assert_allowed(ask(ACCESS_FS_READ, "/etc/passwd"),
		       "mode workspace-write");
	assert_allowed(ask(ACCESS_EXEC, "/bin/sh"), "mode workspace-write");
	assert_allowed(ask(ACCESS_FS_READ, "/"), NULL);
}
END_TEST

START_TEST(decide_denies_writes_outside_the_write_roots)
{
	add(RULE_WRITE, "/w");
	seal();
	assert_allowed(ask(ACCESS_FS_WRITE, "/w/a"), "write /w");
	assert_allowed(ask(ACCESS_FS_UNLINK, "/w"), "write /w");
	assert_denied(ask(ACCESS_FS_WRITE, "/x/a"), EROFS,
		      "mode workspace-write");
	assert_denied(ask(ACCESS_FS_MKDIR, "/wx"), EROFS,
		      "mode workspace-write");
	assert_denied(ask(ACCESS_FS_READ_WRITE, "/"), EROFS,
		      "mode workspace-write");
	ck_assert_str_eq(ask(ACCESS_FS_WRITE, "/x").remedy,
			 "sbxsup --write DIR");
	ck_assert_str_eq(ask(ACCESS_FS_WRITE, "/x").reason,
			 "outside the write roots");
}
END_TEST

START_TEST(decide_treats_every_changing_access_alike)
{
	static const enum access accesses[] = {
		ACCESS_FS_WRITE,       ACCESS_FS_READ_WRITE, ACCESS_FS_CREATE,
		ACCESS_FS_TRUNCATE,    ACCESS_FS_UNLINK,     ACCESS_FS_RMDIR,
		ACCESS_FS_RENAME,      ACCESS_FS_LINK,       ACCESS_FS_SYMLINK,
		ACCESS_FS_MKDIR,       ACCESS_FS_MKNOD,      ACCESS_FS_CHMOD,
		ACCESS_FS_CHOWN,       ACCESS_FS_UTIME,      ACCESS_FS_SETXATTR,
		ACCESS_FS_REMOVEXATTR, ACCESS_FS_SETFLAGS,
	};

	add(RULE_WRITE, "/w");
	add(RULE_PROTECT, "/w/p");
	seal();
	for (size_t i = 0; i < sizeof(accesses) / sizeof(accesses[0]); i++) {
		assert_allowed(ask(accesses[i], "/w/a"), "write /w");
		assert_denied(ask(accesses[i], "/w/p"), EACCES, "protect /w/p");
		assert_denied(ask(accesses[i], "/a"), EROFS,
			      "mode workspace-write");
	}
}
END_TEST

START_TEST(decide_denies_secret_below_write_root)
{
	add(RULE_WRITE, "/w");
	add(RULE_DENY, "/**/.env");
	seal();
	assert_allowed(ask(ACCESS_FS_READ, "/w/env"), NULL);
	assert_denied(ask(ACCESS_FS_READ, "/w/.env"), EACCES, "deny /**/.env");
	assert_denied(ask(ACCESS_FS_WRITE, "/w/.env"), EACCES, "deny /**/.env");
	assert_denied(ask(ACCESS_FS_READ, "/w/.env/sub"), EACCES,
		      "deny /**/.env");
	assert_denied(ask(ACCESS_EXEC, "/.env"), EACCES, "deny /**/.env");
}
END_TEST

START_TEST(decide_keeps_protected_readable)
{
	add(RULE_WRITE, "/w");
	add(RULE_PROTECT, "/**/.git/hooks");
	seal();
	assert_allowed(ask(ACCESS_FS_READ, "/w/.git/hooks/x"), NULL);
	assert_allowed(ask(ACCESS_FS_WRITE, "/w/.git/index"), NULL);
	assert_denied(ask(ACCESS_FS_WRITE, "/w/.git/hooks/x"), EACCES,
		      "protect /**/.git/hooks");
	assert_denied(ask(ACCESS_FS_READ_WRITE, "/w/.git/hooks/x"), EACCES,
		      "protect /**/.git/hooks");
}
END_TEST

START_TEST(decide_read_only_is_like_a_read_only_mount)
{
	add(RULE_WRITE, "/w");
	add(RULE_READ_ONLY, "/w/ro");
	seal();
	assert_allowed(ask(ACCESS_FS_READ, "/w/ro/a"), NULL);
	assert_denied(ask(ACCESS_FS_WRITE, "/w/ro/a"), EROFS,
		      "read-only /w/ro");
}
END_TEST

START_TEST(decide_deeper_write_root_opens_a_refusal)
{
	add(RULE_WRITE, "/w");
	add(RULE_READ_ONLY, "/w/ro");
	add(RULE_WRITE, "/w/ro/out");
	add(RULE_DENY, "/w/secret");
	add(RULE_READ, "/w/secret/public");
	seal();
	assert_allowed(ask(ACCESS_FS_WRITE, "/w/ro/out/a"), "write /w/ro/out");
	assert_denied(ask(ACCESS_FS_WRITE, "/w/ro/a"), EROFS,
		      "read-only /w/ro");
	assert_allowed(ask(ACCESS_FS_READ, "/w/secret/public/a"), NULL);
	assert_denied(ask(ACCESS_FS_READ, "/w/secret/a"), EACCES,
		      "deny /w/secret");
}
END_TEST

START_TEST(decide_equal_depth_goes_by_kind)
{
	add(RULE_WRITE, "/w/a");
	assert_allowed((seal(), ask(ACCESS_FS_WRITE, "/w/a")), "write /w/a");
	policy_done(&policy);
	setup();
	add(RULE_DENY, "/w/a");
	add(RULE_PROTECT, "/w/a");
	add(RULE_PROTECT, "/w/b");
	add(RULE_READ_ONLY, "/w/b");
	add(RULE_READ_ONLY, "/w/c");
	add(RULE_WRITE, "/w/c");
	add(RULE_WRITE, "/w/a");
	add(RULE_WRITE, "/w/b");
	seal();
	assert_denied(ask(ACCESS_FS_READ, "/w/a"), EACCES, "deny /w/a");
	assert_denied(ask(ACCESS_FS_WRITE, "/w/b"), EACCES, "protect /w/b");
	assert_denied(ask(ACCESS_FS_WRITE, "/w/c"), EROFS, "read-only /w/c");
}
END_TEST

START_TEST(decide_read_rule_lifts_a_wildcard_deny)
{
	add(RULE_WRITE, "/w");
	add(RULE_DENY, "/**/.env.*");
	add(RULE_READ, "/**/.env.example");
	seal();
	assert_allowed(ask(ACCESS_FS_READ, "/x/.env.example"), NULL);
	assert_denied(ask(ACCESS_FS_READ, "/x/.env.local"), EACCES,
		      "deny /**/.env.*");
}
END_TEST

START_TEST(decide_read_rule_leaves_writing_to_the_directory)
{
	add(RULE_WRITE, "/w");
	add(RULE_READ_ONLY, "/w/ro");
	add(RULE_DENY, "/**/.env.*");
	add(RULE_READ, "/**/.env.example");
	seal();
	assert_allowed(ask(ACCESS_FS_WRITE, "/w/.env.example"), "write /w");
	assert_allowed(ask(ACCESS_FS_READ_WRITE, "/w/a/.env.example"),
		       "write /w");
	assert_denied(ask(ACCESS_FS_WRITE, "/w/ro/.env.example"), EROFS,
		      "read-only /w/ro");
	assert_denied(ask(ACCESS_FS_WRITE, "/x/.env.example"), EROFS,
		      "mode workspace-write");
	assert_denied(ask(ACCESS_FS_WRITE, "/.env.example"), EROFS,
		      "mode workspace-write");
}
END_TEST

START_TEST(decide_wildcard_read_rule_does_not_open_a_denied_directory)
{
	add(RULE_DENY, "/w/secret");
	add(RULE_READ, "/**/.env.example");
	add(RULE_READ, "/w/secret/note");
	seal();
	assert_allowed(ask(ACCESS_FS_READ, "/w/.env.example"), NULL);
	assert_allowed(ask(ACCESS_FS_READ, "/w/secret/note"), NULL);
	assert_denied(ask(ACCESS_FS_READ, "/w/secret/.env.example"), EACCES,
		      "deny /w/secret");
	assert_denied(
		ask(ACCESS_FS_READ, "/w/secret/.env.example/.env.example"),
		EACCES, "deny /w/secret");
	assert_denied(ask(ACCESS_FS_WRITE, "/w/secret/note"), EACCES,
		      "deny /w/secret");
}
END_TEST

START_TEST(decide_read_rule_does_not_lift_protection)
{
	add(RULE_WRITE, "/w");
	add(RULE_PROTECT, "/w/*.conf");
	add(RULE_READ, "/w/a.conf");
	add(RULE_DENY, "/*");
	add(RULE_READ, "/");
	seal();
	assert_allowed(ask(ACCESS_FS_WRITE, "/w/a.txt"), "write /w");
	assert_allowed(ask(ACCESS_FS_READ, "/w/a.conf"), NULL);
	assert_denied(ask(ACCESS_FS_WRITE, "/w/a.conf"), EACCES,
		      "protect /w/*.conf");
	assert_denied(ask(ACCESS_FS_WRITE, "/"), EROFS, "mode workspace-write");
}
END_TEST

START_TEST(decide_workspace_with_wildcard_bytes_is_literal)
{
	add(RULE_WRITE, "/w/a\\[b\\]\\*");
	seal();
	assert_allowed(ask(ACCESS_FS_WRITE, "/w/a[b]*/x"), NULL);
	assert_denied(ask(ACCESS_FS_WRITE, "/w/ab/x"), EROFS,
		      "mode workspace-write");
	assert_denied(ask(ACCESS_FS_WRITE, "/w/abc/x"), EROFS,
		      "mode workspace-write");
}
END_TEST

START_TEST(decide_read_only_mode_names_the_way_out)
{
	policy.mode = MODE_READ_ONLY;
	policy.workspace = strdup("/w");
	add(RULE_WRITE, "/t");
	seal();
	assert_allowed(ask(ACCESS_FS_WRITE, "/t/x"), "write /t");
	assert_denied(ask(ACCESS_FS_WRITE, "/w/x"), EROFS, "mode read-only");
	ck_assert_str_eq(ask(ACCESS_FS_WRITE, "/w/x").remedy,
			 "sbxsup --mode workspace-write");
	ck_assert_str_eq(ask(ACCESS_FS_WRITE, "/wx").remedy,
			 "sbxsup --write DIR");
}
END_TEST

START_TEST(decide_full_access_allows_all)
{
	policy.mode = MODE_FULL_ACCESS;
	add(RULE_DENY, "/w");
	seal();
	assert_allowed(ask(ACCESS_FS_READ_WRITE, "/w"), "mode full-access");
	assert_allowed(move(ACCESS_FS_RENAME, "/w/a", "/x"),
		       "mode full-access");
	assert_allowed(link_to("/"), "mode full-access");
}
END_TEST

START_TEST(decide_names_the_option_to_drop)
{
	ck_assert_int_eq(policy_add_path(&policy, RULE_DENY, "/w/a",
					 "--deny /w/a", NULL),
			 0);
	ck_assert_int_eq(policy_add_path(&policy, RULE_DENY, "/w/b",
					 "default.ini:3", "keys"),
			 0);
	seal();
	ck_assert_str_eq(ask(ACCESS_FS_READ, "/w/a").remedy,
			 "drop that option");
	ck_assert_ptr_null(ask(ACCESS_FS_READ, "/w/b").remedy);
	ck_assert_str_eq(ask(ACCESS_FS_READ, "/w/b").reason, "keys");
}
END_TEST

START_TEST(decide_denies_what_overflows)
{
	char pattern[128];
	char stars[80];

	memset(stars, '*', sizeof(stars));
	add(RULE_WRITE, "/w");
	for (int i = 1; i < MATCH_STATES_MAX; i++) {
		(void)snprintf(pattern, sizeof(pattern), "/w/a%.*s/x", i,
			       stars);
		add(RULE_DENY, pattern);
	}
	add(RULE_DENY, "/w/a?/x");
	seal();
	assert_allowed(ask(ACCESS_FS_WRITE, "/w/ab"), NULL);
	policy_done(&policy);
	setup();
	add(RULE_WRITE, "/w");
	for (int i = 1; i <= MATCH_STATES_MAX; i++) {
		(void)snprintf(pattern, sizeof(pattern), "/w/a%.*s/x", i,
			       stars);
		add(RULE_DENY, pattern);
	}
	add(RULE_DENY, "/w/a?/x");
	seal();
	assert_denied(ask(ACCESS_FS_WRITE, "/w/ab"), EACCES, "pattern limit");
	assert_denied(ask(ACCESS_FS_READ, "/w/ab"), EACCES, "pattern limit");
}
END_TEST

/* --- Model --- */

START_TEST(add_refuses_malformed_patterns)
{
	ck_assert_int_eq(policy_add_path(&policy, RULE_DENY, "/ok", "o", NULL),
			 0);
	ck_assert_int_eq(policy_add_path(&policy, RULE_DENY, "rel", "o", NULL),
			 -EINVAL);
	ck_assert_int_eq(policy_add_path(&policy, RULE_DENY, "/w/[", "o", NULL),
			 -EINVAL);
	ck_assert_int_eq(
		policy_add_path(&policy, RULE_DENY, "/*/..", "o", NULL),
		-EINVAL);
	ck_assert_int_eq(policy_add_unix(&policy, "rel", "o"), -EINVAL);
	ck_assert_uint_eq(policy.num_rules, 1);
	ck_assert_uint_eq(policy.num_unix_rules, 0);
}
END_TEST

START_TEST(add_takes_untidy_slashes)
{
	add(RULE_WRITE, "//w///a/");
	seal();
	assert_allowed(ask(ACCESS_FS_WRITE, "/w/a/x"), NULL);
}
END_TEST

START_TEST(env_patterns_are_kept_in_order)
{
	ck_assert_int_eq(policy_add_env(&policy, false, "*_TOKEN"), 0);
	ck_assert_int_eq(policy_add_env(&policy, false, "LD_*"), 0);
	ck_assert_int_eq(policy_add_env(&policy, true, "GH_TOKEN"), 0);
	ck_assert_uint_eq(policy.num_env_drop, 2);
	ck_assert_str_eq(policy.env_drop[1], "LD_*");
	ck_assert_uint_eq(policy.num_env_keep, 1);
	ck_assert_str_eq(policy.env_keep[0], "GH_TOKEN");
}
END_TEST

START_TEST(lists_grow)
{
	char name[32];

	for (unsigned int i = 0; i < 100; i++) {
		(void)snprintf(name, sizeof(name), "/w/%u", i);
		add(RULE_WRITE, name);
		ck_assert_int_eq(policy_add_env(&policy, false, name), 0);
	}
	seal();
	ck_assert_str_eq(policy.env_drop[99], "/w/99");
	assert_allowed(ask(ACCESS_FS_WRITE, "/w/63"), "write /w/63");
}
END_TEST

START_TEST(done_takes_a_zeroed_policy)
{
	struct policy zeroed = {.mode = MODE_READ_ONLY};

	policy_done(&zeroed);
	policy_done(&policy);
	policy_done(&policy);
}
END_TEST

START_TEST(names_round_trip)
{
	enum net_mode net;
	enum mode mode;

	for (unsigned int i = 0; i < MODE_NUM; i++) {
		ck_assert_int_eq(mode_parse(mode_name((enum mode)i), &mode), 0);
		ck_assert_uint_eq(mode, i);
	}
	for (unsigned int i = 0; i < NET_NUM; i++) {
		ck_assert_int_eq(
			net_mode_parse(net_mode_name((enum net_mode)i), &net),
			0);
		ck_assert_uint_eq(net, i);
	}
	ck_assert_int_eq(mode_parse("danger-full-access", &mode), 0);
	ck_assert_int_eq(mode, MODE_FULL_ACCESS);
	mode = MODE_READ_ONLY;
	ck_assert_int_eq(mode_parse("", &mode), -EINVAL);
	ck_assert_int_eq(mode_parse("Full-Access", &mode), -EINVAL);
	ck_assert_int_eq(mode, MODE_READ_ONLY);
	ck_assert_int_eq(net_mode_parse("full", &net), -EINVAL);
}
END_TEST

static TCase *paths_case(void)
{
	TCase *paths = tcase_create("paths");

	tcase_add_checked_fixture(paths, setup, teardown);
	tcase_add_test(paths, decide_reads_everything_without_a_rule);
	tcase_add_test(paths, decide_denies_writes_outside_the_write_roots);
	tcase_add_test(paths, decide_treats_every_changing_access_alike);
	tcase_add_test(paths, decide_denies_secret_below_write_root);
	tcase_add_test(paths, decide_keeps_protected_readable);
	tcase_add_test(paths, decide_read_only_is_like_a_read_only_mount);
	tcase_add_test(paths, decide_deeper_write_root_opens_a_refusal);
	tcase_add_test(paths, decide_equal_depth_goes_by_kind);
	tcase_add_test(paths, decide_read_rule_lifts_a_wildcard_deny);
	tcase_add_test(paths, decide_read_rule_leaves_writing_to_the_directory);
	tcase_add_test(
		paths,
		decide_wildcard_read_rule_does_not_open_a_denied_directory);
	tcase_add_test(paths, decide_read_rule_does_not_lift_protection);
	tcase_add_test(paths, decide_workspace_with_wildcard_bytes_is_literal);
	tcase_add_test(paths, decide_read_only_mode_names_the_way_out);
	tcase_add_test(paths, decide_full_access_allows_all);
	tcase_add_test(paths, decide_names_the_option_to_drop);
	tcase_add_test(paths, decide_denies_what_overflows);
	return paths;
}

static TCase *model_case(void)
{
	TCase *model = tcase_create("model");

	tcase_add_checked_fixture(model, setup, teardown);
	tcase_add_test(model, add_refuses_malformed_patterns);
	tcase_add_test(model, add_takes_untidy_slashes);
	tcase_add_test(model, env_patterns_are_kept_in_order);
	tcase_add_test(model, lists_grow);
	tcase_add_test(model, done_takes_a_zeroed_policy);
	tcase_add_test(model, names_round_trip);
	return model;
}

int main(void)
{
	Suite *suite = suite_create("policy");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, paths_case());
	suite_add_tcase(suite, model_case());
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
