/* SPDX-License-Identifier: MIT */
/*
 * Tokens are made here from a prefix in two pieces and a made-up tail, so that
 * no scanner takes this file for a leak.
 */
#include "redact.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MARK "[redacted]"

static char buf[8192];

static const char *redacted(const char *text, size_t want)
{
	size_t found = redact_text(text, buf, sizeof(buf));

	ck_assert_msg(found == want, "\"%s\": %zu secrets, not %zu: \"%s\"",
		      text, found, want, buf);
	return buf;
}

static void check_same(const char *text)
{
	ck_assert_str_eq(redacted(text, 0), text);
}

static void check_becomes(const char *text, const char *want)
{
	ck_assert_str_eq(redacted(text, 1), want);
}

struct format {
	const char *first;
	const char *second;
	const char *alphabet;
	size_t tail;
};

#define MIXED "a1B2c3D4e5F6g7H8i9J0"
#define UPPER "A2B3C4D5E6F7G2H3"
#define HEX "0f1e2d3c4b5a6978"
#define LETTERS "aBcDeFgHiJ"
#define DIGITS "1234567890"

static const struct format formats[] = {
	{"gh", "p_", MIXED, 36},
	{"gh", "o_", MIXED, 36},
	{"gh", "u_", MIXED, 36},
	{"gh", "s_", MIXED, 36},
	{"gh", "r_", MIXED, 76},
	{"github", "_pat_", MIXED, 82},
	{"s", "k-", MIXED, 48},
	{"s", "k-proj-", MIXED "-_", 120},
	{"s", "k-svcacct-", MIXED, 60},
	{"s", "k-ant-api03-", MIXED, 95},
	{"s", "k-or-v1-", HEX, 64},
	{"AK", "IA", UPPER, 16},
	{"AS", "IA", UPPER, 16},
	{"AI", "za", MIXED "-_", 35},
	{"xo", "xb-", DIGITS "-" MIXED, 50},
	{"xo", "xa-2-", MIXED, 30},
	{"xo", "xp-", DIGITS "-" MIXED, 60},
	{"xo", "xr-", MIXED, 40},
	{"xo", "xs-", MIXED, 40},
	{"xa", "pp-1-", MIXED, 60},
	{"gl", "pat-", MIXED "-_", 20},
	{"gl", "rt-", MIXED, 20},
	{"np", "m_", MIXED, 36},
	{"py", "pi-AgEI", MIXED "-_", 100},
	{"h", "f_", LETTERS, 34},
	{"dckr", "_pat_", MIXED "-", 27},
	{"do", "p_v1_", HEX, 64},
	{"sk", "_live_", MIXED, 24},
	{"rk", "_test_", MIXED, 24},
	{"wh", "sec_", MIXED, 32},
	{"S", "G.", MIXED ".", 66},
	{"GOC", "SPX-", MIXED, 28},
	{"ya", "29.", MIXED "-_", 60},
	{"gs", "k_", MIXED, 52},
	{"xa", "i-", MIXED, 80},
	{"r", "8_", MIXED, 37},
	{"hv", "s.", MIXED, 90},
	{"da", "pi", HEX, 32},
	{"gl", "sa_", MIXED "_", 41},
	{"shp", "at_", HEX, 32},
	{"lin", "_api_", MIXED, 40},
	{"AGE-SECRET", "-KEY-1", UPPER, 58},
	{"pu", "l-", HEX, 40},
	{"NR", "AK-", UPPER, 27},
	{"sq0", "csp-", MIXED, 43},
	{"fi", "gd_", MIXED "-_", 40},
};

static void make(const struct format *format, char *token, size_t size)
{
	size_t period = strlen(format->alphabet);
	int len = snprintf(token, size, "%s%s", format->first, format->second);

	ck_assert_uint_lt((size_t)len + format->tail, size);
	for (size_t i = 0; i < format->tail; i++)
		token[(size_t)len++] = format->alphabet[i % period];
	token[len] = '\0';
}

