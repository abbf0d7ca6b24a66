/* SPDX-License-Identifier: MIT */
/*
 * What policies/default.ini says. Home and workspace do not exist, so that
 * nothing of this machine gets in.
 */
#include "policy_parse.h"

#include <check.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOME "/sbx/home"
#define WS "/sbx/home/src/w"
#define RUNTIME "/sbx/run/1234"

static struct policy policy;
static struct diag diag;

static void load(enum mode mode, const char *workspace)
{
	const struct policy_vars vars = {
		.workspace = workspace,
		.home = HOME,
		.tmpdir = "/sbx/t",
		.runtime = RUNTIME,
		.state = HOME "/.local/state",
		.config = HOME "/.config",
		.cache = HOME "/.cache",
		.data = HOME "/.local/share",
		.uid = 1234,
	};
	int ret;

	ck_assert_int_eq(policy_init(&policy), 0);
	memset(&diag, 0, sizeof(diag));
	policy.mode = mode;
	ret = policy_parse_text(&policy, &vars, "default.ini", sbx_default_ini,
				&diag);
	ck_assert_msg(ret == 0, "%s", diag.text[0]);
}

static void setup(void)
{
	load(MODE_WORKSPACE_WRITE, WS);
	ck_assert_int_eq(policy_seal(&policy), 0);
}

static void teardown(void)
{
	policy_done(&policy);
}

static int ask(enum access access, const char *path)
{
	struct policy_object object = {.path = path};
	struct decision decision = policy_decide(&policy, access, &object);

	ck_assert((decision.verdict == VERDICT_ALLOW) == (decision.error == 0));
	return decision.error;
}

static void assert_error(enum access access, const char *path, int error)
{
	int got = ask(access, path);

	ck_assert_msg(got == error, "%s %s: %s, not %s", access_name(access),
		      path, strerror(got), strerror(error));
}

static int move(const char *from, const char *to)
{
	struct policy_object from_object = {.path = from};
	struct policy_object to_object = {.path = to};

	return policy_decide_move(&policy, ACCESS_FS_RENAME, &from_object,
				  &to_object)
		.error;
}

START_TEST(secrets_are_neither_readable_nor_writable)
{
	static const char *const secrets[] = {
		HOME "/.ssh/id_ed25519",
		HOME "/.gnupg/pubring.kbx",
		HOME "/.aws/credentials",
		HOME "/.aws/config",
		HOME "/.config/gcloud/credentials.db",
		HOME "/.kube/config",
		HOME "/.docker/config.json",
		HOME "/.config/gh/hosts.yml",
		HOME "/.git-credentials",
		HOME "/.config/git/credentials",
		HOME "/.netrc",
		HOME "/.npmrc",
		HOME "/.pypirc",
		HOME "/.cargo/credentials.toml",
		HOME "/.pgpass",
		HOME "/.password-store/x.gpg",
		HOME "/.local/share/keyrings/login.keyring",
		HOME "/.mozilla/firefox/x/logins.json",
		HOME "/.config/google-chrome/Default/Cookies",
		HOME "/.config/google-chrome-beta/Default/Cookies",
		HOME "/.bash_history",
		HOME "/.local/share/fish/fish_history",
		WS "/.env",
		WS "/.env.local",
		WS "/app/.env.production",
		"/srv/app/.env",
		WS "/terraform.tfstate",
		WS "/a/x.tfstate.backup",
		WS "/a/credentials.json",
	};

	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
		assert_error(ACCESS_FS_READ, secrets[i], EACCES);
		assert_error(ACCESS_FS_WRITE, secrets[i], EACCES);
	}
}
END_TEST

START_TEST(what_tools_need_stays_readable)
{
	static const char *const readable[] = {
		"/",
		"/etc/passwd",
		HOME,
		HOME "/.gitconfig",
		HOME "/.config/git/ignore",
		HOME "/.bashrc",
		HOME "/.profile",
		HOME "/.aws/sso/cache/x.json",
		HOME "/.local/share/fish/generated_completions",
		HOME "/.cargo/config.toml",
		WS "/.env.example",
		WS "/app/.env.sample",
		WS "/app/.env.template",
		WS "/environment",
		WS "/venv/lib/python3/site-packages/certifi/cacert.pem",
		WS "/.git/config",
		WS "/.git/hooks/pre-commit",
		WS "/.vscode/settings.json",
		WS "/.claude/settings.json",
	};

	for (size_t i = 0; i < sizeof(readable) / sizeof(readable[0]); i++)
		assert_error(ACCESS_FS_READ, readable[i], 0);
}
END_TEST

