/* SPDX-License-Identifier: MIT */
#include "match.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct match *match;
static struct match_run run;

static void setup(void)
{
	ck_assert_int_eq(match_new(&match), 0);
}

static void teardown(void)
{
	match_free(match);
	match = NULL;
}

static void add(const char *pattern, uint32_t rank, uint32_t value)
{
	ck_assert_int_eq(match_add(match, pattern, rank, value), 0);
}

static uint32_t winner(const char *path)
{
	match_path(match, path, &run);
	ck_assert(!run.overflow);
	return run.value;
}

START_TEST(empty_set_matches_nothing)
{
	ck_assert_uint_eq(winner("/"), MATCH_NONE);
	ck_assert_uint_eq(winner("/a/b"), MATCH_NONE);
	ck_assert_uint_eq(run.num_states, 0);
	ck_assert_uint_eq(run.depth, 0);
}
END_TEST

START_TEST(literal_matches_itself_and_below)
{
	add("/a/b", 0, 1);
	ck_assert_uint_eq(winner("/a/b"), 1);
	ck_assert_uint_eq(run.depth, 2);
	ck_assert(run.literal);
	ck_assert_uint_eq(winner("/a/b/c/d"), 1);
	ck_assert_uint_eq(run.depth, 2);
	ck_assert_uint_eq(winner("/a"), MATCH_NONE);
	ck_assert_uint_eq(winner("/a/bb"), MATCH_NONE);
	ck_assert_uint_eq(winner("/b"), MATCH_NONE);
	ck_assert_uint_eq(winner("/x/a/b"), MATCH_NONE);
}
END_TEST

START_TEST(root_pattern_matches_everything_at_depth_zero)
{
	add("/", 3, 9);
	ck_assert_uint_eq(winner("/"), 9);
	ck_assert_uint_eq(winner("/a/b"), 9);
	ck_assert_uint_eq(run.depth, 0);
	ck_assert_uint_eq(run.rank, 3);
	add("/a", 0, 1);
	ck_assert_uint_eq(winner("/a"), 1);
	ck_assert_uint_eq(winner("/b"), 9);
}
END_TEST

START_TEST(deepest_wins_whatever_the_rank)
{
	add("/a", 9, 1);
	add("/a/b", 0, 2);
	add("/a/b/c", 5, 3);
	ck_assert_uint_eq(winner("/a/x"), 1);
	ck_assert_uint_eq(winner("/a/b/x"), 2);
	ck_assert_uint_eq(winner("/a/b/c/x"), 3);
}
END_TEST

START_TEST(literal_name_beats_wildcard_at_equal_depth)
{
	add("/**/.env.*", 4, 1);
	add("/**/.env.example", 0, 2);
	ck_assert_uint_eq(winner("/w/.env.local"), 1);
	ck_assert(!run.literal);
	ck_assert_uint_eq(winner("/w/.env.example"), 2);
	ck_assert(run.literal);
	/* The order of addition is no part of that. */
	add("/x/[y]", 0, 3);
	add("/x/y", 0, 4);
	add("/z/y", 0, 5);
	add("/z/[y]", 9, 6);
	ck_assert_uint_eq(winner("/x/y"), 4);
	ck_assert_uint_eq(winner("/z/y"), 5);
	add("/*/*", 9, 7);
	add("/q/y", 0, 8);
	ck_assert_uint_eq(winner("/q/y"), 8);
}
END_TEST

START_TEST(higher_rank_wins_at_equal_depth_and_literalness)
{
	add("/a/b", 2, 1);
	add("/**/b", 3, 2);
	ck_assert_uint_eq(winner("/a/b"), 2);
	add("/*/b", 4, 3);
	ck_assert_uint_eq(winner("/a/b"), 3);
	add("/a/b", 5, 4);
	ck_assert_uint_eq(winner("/a/b"), 4);
	add("/a/b", 1, 5);
	ck_assert_uint_eq(winner("/a/b"), 4);
}
END_TEST

START_TEST(first_stays_at_equal_rank)
{
	add("/a/b", 2, 7);
	add("/a/b", 2, 3);
	ck_assert_uint_eq(winner("/a/b"), 7);
	add("/**/b", 2, 1);
	ck_assert_uint_eq(winner("/a/b"), 7);
	add("/x*", 0, 8);
	add("/*x", 0, 9);
	ck_assert_uint_eq(winner("/xx"), 8);
}
END_TEST

