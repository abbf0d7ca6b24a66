/* SPDX-License-Identifier: MIT */
/*
 * The environment that the shim passes on. The shim is a library of its own
 * with nothing exported but its hooks, so its source is taken in here.
 */
#include "../../preload/shim_env.c"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#define OURS "/opt/lib/shim.so"

static struct shim_env env;
static struct shim_env_plan plan;

static void load(const char *path, const char *hints)
{
	char self[2 * SHIM_PATH_MAX];
	char quiet[64];
	char *envp[3] = {NULL};
	size_t count = 0;

	(void)snprintf(self, sizeof(self), "SBXSUP_PRELOAD=%s",
		       path ? path : "");
	(void)snprintf(quiet, sizeof(quiet), "SBXSUP_HINTS=%s",
		       hints ? hints : "");
	if (path)
		envp[count++] = self;
	if (hints)
		envp[count++] = quiet;
	shim_env_load(envp, &env);
}

/* Builds in exactly the room that the plan asks for: ASan watches its ends. */
static char *const *build(char *const envp[])
{
	ck_assert(shim_env_plan(&env, envp, &plan));
	return shim_env_build(&env, envp, &plan, malloc(plan.size));
}

static size_t count_of(char *const envp[])
{
	size_t count = 0;

	while (envp[count])
		count++;
	return count;
}

static void ck_has(char *const envp[], const char *entry)
{
	for (; *envp; envp++)
		if (strcmp(*envp, entry) == 0)
			return;
	ck_abort_msg("no %s", entry);
}

START_TEST(load_takes_an_absolute_path)
{
	load(OURS, NULL);
	ck_assert_str_eq(env.path, OURS);
	ck_assert_str_eq(env.preload, "LD_PRELOAD=" OURS);
	ck_assert_str_eq(env.self, "SBXSUP_PRELOAD=" OURS);
	ck_assert(!env.quiet);
}
END_TEST

START_TEST(load_without_a_path_keeps_nothing)
{
	static const char *const bad[] = {NULL, "", "shim.so", "./shim.so"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		load(OURS, NULL);
		load(bad[i], NULL);
		ck_assert_ptr_null(env.path);
		ck_assert(!shim_env_plan(&env, NULL, &plan));
	}
	shim_env_load(NULL, &env);
	ck_assert_ptr_null(env.path);
}
END_TEST

START_TEST(load_knows_the_longest_path)
{
	char path[SHIM_PATH_MAX + 2];

	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[SHIM_PATH_MAX] = '\0';
	load(path, NULL);
	ck_assert_str_eq(env.path, path);
	path[SHIM_PATH_MAX] = 'a';
	path[SHIM_PATH_MAX + 1] = '\0';
	load(path, NULL);
	ck_assert_ptr_null(env.path);
}
END_TEST

START_TEST(load_reads_hints)
{
	load(OURS, "off");
	ck_assert(env.quiet);
	load(OURS, "offset");
	ck_assert(!env.quiet);
	load(NULL, "off");
	ck_assert(env.quiet);
}
END_TEST

START_TEST(plan_needs_no_copy_when_all_is_there)
{
	char *envp[] = {"A=1", "SBXSUP_PRELOAD=" OURS, "LD_PRELOAD=" OURS,
			NULL};

	load(OURS, NULL);
	ck_assert(!shim_env_plan(&env, envp, &plan));
}
END_TEST

START_TEST(plan_finds_ours_in_a_list)
{
	static char *const lists[] = {
		"LD_PRELOAD=/a.so:" OURS,
		"LD_PRELOAD=/a.so " OURS " /b.so",
		"LD_PRELOAD=:: " OURS ":",
	};

	load(OURS, NULL);
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		char *envp[] = {lists[i], "SBXSUP_PRELOAD=" OURS, NULL};

		ck_assert(!shim_env_plan(&env, envp, &plan));
	}
}
END_TEST

START_TEST(plan_is_not_misled_by_similar_names)
{
	static char *const others[] = {
		"LD_PRELOAD=" OURS ".old",    "LD_PRELOAD=/x" OURS,
		"LD_PRELOAD=/opt/lib/shim.s", "LD_PRELOAD_X=" OURS,
		"XLD_PRELOAD=" OURS,          "LD_PRELOAD",
	};

	load(OURS, NULL);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		char *envp[] = {others[i], "SBXSUP_PRELOAD=" OURS, NULL};

		ck_assert(shim_env_plan(&env, envp, &plan));
	}
}
END_TEST

