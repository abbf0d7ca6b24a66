/* SPDX-License-Identifier: MIT */
/*
 * What is protected in part: git configurations, plain names among protected
 * ones, and names that rules look through.
 */
#include "policy.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

static struct decision unprotected(enum access access, const char *path)
{
	struct policy_object object = {.path = path};

	return policy_decide_unprotected(&policy, access, &object);
}

static struct decision file_at(enum access access, const char *path)
{
	struct policy_object object = {.path = path, .is_file = true};

	return policy_decide(&policy, access, &object);
}

START_TEST(decide_plain_rule_lifts_protection_of_the_same_name)
{
	add(RULE_WRITE, "/w");
	add(RULE_PROTECT, "/**/hooks/*");
	add(RULE_PLAIN, "/**/hooks/*.sample");
	seal();
	assert_denied(ask(ACCESS_FS_WRITE, "/w/hooks/a"), EACCES,
		      "protect /**/hooks/*");
	assert_denied(ask(ACCESS_FS_WRITE, "/w/hooks/a.samples"), EACCES,
		      "protect /**/hooks/*");
	assert_allowed(ask(ACCESS_FS_WRITE, "/w/hooks/a.sample"), "write /w");
	assert_allowed(ask(ACCESS_FS_UNLINK, "/w/hooks/a.sample"), "write /w");
	assert_allowed(ask(ACCESS_FS_READ, "/w/hooks/a.sample"), NULL);
	assert_allowed(ask(ACCESS_FS_MKDIR, "/w/hooks"), "write /w");
}
END_TEST

START_TEST(decide_plain_rule_gives_no_right_of_its_own)
{
	add(RULE_WRITE, "/w");
	add(RULE_READ_ONLY, "/w/ro");
	add(RULE_DENY, "/**/*.key.sample");
	add(RULE_PROTECT, "/**/hooks/*");
	add(RULE_PLAIN, "/**/hooks/*.sample");
	seal();
	assert_denied(ask(ACCESS_FS_WRITE, "/x/hooks/a.sample"), EROFS,
		      "mode workspace-write");
	assert_denied(ask(ACCESS_FS_WRITE, "/w/ro/hooks/a.sample"), EROFS,
		      "read-only /w/ro");
	assert_denied(ask(ACCESS_FS_READ, "/w/hooks/a.key.sample"), EACCES,
		      "deny /**/*.key.sample");
	assert_denied(ask(ACCESS_FS_WRITE, "/w/hooks/a.key.sample"), EACCES,
		      "deny /**/*.key.sample");
}
END_TEST

START_TEST(decide_plain_name_moves_to_no_protected_one)
{
	add(RULE_WRITE, "/w");
	add(RULE_PROTECT, "/**/hooks/*");
	add(RULE_PLAIN, "/**/hooks/*.sample");
	seal();
	assert_allowed(move(ACCESS_FS_RENAME, "/w/hooks/a.sample",
			    "/w/hooks/b.sample"),
		       "write /w");
	assert_denied(move(ACCESS_FS_RENAME, "/w/hooks/a.sample", "/w/hooks/a"),
		      EACCES, "protect /**/hooks/*");
	assert_denied(move(ACCESS_FS_LINK, "/w/hooks/a.sample", "/w/hooks/a"),
		      EACCES, "protect /**/hooks/*");
	assert_denied(move(ACCESS_FS_RENAME, "/w/hooks/a", "/w/hooks/a.sample"),
		      EACCES, "protect /**/hooks/*");
}
END_TEST

START_TEST(decide_git_config_is_protected)
{
	add(RULE_WRITE, "/w");
	add(RULE_GIT_CONFIG, "/**/.git/config");
	seal();
	assert_allowed(ask(ACCESS_FS_READ, "/w/.git/config"), NULL);
	assert_allowed(ask(ACCESS_FS_WRITE, "/w/.git/config.lock"), NULL);
	assert_denied(ask(ACCESS_FS_WRITE, "/w/.git/config"), EACCES,
		      "git-config /**/.git/config");
	assert_denied(ask(ACCESS_FS_UNLINK, "/w/.git/config"), EACCES,
		      "git-config /**/.git/config");
	assert_denied(
		move(ACCESS_FS_RENAME, "/w/.git/config.lock", "/w/.git/config"),
		EACCES, "git-config /**/.git/config");
	assert_denied(move(ACCESS_FS_LINK, "/w/.git/config", "/w/x"), EACCES,
		      "git-config /**/.git/config");
}
END_TEST

START_TEST(is_git_config_where_that_rule_answers)
{
	add(RULE_WRITE, "/w");
	add(RULE_GIT_CONFIG, "/**/.git/config");
	add(RULE_DENY, "/w/secret/.git/config");
	seal();
	ck_assert(policy_is_git_config(&policy, "/w/.git/config"));
	ck_assert(policy_is_git_config(&policy, "/x/a/.git/config"));
	ck_assert(policy_is_git_config(&policy, "/.git/config"));
	/* Below it, if it is a directory. */
	ck_assert(policy_is_git_config(&policy, "/w/.git/config/a"));
	ck_assert(!policy_is_git_config(&policy, "/w/.git/config.lock"));
	ck_assert(!policy_is_git_config(&policy, "/w/.git/Config"));
	ck_assert(!policy_is_git_config(&policy, "/w/.git"));
	ck_assert(!policy_is_git_config(&policy, "/w/git/config"));
	ck_assert(!policy_is_git_config(&policy, "/w/secret/.git/config"));
}
END_TEST

