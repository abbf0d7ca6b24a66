/* SPDX-License-Identifier: MIT */
/* Links, moves and identities: what could take an object from its rule. */
#include "policy.h"

#include <check.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Paths below /w do not exist, so that nothing of this machine gets in; what
 * is about links and identities uses a directory of its own.
 */
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

/* --- Links and moves --- */

START_TEST(link_is_refused_where_a_rule_looks_through)
{
	add(RULE_WRITE, "/w");
	add(RULE_PROTECT, "/**/.git/hooks");
	seal();
	assert_allowed(link_to("/w/link"), "write /w");
	assert_allowed(ask(ACCESS_FS_MKDIR, "/w/.git"), "write /w");
	assert_denied(link_to("/w/.git"), EACCES, "protect /**/.git/hooks");
	assert_denied(link_to("/w/a/b/.git"), EACCES, "protect /**/.git/hooks");
	assert_denied(link_to("/x/link"), EROFS, "mode workspace-write");
}
END_TEST

START_TEST(link_is_allowed_below_a_loop)
{
	add(RULE_WRITE, "/w");
	add(RULE_PROTECT, "/w/**/.envrc");
	seal();
	assert_allowed(link_to("/w/a/b"), "write /w");
	assert_denied(link_to("/w"), EACCES, "protect /w/**/.envrc");
}
END_TEST

START_TEST(move_between_equal_names_is_allowed)
{
	add(RULE_WRITE, "/w");
	add(RULE_PROTECT, "/**/.git/hooks");
	add(RULE_PROTECT, "/w/**/.vscode");
	seal();
	assert_allowed(move(ACCESS_FS_RENAME, "/w/proj", "/w/proj2"), NULL);
	assert_allowed(move(ACCESS_FS_RENAME, "/w/a/b", "/w/c/d/e"), NULL);
	assert_allowed(move(ACCESS_FS_RENAME, "/w/a", "/w/a"), NULL);
	assert_allowed(
		move(ACCESS_FS_RENAME, "/w/.git/index.lock", "/w/.git/index"),
		NULL);
	assert_allowed(move(ACCESS_FS_LINK, "/w/a", "/w/b"), NULL);
}
END_TEST

START_TEST(move_into_a_protected_name_is_refused)
{
	add(RULE_WRITE, "/w");
	add(RULE_PROTECT, "/**/.git/hooks");
	seal();
	assert_allowed(move(ACCESS_FS_RENAME, "/w/tmp", "/w/git"), NULL);
	assert_denied(move(ACCESS_FS_RENAME, "/w/tmp", "/w/.git"), EACCES,
		      "protect /**/.git/hooks");
	assert_denied(move(ACCESS_FS_RENAME, "/w/.git", "/w/tmp"), EACCES,
		      "protect /**/.git/hooks");
	assert_denied(move(ACCESS_FS_RENAME, "/w/x", "/w/.git/hooks"), EACCES,
		      "protect /**/.git/hooks");
	assert_allowed(move(ACCESS_FS_RENAME, "/w/a/.git", "/w/b/.git"), NULL);
}
END_TEST

START_TEST(move_of_an_ancestor_of_a_deny_is_refused)
{
	add(RULE_WRITE, "/w");
	add(RULE_DENY, "/w/a/b/secret");
	seal();
	assert_allowed(move(ACCESS_FS_RENAME, "/w/x", "/w/y"), NULL);
	assert_allowed(move(ACCESS_FS_RENAME, "/w/a/x", "/w/y"), NULL);
	assert_denied(move(ACCESS_FS_RENAME, "/w/a", "/w/c"), EACCES,
		      "deny /w/a/b/secret");
	assert_denied(move(ACCESS_FS_RENAME, "/w/a/b", "/w/c"), EACCES,
		      "deny /w/a/b/secret");
	assert_denied(move(ACCESS_FS_RENAME, "/w/c", "/w/a/b"), EACCES,
		      "deny /w/a/b/secret");
	assert_denied(move(ACCESS_FS_RENAME, "/w/a/b/secret", "/w/c"), EACCES,
		      "deny /w/a/b/secret");
}
END_TEST