START_TEST(loop_takes_any_number_of_components)
{
	add("/a/**/b", 0, 1);
	ck_assert_uint_eq(winner("/a/b"), 1);
	ck_assert_uint_eq(run.depth, 2);
	ck_assert_uint_eq(winner("/a/x/b"), 1);
	ck_assert_uint_eq(winner("/a/x/y/z/b/c"), 1);
	ck_assert_uint_eq(run.depth, 5);
	ck_assert_uint_eq(winner("/a/b/x/b/y"), 1);
	ck_assert_uint_eq(run.depth, 4);
	ck_assert_uint_eq(winner("/a/x"), MATCH_NONE);
	ck_assert_uint_eq(winner("/x/b"), MATCH_NONE);
}
END_TEST

START_TEST(loop_at_the_end_is_the_directory_itself)
{
	add("/a/**", 0, 1);
	ck_assert_uint_eq(winner("/a"), 1);
	ck_assert_uint_eq(winner("/a/b"), 1);
	ck_assert_uint_eq(run.depth, 1);
	ck_assert_uint_eq(run.num_states, 0);
	ck_assert_uint_eq(winner("/b"), MATCH_NONE);
	add("/**", 0, 2);
	ck_assert_uint_eq(winner("/b"), 2);
}
END_TEST

START_TEST(loops_in_a_row_are_one)
{
	add("/a/**/**/**/b", 0, 1);
	ck_assert_uint_eq(winner("/a/b"), 1);
	ck_assert_uint_eq(winner("/a/x/y"), MATCH_NONE);
	ck_assert_uint_eq(run.num_states, 1);
}
END_TEST

START_TEST(several_loops_in_one_pattern)
{
	add("/**/.git/modules/**/config", 0, 1);
	ck_assert_uint_eq(winner("/w/.git/modules/config"), 1);
	ck_assert_uint_eq(winner("/.git/modules/a/b/config"), 1);
	ck_assert_uint_eq(winner("/w/.git/x/modules/config"), MATCH_NONE);
	ck_assert_uint_eq(winner("/w/modules/a/config"), MATCH_NONE);
}
END_TEST

START_TEST(wildcard_stays_in_its_component)
{
	add("/a/*/c", 0, 1);
	ck_assert_uint_eq(winner("/a/b/c"), 1);
	ck_assert_uint_eq(winner("/a/c"), MATCH_NONE);
	ck_assert_uint_eq(winner("/a/b/b/c"), MATCH_NONE);
}
END_TEST

START_TEST(escaped_component_is_literal)
{
	add("/w/a\\[b\\]\\*", 0, 1);
	ck_assert_uint_eq(winner("/w/a[b]*"), 1);
	ck_assert(run.literal);
	ck_assert_uint_eq(winner("/w/ab"), MATCH_NONE);
	ck_assert_uint_eq(winner("/w/abx"), MATCH_NONE);
	add("/w/\\*\\*", 0, 2);
	ck_assert_uint_eq(winner("/w/**"), 2);
	ck_assert_uint_eq(winner("/w/xx"), MATCH_NONE);
	add("/w/\\a", 0, 3);
	ck_assert_uint_eq(winner("/w/a"), 3);
}
END_TEST

START_TEST(any_bytes_are_names)
{
	add("/w/\xff\x01", 0, 1);
	ck_assert_uint_eq(winner("/w/\xff\x01"), 1);
	add("/w/*.x", 0, 2);
	ck_assert_uint_eq(winner("/w/\xc3(.x"), 2);
}
END_TEST

