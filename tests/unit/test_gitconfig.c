/* SPDX-License-Identifier: MIT */
/*
 * The reader of git configurations: what it reads, git must read, and what git
 * might read otherwise, it must refuse.
 */
#include "gitconfig.h"

#include <check.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIST_MAX 65536

/* Reads a text into "name\nvalue\n" lines; returns what the reader ended on. */
static int list(const char *text, size_t size, char out[LIST_MAX])
{
	static struct gitconfig_reader reader;
	static struct gitconfig_entry entry;
	/* A copy on the heap ends where the text does: no byte beyond is read
	 * unseen by the address sanitizer. */
	char *copy = malloc(size ? size : 1);
	size_t len = 0;
	int got;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, text, size);
	out[0] = '\0';
	gitconfig_start(&reader, copy, size);
	while ((got = gitconfig_next(&reader, &entry)) == 1) {
		int added = snprintf(out + len, LIST_MAX - len, "%s\n%s\n",
				     entry.name, entry.value);

		len += (size_t)added;
		ck_assert_uint_lt(len, LIST_MAX);
	}
	free(copy);
	return got;
}

static void assert_reads(const char *text, const char *expected)
{
	static char out[LIST_MAX];

	ck_assert_msg(list(text, strlen(text), out) == 0, "not read: %s", text);
	ck_assert_str_eq(out, expected);
}

static void assert_size_refused(const char *text, size_t size)
{
	static char out[LIST_MAX];

	ck_assert_msg(list(text, size, out) == -EINVAL, "read as: %s", out);
}

static void assert_refused(const char *text)
{
	assert_size_refused(text, strlen(text));
}

START_TEST(next_reads_nothing_from_what_says_nothing)
{
	assert_reads("", "");
	assert_reads("\n\n \t\n", "");
	assert_reads("# only\n; comments", "");
	assert_reads("[core]", "");
	assert_reads("[core]\n[user]\n# x", "");
}
END_TEST

START_TEST(next_reads_what_git_writes)
{
	assert_reads(
		"[core]\n\tbare = false\n"
		"[remote \"origin\"]\n\turl = https://host.example/a.git\n",
		"core.bare\nfalse\n"
		"remote.origin.url\nhttps://host.example/a.git\n");
}
END_TEST

START_TEST(next_reads_a_variable_on_the_line_of_its_section)
{
	assert_reads("[core] editor = x", "core.editor\nx\n");
	assert_reads("[core]editor=x\n", "core.editor\nx\n");
	assert_reads("[a] [core] editor = x", "core.editor\nx\n");
	assert_reads("  [core]\teditor\t=\tx\n", "core.editor\nx\n");
}
END_TEST

START_TEST(next_takes_a_key_without_a_value_as_true)
{
	assert_reads("[core]\nbare", "core.bare\ntrue\n");
	assert_reads("[core]\nbare \t\neditor = x\n",
		     "core.bare\ntrue\ncore.editor\nx\n");
	assert_reads("[core]\nbare =\neditor = x", "core.bare\n\n"
						   "core.editor\nx\n");
}
END_TEST

START_TEST(next_continues_a_line_behind_a_backslash)
{
	assert_reads("[a]\nb = c\\\nd = e\nf = g", "a.b\ncd = e\na.f\ng\n");
	assert_reads("[a]\nb = c \\\n  d\n", "a.b\nc   d\n");
	assert_reads("[a]\nb = \"c\\\nd\"\n", "a.b\ncd\n");
	assert_reads("[a]\nb = \\\n  c\n", "a.b\nc\n");
	/* A comment goes on nowhere. */
	assert_reads("[a]\n# x \\\nb = c\n", "a.b\nc\n");
	assert_reads("[a]\nb = c # x \\\nd = e\n", "a.b\nc\na.d\ne\n");
}
END_TEST

START_TEST(next_takes_quotes_and_escapes_off)
{
	assert_reads("[a]\nb = \"c ; # d\" ; e", "a.b\nc ; # d\n");
	assert_reads("[a]\nb = c\" d \"e", "a.b\nc d e\n");
	assert_reads("[a]\nb = \\\\\\\"\\t\\n\\b", "a.b\n\\\"\t\n\b\n");
	assert_reads("[a]\nb = c#d", "a.b\nc\n");
	assert_reads("[a]\nb = c;d", "a.b\nc\n");
	assert_reads("[a]\nb = [core]", "a.b\n[core]\n");
}
END_TEST