START_TEST(move_between_base_directories_is_another_device)
{
	add(RULE_WRITE, "/w");
	add(RULE_WRITE, "/t");
	add(RULE_DENY, "/w/**/*.key");
	seal();
	assert_allowed(move(ACCESS_FS_RENAME, "/t/a", "/t/b/c"), NULL);
	assert_allowed(move(ACCESS_FS_RENAME, "/w/a", "/w/b/c"), NULL);
	assert_denied(move(ACCESS_FS_RENAME, "/t/a", "/w/a"), EXDEV,
		      "deny /w/**/*.key");
	assert_denied(move(ACCESS_FS_RENAME, "/w/a", "/t/a"), EXDEV,
		      "deny /w/**/*.key");
	assert_denied(move(ACCESS_FS_LINK, "/t/a", "/w/a"), EXDEV,
		      "deny /w/**/*.key");
}
END_TEST

START_TEST(move_of_a_base_directory_is_refused)
{
	add(RULE_WRITE, "/t");
	add(RULE_WRITE, "/t/w");
	add(RULE_DENY, "/t/w/**/*.key");
	seal();
	assert_allowed(move(ACCESS_FS_RENAME, "/t/a", "/t/x"), NULL);
	assert_denied(move(ACCESS_FS_RENAME, "/t/w", "/t/x"), EACCES,
		      "deny /t/w/**/*.key");
	assert_denied(move(ACCESS_FS_RENAME, "/t/x", "/t/w"), EACCES,
		      "deny /t/w/**/*.key");
}
END_TEST

START_TEST(move_prefers_the_hard_refusal)
{
	add(RULE_WRITE, "/w");
	add(RULE_WRITE, "/t");
	add(RULE_PROTECT, "/**/.git/hooks");
	add(RULE_DENY, "/w/**/*.key");
	seal();
	assert_denied(move(ACCESS_FS_RENAME, "/t/a", "/w/b"), EXDEV,
		      "deny /w/**/*.key");
	assert_denied(move(ACCESS_FS_RENAME, "/t/a", "/w/.git"), EACCES,
		      "protect /**/.git/hooks");
	assert_denied(move(ACCESS_FS_RENAME, "/t/.git", "/w/b"), EACCES,
		      "protect /**/.git/hooks");
}
END_TEST

START_TEST(move_needs_both_names_writable)
{
	add(RULE_WRITE, "/w");
	seal();
	assert_allowed(move(ACCESS_FS_RENAME, "/w/a", "/w/b"), NULL);
	assert_denied(move(ACCESS_FS_RENAME, "/w/a", "/x/b"), EROFS,
		      "mode workspace-write");
	assert_denied(move(ACCESS_FS_RENAME, "/x/a", "/w/b"), EROFS,
		      "mode workspace-write");
	assert_denied(move(ACCESS_FS_LINK, "/x/a", "/w/b"), EROFS,
		      "mode workspace-write");
}
END_TEST

START_TEST(link_from_a_secret_is_refused)
{
	add(RULE_WRITE, "/w");
	add(RULE_DENY, "/**/.env");
	seal();
	assert_allowed(move(ACCESS_FS_LINK, "/w/env", "/w/copy"), NULL);
	assert_denied(move(ACCESS_FS_LINK, "/w/.env", "/w/copy"), EACCES,
		      "deny /**/.env");
	assert_denied(move(ACCESS_FS_RENAME, "/w/.env", "/w/copy"), EACCES,
		      "deny /**/.env");
	assert_denied(move(ACCESS_FS_RENAME, "/w/copy", "/w/.env"), EACCES,
		      "deny /**/.env");
}
END_TEST

/* --- Files: links on the way to a rule, identities --- */

static char base[PATH_MAX];

static const char *at(const char *name)
{
	static char paths[8][PATH_MAX + 64];
	static unsigned int next;
	char *path = paths[next++ % 8];

	(void)snprintf(path, sizeof(paths[0]), "%s%s", base, name);
	return path;
}

static void touch(const char *path)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	(void)fclose(file);
}

static void setup_files(void)
{
	char template[] = "/tmp/sbx-policy-XXXXXX";

	setup();
	ck_assert_ptr_nonnull(mkdtemp(template));
	ck_assert_ptr_nonnull(realpath(template, base));
	ck_assert_int_eq(mkdir(at("/real"), 0700), 0);
	ck_assert_int_eq(symlink("real", at("/link")), 0);
	touch(at("/real/key"));
	touch(at("/real/other"));
	ck_assert_int_eq(link(at("/real/key"), at("/alias")), 0);
}

