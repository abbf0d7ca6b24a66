/* SPDX-License-Identifier: MIT */
#include "pattern.h"

#include <check.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool glob(const char *pattern, const char *name)
{
	return pattern_glob(pattern, strlen(pattern), name, strlen(name));
}

START_TEST(glob_star_takes_any_run_of_bytes)
{
	ck_assert(glob("*", ""));
	ck_assert(glob("*", "abc"));
	ck_assert(glob("a*c", "ac"));
	ck_assert(glob("a*c", "abbbc"));
	ck_assert(!glob("a*c", "abcd"));
	ck_assert(glob(".env.*", ".env.local"));
	ck_assert(!glob(".env.*", ".env"));
	ck_assert(glob("*a*b*", "xxaxxbxx"));
	ck_assert(!glob("*a*b*", "xxbxxaxx"));
	ck_assert(glob("*aab", "aaaaab"));
	ck_assert(glob("a**b", "axyb"));
}
END_TEST

START_TEST(glob_star_takes_a_leading_dot)
{
	ck_assert(glob("*.tfstate", ".tfstate"));
	ck_assert(glob("?x", ".x"));
}
END_TEST

START_TEST(glob_question_mark_takes_one_byte)
{
	ck_assert(glob("a?c", "abc"));
	ck_assert(!glob("a?c", "ac"));
	ck_assert(!glob("a?c", "abbc"));
}
END_TEST

START_TEST(glob_works_on_bytes_not_characters)
{
	ck_assert(glob(".env.*", ".env.\xff\xfe"));
	ck_assert(glob("a?c", "a\x80"
			      "c"));
	ck_assert(!glob("a?c", "a\xc3\xa4"
			       "c"));
	ck_assert(glob("[\x80-\xff]", "\xc3"));
}
END_TEST

START_TEST(glob_sets_and_ranges)
{
	ck_assert(glob("[abc]", "b"));
	ck_assert(!glob("[abc]", "d"));
	ck_assert(glob("[a-cx-z]1", "y1"));
	ck_assert(!glob("[a-cx-z]1", "m1"));
	ck_assert(glob("[!a-c]", "d"));
	ck_assert(glob("[^a-c]", "d"));
	ck_assert(!glob("[!a-c]", "b"));
	ck_assert(glob("[]x]", "]"));
	ck_assert(!glob("[!]x]", "]"));
	ck_assert(glob("[a-]", "-"));
	ck_assert(glob("[\\]]", "]"));
	ck_assert(glob("[\\a-\\c]", "b"));
	ck_assert(glob("*[0-9]", "file7"));
	ck_assert(!glob("*[0-9]", "file"));
}
END_TEST

START_TEST(glob_backslash_takes_the_next_byte_as_it_is)
{
	ck_assert(glob("\\*?", "*x"));
	ck_assert(!glob("\\*?", "yx"));
	ck_assert(glob("*\\]", "a]"));
}
END_TEST

START_TEST(glob_with_many_stars_stays_cheap)
{
	char name[256];

	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	ck_assert(!glob("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", name));
}
END_TEST

START_TEST(check_names_what_is_wrong)
{
	ck_assert_ptr_null(pattern_check("/"));
	ck_assert_ptr_null(pattern_check("/a/**/b*[0-9]\\*"));
	ck_assert_ptr_null(pattern_check("/a//b/"));
	ck_assert_ptr_null(pattern_check("/..."));
	ck_assert_ptr_null(pattern_check("/.a"));
	ck_assert_ptr_nonnull(pattern_check(""));
	ck_assert_ptr_nonnull(pattern_check("a/b"));
	ck_assert_ptr_nonnull(pattern_check("**/b"));
	ck_assert_ptr_nonnull(pattern_check("/a/../b"));
	ck_assert_ptr_nonnull(pattern_check("/a/./b"));
	ck_assert_ptr_nonnull(pattern_check("/a/\\.\\./b"));
	ck_assert_ptr_nonnull(pattern_check("/a\\"));
	ck_assert_ptr_nonnull(pattern_check("/a\\/b"));
	ck_assert_ptr_nonnull(pattern_check("/[ab"));
	ck_assert_ptr_nonnull(pattern_check("/[a/b]"));
	ck_assert_ptr_nonnull(pattern_check("/[]"));
	ck_assert_ptr_nonnull(pattern_check("/[z-a]"));
	ck_assert_ptr_nonnull(pattern_check("/[[:alpha:]]"));
	ck_assert_ptr_nonnull(pattern_check("/[\\"));
}
END_TEST