START_TEST(examples_of_secrets_are_writable_in_the_workspace)
{
	assert_error(ACCESS_FS_WRITE, WS "/.env.example", 0);
	assert_error(ACCESS_FS_READ_WRITE, WS "/a/.env.template", 0);
	assert_error(ACCESS_FS_WRITE, HOME "/.env.example", EROFS);
	assert_error(ACCESS_FS_READ, HOME "/.ssh/.env.example", EACCES);
}
END_TEST

START_TEST(workspace_and_temporary_directories_are_writable)
{
	static const char *const writable[] = {
		WS,
		WS "/a/b.c",
		WS "/package.json",
		WS "/Makefile",
		WS "/.gitignore",
		WS "/.github/workflows/ci.yml",
		WS "/.claude/notes.md",
		WS "/.git/index.lock",
		WS "/.git/HEAD",
		WS "/.git/refs/heads/main",
		WS "/.git/objects/ab/cdef",
		WS "/.git/info/exclude",
		WS "/.git/config.lock",
		WS "/.git/hooks/pre-commit.sample",
		WS "/.git/modules/a/b/hooks/x.sample",
		WS "/.git/opencode",
		WS "/.git/worktrees/x/HEAD",
		"/tmp/x",
		"/var/tmp/x",
		"/dev/shm/x",
		"/sbx/t/x",
		"/dev/null",
		"/dev/tty",
		"/dev/pts/3",
	};

	for (size_t i = 0; i < sizeof(writable) / sizeof(writable[0]); i++)
		assert_error(ACCESS_FS_WRITE, writable[i], 0);
	assert_error(ACCESS_FS_WRITE, HOME "/x", EROFS);
	assert_error(ACCESS_FS_WRITE, "/etc/passwd", EROFS);
	assert_error(ACCESS_FS_WRITE, "/dev/sda", EROFS);
	assert_error(ACCESS_FS_WRITE, "/usr/bin/x", EROFS);
}
END_TEST

START_TEST(files_that_run_later_are_protected)
{
	static const char *const protected[] = {
		WS "/.git/hooks/pre-commit",
		WS "/.git/hooks/pre-commit/x.sample",
		WS "/.git/hooks/.sample.x",
		WS "/.git/config",
		WS "/.git/config.sbxsup",
		WS "/.git/config.worktree",
		WS "/.git/commondir",
		WS "/.git/info/attributes",
		WS "/.git/modules/a/config",
		WS "/.git/modules/a/config.sbxsup",
		WS "/.git/modules/a/b/hooks/x",
		WS "/.git/worktrees/x/gitdir",
		WS "/.git/worktrees/x/commondir",
		WS "/.git/worktrees/x/config.worktree",
		WS "/sub/project/.git/hooks/x",
		"/tmp/clone/.git/config",
		WS "/.vscode/tasks.json",
		WS "/a/.idea/x",
		WS "/.devcontainer/devcontainer.json",
		WS "/x.code-workspace",
		WS "/.envrc",
		WS "/.husky/pre-commit",
		WS "/.mcp.json",
		WS "/.claude/settings.json",
		WS "/.claude/settings.local.json",
		WS "/a/.claude/commands/x.md",
		WS "/.claude/hooks/x",
		WS "/.codex/config.toml",
		WS "/.agents/x",
		WS "/.gemini/settings.json",
		WS "/.kiro/settings/mcp.json",
		WS "/.kiro/steering/x.md",
		WS "/.cursor/mcp.json",
		WS "/opencode.json",
		WS "/.crush.json",
		WS "/.aider.conf.yml",
		WS "/.bashrc",
		WS "/a/.zshrc",
		WS "/.config/fish/config.fish",
		WS "/.sbxsup.ini",
		HOME "/.bashrc",
		HOME "/.gitconfig",
		HOME "/.local/bin/x",
		HOME "/.config/autostart/x.desktop",
		HOME "/.config/systemd/user/x.service",
		HOME "/.local/share/applications/x.desktop",
		HOME "/.local/state/sbxsup/sessions/1/audit.jsonl",
		HOME "/.config/sbxsup/config.ini",
	};

	for (size_t i = 0; i < sizeof(protected) / sizeof(protected[0]); i++) {
		assert_error(ACCESS_FS_WRITE, protected[i], EACCES);
		assert_error(ACCESS_FS_CREATE, protected[i], EACCES);
		assert_error(ACCESS_FS_UNLINK, protected[i], EACCES);
		assert_error(ACCESS_FS_READ, protected[i], 0);
	}
}
END_TEST