static void teardown_files(void)
{
	(void)unlink(at("/alias"));
	(void)unlink(at("/real/other"));
	(void)unlink(at("/real/key"));
	(void)unlink(at("/link"));
	(void)rmdir(at("/real"));
	(void)rmdir(base);
	teardown();
}

static struct policy_object object_at(const char *path)
{
	struct policy_object object = {.path = path, .has_id = true};
	struct stat st;

	ck_assert_int_eq(lstat(path, &st), 0);
	object.dev = st.st_dev;
	object.ino = st.st_ino;
	return object;
}

static struct decision ask_file(enum access access, const char *path)
{
	struct policy_object object = object_at(path);

	return policy_decide(&policy, access, &object);
}

START_TEST(rule_through_a_link_holds_for_the_real_name)
{
	add(RULE_WRITE, at("/link"));
	add(RULE_DENY, at("/link/key"));
	seal();
	assert_allowed(ask(ACCESS_FS_WRITE, at("/real/other")), NULL);
	ck_assert_int_eq(ask(ACCESS_FS_READ, at("/real/key")).error, EACCES);
}
END_TEST

START_TEST(refusing_rule_holds_for_the_link_too)
{
	add(RULE_WRITE, base);
	seal();
	assert_allowed(ask(ACCESS_FS_UNLINK, at("/link")), NULL);
	assert_allowed(move(ACCESS_FS_RENAME, at("/link"), at("/x")), NULL);
	policy_done(&policy);
	setup();
	add(RULE_WRITE, base);
	add(RULE_PROTECT, at("/link/key"));
	seal();
	ck_assert_int_eq(ask(ACCESS_FS_WRITE, at("/real/key")).error, EACCES);
	/* Whoever replaced the link would replace the file behind it. */
	ck_assert_int_eq(move(ACCESS_FS_RENAME, at("/link"), at("/x")).error,
			 EACCES);
	ck_assert_int_eq(ask(ACCESS_FS_CREATE, at("/link/key")).error, EACCES);
	ck_assert_int_eq(link_to(at("/link")).error, EACCES);
}
END_TEST

START_TEST(write_rule_is_not_given_to_the_link)
{
	add(RULE_WRITE, at("/link"));
	seal();
	assert_allowed(ask(ACCESS_FS_WRITE, at("/real/x")), NULL);
	assert_denied(ask(ACCESS_FS_UNLINK, at("/link")), EROFS,
		      "mode workspace-write");
}
END_TEST

START_TEST(identity_alias_is_denied)
{
	add(RULE_WRITE, base);
	add(RULE_DENY, at("/real/key"));
	seal();
	assert_allowed(ask_file(ACCESS_FS_READ, at("/real/other")), NULL);
	/* The path alone says nothing. */
	assert_allowed(ask(ACCESS_FS_READ, at("/alias")), NULL);
	ck_assert_int_eq(ask_file(ACCESS_FS_READ, at("/alias")).error, EACCES);
	ck_assert_int_eq(ask_file(ACCESS_FS_WRITE, at("/alias")).error, EACCES);
	ck_assert_int_eq(ask_file(ACCESS_FS_READ, at("/real/key")).error,
			 EACCES);
}
END_TEST

START_TEST(identity_of_protected_denies_writes_only)
{
	add(RULE_WRITE, base);
	add(RULE_PROTECT, at("/real/key"));
	add(RULE_READ_ONLY, at("/real/other"));
	seal();
	assert_allowed(ask_file(ACCESS_FS_READ, at("/alias")), NULL);
	ck_assert_int_eq(ask_file(ACCESS_FS_WRITE, at("/alias")).error, EACCES);
	ck_assert_int_eq(ask_file(ACCESS_FS_WRITE, at("/real/other")).error,
			 EROFS);
}
END_TEST

