/* SPDX-License-Identifier: MIT */
#include "policy_parse.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct policy policy;
static struct policy_vars vars;
static struct diag diag;

static void setup(void)
{
	ck_assert_int_eq(policy_init(&policy), 0);
	memset(&diag, 0, sizeof(diag));
	vars = (struct policy_vars){
		.workspace = "/sbx/w",
		.home = "/sbx/home",
		.state = "/sbx/home/.local/state",
		.config = "/sbx/home/.config",
		.cache = "/sbx/home/.cache",
		.data = "/sbx/home/.local/share",
		.uid = 1234,
	};
}

static void teardown(void)
{
	policy_done(&policy);
}

static int parse(const char *text)
{
	return policy_parse_text(&policy, &vars, "t.ini", text, &diag);
}

static void parse_well(const char *text)
{
	int ret = parse(text);

	ck_assert_msg(ret == 0, "%d: %s", ret, diag.text[0]);
	ck_assert_uint_eq(diag.num, 0);
}

/* Parses a text with one error and compares the message. */
static void parse_badly(const char *text, const char *message)
{
	memset(&diag, 0, sizeof(diag));
	ck_assert_int_eq(parse(text), -EINVAL);
	ck_assert_uint_eq(diag.num, 1);
	ck_assert_str_eq(diag.text[0], message);
}

static void assert_rule(size_t index, enum rule_kind kind, const char *pattern,
			const char *origin)
{
	ck_assert_uint_lt(index, policy.num_rules);
	ck_assert_str_eq(policy.rules[index].pattern, pattern);
	ck_assert_int_eq(policy.rules[index].kind, kind);
	ck_assert_str_eq(policy.rules[index].origin, origin);
}

START_TEST(empty_text_is_a_policy)
{
	parse_well("");
	parse_well("\n\n; a comment\n  # another\n");
	parse_well("[filesystem]\n[network]\n[unix]\n[env]\n");
	ck_assert_uint_eq(policy.num_rules, 0);
}
END_TEST

START_TEST(every_key_adds_its_kind_with_file_and_line)
{
	parse_well("[filesystem]\n"
		   "read = /sbx/1\n"
		   "write = /sbx/2\n"
		   "\n"
		   "read-only = /sbx/3\n"
		   "; comment\n"
		   "protect = /sbx/4\n"
		   "deny = /sbx/5");
	ck_assert_uint_eq(policy.num_rules, 5);
	assert_rule(0, RULE_READ, "/sbx/1", "t.ini:2");
	assert_rule(1, RULE_WRITE, "/sbx/2", "t.ini:3");
	assert_rule(2, RULE_READ_ONLY, "/sbx/3", "t.ini:5");
	assert_rule(3, RULE_PROTECT, "/sbx/4", "t.ini:7");
	assert_rule(4, RULE_DENY, "/sbx/5", "t.ini:8");
}
END_TEST

START_TEST(sections_of_another_mode_are_checked_but_do_not_apply)
{
	const char *text = "[filesystem.read-only]\nwrite = /sbx/ro\n"
			   "[filesystem.workspace-write]\n"
			   "write = /sbx/ww\n"
			   "[filesystem]\nwrite = /sbx/both\n";

	parse_well(text);
	ck_assert_uint_eq(policy.num_rules, 2);
	assert_rule(0, RULE_WRITE, "/sbx/ww", "t.ini:4");
	assert_rule(1, RULE_WRITE, "/sbx/both", "t.ini:6");
	teardown();
	setup();
	policy.mode = MODE_READ_ONLY;
	parse_well(text);
	assert_rule(0, RULE_WRITE, "/sbx/ro", "t.ini:2");
	assert_rule(1, RULE_WRITE, "/sbx/both", "t.ini:6");
	teardown();
	setup();
	policy.mode = MODE_FULL_ACCESS;
	parse_well(text);
	ck_assert_uint_eq(policy.num_rules, 1);
	parse_badly("[filesystem.read-only]\nwrite = x\n",
		    "t.ini:2: \"x\" is not a path pattern, a path starts with "
		    "\"/\"");
}
END_TEST

