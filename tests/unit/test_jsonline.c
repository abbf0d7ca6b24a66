/* SPDX-License-Identifier: MIT */
#include "jsonline.h"

#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char buf[4096];

/* The line that one string makes. */
static const char *line_of(const char *value)
{
	struct jsonline line;
	size_t len;

	jsonline_begin(&line, buf, sizeof(buf) - 1);
	jsonline_string(&line, "k", value, sizeof(buf));
	len = jsonline_end(&line);
	buf[len] = '\0';
	return buf;
}

static void check_escape(const char *value, const char *want)
{
	char text[256];

	(void)snprintf(text, sizeof(text), "{\"k\":\"%s\"}\n", want);
	ck_assert_str_eq(line_of(value), text);
}

START_TEST(passes_valid_utf8_through)
{
	check_escape("plain /path-1_2.c", "plain /path-1_2.c");
	check_escape("\xc3\xa4 \xe2\x82\xac \xe6\xbc\xa2 \xf0\x9f\x98\x80",
		     "\xc3\xa4 \xe2\x82\xac \xe6\xbc\xa2 \xf0\x9f\x98\x80");
	check_escape("", "");
}
END_TEST

START_TEST(escapes_what_ends_a_string)
{
	check_escape("a\"b", "a\\\"b");
	check_escape("a\\b", "a\\\\b");
}
END_TEST

START_TEST(escapes_control_bytes)
{
	for (int c = 1; c < 0x20; c++) {
		char value[2] = {(char)c, '\0'};
		char want[8];

		(void)snprintf(want, sizeof(want), "\\u%04x", c);
		check_escape(value, want);
	}
	check_escape("\x7f", "\\u007f");
	check_escape("\xc2\x9b", "\\u009b");
}
END_TEST

START_TEST(escapes_what_deceives_a_reader)
{
	check_escape("\xe2\x80\xa8\xe2\x80\xa9", "\\u2028\\u2029");
	check_escape("\xe2\x80\xae\xe2\x80\xaa", "\\u202e\\u202a");
	check_escape("\xe2\x81\xa6\xe2\x81\xa9", "\\u2066\\u2069");
	check_escape("\xe2\x80\x8e\xe2\x80\x8f", "\\u200e\\u200f");
	check_escape("\xd8\x9c", "\\u061c");
	check_escape("\xef\xbb\xbf\xe2\x80\x8b", "\\ufeff\\u200b");
	/* A tag character, as a pair of surrogates. */
	check_escape("\xf3\xa0\x81\x81", "\\udb40\\udc41");
}
END_TEST

START_TEST(escapes_each_invalid_byte)
{
	check_escape("a\x80z", "a\\udc80z");
	check_escape("\xff\xfe", "\\udcff\\udcfe");
	/* Overlong, a surrogate, beyond Unicode. */
	check_escape("\xc0\xaf", "\\udcc0\\udcaf");
	check_escape("\xe0\x80\xaf", "\\udce0\\udc80\\udcaf");
	check_escape("\xed\xa0\x80", "\\udced\\udca0\\udc80");
	check_escape("\xf0\x80\x80\xaf", "\\udcf0\\udc80\\udc80\\udcaf");
	check_escape("\xf4\x90\x80\x80", "\\udcf4\\udc90\\udc80\\udc80");
	/* Sequences that end too early, also at the end of the string. */
	check_escape("\xe2\x82z", "\\udce2\\udc82z");
	check_escape("\xe2\x82", "\\udce2\\udc82");
	check_escape("\xf0\x9f\x98", "\\udcf0\\udc9f\\udc98");
	check_escape("\xc3", "\\udcc3");
}
END_TEST

START_TEST(writes_each_kind_of_member)
{
	struct jsonline line;

	jsonline_begin(&line, buf, sizeof(buf) - 1);
	jsonline_string(&line, "s", "x", 16);
	jsonline_string(&line, "absent", NULL, 16);
	jsonline_unsigned(&line, "u", UINT64_MAX);
	jsonline_int(&line, "i", INT64_MIN);
	jsonline_int(&line, "z", 0);
	jsonline_bool(&line, "t", true);
	jsonline_bool(&line, "f", false);
	ck_assert(jsonline_array(&line, "a"));
	jsonline_string(&line, NULL, "x", 16);
	jsonline_string(&line, NULL, "y", 16);
	jsonline_array_end(&line);
	ck_assert(jsonline_array(&line, "e"));
	jsonline_array_end(&line);
	buf[jsonline_end(&line)] = '\0';
	ck_assert_str_eq(buf, "{\"s\":\"x\",\"u\":18446744073709551615,"
			      "\"i\":-9223372036854775808,\"z\":0,"
			      "\"t\":true,\"f\":false,\"a\":[\"x\",\"y\"],"
			      "\"e\":[]}\n");
}
END_TEST