START_TEST(identity_keeps_the_strictest_rule)
{
	add(RULE_WRITE, base);
	add(RULE_PROTECT, at("/alias"));
	add(RULE_DENY, at("/real/key"));
	add(RULE_READ_ONLY, at("/real/key"));
	seal();
	ck_assert_uint_eq(policy.num_ids, 1);
	ck_assert_int_eq(ask_file(ACCESS_FS_READ, at("/alias")).error, EACCES);
}
END_TEST

START_TEST(identity_is_compared_in_moves)
{
	struct policy_object from = object_at(at("/alias"));
	struct policy_object other = object_at(at("/real/other"));
	struct policy_object to = {.path = at("/new")};
	struct decision decision;

	add(RULE_WRITE, base);
	add(RULE_PROTECT, at("/real/key"));
	seal();
	decision = policy_decide_move(&policy, ACCESS_FS_LINK, &other, &to);
	assert_allowed(decision, NULL);
	decision = policy_decide_move(&policy, ACCESS_FS_LINK, &from, &to);
	ck_assert_int_eq(decision.error, EACCES);
	/* As the one that is replaced. */
	decision = policy_decide_move(&policy, ACCESS_FS_RENAME, &other, &from);
	ck_assert_int_eq(decision.error, EACCES);
}
END_TEST

START_TEST(identity_of_missing_and_wildcard_rules_is_not_taken)
{
	add(RULE_DENY, at("/missing"));
	add(RULE_DENY, at("/real/k*"));
	add(RULE_WRITE, at("/real/other"));
	seal();
	ck_assert_uint_eq(policy.num_ids, 0);
	assert_allowed(ask_file(ACCESS_FS_READ, at("/alias")), NULL);
}
END_TEST

START_TEST(unix_alias_of_a_refused_socket_is_denied)
{
	struct policy_object alias = object_at(at("/alias"));
	struct policy_object key = object_at(at("/real/key"));
	struct policy_object other = object_at(at("/real/other"));

	add(RULE_WRITE, base);
	add(RULE_DENY, at("/real/key"));
	ck_assert_int_eq(policy_add_unix(&policy, at("/real/key"), "u"), 0);
	seal();
	assert_allowed(policy_decide_unix(&policy, ACCESS_UNIX_CONNECT, &other),
		       NULL);
	assert_allowed(policy_decide_unix(&policy, ACCESS_UNIX_CONNECT, &key),
		       "u");
	ck_assert_int_eq(
		policy_decide_unix(&policy, ACCESS_UNIX_CONNECT, &alias).error,
		EACCES);
}
END_TEST

static TCase *moves_case(void)
{
	TCase *moves = tcase_create("moves");

	tcase_add_checked_fixture(moves, setup, teardown);
	tcase_add_test(moves, link_is_refused_where_a_rule_looks_through);
	tcase_add_test(moves, link_is_allowed_below_a_loop);
	tcase_add_test(moves, move_between_equal_names_is_allowed);
	tcase_add_test(moves, move_into_a_protected_name_is_refused);
	tcase_add_test(moves, move_of_an_ancestor_of_a_deny_is_refused);
	tcase_add_test(moves, move_between_base_directories_is_another_device);
	tcase_add_test(moves, move_of_a_base_directory_is_refused);
	tcase_add_test(moves, move_prefers_the_hard_refusal);
	tcase_add_test(moves, move_needs_both_names_writable);
	tcase_add_test(moves, link_from_a_secret_is_refused);
	return moves;
}

static TCase *files_case(void)
{
	TCase *files = tcase_create("files");

	tcase_add_checked_fixture(files, setup_files, teardown_files);
	tcase_add_test(files, rule_through_a_link_holds_for_the_real_name);
	tcase_add_test(files, refusing_rule_holds_for_the_link_too);
	tcase_add_test(files, write_rule_is_not_given_to_the_link);
	tcase_add_test(files, identity_alias_is_denied);
	tcase_add_test(files, identity_of_protected_denies_writes_only);
	tcase_add_test(files, identity_keeps_the_strictest_rule);
	tcase_add_test(files, identity_is_compared_in_moves);
	tcase_add_test(files,
		       identity_of_missing_and_wildcard_rules_is_not_taken);
	tcase_add_test(files, unix_alias_of_a_refused_socket_is_denied);
	return files;
}

int main(void)
{
	Suite *suite = suite_create("policy_move");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, moves_case());
	suite_add_tcase(suite, files_case());
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