START_TEST(protected_names_cannot_be_moved_into_place)
{
	ck_assert_int_eq(move(WS "/proj", WS "/proj2"), 0);
	ck_assert_int_eq(move(WS "/tmp", WS "/.git"), EACCES);
	ck_assert_int_eq(move("/tmp/x", WS "/.git"), EACCES);
	ck_assert_int_eq(move(WS "/.git", WS "/git"), EACCES);
	ck_assert_int_eq(move(WS "/tmp", WS "/.claude"), EACCES);
	ck_assert_int_eq(move(WS "/tmp", WS "/.vscode"), EACCES);
	ck_assert_int_eq(move(WS "/tmp", WS "/.git/hooks"), EACCES);
	ck_assert_int_eq(move(WS "/tmp", WS "/.git/modules"), EACCES);
	ck_assert_int_eq(move(WS "/tmp", WS "/.git/info"), EACCES);
	ck_assert_int_eq(move("/tmp/a", "/tmp/b"), 0);
	ck_assert_int_eq(move("/tmp/a", WS "/a"), EXDEV);
	ck_assert_int_eq(move(WS "/a", "/tmp/a"), EXDEV);
}
END_TEST

START_TEST(git_can_replace_its_own_files)
{
	ck_assert_int_eq(move(WS "/.git/index.lock", WS "/.git/index"), 0);
	ck_assert_int_eq(move(WS "/.git/HEAD.lock", WS "/.git/HEAD"), 0);
	ck_assert_int_eq(move(WS "/.git/objects/pack/tmp_x",
			      WS "/.git/objects/pack/pack-x.pack"),
			 0);
	ck_assert_int_eq(move(WS "/.git/config.lock", WS "/.git/config"),
			 EACCES);
}
END_TEST

START_TEST(git_directory_is_made_but_neither_a_link_nor_a_file)
{
	struct policy_object git = {.path = WS "/a/.git"};

	ck_assert_int_eq(policy_decide(&policy, ACCESS_FS_MKDIR, &git).error,
			 0);
	git.is_file = true;
	ck_assert_int_eq(policy_decide(&policy, ACCESS_FS_CREATE, &git).error,
			 EACCES);
	git.is_file = false;
	git.is_link = true;
	ck_assert_int_eq(policy_decide(&policy, ACCESS_FS_SYMLINK, &git).error,
			 EACCES);
	git.path = WS "/a/link";
	ck_assert_int_eq(policy_decide(&policy, ACCESS_FS_SYMLINK, &git).error,
			 0);
}
END_TEST

/* The directory itself does not run anything. */
START_TEST(hooks_directory_is_made_but_not_filled_except_with_samples)
{
	assert_error(ACCESS_FS_MKDIR, WS "/.git/hooks", 0);
	assert_error(ACCESS_FS_MKDIR, WS "/.git/modules/a/hooks", 0);
	assert_error(ACCESS_FS_RMDIR, WS "/.git/hooks", 0);
	assert_error(ACCESS_FS_CREATE, WS "/.git/hooks/x", EACCES);
	assert_error(ACCESS_FS_MKDIR, WS "/.git/hooks/x", EACCES);
	assert_error(ACCESS_FS_CREATE, WS "/.git/hooks/x.sample", 0);
	ck_assert_int_eq(move(WS "/.git/hooks/x.sample", WS "/.git/hooks/x"),
			 EACCES);
	ck_assert_int_eq(move(WS "/.git/hooks", WS "/.git/h"), EACCES);
	ck_assert_int_eq(move(WS "/.git/h", WS "/.git/hooks"), EACCES);
	ck_assert_int_eq(move(WS "/h", WS "/.git/hooks"), EACCES);
	/* A sample can be one in the workspace only. */
	assert_error(ACCESS_FS_CREATE, HOME "/.git/hooks/x.sample", EROFS);
}
END_TEST

START_TEST(git_configuration_is_one_in_any_repository)
{
	ck_assert(policy_is_git_config(&policy, WS "/.git/config"));
	ck_assert(policy_is_git_config(&policy, WS "/a/b/.git/config"));
	ck_assert(policy_is_git_config(&policy, WS "/.git/modules/a/config"));
	ck_assert(policy_is_git_config(&policy, WS "/.git/modules/a/b/config"));
	ck_assert(!policy_is_git_config(&policy, WS "/.git/config.worktree"));
	ck_assert(!policy_is_git_config(&policy, WS "/.git/config.sbxsup"));
	ck_assert(!policy_is_git_config(&policy, WS "/config"));
	ck_assert(!policy_is_git_config(&policy, HOME "/.gitconfig"));
	ck_assert(!policy_is_git_config(&policy, HOME "/.config/git/config"));
}
END_TEST