START_TEST(next_keeps_blanks_only_where_git_does)
{
	assert_reads("[a]\nb =  c  d  \n", "a.b\nc  d\n");
	assert_reads("[a]\nb = c \t # d\n", "a.b\nc\n");
	assert_reads("[a]\nb = \" c \"\n", "a.b\n c \n");
	assert_reads("[a]\nb = \"c \"  \n", "a.b\nc \n");
	assert_reads("[a]\nb = c  \"\"\n", "a.b\nc  \n");
	assert_reads("[a]\nb = \"\"  c\n", "a.b\nc\n");
	assert_reads("[a]\nb = c\\t\n", "a.b\nc\t\n");
	assert_reads("[a]\nb = c  \\\n\nd = e\n", "a.b\nc  \na.d\ne\n");
	assert_reads("[a]\nb = \"c\td\"\n", "a.b\nc\td\n");
	/* Before 2.45 git made a blank of such a tab. */
	assert_refused("[a]\nb = c\td\n");
	assert_refused("[a]\nb = c \t\"\"\n");
}
END_TEST

START_TEST(next_folds_case_of_sections_and_keys_only)
{
	assert_reads("[CoRe]\nEdItOr = X", "core.editor\nX\n");
	assert_reads("[Branch \"FeaTure\"]\nReMote = Origin",
		     "branch.FeaTure.remote\nOrigin\n");
	assert_reads("[Branch.FeaTure]\nremote = x",
		     "branch.feature.remote\nx\n");
}
END_TEST

START_TEST(next_reads_subsections)
{
	assert_reads("[a.b]\nc = d", "a.b.c\nd\n");
	assert_reads("[a  \t\"b c.d\"]\ne = f", "a.b c.d.e\nf\n");
	assert_reads("[a \"b\\\"c\\\\d\\e\"]\nf = g", "a.b\"c\\de.f\ng\n");
	assert_reads("[a \"\"]\nb = c", "a..b\nc\n");
	assert_reads("[a \"]\"]\nb = c", "a.].b\nc\n");
	assert_reads("[a.b \"C\"]\nd = e", "a.b.C.d\ne\n");
	assert_reads("[a \"\xc3\xbc\"]\nb = \xff", "a.\xc3\xbc.b\n\xff\n");
}
END_TEST