START_TEST(replaces_each_known_token_format)
{
	const struct format *format = &formats[_i];
	char token[256];
	char text[1024];

	make(format, token, sizeof(token));
	check_becomes(token, MARK);
	(void)snprintf(text, sizeof(text), "curl -d '%s' https://h/%s/x", token,
		       token);
	ck_assert_str_eq(redacted(text, 2),
			 "curl -d '" MARK "' https://h/" MARK "/x");
}
END_TEST

START_TEST(leaves_a_prefix_without_a_token)
{
	const struct format *format = &formats[_i];
	char text[256];

	(void)snprintf(text, sizeof(text), "%s%s", format->first,
		       format->second);
	check_same(text);
	(void)snprintf(text, sizeof(text), "ls %s%sab1/file", format->first,
		       format->second);
	check_same(text);
}
END_TEST

START_TEST(replaces_a_jwt)
{
	check_becomes("x=ey"
		      "JhbGciOiJIUzI1NiJ9.ey"
		      "JzdWIiOiIxMjM0In0.c2lnbmF0"
		      "dXJl y",
		      "x=" MARK " y");
	check_same("eyJhbGciOiJIUzI1NiJ9");
}
END_TEST

START_TEST(replaces_a_private_key_block)
{
	check_becomes("a -----BEGIN RSA PRIV"
		      "ATE KEY-----\nMIIabc+/=\n"
		      "-----END RSA PRIV"
		      "ATE KEY----- b",
		      "a " MARK " b");
	check_becomes("{\"k\": \"x\\n-----BEGIN PRIV"
		      "ATE KEY-----\\nMIIa\\n"
		      "-----END PRIV"
		      "ATE KEY-----\\n\"}",
		      "{\"k\": \"x\\n" MARK "\\n\"}");
	check_becomes("-----BEGIN OPENSSH PRIV"
		      "ATE KEY-----\nb3Blbn",
		      MARK);
	check_same("-----BEGIN CERTIFICATE-----\nMIIabc\n"
		   "-----END CERTIFICATE-----");
	check_same("-----BEGIN PUBLIC KEY-----\nMIIabc");
}
END_TEST

START_TEST(replaces_the_password_in_a_url)
{
	check_becomes("git clone https://joe:hun"
		      "ter2@example.com/x.git",
		      "git clone https://joe:" MARK "@example.com/x.git");
	check_becomes("postgres://u:p@ss:w@db:5432/x?y",
		      "postgres://u:" MARK "@db:5432/x?y");
	check_becomes("https://0123456789abcdef01234567@github.com/x",
		      "https://" MARK "@github.com/x");
	check_becomes("https://0123456789abcdef01234567:x-oauth@github.com/x",
		      "https://" MARK "@github.com/x");
	check_same("ssh://git@github.com/x");
	check_same("http://localhost:8080/a:b@c");
	check_same("https://joe:$PASS@example.com");
	check_same("https://joe:@example.com");
}
END_TEST

START_TEST(replaces_values_of_secret_names)
{
	check_becomes("GH_TOKEN=abc", "GH_TOKEN=" MARK);
	check_becomes("--password=a b c", "--password=" MARK);
	check_becomes("--api-key=\"x\"", "--api-key=" MARK);
	check_becomes("-Ddb.password=abc", "-Ddb.password=" MARK);
	check_becomes("AWS_SECRET_ACCESS_KEY=abc/def+ghi",
		      "AWS_SECRET_ACCESS_KEY=" MARK);
	check_becomes("PGPASSWORD=x1 psql -c 'select 1'",
		      "PGPASSWORD=" MARK " psql -c 'select 1'");
	check_becomes("cd /x && MYSQL_PWD=abc; mysql",
		      "cd /x && MYSQL_PWD=" MARK "; mysql");
	check_becomes("env clientSecret='a b' run",
		      "env clientSecret='" MARK "' run");
	check_becomes("//registry.example/:_authToken=abc",
		      "//registry.example/:_authToken=" MARK);
	check_becomes("https://h/p?access_token=abc&x=1",
		      "https://h/p?access_token=" MARK "&x=1");
	check_becomes("AccountName=a;AccountKey=abc==;Suffix=b",
		      "AccountName=a;AccountKey=" MARK ";Suffix=b");
	check_becomes("SECRET_KEY_BASE=abc", "SECRET_KEY_BASE=" MARK);
	check_becomes("DB_PASS=12", "DB_PASS=" MARK);
}
END_TEST