START_TEST(read_only_mode_writes_only_the_temporary_directory)
{
	teardown();
	load(MODE_READ_ONLY, WS);
	ck_assert_int_eq(policy_seal(&policy), 0);
	assert_error(ACCESS_FS_WRITE, "/sbx/t/x", 0);
	assert_error(ACCESS_FS_WRITE, "/dev/null", 0);
	assert_error(ACCESS_FS_READ, WS "/a", 0);
	assert_error(ACCESS_FS_WRITE, WS "/a", EROFS);
	assert_error(ACCESS_FS_WRITE, "/tmp/a", EROFS);
	assert_error(ACCESS_FS_READ, HOME "/.ssh/id", EACCES);
}
END_TEST

START_TEST(agents_state_directory_can_become_a_write_root)
{
	teardown();
	load(MODE_WORKSPACE_WRITE, WS);
	ck_assert_int_eq(policy_add_path(&policy, RULE_WRITE, HOME "/.codex",
					 "--write", NULL),
			 0);
	ck_assert_int_eq(policy_add_path(&policy, RULE_WRITE, HOME "/.claude",
					 "--write", NULL),
			 0);
	ck_assert_int_eq(policy_seal(&policy), 0);
	assert_error(ACCESS_FS_WRITE, HOME "/.codex/sessions/x", 0);
	assert_error(ACCESS_FS_WRITE, HOME "/.claude/projects/x", 0);
	assert_error(ACCESS_UNIX_CONNECT,
		     HOME "/.codex/app-server-control/a.sock", EACCES);
}
END_TEST

START_TEST(home_as_a_write_root_keeps_its_secrets_and_rc_files)
{
	teardown();
	load(MODE_WORKSPACE_WRITE, WS);
	ck_assert_int_eq(
		policy_add_path(&policy, RULE_WRITE, HOME, "--write", NULL), 0);
	ck_assert_int_eq(policy_seal(&policy), 0);
	assert_error(ACCESS_FS_WRITE, HOME "/notes", 0);
	assert_error(ACCESS_FS_WRITE, HOME "/.bashrc", EACCES);
	assert_error(ACCESS_FS_READ, HOME "/.ssh/id", EACCES);
	assert_error(ACCESS_FS_WRITE, HOME "/.config/autostart/x", EACCES);
	ck_assert_int_eq(move(HOME "/x", HOME "/y"), 0);
	ck_assert_int_eq(move(HOME "/.config", HOME "/x"), EACCES);
	ck_assert_int_eq(move(HOME "/src", HOME "/x"), EACCES);
}
END_TEST

START_TEST(workspace_name_with_wildcards_is_literal)
{
	teardown();
	load(MODE_WORKSPACE_WRITE, "/sbx/a[b]*");
	ck_assert_int_eq(policy_seal(&policy), 0);
	assert_error(ACCESS_FS_WRITE, "/sbx/a[b]*/x", 0);
	assert_error(ACCESS_FS_WRITE, "/sbx/a[b]*/.vscode/x", EACCES);
	assert_error(ACCESS_FS_WRITE, "/sbx/ab/x", EROFS);
	assert_error(ACCESS_FS_WRITE, "/sbx/abc/x", EROFS);
}
END_TEST

START_TEST(sockets_of_the_user_are_refused_with_their_reason)
{
	static const struct {
		const char *path;
		const char *reason;
	} sockets[] = {
		{"/run/docker.sock", "container engine"},
		{RUNTIME "/podman/podman.sock", "container engine"},
		{RUNTIME "/bus", "service manager"},
		{RUNTIME "/systemd/private", "service manager"},
		{"/tmp/ssh-abc/agent.1", "key agent"},
		{RUNTIME "/gnupg/S.gpg-agent", "key agent"},
		{"/tmp/.X11-unix/X0", "display"},
		{RUNTIME "/wayland-0", "display"},
		{"/tmp/tmux-1234/default", "terminal multiplexer"},
		{"/tmp/vscode-abc.sock", "editor"},
		{"/tmp/emacs1234/server", "editor"},
		{"/tmp/codex-daemon-1234/x", "daemon of an agent"},
		{"/tmp/crush-1234.sock", "daemon of an agent"},
		{RUNTIME "/other", "unix socket outside the write roots"},
	};
	struct policy_object object = {.path = "/tmp/own.sock"};
	struct decision decision;

	decision = policy_decide_unix(&policy, ACCESS_UNIX_CONNECT, &object);
	ck_assert_int_eq(decision.error, 0);
	for (size_t i = 0; i < sizeof(sockets) / sizeof(sockets[0]); i++) {
		object.path = sockets[i].path;
		decision = policy_decide_unix(&policy, ACCESS_UNIX_CONNECT,
					      &object);
		ck_assert_msg(decision.error == EACCES, "%s", object.path);
		ck_assert_msg(strncmp(decision.reason, sockets[i].reason,
				      strlen(sockets[i].reason)) == 0,
			      "%s: %s", object.path, decision.reason);
	}
}
END_TEST