START_TEST(reason_holds_for_the_lines_below_it)
{
	parse_well("[filesystem]\ndeny = /sbx/1\nreason = private keys\n"
		   "deny = /sbx/2\ndeny = /sbx/3\nreason = \ndeny = /sbx/4\n"
		   "reason = more\n[filesystem]\ndeny = /sbx/5\n");
	ck_assert_str_eq(policy.rules[0].reason, "kept out of reach");
	ck_assert_str_eq(policy.rules[1].reason, "private keys");
	ck_assert_str_eq(policy.rules[2].reason, "private keys");
	ck_assert_str_eq(policy.rules[3].reason, "kept out of reach");
	ck_assert_str_eq(policy.rules[4].reason, "kept out of reach");
}
END_TEST

START_TEST(variables_are_expanded)
{
	vars.tmpdir = "/sbx/t";
	vars.runtime = "/sbx/run/1234";
	parse_well("[filesystem]\n"
		   "write = ${WORKSPACE}\n"
		   "write = ${WORKSPACE}/**/x\n"
		   "write = ~/.a\n"
		   "write = ~\n"
		   "write = ${HOME}/~/b\n"
		   "write = ${TMPDIR}/c\n"
		   "write = ${XDG_RUNTIME_DIR}/d\n"
		   "write = ${XDG_STATE_HOME}\n"
		   "write = ${XDG_CONFIG_HOME}\n"
		   "write = ${XDG_CACHE_HOME}\n"
		   "write = ${XDG_DATA_HOME}\n"
		   "write = /sbx/u-${UID}-$x$\n");
	assert_rule(0, RULE_WRITE, "/sbx/w", "t.ini:2");
	assert_rule(1, RULE_WRITE, "/sbx/w/**/x", "t.ini:3");
	assert_rule(2, RULE_WRITE, "/sbx/home/.a", "t.ini:4");
	assert_rule(3, RULE_WRITE, "/sbx/home", "t.ini:5");
	assert_rule(4, RULE_WRITE, "/sbx/home/~/b", "t.ini:6");
	assert_rule(5, RULE_WRITE, "/sbx/t/c", "t.ini:7");
	assert_rule(6, RULE_WRITE, "/sbx/run/1234/d", "t.ini:8");
	assert_rule(7, RULE_WRITE, "/sbx/home/.local/state", "t.ini:9");
	assert_rule(8, RULE_WRITE, "/sbx/home/.config", "t.ini:10");
	assert_rule(9, RULE_WRITE, "/sbx/home/.cache", "t.ini:11");
	assert_rule(10, RULE_WRITE, "/sbx/home/.local/share", "t.ini:12");
	assert_rule(11, RULE_WRITE, "/sbx/u-1234-$x$", "t.ini:13");
}
END_TEST

START_TEST(line_with_an_unset_variable_is_skipped)
{
	parse_well("[filesystem]\nwrite = ${TMPDIR}\ndeny = /sbx/a\n"
		   "deny = ${XDG_RUNTIME_DIR}/bus\n[unix]\n"
		   "allow = ${XDG_RUNTIME_DIR}/x\n");
	ck_assert_uint_eq(policy.num_rules, 1);
	assert_rule(0, RULE_DENY, "/sbx/a", "t.ini:3");
	ck_assert_uint_eq(policy.num_unix_rules, 0);
}
END_TEST

START_TEST(wildcards_in_a_variable_are_literal)
{
	struct policy_object inside = {.path = "/sbx/a[b]*/x"};
	struct policy_object outside = {.path = "/sbx/abc/x"};

	vars.workspace = "/sbx/a[b]*";
	parse_well("[filesystem]\nwrite = ${WORKSPACE}\n"
		   "deny = ${WORKSPACE}/*.key\n");
	assert_rule(0, RULE_WRITE, "/sbx/a\\[b\\]\\*", "t.ini:2");
	assert_rule(1, RULE_DENY, "/sbx/a\\[b\\]\\*/*.key", "t.ini:3");
	ck_assert_int_eq(policy_seal(&policy), 0);
	ck_assert_int_eq(
		policy_decide(&policy, ACCESS_FS_WRITE, &inside).verdict,
		VERDICT_ALLOW);
	ck_assert_int_eq(
		policy_decide(&policy, ACCESS_FS_WRITE, &outside).error, EROFS);
}
END_TEST