START_TEST(plan_gives_up_on_what_is_too_large)
{
	static char *envp[SHIM_ENTRIES_MAX + 2];
	static char list[sizeof("LD_PRELOAD=") + SHIM_THEIRS_MAX + 1];
	char *one[] = {list, NULL};

	load(OURS, NULL);
	for (size_t i = 0; i < SHIM_ENTRIES_MAX; i++)
		envp[i] = "A=1";
	ck_assert(shim_env_plan(&env, envp, &plan));
	envp[SHIM_ENTRIES_MAX] = "A=1";
	ck_assert(!shim_env_plan(&env, envp, &plan));

	memset(list, 'a', sizeof(list) - 1);
	memcpy(list, "LD_PRELOAD=", sizeof("LD_PRELOAD=") - 1);
	ck_assert(!shim_env_plan(&env, one, &plan));
	list[sizeof(list) - 2] = '\0';
	ck_assert(shim_env_plan(&env, one, &plan));
}
END_TEST

START_TEST(build_fills_an_empty_environment)
{
	char *empty[] = {NULL};
	char *const *copy;

	load(OURS, "off");
	copy = build(NULL);
	ck_assert_uint_eq(count_of(copy), 3);
	ck_has(copy, "LD_PRELOAD=" OURS);
	ck_has(copy, "SBXSUP_PRELOAD=" OURS);
	ck_has(copy, "SBXSUP_HINTS=off");
	free((void *)(size_t)copy);

	load(OURS, NULL);
	copy = build(empty);
	ck_assert_uint_eq(count_of(copy), 2);
	free((void *)(size_t)copy);
}
END_TEST

START_TEST(build_keeps_the_rest_in_order)
{
	char *envp[] = {"A=1", "LD_PRELOAD=", "", "B", NULL};
	char *const *copy;

	load(OURS, NULL);
	copy = build(envp);
	ck_assert_uint_eq(count_of(copy), 5);
	ck_assert_str_eq(copy[0], "A=1");
	ck_assert_str_eq(copy[1], "LD_PRELOAD=" OURS);
	ck_assert_str_eq(copy[2], "");
	ck_assert_str_eq(copy[3], "B");
	ck_assert_str_eq(copy[4], "SBXSUP_PRELOAD=" OURS);
	ck_assert_str_eq(envp[1], "LD_PRELOAD=");
	free((void *)(size_t)copy);
}
END_TEST

START_TEST(build_puts_ours_first)
{
	char *envp[] = {"LD_PRELOAD=/a.so /b.so", "SBXSUP_PRELOAD=" OURS,
			"SBXSUP_HINTS=stderr", NULL};
	char *const *copy;

	load(OURS, "off");
	copy = build(envp);
	ck_assert_uint_eq(count_of(copy), 3);
	ck_assert_str_eq(copy[0], "LD_PRELOAD=" OURS ":/a.so /b.so");
	ck_assert_str_eq(copy[2], "SBXSUP_HINTS=stderr");
	free((void *)(size_t)copy);
}
END_TEST

START_TEST(build_takes_the_largest)
{
	static char *envp[SHIM_ENTRIES_MAX + 1];
	static char list[sizeof("LD_PRELOAD=") + SHIM_THEIRS_MAX];
	char *const *copy;

	load(OURS, "off");
	memset(list, 'a', sizeof(list) - 1);
	memcpy(list, "LD_PRELOAD=", sizeof("LD_PRELOAD=") - 1);
	for (size_t i = 0; i < SHIM_ENTRIES_MAX; i++)
		envp[i] = i ? "A=1" : list;
	copy = build(envp);
	ck_assert_uint_eq(count_of(copy), SHIM_ENTRIES_MAX + 2);
	ck_assert_uint_eq(strlen(copy[0]),
			  strlen(list) + strlen(OURS) + strlen(":"));
	free((void *)(size_t)copy);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("shim_env");
	TCase *cases = tcase_create("shim_env");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(cases, load_takes_an_absolute_path);
	tcase_add_test(cases, load_without_a_path_keeps_nothing);
	tcase_add_test(cases, load_knows_the_longest_path);
	tcase_add_test(cases, load_reads_hints);
	tcase_add_test(cases, plan_needs_no_copy_when_all_is_there);
	tcase_add_test(cases, plan_finds_ours_in_a_list);
	tcase_add_test(cases, plan_is_not_misled_by_similar_names);
	tcase_add_test(cases, plan_gives_up_on_what_is_too_large);
	tcase_add_test(cases, build_fills_an_empty_environment);
	tcase_add_test(cases, build_keeps_the_rest_in_order);
	tcase_add_test(cases, build_puts_ours_first);
	tcase_add_test(cases, build_takes_the_largest);
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