START_TEST(replaces_json_members)
{
	check_becomes("{\"user\":\"joe\",\"password\":\"a\\\"b\"}",
		      "{\"user\":\"joe\",\"password\":\"" MARK "\"}");
	check_becomes("{'apiKey': 'abc', 'x': 'y'}",
		      "{'apiKey': '" MARK "', 'x': 'y'}");
	check_becomes("\"{\\\"client_secret\\\": \\\"abc\\\"}\"",
		      "\"{\\\"client_secret\\\": \\\"" MARK "\\\"}\"");
	check_becomes("{\"Authorization\": \"Bearer abc\"}",
		      "{\"Authorization\": \"" MARK "\"}");
	check_same("{\"max_tokens\": \"4096\"}");
	check_same("{\"token\": null}");
}
END_TEST

START_TEST(replaces_headers)
{
	check_becomes("Authorization: Bearer abc",
		      "Authorization: Bearer " MARK);
	check_becomes("authorization: abcdef", "authorization: " MARK);
	check_becomes("curl -H 'Authorization: Basic YTpi' https://h",
		      "curl -H 'Authorization: Basic " MARK "' https://h");
	check_becomes("X-Api-Key: abc", "X-Api-Key: " MARK);
	check_becomes("x-api-key:0123456789abcdef", "x-api-key:" MARK);
	check_becomes("PRIVATE-TOKEN: abc", "PRIVATE-TOKEN: " MARK);
	check_becomes("Cookie: sid=abc; b=c", "Cookie: " MARK);
	check_becomes("http.extraheader=AUTHORIZATION: basic abc",
		      "http.extraheader=AUTHORIZATION: basic " MARK);
	check_same("Authorization: Bearer $TOKEN");
	check_same("Content-Type: application/json");
}
END_TEST

START_TEST(replaces_the_word_behind_a_secret_option)
{
	check_becomes("mysql --password abc -e 'select 1'",
		      "mysql --password " MARK " -e 'select 1'");
	check_becomes("x --api-key 'a b' y", "x --api-key '" MARK "' y");
	check_same("docker login --password-stdin registry.example");
	check_same("gh auth login --with-token < file");
	check_same("x --token -v");
}
END_TEST

static const char *const harmless[] = {
	"",
	"git commit -m \"Add token refresh\"",
	"--max-tokens=4096",
	"--token-file=/run/secrets/token",
	"TOKEN_URL=https://example.com/oauth",
	"AWS_ACCESS_KEY_ID=example",
	"credential.helper=store",
	"--author=Joe Doe <joe@example.com>",
	"PWD=/home/joe",
	"OLDPWD=/home/joe",
	"-pass=2",
	"KEY=value",
	"--key=file.pem",
	"keyboard=us",
	"pip install sk-learn-contrib-something-else",
	"cd sk-proj-management-and-planning-tools",
	"task-management-for-large-projects-2024",
	"risk-0123456789abcdef0123456789",
	"npm_config_cache=/tmp/x",
	"docker run auth-token:latest",
	"-v my-secret:/run/secrets/my-secret:ro",
	"http://my-token:8080/aaaaaaaaaaaaaaaaaaaaaaaaaaa",
	"TOKEN=$TOKEN",
	"TOKEN=${TOKEN:-x}",
	"TOKEN=$(gh auth token)",
	"--token=<your-token>",
	("password=" MARK),
	"USE_TOKEN=yes",
	"secret=false",
	"token == other",
	"if (password == NULL) return",
	"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcd",
	"550e8400-e29b-41d4-a716-446655440000",
	"user@example.com:path/file",
	"s3://bucket/key",
	"const token: string = x",
	"grep -rn password src/",
	"ASIAPACIFICREGIONOFFICE",
};