START_TEST(next_refuses_malformed_sections)
{
	static const char *const texts[] = {
		"[",           "[core",         "[core\n]",        "[]",
		"[ ]",         "[ core]",       "[core ]",         "[ \"a\"]",
		"[a b]",       "[a \"b]",       "[a \"b\" ]",      "[a \"b\"",
		"[a \"b\n\"]", "[a \"b\\\n\"]", "[a \"b\\",        "[a\"b\"]",
		"[a_b]",       "[a\xc3\xbc]",   "[a \"b\" \"c\"]", "[a #]",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_refused(texts[i]);
}
END_TEST

START_TEST(next_refuses_malformed_variables)
{
	static const char *const texts[] = {
		"a = b",
		"[a]\n1b = c",
		"[a]\n= c",
		"[a]\nb c",
		"[a]\nb # c",
		"[a]\nb ; c",
		"[a]\nb_c = d",
		"[a]\nb.c = d",
		"[a]\nb: c",
		"[a]\nb = \"c",
		"[a]\nb = \"c\n\"",
		"[a]\nb = \\x",
		"[a]\nb = c\\",
		"[a]\nb = \\ \nc",
		"[a]\n-b = c",
		"\xef\xbb\xbf[a]\nb = c",
		"[a]\n]",
		"[a]\nb = \\033",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_refused(texts[i]);
}
END_TEST

START_TEST(next_refuses_nul_and_carriage_return)
{
	assert_reads("[a]\nb = c", "a.b\nc\n");
	assert_size_refused("[a]\nb = c\0d", 12);
	assert_size_refused("[a]\nb\0 = c", 11);
	assert_size_refused("[a \"b\0\"]\nc = d", 15);
	assert_size_refused("[a\0]\nb = c", 11);
	assert_size_refused("\0[a]\nb = c", 11);
	assert_refused("[a]\r\nb = c");
	assert_refused("[a]\nb = c\r\n");
	assert_refused("[a]\nb\r\n");
	assert_refused("[a]\nb = c\rd");
	assert_refused("[a]\nb = c\\\r\nd");
	assert_refused("[a \"b\r\"]\nc = d");
}
END_TEST

/* "[a "xxx…"]" and a key, so that the name has as many bytes. */
static int read_long_name(size_t bytes)
{
	static char text[2 * GITCONFIG_NAME_MAX], out[LIST_MAX];
	static char fill[2 * GITCONFIG_NAME_MAX];

	memset(fill, 'x', sizeof(fill));
	(void)snprintf(text, sizeof(text), "[a \"%.*s\"]\nkey = c",
		       (int)(bytes - strlen("a..key")), fill);
	return list(text, strlen(text), out);
}

static int read_long_value(size_t bytes, size_t blanks)
{
	static char text[2 * GITCONFIG_VALUE_MAX], out[LIST_MAX];
	size_t len = (size_t)snprintf(text, sizeof(text), "[a]\nb = ");

	memset(text + len, 'x', bytes);
	memset(text + len + 1, ' ', blanks);
	return list(text, len + bytes, out);
}

START_TEST(next_refuses_what_is_too_long)
{
	ck_assert_int_eq(read_long_name(GITCONFIG_NAME_MAX - 1), 0);
	ck_assert_int_eq(read_long_name(GITCONFIG_NAME_MAX), -EINVAL);
	ck_assert_int_eq(read_long_name(GITCONFIG_NAME_MAX + 1), -EINVAL);
	/* Too long already for the section alone. */
	ck_assert_int_eq(read_long_name(GITCONFIG_NAME_MAX + 9), -EINVAL);
	ck_assert_int_eq(read_long_value(GITCONFIG_VALUE_MAX - 1, 0), 0);
	ck_assert_int_eq(read_long_value(GITCONFIG_VALUE_MAX, 0), -EINVAL);
	ck_assert_int_eq(read_long_value(GITCONFIG_VALUE_MAX - 1, 99), 0);
	ck_assert_int_eq(
		read_long_value(GITCONFIG_VALUE_MAX, GITCONFIG_VALUE_MAX - 2),
		-EINVAL);
}
END_TEST

/* --- The reader and git --- */

static char place[] = "/tmp/test_gitconfig.XXXXXX";

/* Lists a text by git, in the form of list(). Returns false if git refuses.
 * "name\nvalue\0", and "name\0" for a key without a value. */
static bool git_list(const char *text, size_t size, char out[LIST_MAX])
{
	static char raw[LIST_MAX];
	char command[128];
	size_t len, put = 0;
	FILE *file;

	file = fopen(place, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(text, 1, size, file), size);
	ck_assert_int_eq(fclose(file), 0);
	(void)snprintf(command, sizeof(command),
		       "git config --file %s --list -z 2>/dev/null", place);
	file = popen(command, "r");
	ck_assert_ptr_nonnull(file);
	len = fread(raw, 1, sizeof(raw), file);
	ck_assert_uint_lt(len, sizeof(raw));
	if (pclose(file) != 0)
		return false;
	for (size_t at = 0; at < len; at += strlen(raw + at) + 1) {
		bool has_value = strchr(raw + at, '\n') != NULL;

		put += (size_t)snprintf(out + put, LIST_MAX - put, "%s%s\n",
					raw + at, has_value ? "" : "\ntrue");
		ck_assert_uint_lt(put, LIST_MAX);
	}
	out[put] = '\0';
	return true;
}

static const char *const texts[] = {
	"",
	"\n",
	"# c\n; d\n",
	"[core]",
	"[core]\n\teditor = x\n",
	"[core] editor = x",
	"[core]editor=x",
	"[a] [b] c = d",
	"[a]\nb",
	"[a]\nb =",
	"[a]\nb = ",
	"[a]\nb=\"\"",
	"[a]\nb \t \nc=d",
	"[a]\nb\t=\tc",
	"[a]\nb = c d",
	"[a]\nb =   c   d   ",
	"[a]\nb = c\td",
	"[a]\nb = c \t \td",
	"[a]\nb = c\t\n",
	"[a]\nb = c \t# d",
	"[a]\nb = \" c \"",
	"[a]\nb = \"c \"  ",
	"[a]\nb = \"c\t\"",
	"[a]\nb = c  \"\"",
	"[a]\nb = c \t\"\"",
	"[a]\nb = \"\"  c",
	"[a]\nb = \"\" \"\" c",
	"[a]\nb = \" \" c",
	"[a]\nb = c\" \"\"\" d",
	"[a]\nb = c\\t",
	"[a]\nb = \\tc",
	"[a]\nb = c \\n \\b \\\\ \\\"",
	"[a]\nb = c\\\nd = e\n",
	"[a]\nb = c  \\\n  d\n",
	"[a]\nb = c  \\\n\nd = e",
	"[a]\nb = \\\n\\\n  c",
	"[a]\nb = \"c\\\n  d\"",
	"[a]\nb = c\\",
	"[a]\nb = \\",
	"[a]\nb = c\\\n",
	"[a]\nb = \\x",
	"[a]\nb = \\\r\nc",
	"[a]\nb = \"c",
	"[a]\nb = \"c\nd\"",
	"[a]\nb = c # d \\\ne = f",
	"[a]\nb = c;d\ne = \"f;g\" ; h",
	"[a]\nb # c",
	"[a]\nb c",
	"[a]\nb = [c]\n[d] e = f",
	"[a]\nb = c = d",
	"[a]\nb = c\rd",
	"[a]\nb = c\r\nd = e\r\n",
	"[a]\r\nb = c",
	"[a]\n\rb = c",
	"[a]\n\vb = c",
	"[a]\nb = \vc\f",
	"[a]\nb = c\v\n",
	"[a.b]\nc = d",
	"[A.B]\nC = D",
	"[a.B \"C.d\"]\ne = f",
	"[a \"B c\"]\nd = e",
	"[a\t\"b\"]\nc = d",
	"[a \"b\\\"\\\\\\c\"]\nd = e",
	"[a \"\"]\nb = c",
	"[a \"]\"]\nb = c",
	"[a \"#;\"] b = c",
	"[a \"b\"]c=d",
	"[a \"b\" ]\nc = d",
	"[a \"b\n\"]\nc = d",
	"[a ]\nb = c",
	"[ a]\nb = c",
	"[a]]\nb = c",
	"[]\nb = c",
	"[.]\nb = c",
	"[a.]\nb = c",
	"[-]\nb = c",
	"[1]\nb = c",
	"[a]\n1 = c",
	"[a]\nb1-c = d",
	"[a]\nb_c = d",
	"b = c",
	"[a]\nb = \xff\xfe\xc3\xbc",
	"[a \"\xff\"]\nb = c",
	"\xef\xbb\xbf[a]\nb = c",
	"[a]\nb = c\nb = d\n[a]\nb = e",
	"[remote \"o\"]\n\turl = \"/a b \"\n\tfetch = +refs/*:refs/*\n",
};

#define NUM_TEXTS (sizeof(texts) / sizeof(texts[0]))

static void assert_git_agrees(const char *text, size_t size)
{
	static char ours[LIST_MAX], gits[LIST_MAX];

	if (list(text, size, ours) != 0)
		return;
	ck_assert_msg(git_list(text, size, gits), "git refuses: %s", text);
	ck_assert_msg(strcmp(ours, gits) == 0, "%s\nreader: %s\ngit: %s", text,
		      ours, gits);
}

START_TEST(git_reads_what_the_reader_reads)
{
	unsigned int accepted = 0;
	static char out[LIST_MAX];

	for (size_t i = 0; i < NUM_TEXTS; i++) {
		assert_git_agrees(texts[i], strlen(texts[i]));
		if (list(texts[i], strlen(texts[i]), out) == 0)
			accepted++;
	}
	/* Refusing all would be to agree, too. */
	ck_assert_uint_gt(accepted, 45);
}
END_TEST

/* Pieces that syntax is made of, put together at random, the same each time. */
START_TEST(git_reads_what_the_reader_reads_of_random_texts)
{
	static const char *const pieces[] = {
		"[a]\n", "b",    " ",         " ",   "=",    "= ",    "\"",
		"\"",    "\\",   "\\\n",      "c",   "d",    "#",     ";",
		"\t",    "\n",   "\n",        "\\t", "\\\"", "]",     "[",
		"\r",    "\r\n", "[e \"F\"]", "\v",  ".",    "b = c",
	};
	unsigned int seed = 1;

	for (unsigned int round = 0; round < 400; round++) {
		char text[256] = "[a]\nb = ";

		for (unsigned int i = 0; i < 10; i++) {
			seed = seed * 1103515245 + 12345;
			(void)strlcat(
				text,
				pieces[(seed >> 16) %
				       (sizeof(pieces) / sizeof(pieces[0]))],
				sizeof(text));
		}
		assert_git_agrees(text, strlen(text));
	}
}
END_TEST

/* The reader is stricter than git, but not with what git writes by itself. */
START_TEST(reader_reads_what_git_writes)
{
	static const char *const values[] = {
		"plain", " blanks ",    "tab\tin", "a;b#c", "\"",
		"\\",    "line\nbreak", "",        "-x",    "\xc3\xbc",
	};
	static char ours[LIST_MAX], expected[LIST_MAX], text[LIST_MAX];

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		FILE *file = fopen(place, "w");
		size_t len;

		ck_assert_ptr_nonnull(file);
		ck_assert_int_eq(fclose(file), 0);
		ck_assert_int_eq(setenv("VALUE", values[i], 1), 0);
		(void)snprintf(text, sizeof(text),
			       "git config --file %s \"Sec.s\\\"u b\\\\.Key\" "
			       "\"$VALUE\"",
			       place);
		ck_assert_int_eq(system(text), 0);
		file = fopen(place, "r");
		ck_assert_ptr_nonnull(file);
		len = fread(text, 1, sizeof(text), file);
		ck_assert_int_eq(fclose(file), 0);
		(void)snprintf(expected, sizeof(expected),
			       "sec.s\"u b\\.key\n%s\n", values[i]);
		ck_assert_msg(list(text, len, ours) == 0, "not read: %.*s",
			      (int)len, text);
		ck_assert_str_eq(ours, expected);
	}
}
END_TEST

static TCase *syntax_case(void)
{
	TCase *syntax = tcase_create("syntax");

	tcase_add_test(syntax, next_reads_nothing_from_what_says_nothing);
	tcase_add_test(syntax, next_reads_what_git_writes);
	tcase_add_test(syntax,
		       next_reads_a_variable_on_the_line_of_its_section);
	tcase_add_test(syntax, next_takes_a_key_without_a_value_as_true);
	tcase_add_test(syntax, next_continues_a_line_behind_a_backslash);
	tcase_add_test(syntax, next_takes_quotes_and_escapes_off);
	tcase_add_test(syntax, next_keeps_blanks_only_where_git_does);
	tcase_add_test(syntax, next_folds_case_of_sections_and_keys_only);
	tcase_add_test(syntax, next_reads_subsections);
	tcase_add_test(syntax, next_refuses_malformed_sections);
	tcase_add_test(syntax, next_refuses_malformed_variables);
	tcase_add_test(syntax, next_refuses_nul_and_carriage_return);
	tcase_add_test(syntax, next_refuses_what_is_too_long);
	return syntax;
}

static TCase *git_case(void)
{
	TCase *git = tcase_create("git");

	tcase_set_timeout(git, 60);
	tcase_add_test(git, git_reads_what_the_reader_reads);
	tcase_add_test(git, git_reads_what_the_reader_reads_of_random_texts);
	tcase_add_test(git, reader_reads_what_git_writes);
	return git;
}

int main(void)
{
	Suite *suite = suite_create("gitconfig");
	SRunner *runner;
	int failed, fd;

	suite_add_tcase(suite, syntax_case());
	if (system("git --version >/dev/null 2>&1") == 0)
		suite_add_tcase(suite, git_case());
	else
		(void)puts("git is missing: not compared with it");
	fd = mkstemp(place);
	if (fd < 0)
		return EXIT_FAILURE;
	(void)close(fd);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	(void)unlink(place);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