START_TEST(check_refuses_a_pattern_that_is_too_long)
{
	static char text[PATTERN_MAX + 1];

	memset(text, 'a', PATTERN_MAX);
	text[0] = '/';
	text[PATTERN_MAX - 1] = '\0';
	ck_assert_ptr_null(pattern_check(text));
	text[PATTERN_MAX - 1] = 'a';
	ck_assert_ptr_nonnull(pattern_check(text));
}
END_TEST

START_TEST(escape_makes_a_pattern_of_exactly_this_text)
{
	const char *name = "a[b]*?\\c";
	char pattern[64];
	char back[64];

	ck_assert_int_eq(pattern_escape(name, pattern, sizeof(pattern)), 0);
	ck_assert_str_eq(pattern, "a\\[b\\]\\*\\?\\\\c");
	ck_assert(pattern_is_literal(pattern));
	ck_assert(!pattern_is_literal(name));
	(void)pattern_unescape(pattern, strlen(pattern), back);
	ck_assert_str_eq(back, name);
}
END_TEST

START_TEST(escape_reports_a_short_buffer)
{
	char pattern[4];

	ck_assert_int_eq(pattern_escape("abc", pattern, sizeof(pattern)), 0);
	ck_assert_int_eq(pattern_escape("abcd", pattern, sizeof(pattern)),
			 -ENAMETOOLONG);
	ck_assert_int_eq(pattern_escape("a*", pattern, sizeof(pattern)), 0);
	ck_assert_int_eq(pattern_escape("a**", pattern, sizeof(pattern)),
			 -ENAMETOOLONG);
	ck_assert_int_eq(pattern_escape("", pattern, 0), -ENAMETOOLONG);
}
END_TEST

/* A directory with: real/file, link -> real, chain -> link, gone -> missing */
static char base[PATH_MAX];

static const char *at(const char *name)
{
	static char paths[8][PATH_MAX + 64];
	static unsigned int next;
	char *path = paths[next++ % 8];

	(void)snprintf(path, sizeof(paths[0]), "%s%s", base, name);
	return path;
}

static void setup(void)
{
	char template[] = "/tmp/sbx-pattern-XXXXXX";

	ck_assert_ptr_nonnull(mkdtemp(template));
	ck_assert_ptr_nonnull(realpath(template, base));
	ck_assert_int_eq(mkdir(at("/real"), 0700), 0);
	ck_assert_int_eq(mkdir(at("/real/sub"), 0700), 0);
	ck_assert_int_eq(mkdir(at("/a[b]*"), 0700), 0);
	ck_assert_int_eq(symlink("real", at("/link")), 0);
	ck_assert_int_eq(symlink(at("/link"), at("/chain")), 0);
	ck_assert_int_eq(symlink("missing", at("/gone")), 0);
	ck_assert_int_eq(symlink("loop", at("/loop")), 0);
	ck_assert_int_eq(symlink("../real/./sub", at("/real/up")), 0);
}

static void teardown(void)
{
	(void)unlink(at("/real/up"));
	(void)unlink(at("/loop"));
	(void)unlink(at("/gone"));
	(void)unlink(at("/chain"));
	(void)unlink(at("/link"));
	(void)rmdir(at("/a[b]*"));
	(void)rmdir(at("/real/sub"));
	(void)rmdir(at("/real"));
	(void)rmdir(base);
}

static void assert_resolves(const char *pattern, const char *expected)
{
	char *real = NULL;

	ck_assert_int_eq(pattern_resolve(pattern, NULL, NULL, &real), 0);
	ck_assert_str_eq(real, expected);
	free(real);
}

START_TEST(resolve_keeps_a_path_without_links)
{
	assert_resolves(at("/real/sub"), at("/real/sub"));
	assert_resolves(at("//real///sub/"), at("/real/sub"));
	assert_resolves("/", "/");
}
END_TEST

START_TEST(resolve_follows_links)
{
	assert_resolves(at("/link/sub"), at("/real/sub"));
	assert_resolves(at("/chain/sub/*.c"), at("/real/sub/*.c"));
	assert_resolves(at("/real/up"), at("/real/sub"));
}
END_TEST

START_TEST(resolve_keeps_what_does_not_exist)
{
	assert_resolves(at("/link/no/such"), at("/real/no/such"));
	assert_resolves(at("/gone/x"), at("/missing/x"));
}
END_TEST

START_TEST(resolve_handles_dots_before_the_first_wildcard)
{
	char *real = NULL;

	assert_resolves(at("/real/./sub/../*"), at("/real/*"));
	assert_resolves(at("/link/.."), base);
	assert_resolves("/../..", "/");
	ck_assert_int_eq(pattern_resolve(at("/no/../real"), NULL, NULL, &real),
			 -EINVAL);
	ck_assert_ptr_null(real);
}
END_TEST

