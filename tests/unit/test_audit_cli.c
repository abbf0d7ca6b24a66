/* SPDX-License-Identifier: MIT */
#include "audit_cli.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit.h"

#define FIRST "20260101T000000Z-1-00000000"
#define LAST "20260102T000000Z-1-00000000"

static char base[64];
static char out[1 << 20];
static char err[1 << 16];

static const struct audit_event change = {
	.pid = 100,
	.tid = 100,
	.exe = "/usr/bin/vi",
	.syscall = "openat",
	.access = ACCESS_FS_WRITE,
	.object = "/home/joe/p/file",
	.decision = {.verdict = VERDICT_ALLOW,
		     .rule = "default.ini:1",
		     .reason = "workspace"},
};

static void setup(void)
{
	(void)snprintf(base, sizeof(base), "/tmp/sbxsup-cli-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(base));
}

static void teardown(void)
{
	char command[128];

	(void)snprintf(command, sizeof(command), "rm -rf %s", base);
	ck_assert_int_eq(system(command), 0);
}

static struct audit *start(const char *id)
{
	char agent[] = "agent";
	char prompt[] = "do\nit \x1b[31m";
	char *argv[] = {agent, prompt, NULL};
	const char *none[] = {NULL};
	const char *missing[] = {"landlock-udp", NULL};
	struct audit_session session = {
		.id = id,
		.argv = argv,
		.mode = "workspace-write",
		.net = "allowlist",
		.workspace = "/home/joe/p",
		.level = "full",
		.landlock_abi = 7,
		.features = none,
		.missing = missing,
	};
	struct audit *audit;

	ck_assert_int_eq(audit_open(base, id, NULL, &audit), 0);
	ck_assert_int_eq(audit_write_session(audit, &session), 0);
	return audit;
}

static uint64_t add(struct audit *audit, struct audit_event event,
		    enum access access, const char *object, const char *object2)
{
	uint64_t serial;

	event.access = access;
	event.object = object;
	event.object2 = object2;
	ck_assert_int_eq(audit_write_decision(audit, &event, &serial), 0);
	return serial;
}

static void finish(struct audit *audit, int exit_code, int signal)
{
	ck_assert_int_eq(audit_finish(audit, exit_code, signal), 0);
	audit_free(audit);
}

static struct audit_event denial(const char *rule, const char *reason)
{
	struct audit_event event = change;

	event.decision = (struct decision){
		.verdict = VERDICT_DENY,
		.error = EACCES,
		.rule = rule,
		.reason = reason,
	};
	return event;
}

static void slurp(FILE *file, char *buf, size_t size)
{
	size_t len;

	rewind(file);
	len = fread(buf, 1, size - 1, file);
	buf[len] = '\0';
	(void)fclose(file);
}

/* Runs "audit ARGS..."; its output is in out and err. */
static int run(const char *args)
{
	char text[512];
	char *argv[16];
	int argc = 0;
	FILE *files[2] = {tmpfile(), tmpfile()};
	int saved[2] = {dup(1), dup(2)};
	int status;

	(void)snprintf(text, sizeof(text), "audit --dir %s %s", base, args);
	for (char *word = strtok(text, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	(void)fflush(NULL);
	(void)dup2(fileno(files[0]), 1);
	(void)dup2(fileno(files[1]), 2);
	status = audit_main(argc, argv);
	(void)fflush(NULL);
	(void)dup2(saved[0], 1);
	(void)dup2(saved[1], 2);
	(void)close(saved[0]);
	(void)close(saved[1]);
	slurp(files[0], out, sizeof(out));
	slurp(files[1], err, sizeof(err));
	return status;
}

static size_t count_of(const char *text, const char *part)
{
	size_t count = 0;

	for (; (text = strstr(text, part)); text += strlen(part))
		count++;
	return count;
}

#define check_has(text, part)                                                  \
	ck_assert_msg(strstr((text), (part)) != NULL, "no \"%s\" in:\n%s",     \
		      (part), (text))
#define check_lacks(text, part)                                                \
	ck_assert_msg(strstr((text), (part)) == NULL, "\"%s\" in:\n%s",        \
		      (part), (text))

START_TEST(lists_sessions_in_order)
{
	struct audit *running;

	(void)run("list");
	finish(start(LAST), 137, 9);
	finish(start(FIRST), 3, 0);
	running = start("20260103T000000Z-1-00000000");
	ck_assert_int_eq(run("list"), 0);
	ck_assert_uint_eq(count_of(out, "\n"), 4);
	ck_assert_ptr_nonnull(strstr(out, FIRST));
	ck_assert(strstr(out, FIRST) < strstr(out, LAST));
	check_has(out, FIRST "           3       0 workspace-write agent");
	check_has(out, LAST "        SIG9       0 workspace-write agent");
	check_has(out, "-00000000           -       - workspace-write agent");
	audit_free(running);
}
END_TEST

START_TEST(finds_the_latest_session)
{
	char junk[128];

	ck_assert_int_eq(run("path"), 1);
	check_has(err, "no sessions in");
	finish(start(FIRST), 0, 0);
	finish(start(LAST), 0, 0);
	/* Not a session: there is no log in it. */
	(void)snprintf(junk, sizeof(junk), "%s/junk", base);
	ck_assert_int_eq(mkdir(junk, 0700), 0);
	ck_assert_int_eq(run("path"), 0);
	check_has(out, LAST "/audit.jsonl\n");
	ck_assert_int_eq(run("path latest"), 0);
	check_has(out, LAST "/audit.jsonl\n");
	ck_assert_int_eq(run("path " FIRST), 0);
	check_has(out, FIRST "/audit.jsonl\n");
}
END_TEST

START_TEST(uses_the_state_directory_of_the_user)
{
	char dir[128];
	char word[] = "audit";
	char path[] = "path";
	char *argv[] = {word, path, NULL};
	struct audit *audit;

	(void)snprintf(dir, sizeof(dir), "%s/sbxsup/sessions", base);
	ck_assert_int_eq(audit_open(dir, FIRST, NULL, &audit), 0);
	audit_free(audit);
	ck_assert_int_eq(setenv("HOME", "/nonexistent", 1), 0);
	ck_assert_int_eq(setenv("XDG_STATE_HOME", base, 1), 0);
	ck_assert_int_eq(audit_main(2, argv), 0);
	ck_assert_int_eq(setenv("XDG_STATE_HOME", "relative", 1), 0);
	ck_assert_int_eq(audit_main(2, argv), 1);
	ck_assert_int_eq(unsetenv("XDG_STATE_HOME"), 0);
	ck_assert_int_eq(audit_main(2, argv), 1);
	ck_assert_int_eq(unsetenv("HOME"), 0);
	ck_assert_int_eq(audit_main(2, argv), 2);
}
END_TEST

START_TEST(shows_a_line_for_each_decision)
{
	const char *argv[] = {"git", "commit", "-m", "two words", NULL};
	struct audit *audit = start(FIRST);
	struct audit_event program = change;

	(void)add(audit, change, ACCESS_FS_WRITE, "/home/joe/p/a", NULL);
	(void)add(audit, change, ACCESS_FS_RENAME, "/home/joe/p/a",
		  "/home/joe/p/b");
	(void)add(audit, denial("default.ini:9", "keys"), ACCESS_FS_READ,
		  "/home/joe/.ssh/id", NULL);
	program.argv = argv;
	program.argc = 4;
	(void)add(audit, program, ACCESS_EXEC, "/usr/bin/git", NULL);
	finish(audit, 0, 0);
	ck_assert_int_eq(run("show"), 0);
	ck_assert_uint_eq(count_of(out, "\n"), 4);
	check_has(out, "Z 100 vi fs.write allow /home/joe/p/a  "
		       "(default.ini:1)\n");
	check_has(out, "Z 100 vi fs.rename allow /home/joe/p/a -> "
		       "/home/joe/p/b  (default.ini:1)\n");
	check_has(out, "Z 100 vi fs.read deny /home/joe/.ssh/id  "
		       "(default.ini:9)\n");
	check_has(out, "exec allow /usr/bin/git [git commit -m \"two words\"]");
}
END_TEST

START_TEST(filters_what_it_shows)
{
	struct audit *audit = start(FIRST);
	struct audit_event other = change;

	other.pid = 200;
	(void)add(audit, change, ACCESS_FS_WRITE, "/p/one", NULL);
	(void)add(audit, other, ACCESS_FS_WRITE, "/p/two", NULL);
	(void)add(audit, change, ACCESS_FS_UNLINK, "/p/dir/three", NULL);
	(void)add(audit, change, ACCESS_FS_RENAME, "/q/x", "/p/dir/four");
	(void)add(audit, denial("r", "why"), ACCESS_FS_WRITE, "/p/five", NULL);
	finish(audit, 0, 0);
	ck_assert_int_eq(run("show --verdict deny"), 0);
	ck_assert_uint_eq(count_of(out, "\n"), 1);
	check_has(out, "/p/five");
	ck_assert_int_eq(run("show --verdict allow"), 0);
	ck_assert_uint_eq(count_of(out, "\n"), 4);
	ck_assert_int_eq(run("show --access fs.write"), 0);
	ck_assert_uint_eq(count_of(out, "\n"), 3);
	ck_assert_int_eq(run("show --pid 200"), 0);
	ck_assert_uint_eq(count_of(out, "\n"), 1);
	check_has(out, "/p/two");
	ck_assert_int_eq(run("show --path /p/dir"), 0);
	ck_assert_uint_eq(count_of(out, "\n"), 2);
	ck_assert_int_eq(run("show --path */t*"), 0);
	ck_assert_uint_eq(count_of(out, "\n"), 2);
	ck_assert_int_eq(run("show " FIRST " --path /p --verdict allow "
			     "--access fs.write --pid 100"),
			 0);
	ck_assert_uint_eq(count_of(out, "\n"), 1);
	check_has(out, "/p/one");
}
END_TEST

START_TEST(shows_lines_as_they_are)
{
	struct audit *audit = start(FIRST);

	(void)add(audit, change, ACCESS_FS_WRITE, "/p/\xff", NULL);
	finish(audit, 0, 0);
	ck_assert_int_eq(run("show --json"), 0);
	ck_assert_uint_eq(count_of(out, "\n"), 3);
	ck_assert_int_eq(strncmp(out, "{\"type\":\"session\"", 17), 0);
	check_has(out, "\"object\":\"/p/\\udcff\"");
	ck_assert_int_eq(run("show --json --verdict allow"), 0);
	ck_assert_uint_eq(count_of(out, "\n"), 1);
}
END_TEST

START_TEST(never_lets_a_name_reach_the_terminal)
{
	const char *evil = "/p/\x1b]0;x\x07\n\xe2\x80\xae\xc2\x9b\x7f\xff";
	struct audit_event event = change;
	struct audit *audit = start(FIRST);

	event.exe = evil;
	event.decision.rule = evil;
	(void)add(audit, event, ACCESS_FS_RENAME, evil, evil);
	(void)add(audit, event, ACCESS_EXEC, evil, NULL);
	(void)add(audit, event, ACCESS_NET_CONNECT, evil, NULL);
	(void)add(audit, denial(evil, evil), ACCESS_FS_WRITE, evil, evil);
	finish(audit, 0, 0);
	static const char *const commands[] = {"show", "summary", "list",
					       "show --json"};
	for (size_t i = 0; i < 4; i++) {
		ck_assert_int_eq(run(commands[i]), 0);
		for (const char *p = out; *p; p++)
			ck_assert_msg((*p >= ' ' && *p < 0x7f) || *p == '\n',
				      "%s: byte %02x", commands[i],
				      (unsigned char)*p);
	}
	ck_assert_int_eq(run("path \x1b[31m"), 1);
	check_lacks(err, "\x1b");
}
END_TEST

START_TEST(sums_a_session_up)
{
	struct audit *audit = start(FIRST);
	struct audit_event keys = denial("default.ini:9", "private keys");
	uint64_t failed;

	(void)add(audit, change, ACCESS_FS_CREATE, "/p/new", NULL);
	(void)add(audit, change, ACCESS_FS_WRITE, "/p/new", NULL);
	(void)add(audit, change, ACCESS_FS_WRITE, "/p/old", NULL);
	(void)add(audit, change, ACCESS_FS_UNLINK, "/p/gone", NULL);
	(void)add(audit, change, ACCESS_FS_RENAME, "/p/a", "/p/b");
	(void)add(audit, change, ACCESS_FS_CHMOD, "/p/mode", NULL);
	(void)add(audit, change, ACCESS_FS_CREATE, "/p/tmp", NULL);
	(void)add(audit, change, ACCESS_FS_UNLINK, "/p/tmp", NULL);
	(void)add(audit, change, ACCESS_FS_WRITE, "/dev/null", NULL);
	failed = add(audit, change, ACCESS_FS_UNLINK, "/p/failed", NULL);
	ck_assert_int_eq(audit_write_outcome(audit, failed, ENOENT, false), 0);
	(void)add(audit, change, ACCESS_EXEC, "/usr/bin/git", NULL);
	(void)add(audit, change, ACCESS_EXEC, "/usr/bin/git", NULL);
	(void)add(audit, change, ACCESS_NET_CONNECT, "h.example:443", NULL);
	for (int i = 0; i < 5; i++)
		(void)add(audit, keys, ACCESS_FS_READ, "/home/joe/.ssh/id",
			  NULL);
	(void)add(audit, keys, ACCESS_FS_READ, "/home/joe/.ssh/id2", NULL);
	(void)add(audit, denial("workspace", "outside"), ACCESS_FS_WRITE,
		  "/etc/x", NULL);
	ck_assert_int_eq(audit_write_internal(audit, "queue full", ENOMEM), 0);
	finish(audit, 3, 0);

	ck_assert_int_eq(run("summary"), 0);
	check_has(out, "Command     agent \"do\\u000ait \\u001b[31m\"\n");
	check_has(out, "Mode        workspace-write, network allowlist\n");
	check_has(out, "Protection  full, Landlock ABI 7, missing "
		       "landlock-udp\n");
	check_has(out, "Exit status 3\n");
	check_has(out, "Duration    0.");
	check_has(out, "13 allowed, 7 denied, 10 changes, 2 programs run\n");
	check_has(out, "Files changed: 5\n"
		       "  created    /p/new\n"
		       "  written    /p/old\n"
		       "  deleted    /p/gone\n"
		       "  renamed    /p/a -> /p/b\n"
		       "  attributes /p/mode\n"
		       "  1 created and deleted again\n");
	check_has(out, "Programs run: 1\n        2  /usr/bin/git\n");
	check_has(out, "Hosts contacted: 1\n        1  h.example:443\n");
	check_has(out, "Denials: 7\n"
		       "        6  default.ini:9: private keys (EACCES)\n"
		       "           5  fs.read /home/joe/.ssh/id\n"
		       "           1  fs.read /home/joe/.ssh/id2\n"
		       "        1  workspace: outside (EACCES)\n"
		       "           1  fs.write /etc/x\n");
	check_has(out, "queue full: ENOMEM");
	check_has(out, FIRST "/audit.jsonl\n");
	check_lacks(out, "/p/failed");
	check_lacks(out, "/dev/null");
}
END_TEST

START_TEST(sums_up_without_an_end)
{
	struct audit *audit = start(FIRST);

	for (int i = 0; i < 9; i++)
		(void)add(audit, denial("r", "why"), ACCESS_FS_READ, "/x",
			  NULL);
	ck_assert_int_eq(run("summary"), 0);
	check_has(out, "not recorded: still running, or killed");
	/* The ninth was counted but not yet told. */
	check_has(out, "0 allowed, 8 denied");
	check_has(out, "        8  r: why (EACCES)");
	audit_free(audit);
}
END_TEST

START_TEST(names_the_signal_that_ended_it)
{
	finish(start(FIRST), 143, 15);
	ck_assert_int_eq(run("summary"), 0);
	check_has(out, "signal 15 (SIGTERM)");
}
END_TEST

START_TEST(shows_forty_files_and_counts_all)
{
	struct audit *audit = start(FIRST);
	char path[64];

	for (int i = 0; i < 4200; i++) {
		(void)snprintf(path, sizeof(path), "/p/%d", i);
		(void)add(audit, change, ACCESS_FS_CREATE, path, NULL);
	}
	finish(audit, 0, 0);
	ck_assert_int_eq(run("summary"), 0);
	ck_assert_uint_eq(count_of(out, "  created "), 40);
	check_has(out, "Files changed: 4096\n");
	check_has(out, "and 4056 more");
	check_has(out, "and others, met 104 times");
}
END_TEST

static void damage(const char *text)
{
	char path[256];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/" FIRST "/audit.jsonl", base);
	file = fopen(path, "a");
	ck_assert_ptr_nonnull(file);
	(void)fputs(text, file);
	(void)fclose(file);
}

START_TEST(says_that_a_log_is_damaged)
{
	finish(start(FIRST), 0, 0);
	ck_assert_int_eq(run("summary"), 0);
	ck_assert_str_eq(err, "");
	damage("junk\n{\"type\":\"internal\",\"serial\":5}\n");
	ck_assert_int_eq(run("summary"), 1);
	check_has(err, "1 lines are not records");
	check_has(err, "2 records are missing");
	ck_assert_int_eq(run("show"), 1);
	check_has(err, "1 lines are not records");
}
END_TEST

START_TEST(explains_itself)
{
	ck_assert_int_eq(run("--help"), 0);
	check_has(out, "usage: sbxsup audit list");
	ck_assert_str_eq(err, "");
}
END_TEST

static const struct {
	const char *args;
	const char *message;
} wrong_uses[] = {
	{"", "list, show, summary or path?"},
	{"frob", "no such command: frob"},
	{"list x", "one argument too many: x"},
	{"show a b", "one argument too many: b"},
	{"list --json", "only \"show\" can filter"},
	{"summary --pid 1", "only \"show\" can filter"},
	{"show --frob", "no such option: --frob"},
	{"show --pid", "needs a value: --pid"},
	{"show --pid 0", "not a process id: 0"},
	{"show --pid -1", "not a process id: -1"},
	{"show --pid 1x", "not a process id: 1x"},
	{"show --verdict maybe", "verdict is neither allow nor deny: maybe"},
	{"show --access fs.frob", "no such access: fs.frob"},
	{"show ../x", "not a session id: ../x"},
	{"show .", "not a session id: ."},
};

START_TEST(refuses_a_wrong_use)
{
	finish(start(FIRST), 0, 0);
	ck_assert_int_eq(run(wrong_uses[_i].args), 2);
	check_has(err, wrong_uses[_i].message);
	ck_assert_str_eq(out, "");
}
END_TEST

START_TEST(fails_on_a_session_that_is_not_there)
{
	ck_assert_int_eq(run("summary nothing"), 1);
	check_has(err, "No such file or directory");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("audit_cli");
	TCase *tc = tcase_create("audit_cli");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, lists_sessions_in_order);
	tcase_add_test(tc, finds_the_latest_session);
	tcase_add_test(tc, uses_the_state_directory_of_the_user);
	tcase_add_test(tc, shows_a_line_for_each_decision);
	tcase_add_test(tc, filters_what_it_shows);
	tcase_add_test(tc, shows_lines_as_they_are);
	tcase_add_test(tc, never_lets_a_name_reach_the_terminal);
	tcase_add_test(tc, sums_a_session_up);
	tcase_add_test(tc, sums_up_without_an_end);
	tcase_add_test(tc, names_the_signal_that_ended_it);
	tcase_add_test(tc, shows_forty_files_and_counts_all);
	tcase_add_test(tc, says_that_a_log_is_damaged);
	tcase_add_test(tc, explains_itself);
	tcase_add_loop_test(tc, refuses_a_wrong_use, 0,
			    (int)(sizeof(wrong_uses) / sizeof(*wrong_uses)));
	tcase_add_test(tc, fails_on_a_session_that_is_not_there);
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