START_TEST(backslash_escapes_in_values)
{
	parse_well("[filesystem]\ndeny = /sbx/\\*\ndeny = /sbx/\\${HOME}\n");
	assert_rule(0, RULE_DENY, "/sbx/\\*", "t.ini:2");
	assert_rule(1, RULE_DENY, "/sbx/${HOME}", "t.ini:3");
}
END_TEST

START_TEST(inline_comments_are_dropped)
{
	parse_well("[filesystem] ; one\ndeny = /sbx/a ; two\n"
		   "deny = /sbx/a;b\n");
	assert_rule(0, RULE_DENY, "/sbx/a", "t.ini:2");
	assert_rule(1, RULE_DENY, "/sbx/a;b", "t.ini:3");
}
END_TEST

START_TEST(indented_lines_are_lines_of_their_own)
{
	parse_well("[filesystem]\n  deny = /sbx/a\n\tdeny = /sbx/b\r\n");
	assert_rule(0, RULE_DENY, "/sbx/a", "t.ini:2");
	assert_rule(1, RULE_DENY, "/sbx/b", "t.ini:3");
	parse_badly("[filesystem]\ndeny = /sbx/a\n  /sbx/b\n",
		    "t.ini:3: not a KEY = VALUE line");
}
END_TEST

START_TEST(byte_order_mark_is_skipped)
{
	parse_well("\xef\xbb\xbf[filesystem]\ndeny = /sbx/a\n");
	ck_assert_uint_eq(policy.num_rules, 1);
}
END_TEST

START_TEST(network_rules)
{
	parse_well("[network]\nallow = API.example.com.\n"
		   "allow = 10.0.0.0/8:1-9\nallow = [::1]:80\n");
	ck_assert_uint_eq(policy.num_nets, 3);
	ck_assert_str_eq(policy.nets[0].host, "api.example.com");
	ck_assert_str_eq(policy.nets[0].origin, "t.ini:2");
	ck_assert_uint_eq(policy.nets[1].prefix, 104);
	ck_assert_uint_eq(policy.nets[2].port_high, 80);
	parse_badly("[network]\nallow = *.example.com\n",
		    "t.ini:2: \"*.example.com\" is not a destination, a host "
		    "rule is a full name; wildcards are refused");
}
END_TEST

START_TEST(unix_rules)
{
	parse_well("[unix]\nallow = ${HOME}/s/*.sock\n");
	ck_assert_uint_eq(policy.num_unix_rules, 1);
	ck_assert_str_eq(policy.unix_rules[0].pattern, "/sbx/home/s/*.sock");
	ck_assert_str_eq(policy.unix_rules[0].origin, "t.ini:2");
	parse_badly("[unix]\nallow = @abstract\n",
		    "t.ini:2: \"@abstract\" is not a path pattern, a path "
		    "starts with \"/\"");
}
END_TEST

START_TEST(env_patterns)
{
	parse_well("[env]\ndrop = *_TOKEN\nkeep = GH_TOKEN\n");
	ck_assert_uint_eq(policy.num_env_drop, 1);
	ck_assert_str_eq(policy.env_drop[0], "*_TOKEN");
	ck_assert_str_eq(policy.env_keep[0], "GH_TOKEN");
	parse_badly("[env]\ndrop = A=B\n",
		    "t.ini:2: \"A=B\" is no name of a variable, which has no "
		    "\"=\", \"/\", \"$\" or space");
}
END_TEST

START_TEST(unknown_names_suggest_the_near_one)
{
	parse_badly("[filesystem]\nwirte = /sbx/a\n",
		    "t.ini:2: unknown key \"wirte\" in [filesystem], did you "
		    "mean \"write\"?");
	parse_badly("[filesystm]\nwrite = /sbx/a\n",
		    "t.ini:1: unknown section \"filesystm\", did you mean "
		    "\"filesystem\"?");
	parse_badly("[filesystem]\nwrite = ${WORKSAPCE}/x\n",
		    "t.ini:2: unknown variable \"WORKSAPCE\", did you mean "
		    "\"WORKSPACE\"?");
	parse_badly("[env]\ncolour = red\n",
		    "t.ini:2: unknown key \"colour\" in [env]");
	parse_badly("[FILESYSTEM]\n", "t.ini:1: unknown section "
				      "\"FILESYSTEM\"");
	parse_badly("[network]\nwrite = /sbx/a\n",
		    "t.ini:2: unknown key \"write\" in [network]");
	ck_assert_uint_eq(policy.num_rules, 0);
}
END_TEST