START_TEST(resolve_does_not_look_behind_a_wildcard)
{
	assert_resolves(at("/*/link"), at("/*/link"));
	assert_resolves(at("/**/link"), at("/**/link"));
}
END_TEST

START_TEST(resolve_escapes_the_names_it_finds)
{
	char expected[PATH_MAX + 64];

	(void)snprintf(expected, sizeof(expected), "%s/a\\[b\\]\\*/x", base);
	assert_resolves(expected, expected);
	ck_assert_int_eq(symlink("a[b]*", at("/odd")), 0);
	assert_resolves(at("/odd/x"), expected);
	(void)unlink(at("/odd"));
}
END_TEST

START_TEST(resolve_refuses_link_loops_and_malformed_text)
{
	char *real = NULL;
	char name[NAME_MAX + 3] = "/";

	ck_assert_int_eq(pattern_resolve(at("/loop"), NULL, NULL, &real),
			 -EINVAL);
	ck_assert_int_eq(pattern_resolve("a/b", NULL, NULL, &real), -EINVAL);
	ck_assert_int_eq(pattern_resolve("/a\\", NULL, NULL, &real), -EINVAL);
	memset(name + 1, 'n', NAME_MAX + 1);
	ck_assert_int_eq(pattern_resolve(name, NULL, NULL, &real), -EINVAL);
	name[NAME_MAX + 1] = '\0';
	assert_resolves(name, name);
}
END_TEST

struct aliases {
	char text[4][PATH_MAX];
	unsigned int num;
};

static int collect(void *data, const char *pattern)
{
	struct aliases *aliases = data;

	ck_assert_uint_lt(aliases->num, 4);
	(void)snprintf(aliases->text[aliases->num++], PATH_MAX, "%s", pattern);
	return 0;
}

START_TEST(resolve_reports_the_name_of_each_link)
{
	struct aliases aliases = {.num = 0};
	char *real = NULL;

	ck_assert_int_eq(
		pattern_resolve(at("/real/sub"), collect, &aliases, &real), 0);
	ck_assert_uint_eq(aliases.num, 0);
	free(real);
	ck_assert_int_eq(
		pattern_resolve(at("/chain/x/*"), collect, &aliases, &real), 0);
	free(real);
	ck_assert_uint_eq(aliases.num, 2);
	ck_assert_str_eq(aliases.text[0], at("/chain/x/*"));
	ck_assert_str_eq(aliases.text[1], at("/link/x/*"));
}
END_TEST

static int refuse(void *data, const char *pattern)
{
	(void)data;
	(void)pattern;
	return -ENOMEM;
}

START_TEST(resolve_returns_the_error_of_the_callback)
{
	char *real = NULL;

	ck_assert_int_eq(pattern_resolve(at("/real"), refuse, NULL, &real), 0);
	free(real);
	real = NULL;
	ck_assert_int_eq(pattern_resolve(at("/link"), refuse, NULL, &real),
			 -ENOMEM);
	ck_assert_ptr_null(real);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("pattern");
	TCase *text = tcase_create("text");
	TCase *files = tcase_create("files");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(text, glob_star_takes_any_run_of_bytes);
	tcase_add_test(text, glob_star_takes_a_leading_dot);
	tcase_add_test(text, glob_question_mark_takes_one_byte);
	tcase_add_test(text, glob_works_on_bytes_not_characters);
	tcase_add_test(text, glob_sets_and_ranges);
	tcase_add_test(text, glob_backslash_takes_the_next_byte_as_it_is);
	tcase_add_test(text, glob_with_many_stars_stays_cheap);
	tcase_add_test(text, check_names_what_is_wrong);
	tcase_add_test(text, check_refuses_a_pattern_that_is_too_long);
	tcase_add_test(text, escape_makes_a_pattern_of_exactly_this_text);
	tcase_add_test(text, escape_reports_a_short_buffer);
	suite_add_tcase(suite, text);
	tcase_add_checked_fixture(files, setup, teardown);
	tcase_add_test(files, resolve_keeps_a_path_without_links);
	tcase_add_test(files, resolve_follows_links);
	tcase_add_test(files, resolve_keeps_what_does_not_exist);
	tcase_add_test(files, resolve_handles_dots_before_the_first_wildcard);
	tcase_add_test(files, resolve_does_not_look_behind_a_wildcard);
	tcase_add_test(files, resolve_escapes_the_names_it_finds);
	tcase_add_test(files, resolve_refuses_link_loops_and_malformed_text);
	tcase_add_test(files, resolve_reports_the_name_of_each_link);
	tcase_add_test(files, resolve_returns_the_error_of_the_callback);
	suite_add_tcase(suite, files);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