START_TEST(malformed_patterns_are_refused)
{
	static const char *const bad[] = {
		"",       "a",     "a/b", "**",       "/a//b", "/a/",
		"/a/./b", "/a/..", "/a[", "/[[:x:]]", "/a\\",  "//",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(match_add(match, bad[i], 0, 1) == -EINVAL,
			      "\"%s\"", bad[i]);
	ck_assert_uint_eq(winner("/a"), MATCH_NONE);
}
END_TEST

START_TEST(thousands_of_literals_are_all_found)
{
	char path[64];

	for (unsigned int i = 0; i < 5000; i++) {
		(void)snprintf(path, sizeof(path), "/p/%u/q%u", i % 70, i);
		add(path, 0, i);
	}
	for (unsigned int i = 0; i < 5000; i++) {
		(void)snprintf(path, sizeof(path), "/p/%u/q%u/r", i % 70, i);
		ck_assert_uint_eq(winner(path), i);
	}
	ck_assert_uint_eq(winner("/p/71/q1"), MATCH_NONE);
}
END_TEST

START_TEST(very_long_names_do_not_match_shorter_ones)
{
	char path[8192];

	add("/a", 0, 1);
	add("/b*", 0, 2);
	memset(path, 'a', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	ck_assert_uint_eq(winner(path), MATCH_NONE);
	path[1] = 'b';
	ck_assert_uint_eq(winner(path), 2);
}
END_TEST

START_TEST(prefix_looks_at_the_first_components_only)
{
	add("/a", 0, 1);
	add("/a/b/c", 0, 2);
	match_prefix(match, "/a/b/c/d", UINT32_MAX, 0, &run);
	ck_assert_uint_eq(run.value, 2);
	match_prefix(match, "/a/b/c/d", 3, 0, &run);
	ck_assert_uint_eq(run.value, 2);
	match_prefix(match, "/a/b/c/d", 2, 0, &run);
	ck_assert_uint_eq(run.value, 1);
	match_prefix(match, "/a/b/c/d", 0, 0, &run);
	ck_assert_uint_eq(run.value, MATCH_NONE);
}
END_TEST

START_TEST(prefix_skips_ranks)
{
	add("/a", 1, 1);
	add("/a/b", 0, 2);
	add("/a/b/c", 33, 3);
	match_prefix(match, "/a/b", UINT32_MAX, 1u << 0, &run);
	ck_assert_uint_eq(run.value, 1);
	match_prefix(match, "/a/b", UINT32_MAX, 1u << 0 | 1u << 1, &run);
	ck_assert_uint_eq(run.value, MATCH_NONE);
	match_prefix(match, "/a/b/c", UINT32_MAX, ~0u, &run);
	ck_assert_uint_eq(run.value, 3);
}
END_TEST

/* --- States: what could still match below --- */

static size_t num_loops(void)
{
	return (size_t)__builtin_popcountll(run.loops);
}

static bool same_states(const char *a, const char *b)
{
	struct match_run other;

	match_path(match, a, &other);
	match_path(match, b, &run);
	return other.num_states == run.num_states && other.loops == run.loops &&
	       memcmp(other.states, run.states,
		      run.num_states * sizeof(run.states[0])) == 0;
}

START_TEST(states_show_a_rule_below)
{
	add("/a/b/c", 0, 1);
	(void)winner("/a/b");
	ck_assert_uint_eq(run.num_states, 1);
	ck_assert_uint_eq(run.loops, 0);
	ck_assert_uint_eq(match_state_value(match, run.states[0]), 1);
	ck_assert(!same_states("/a/b", "/a/x"));
	ck_assert(!same_states("/a", "/a/b"));
	ck_assert(same_states("/a/x", "/a/y"));
}
END_TEST

START_TEST(states_leave_out_root_and_leaves)
{
	add("/a", 0, 1);
	(void)winner("/");
	ck_assert_uint_eq(run.num_states, 0);
	(void)winner("/a");
	ck_assert_uint_eq(run.num_states, 0);
	add("/a/b", 0, 2);
	(void)winner("/a");
	ck_assert_uint_eq(run.num_states, 1);
}
END_TEST

START_TEST(states_keep_a_loop_below_its_base)
{
	add("/w/**/x", 0, 1);
	(void)winner("/");
	ck_assert_uint_eq(run.num_states, 0);
	(void)winner("/w");
	ck_assert_uint_eq(run.num_states, 2);
	ck_assert_uint_eq(num_loops(), 1);
	(void)winner("/w/a/b/c");
	ck_assert_uint_eq(run.num_states, 1);
	ck_assert_uint_eq(run.loops, 1);
	ck_assert(same_states("/w/a", "/w/b/c/d"));
	ck_assert(!same_states("/w/a", "/v/a"));
}
END_TEST

START_TEST(states_of_a_global_loop_are_everywhere)
{
	add("/**/.git/hooks", 0, 1);
	(void)winner("/");
	ck_assert_uint_eq(run.num_states, 1);
	ck_assert_uint_eq(run.loops, 1);
	ck_assert(same_states("/a", "/x/y/z"));
	ck_assert(same_states("/a/.git/objects", "/x"));
	ck_assert(!same_states("/a/.git", "/x"));
	ck_assert(same_states("/a/.git", "/x/y/.git"));
}
END_TEST

START_TEST(states_are_sorted_and_marked)
{
	add("/**/a/**/b/**/c", 0, 1);
	add("/a/b/x", 0, 2);
	add("/a/*/y", 0, 3);
	(void)winner("/a/b");
	ck_assert_uint_gt(run.num_states, 4);
	for (size_t i = 1; i < run.num_states; i++)
		ck_assert_uint_lt(run.states[i - 1], run.states[i]);
	ck_assert_uint_eq(num_loops(), 3);
}
END_TEST

START_TEST(states_see_a_wildcard_directory_as_one)
{
	add("/w/*/secret", 0, 1);
	ck_assert(same_states("/w/a", "/w/b"));
	ck_assert(!same_states("/w/a", "/w/a/b"));
}
END_TEST

START_TEST(too_many_states_overflow)
{
	char pattern[128];

	for (unsigned int i = 0; i < MATCH_STATES_MAX; i++) {
		(void)snprintf(pattern, sizeof(pattern), "/a*%.*s/x", (int)i,
			       "*****************************************"
			       "****************************************");
		add(pattern, 0, i);
	}
	match_path(match, "/a", &run);
	ck_assert(!run.overflow);
	ck_assert_uint_eq(run.num_states, MATCH_STATES_MAX);
	add("/a/x", 0, 1000);
	match_path(match, "/a", &run);
	ck_assert(run.overflow);
	/* The path ends the run in few states, but what was lost is lost. */
	match_path(match, "/a/q/r", &run);
	ck_assert(run.overflow);
	match_path(match, "/b", &run);
	ck_assert(!run.overflow);
}
END_TEST

START_TEST(free_takes_null)
{
	match_free(NULL);
}
END_TEST

static TCase *values_case(void)
{
	TCase *values = tcase_create("values");

	tcase_add_checked_fixture(values, setup, teardown);
	tcase_add_test(values, empty_set_matches_nothing);
	tcase_add_test(values, literal_matches_itself_and_below);
	tcase_add_test(values, root_pattern_matches_everything_at_depth_zero);
	tcase_add_test(values, deepest_wins_whatever_the_rank);
	tcase_add_test(values, literal_name_beats_wildcard_at_equal_depth);
	tcase_add_test(values, higher_rank_wins_at_equal_depth_and_literalness);
	tcase_add_test(values, first_stays_at_equal_rank);
	tcase_add_test(values, loop_takes_any_number_of_components);
	tcase_add_test(values, loop_at_the_end_is_the_directory_itself);
	tcase_add_test(values, loops_in_a_row_are_one);
	tcase_add_test(values, several_loops_in_one_pattern);
	tcase_add_test(values, wildcard_stays_in_its_component);
	tcase_add_test(values, escaped_component_is_literal);
	tcase_add_test(values, any_bytes_are_names);
	tcase_add_test(values, malformed_patterns_are_refused);
	tcase_add_test(values, thousands_of_literals_are_all_found);
	tcase_add_test(values, very_long_names_do_not_match_shorter_ones);
	tcase_add_test(values, prefix_looks_at_the_first_components_only);
	tcase_add_test(values, prefix_skips_ranks);
	tcase_add_test(values, free_takes_null);
	return values;
}

static TCase *states_case(void)
{
	TCase *states = tcase_create("states");

	tcase_add_checked_fixture(states, setup, teardown);
	tcase_add_test(states, states_show_a_rule_below);
	tcase_add_test(states, states_leave_out_root_and_leaves);
	tcase_add_test(states, states_keep_a_loop_below_its_base);
	tcase_add_test(states, states_of_a_global_loop_are_everywhere);
	tcase_add_test(states, states_are_sorted_and_marked);
	tcase_add_test(states, states_see_a_wildcard_directory_as_one);
	tcase_add_test(states, too_many_states_overflow);
	return states;
}

int main(void)
{
	Suite *suite = suite_create("match");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, values_case());
	suite_add_tcase(suite, states_case());
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