START_TEST(marks_a_value_that_was_cut)
{
	struct jsonline line;

	jsonline_begin(&line, buf, sizeof(buf) - 1);
	jsonline_string(&line, "fits", "0123456789", 10);
	jsonline_string(&line, "long", "0123456789a", 10);
	jsonline_string(&line, "next", "x", 10);
	buf[jsonline_end(&line)] = '\0';
	ck_assert_str_eq(buf, "{\"fits\":\"0123456789\","
			      "\"long\":\"01234" JSONLINE_CUT "\","
			      "\"next\":\"x\",\"cut\":true}\n");
}
END_TEST

START_TEST(cuts_in_front_of_a_character)
{
	struct jsonline line;

	jsonline_begin(&line, buf, sizeof(buf) - 1);
	jsonline_string(&line, "k", "ab\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac",
			9);
	buf[jsonline_end(&line)] = '\0';
	ck_assert_str_eq(buf, "{\"k\":\"ab" JSONLINE_CUT "\",\"cut\":true}\n");
}
END_TEST

START_TEST(keeps_room_for_later_members)
{
	char small[128];
	char value[256];
	struct jsonline line;

	memset(value, 'x', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	jsonline_begin(&line, small, sizeof(small));
	jsonline_leave(&line, 40);
	jsonline_string(&line, "long", value, sizeof(value));
	jsonline_leave(&line, 0);
	jsonline_string(&line, "verdict", "deny", 16);
	small[jsonline_end(&line) - 1] = '\0';
	ck_assert_ptr_nonnull(strstr(small, "\"verdict\":\"deny\""));
}
END_TEST

/* Fills a buffer of each size with members of all kinds. */
static size_t fill(char *small, size_t size, const char *value)
{
	struct jsonline line;

	jsonline_begin(&line, small, size);
	/* jansson reads no larger one. */
	jsonline_unsigned(&line, "serial", INT64_MAX);
	jsonline_string(&line, "s", value, 4096);
	if (jsonline_array(&line, "a")) {
		for (int i = 0; i < 8; i++)
			jsonline_string(&line, NULL, value, 40);
		jsonline_array_end(&line);
	}
	jsonline_bool(&line, "b", false);
	if (jsonline_array(&line, "c")) {
		jsonline_string(&line, NULL, value, 40);
		jsonline_array_end(&line);
	}
	jsonline_int(&line, "i", INT64_MIN);
	return jsonline_end(&line);
}

START_TEST(is_valid_json_at_every_size)
{
	static const char *const values[] = {
		"",
		"x",
		"0123456789012345678901234567890123456789",
		"\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x0f\x10\x11",
		"\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\",
		"\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac",
	};

	for (size_t size = JSONLINE_MIN; size < 700; size++) {
		for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
			char *small = malloc(size);
			size_t len;
			json_t *root;

			ck_assert_ptr_nonnull(small);
			len = fill(small, size, values[i]);
			ck_assert_uint_le(len, size);
			ck_assert_int_eq(small[len - 1], '\n');
			ck_assert_ptr_null(memchr(small, '\n', len - 1));
			root = json_loadb(small, len, 0, NULL);
			ck_assert_msg(root != NULL, "%zu: %.*s", size, (int)len,
				      small);
			/* What is missing is said to be. */
			ck_assert(json_object_get(root, "cut") ||
				  (json_object_get(root, "i") &&
				   json_object_get(root, "c")));
			json_decref(root);
			free(small);
		}
	}
}
END_TEST

START_TEST(escapes_for_terminals)
{
	char small[40];

	ck_assert_uint_eq(jsonline_escape("a\x1b[2J\n", small, sizeof(small)),
			  16);
	ck_assert_str_eq(small, "a\\u001b[2J\\u000a");
	(void)jsonline_escape("0123456789012345678901234567890123456789", small,
			      sizeof(small));
	ck_assert_str_eq(small,
			 "0123456789012345678901234567890123" JSONLINE_CUT);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("jsonline");
	TCase *tc = tcase_create("jsonline");

	tcase_add_test(tc, passes_valid_utf8_through);
	tcase_add_test(tc, escapes_what_ends_a_string);
	tcase_add_test(tc, escapes_control_bytes);
	tcase_add_test(tc, escapes_what_deceives_a_reader);
	tcase_add_test(tc, escapes_each_invalid_byte);
	tcase_add_test(tc, writes_each_kind_of_member);
	tcase_add_test(tc, marks_a_value_that_was_cut);
	tcase_add_test(tc, cuts_in_front_of_a_character);
	tcase_add_test(tc, keeps_room_for_later_members);
	tcase_add_test(tc, is_valid_json_at_every_size);
	tcase_add_test(tc, escapes_for_terminals);
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