static bool dropped(const char *name)
{
	for (size_t i = 0; i < policy.num_env_drop; i++) {
		if (fnmatch(policy.env_drop[i], name, 0) == 0)
			return true;
	}
	return false;
}

START_TEST(environment_loses_secrets_loaders_and_sockets)
{
	static const char *const gone[] = {
		"GITHUB_TOKEN",
		"AWS_SECRET_ACCESS_KEY",
		"AWS_ACCESS_KEY_ID",
		"SOME_API_KEY",
		"MYSQL_PWD",
		"DB_PASSWORD",
		"LD_PRELOAD",
		"LD_LIBRARY_PATH",
		"NODE_OPTIONS",
		"BASH_ENV",
		"ENV",
		"PYTHONPATH",
		"GIT_SSH_COMMAND",
		"GIT_CONFIG_COUNT",
		"SSH_AUTH_SOCK",
		"DBUS_SESSION_BUS_ADDRESS",
		"DISPLAY",
		"DOCKER_HOST",
		"TMUX",
		"VSCODE_GIT_IPC_HANDLE",
		"GOOGLE_APPLICATION_CREDENTIALS",
		"MONGODB_URI",
	};
	static const char *const kept[] = {
		"PATH",
		"HOME",
		"USER",
		"LANG",
		"LC_ALL",
		"TERM",
		"SHELL",
		"TMPDIR",
		"PWD",
		"OLDPWD",
		"XDG_RUNTIME_DIR",
		"HTTPS_PROXY",
		"NO_PROXY",
		"SSL_CERT_FILE",
		"NODE_EXTRA_CA_CERTS",
		"EDITOR",
		"GIT_AUTHOR_NAME",
		"VIRTUAL_ENV",
		"COLORTERM",
	};

	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		ck_assert_msg(dropped(gone[i]), "%s", gone[i]);
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		ck_assert_msg(!dropped(kept[i]), "%s", kept[i]);
}
END_TEST

START_TEST(origins_are_lines_of_the_file)
{
	struct policy_object object = {.path = HOME "/.ssh/id"};
	struct decision decision =
		policy_decide(&policy, ACCESS_FS_READ, &object);
	const char *line = sbx_default_ini;
	unsigned int number;

	ck_assert_int_eq(sscanf(decision.rule, "default.ini:%u", &number), 1);
	for (unsigned int i = 1; i < number; i++)
		line = strchr(line, '\n') + 1;
	ck_assert_int_eq(strncmp(line, "deny = ~/.ssh\n", 14), 0);
	ck_assert_str_eq(decision.reason, "private keys");
	ck_assert_ptr_null(decision.remedy);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("default_policy");
	TCase *files = tcase_create("files");
	TCase *rest = tcase_create("rest");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(files, setup, teardown);
	tcase_add_test(files, secrets_are_neither_readable_nor_writable);
	tcase_add_test(files, what_tools_need_stays_readable);
	tcase_add_test(files,
		       examples_of_secrets_are_writable_in_the_workspace);
	tcase_add_test(files, workspace_and_temporary_directories_are_writable);
	tcase_add_test(files, files_that_run_later_are_protected);
	tcase_add_test(files, protected_names_cannot_be_moved_into_place);
	tcase_add_test(files, git_can_replace_its_own_files);
	tcase_add_test(files,
		       git_directory_is_made_but_neither_a_link_nor_a_file);
	tcase_add_test(
		files,
		hooks_directory_is_made_but_not_filled_except_with_samples);
	tcase_add_test(files, git_configuration_is_one_in_any_repository);
	tcase_add_test(files,
		       read_only_mode_writes_only_the_temporary_directory);
	tcase_add_test(files, agents_state_directory_can_become_a_write_root);
	tcase_add_test(files,
		       home_as_a_write_root_keeps_its_secrets_and_rc_files);
	tcase_add_test(files, workspace_name_with_wildcards_is_literal);
	suite_add_tcase(suite, files);
	tcase_add_checked_fixture(rest, setup, teardown);
	tcase_add_test(rest, sockets_of_the_user_are_refused_with_their_reason);
	tcase_add_test(rest, environment_loses_secrets_loaders_and_sockets);
	tcase_add_test(rest, origins_are_lines_of_the_file);
	suite_add_tcase(suite, rest);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