START_TEST(malformed_lines_are_errors)
{
	parse_badly("write = /sbx/a\n",
		    "t.ini:1: \"write\" stands before the first [section]");
	parse_badly("[filesystem]\nwrite\n", "t.ini:2: not a KEY = VALUE line");
	parse_badly("[filesystem]\nwrite ; = /a\n",
		    "t.ini:2: not a KEY = VALUE line");
	parse_badly("[filesystem]\nwrite", "t.ini:2: not a KEY = VALUE line");
	parse_badly("[filesystem\n",
		    "t.ini:1: malformed section, it is [NAME]");
	parse_badly("[filesystem] write = /sbx/a\n",
		    "t.ini:1: something follows [filesystem] on its line");
	parse_badly("[filesystem]\nwrite =\n",
		    "t.ini:2: \"write\" has no value");
	parse_badly("[filesystem]\nwrite = /a\x01\n",
		    "t.ini:2: the line has a control character");
	parse_badly("[]\n", "t.ini:1: unknown section \"\"");
	ck_assert_uint_eq(policy.num_rules, 0);
}
END_TEST

START_TEST(malformed_paths_are_errors)
{
	parse_badly("[filesystem]\nwrite = a/b\n",
		    "t.ini:2: \"a/b\" is not a path pattern, a path starts "
		    "with \"/\"");
	parse_badly("[filesystem]\nwrite = **/b\n",
		    "t.ini:2: \"**/b\" is not a path pattern, a path starts "
		    "with \"/\"");
	parse_badly("[filesystem]\nwrite = /a/../b\n",
		    "t.ini:2: \"/a/../b\" is not a path pattern, \".\" and "
		    "\"..\" cannot stand in a pattern");
	parse_badly("[filesystem]\nwrite = /a[b\n",
		    "t.ini:2: \"/a[b\" is not a path pattern, malformed [set] "
		    "in a component");
	parse_badly("[filesystem]\nwrite = ~user/b\n",
		    "t.ini:2: \"~user/b\" is not a path pattern, a path "
		    "starts with \"/\"");
	parse_badly("[filesystem]\nwrite = ${HOME\n",
		    "t.ini:2: \"${\" begins no variable, the \"}\" is "
		    "missing");
	vars.home = "";
	parse_badly("[filesystem]\nwrite = ~/.ssh\n",
		    "t.ini:2: ${HOME} is not an absolute path");
	vars.home = "rel";
	parse_badly("[filesystem]\nwrite = ${HOME}/.ssh\n",
		    "t.ini:2: ${HOME} is not an absolute path");
}
END_TEST

START_TEST(over_long_lines_are_errors_but_not_comments)
{
	char text[8192];
	char message[DIAG_TEXT_MAX];
	int limit = 0;

	memset(text, 'x', sizeof(text));
	memcpy(text, "[filesystem]\n; ", 15);
	text[4000] = '\0';
	parse_well(text);
	memcpy(text, "[filesystem]\ndeny = /sbx/", 25);
	ck_assert_int_eq(parse(text), -EINVAL);
	ck_assert_uint_eq(diag.num, 1);
	ck_assert_int_eq(sscanf(diag.text[0],
				"t.ini:2: the line is longer than %d bytes",
				&limit),
			 1);
	/* Exactly as long is accepted, and nothing of it is lost. */
	ck_assert_int_gt(limit, 190);
	memset(text + 13, 'x', (size_t)limit);
	memcpy(text + 13, "deny = /sbx/", 12);
	text[13 + limit] = '\0';
	memset(&diag, 0, sizeof(diag));
	parse_well(text);
	ck_assert_uint_eq(strlen(policy.rules[0].pattern), (size_t)limit - 7);
	text[13 + limit] = 'x';
	text[14 + limit] = '\0';
	(void)snprintf(message, sizeof(message),
		       "t.ini:2: the line is longer than %d bytes", limit);
	parse_badly(text, message);
}
END_TEST

