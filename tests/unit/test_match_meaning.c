/* SPDX-License-Identifier: MIT */
/* The matcher against a plain, slow reading of what patterns mean. */
#include "match.h"

#include <check.h>
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

static bool same_states(const char *a, const char *b)
{
	struct match_run other;

	match_path(match, a, &other);
	match_path(match, b, &run);
	return other.num_states == run.num_states && other.loops == run.loops &&
	       memcmp(other.states, run.states,
		      run.num_states * sizeof(run.states[0])) == 0;
}

#define NUM_PATTERNS 6

static uint64_t seed = 1;

static unsigned int any_of(unsigned int num)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned int)(seed >> 33) % num;
}

/* Few names, so that patterns and paths meet often. */
static void random_path(char *buf, size_t size, const char *const *names,
			unsigned int num_names, unsigned int depth)
{
	size_t used = 0;

	buf[0] = '\0';
	for (unsigned int i = 0; i < depth; i++)
		used += (size_t)snprintf(buf + used, size - used, "/%s",
					 names[any_of(num_names)]);
}

/* Is the whole path, up to @end, what the whole pattern stands for? */
static bool means(const char *pattern, const char *path, const char *end)
{
	size_t len;

	if (strncmp(pattern, "/**", 3) == 0) {
		if (means(pattern + 3, path, end))
			return true;
		if (path == end)
			return false;
		path++;
		return means(pattern, path + strcspn(path, "/"), end);
	}
	if (*pattern == '\0' || path == end)
		return *pattern == '\0' && path == end;
	pattern++;
	path++;
	len = strcspn(path, "/");
	if (*pattern != '*' &&
	    (len != strcspn(pattern, "/") || strncmp(pattern, path, len) != 0))
		return false;
	return means(pattern + strcspn(pattern, "/"), path + len, end);
}

static unsigned int depth_of(const char *path)
{
	unsigned int depth = 0;

	for (; *path != '\0'; path++)
		depth += *path == '/';
	return depth;
}

/* How many components of the path the pattern takes, or -1. */
static int taken(const char *pattern, const char *path)
{
	const char *end = path + strlen(path);
	int depth = (int)depth_of(path);

	/* "**" at the end stands for nothing. */
	for (; depth > 0; depth--) {
		if (means(pattern, path, end))
			return depth;
		while (*--end != '/')
			;
	}
	return -1;
}

START_TEST(random_patterns_mean_what_they_say)
{
	static const char *const parts[] = {"a", "b", "*", "**"};
	char patterns[NUM_PATTERNS][64];
	char path[64];

	for (unsigned int round = 0; round < 3000; round++) {
		int best = -1;

		teardown();
		setup();
		for (uint32_t i = 0; i < NUM_PATTERNS; i++) {
			random_path(patterns[i], 48, parts, 4, 1 + any_of(4));
			/* One that ends in a name, as "**" is none. */
			strcat(patterns[i], any_of(2) ? "/a" : "/*");
			add(patterns[i], 0, i);
		}
		random_path(path, sizeof(path), parts, 2, 1 + any_of(7));
		for (unsigned int i = 0; i < NUM_PATTERNS; i++) {
			int depth = taken(patterns[i], path);

			if (depth > best)
				best = depth;
		}
		ck_assert_int_eq(winner(path) == MATCH_NONE, best < 0);
		if (best < 0)
			continue;
		ck_assert_int_eq(run.depth, best);
		ck_assert_int_eq(taken(patterns[run.value], path), best);
	}
}
END_TEST

START_TEST(equal_states_mean_equal_rules_below)
{
	static const char *const parts[] = {"a", "b", "*", "**", "c"};
	unsigned int equal = 0;
	char pattern[64];
	char from[128];
	char to[128];
	char below[64];

	for (unsigned int round = 0; round < 5000; round++) {
		struct match_run at_from;

		teardown();
		setup();
		for (uint32_t i = 0; i < 3; i++) {
			random_path(pattern, 48, parts, 4, 1 + any_of(3));
			strcat(pattern, any_of(2) ? "/a" : "/*");
			add(pattern, 0, i);
		}
		random_path(from, 64, parts, 2, 1 + any_of(3));
		random_path(to, 64, parts, 2, 1 + any_of(3));
		if (!same_states(from, to))
			continue;
		equal++;
		random_path(below, sizeof(below), parts, 2, 1 + any_of(4));
		match_path(match, strcat(from, below), &at_from);
		match_path(match, strcat(to, below), &run);
		/* Winners above the two names may differ. */
		if (at_from.depth + depth_of(below) <= depth_of(from) &&
		    run.depth + depth_of(below) <= depth_of(to))
			continue;
		ck_assert_uint_eq(at_from.value, run.value);
		ck_assert_uint_eq(depth_of(from) - at_from.depth,
				  depth_of(to) - run.depth);
	}
	/* The test means something only when such pairs are common. */
	ck_assert_uint_gt(equal, 500);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("match_meaning");
	TCase *meaning = tcase_create("meaning");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(meaning, setup, teardown);
	tcase_add_test(meaning, random_patterns_mean_what_they_say);
	tcase_add_test(meaning, equal_states_mean_equal_rules_below);
	suite_add_tcase(suite, meaning);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