START_TEST(decide_unprotected_leaves_protection_aside)
{
	add(RULE_WRITE, "/w");
	add(RULE_READ_ONLY, "/w/ro");
	add(RULE_PROTECT, "/w/p");
	add(RULE_GIT_CONFIG, "/**/.git/config");
	add(RULE_DENY, "/w/secret");
	add(RULE_DENY, "/**/*.env");
	seal();
	assert_allowed(unprotected(ACCESS_FS_RENAME, "/w/.git/config"),
		       "write /w");
	assert_allowed(unprotected(ACCESS_FS_WRITE, "/w/p"), "write /w");
	assert_allowed(unprotected(ACCESS_FS_READ, "/w/p"), NULL);
	assert_denied(unprotected(ACCESS_FS_RENAME, "/x/.git/config"), EROFS,
		      "mode workspace-write");
	assert_denied(unprotected(ACCESS_FS_RENAME, "/w/ro/.git/config"), EROFS,
		      "read-only /w/ro");
	assert_denied(unprotected(ACCESS_FS_RENAME, "/w/secret/.git/config"),
		      EACCES, "deny /w/secret");
	assert_denied(unprotected(ACCESS_FS_READ, "/w/p/a.env"), EACCES,
		      "deny /**/*.env");
}
END_TEST

START_TEST(decide_unprotected_goes_by_mode)
{
	policy.mode = MODE_READ_ONLY;
	add(RULE_GIT_CONFIG, "/**/.git/config");
	seal();
	assert_denied(unprotected(ACCESS_FS_RENAME, "/w/.git/config"), EROFS,
		      "mode read-only");
	policy.mode = MODE_FULL_ACCESS;
	assert_allowed(unprotected(ACCESS_FS_RENAME, "/w/.git/config"),
		       "mode full-access");
}
END_TEST

/* The root is an object that exists everywhere. */
START_TEST(decide_unprotected_goes_by_identity_too)
{
	struct policy_object object = {.path = "/w/a", .has_id = true};
	struct stat st;

	ck_assert_int_eq(stat("/", &st), 0);
	object.dev = st.st_dev;
	object.ino = st.st_ino;
	add(RULE_WRITE, "/w");
	add(RULE_PROTECT, "/");
	seal();
	assert_denied(policy_decide(&policy, ACCESS_FS_WRITE, &object), EACCES,
		      "protect /");
	assert_allowed(
		policy_decide_unprotected(&policy, ACCESS_FS_WRITE, &object),
		"write /w");
	policy_done(&policy);
	setup();
	add(RULE_WRITE, "/w");
	add(RULE_DENY, "/");
	seal();
	assert_denied(
		policy_decide_unprotected(&policy, ACCESS_FS_WRITE, &object),
		EACCES, "deny /");
}
END_TEST

START_TEST(decide_denies_files_where_a_rule_looks_through_the_name)
{
	add(RULE_WRITE, "/w");
	add(RULE_PROTECT, "/**/.git/hooks/*");
	add(RULE_PROTECT, "/w/a/b");
	seal();
	assert_allowed(ask(ACCESS_FS_MKDIR, "/w/.git"), "write /w");
	assert_denied(file_at(ACCESS_FS_CREATE, "/w/.git"), EACCES,
		      "protect /**/.git/hooks/*");
	assert_denied(file_at(ACCESS_FS_WRITE, "/w/x/.git"), EACCES,
		      "protect /**/.git/hooks/*");
	assert_denied(file_at(ACCESS_FS_RENAME, "/w/.git"), EACCES,
		      "protect /**/.git/hooks/*");
	assert_denied(file_at(ACCESS_FS_CREATE, "/w/.git/hooks"), EACCES,
		      "protect /**/.git/hooks/*");
	assert_denied(file_at(ACCESS_FS_CREATE, "/w/a"), EACCES,
		      "protect /w/a/b");
	assert_denied(link_to("/w/.git"), EACCES, "protect /**/.git/hooks/*");
	/* Any name may lie on the way of "**", and reading harms nobody. */
	assert_allowed(file_at(ACCESS_FS_CREATE, "/w/c"), "write /w");
	assert_allowed(file_at(ACCESS_FS_CREATE, "/w/.git/c"), "write /w");
	assert_allowed(file_at(ACCESS_FS_READ, "/w/.git"), NULL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policy_protect");
	TCase *protection = tcase_create("protection");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(protection, setup, teardown);
	tcase_add_test(protection,
		       decide_plain_rule_lifts_protection_of_the_same_name);
	tcase_add_test(protection, decide_plain_rule_gives_no_right_of_its_own);
	tcase_add_test(protection, decide_plain_name_moves_to_no_protected_one);
	tcase_add_test(protection, decide_git_config_is_protected);
	tcase_add_test(protection, is_git_config_where_that_rule_answers);
	tcase_add_test(protection, decide_unprotected_leaves_protection_aside);
	tcase_add_test(protection, decide_unprotected_goes_by_mode);
	tcase_add_test(protection, decide_unprotected_goes_by_identity_too);
	tcase_add_test(protection,
		       decide_denies_files_where_a_rule_looks_through_the_name);
	suite_add_tcase(suite, protection);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