START_TEST(variable_that_fills_the_pattern_is_an_error)
{
	static char home[9000];

	memset(home, 'h', sizeof(home) - 1);
	home[0] = '/';
	vars.home = home;
	parse_badly("[filesystem]\ndeny = ~/x\n",
		    "t.ini:2: the path is too long");
	home[8191] = '\0';
	parse_badly("[filesystem]\ndeny = ~/x\n",
		    "t.ini:2: the path is too long");
}
END_TEST

START_TEST(all_errors_are_reported_in_one_run)
{
	ck_assert_int_eq(parse("[filesystem]\nwirte = /a\ndeny = b\n[nope]\n"
			       "x = y\njunk\n[network]\nallow = 1.2\n"),
			 -EINVAL);
	ck_assert_uint_eq(diag.num, 5);
	ck_assert_ptr_nonnull(strstr(diag.text[0], "t.ini:2: "));
	ck_assert_ptr_nonnull(strstr(diag.text[1], "t.ini:3: "));
	ck_assert_ptr_nonnull(strstr(diag.text[2], "t.ini:4: "));
	ck_assert_ptr_nonnull(strstr(diag.text[3], "t.ini:6: "));
	ck_assert_ptr_nonnull(strstr(diag.text[4], "t.ini:8: "));
}
END_TEST

START_TEST(errors_beyond_the_limit_are_counted)
{
	char text[4096] = "[filesystem]\n";

	for (unsigned int i = 0; i < DIAG_LINES_MAX + 5; i++)
		strcat(text, "bad\n");
	ck_assert_int_eq(parse(text), -EINVAL);
	ck_assert_uint_eq(diag.num, DIAG_LINES_MAX + 5);
	ck_assert_str_eq(diag.text[DIAG_LINES_MAX - 1],
			 "t.ini:33: not a KEY = VALUE line");
}
END_TEST

START_TEST(texts_add_up_and_each_has_its_own_verdict)
{
	ck_assert_int_eq(parse("[filesystem]\nbad\n"), -EINVAL);
	ck_assert_uint_eq(diag.num, 1);
	ck_assert_int_eq(parse("[filesystem]\ndeny = /sbx/a\n"), 0);
	ck_assert_uint_eq(diag.num, 1);
	ck_assert_int_eq(parse("[filesystem]\ndeny = /sbx/b\n"), 0);
	ck_assert_uint_eq(policy.num_rules, 2);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policy_parse");
	TCase *good = tcase_create("good");
	TCase *bad = tcase_create("bad");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(good, setup, teardown);
	tcase_add_test(good, empty_text_is_a_policy);
	tcase_add_test(good, every_key_adds_its_kind_with_file_and_line);
	tcase_add_test(good,
		       sections_of_another_mode_are_checked_but_do_not_apply);
	tcase_add_test(good, reason_holds_for_the_lines_below_it);
	tcase_add_test(good, variables_are_expanded);
	tcase_add_test(good, line_with_an_unset_variable_is_skipped);
	tcase_add_test(good, wildcards_in_a_variable_are_literal);
	tcase_add_test(good, backslash_escapes_in_values);
	tcase_add_test(good, inline_comments_are_dropped);
	tcase_add_test(good, indented_lines_are_lines_of_their_own);
	tcase_add_test(good, byte_order_mark_is_skipped);
	tcase_add_test(good, network_rules);
	tcase_add_test(good, unix_rules);
	tcase_add_test(good, env_patterns);
	suite_add_tcase(suite, good);
	tcase_add_checked_fixture(bad, setup, teardown);
	tcase_add_test(bad, unknown_names_suggest_the_near_one);
	tcase_add_test(bad, malformed_lines_are_errors);
	tcase_add_test(bad, malformed_paths_are_errors);
	tcase_add_test(bad, over_long_lines_are_errors_but_not_comments);
	tcase_add_test(bad, variable_that_fills_the_pattern_is_an_error);
	tcase_add_test(bad, all_errors_are_reported_in_one_run);
	tcase_add_test(bad, errors_beyond_the_limit_are_counted);
	tcase_add_test(bad, texts_add_up_and_each_has_its_own_verdict);
	suite_add_tcase(suite, bad);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