START_TEST(leaves_harmless_text)
{
	check_same(harmless[_i]);
}
END_TEST

START_TEST(keeps_bytes_that_are_not_text)
{
	check_same("\x80\xff\x01\x1b[0m\xe2\x80\xa8");
}
END_TEST

START_TEST(cuts_to_the_buffer)
{
	const char *text = "ab TOKEN=xyz";
	char small[32];

	for (size_t size = 1; size < sizeof(small); size++) {
		memset(small, 'Z', sizeof(small));
		(void)redact_text(text, small, size);
		ck_assert_uint_lt(strlen(small), size);
		ck_assert_int_eq(
			strncmp(small, "ab TOKEN=" MARK, strlen(small)), 0);
		if (size < sizeof(small) - 1)
			ck_assert_int_eq(small[size], 'Z');
	}
}
END_TEST

START_TEST(hides_a_secret_that_ends_beyond_the_buffer)
{
	char token[256];
	char small[20];

	make(&formats[0], token, sizeof(token));
	ck_assert_uint_eq(redact_text(token, small, sizeof(small)), 1);
	ck_assert_str_eq(small, MARK);
}
END_TEST

START_TEST(knows_options_that_announce_a_secret)
{
	static const char *const yes[] = {
		"--password",      "--token",      "--api-key",
		"--client-secret", "-passin",      "-password",
		"--pass",          "--passphrase", "--auth-token",
	};
	static const char *const no[] = {
		"-p",
		"--password-stdin",
		"--token-file",
		"password",
		"--verbose",
		"--password=x",
		"-pass",
		"--with-token",
		"--key",
		"",
		"-",
		"--",
		"--password x",
		"---token",
	};

	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		ck_assert_msg(redact_next_is_secret(yes[i]) == 1, "%s", yes[i]);
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		ck_assert_msg(redact_next_is_secret(no[i]) == 0, "%s", no[i]);
}
END_TEST

/* Texts that would cost quadratic time if every finder read to the end. */
START_TEST(stays_linear_on_hostile_text)
{
	static const char *const units[] = {
		"sk-",         "SG.",      "eyJaaaaaaaaaaaaa.", "://",
		"-----BEGIN ", "token=$(", "authorization:${ ", "a.",
		"token=\"$(",  "--",
	};
	size_t size = 4u << 20;
	char *text = malloc(size + 32);
	char *out = malloc(size + 32);

	ck_assert_ptr_nonnull(text);
	ck_assert_ptr_nonnull(out);
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		size_t len = strlen(units[i]);

		for (size_t at = 0; at < size; at += len)
			memcpy(text + at, units[i], len + 1);
		/* The log never asks for more than about a thousand bytes. */
		(void)redact_text(text, out, 1032);
	}
	free(text);
	free(out);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("redact");
	TCase *tc = tcase_create("redact");
	int num_formats = (int)(sizeof(formats) / sizeof(*formats));
	int num_harmless = (int)(sizeof(harmless) / sizeof(*harmless));

	tcase_add_loop_test(tc, replaces_each_known_token_format, 0,
			    num_formats);
	tcase_add_loop_test(tc, leaves_a_prefix_without_a_token, 0,
			    num_formats);
	tcase_add_test(tc, replaces_a_jwt);
	tcase_add_test(tc, replaces_a_private_key_block);
	tcase_add_test(tc, replaces_the_password_in_a_url);
	tcase_add_test(tc, replaces_values_of_secret_names);
	tcase_add_test(tc, replaces_json_members);
	tcase_add_test(tc, replaces_headers);
	tcase_add_test(tc, replaces_the_word_behind_a_secret_option);
	tcase_add_loop_test(tc, leaves_harmless_text, 0, num_harmless);
	tcase_add_test(tc, keeps_bytes_that_are_not_text);
	tcase_add_test(tc, cuts_to_the_buffer);
	tcase_add_test(tc, hides_a_secret_that_ends_beyond_the_buffer);
	tcase_add_test(tc, knows_options_that_announce_a_secret);
	tcase_add_test(tc, stays_linear_on_hostile_text);
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
