/* SPDX-License-Identifier: MIT */
/*
 * What a session may make of a git configuration: nothing that runs a program
 * or leads git elsewhere, unless the old one says the same.
 */
#include "gitconfig.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUM(array) (sizeof(array) / sizeof((array)[0]))

/* What git init writes. */
#define INIT                                                                   \
	"[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n"           \
	"\tbare = false\n\tlogallrefupdates = true\n"
#define ORIGIN                                                                 \
	"[remote \"origin\"]\n\turl = https://host.example/a.git\n"            \
	"\tfetch = +refs/heads/*:refs/remotes/origin/*\n"
#define MAIN "[branch \"main\"]\n\tremote = origin\n\tmerge = refs/heads/main\n"

static struct gitconfig_entry entry;

static int change(const char *old_text, const char *new_text)
{
	memset(&entry, 'x', sizeof(entry));
	return gitconfig_check(old_text, strlen(old_text), new_text,
			       strlen(new_text), &entry);
}

static void assert_allowed(const char *old_text, const char *new_text)
{
	int err = change(old_text, new_text);

	ck_assert_msg(err == 0, "%s for %s in: %s", strerror(-err), entry.name,
		      new_text);
}

/* Refused for the variable @name, which is "" for a text that is not
 * understood. */
static void assert_refused(const char *old_text, const char *new_text,
			   const char *name)
{
	int err = change(old_text, new_text);

	ck_assert_msg(err == (name[0] ? -EPERM : -EINVAL), "%d for: %s", err,
		      new_text);
	ck_assert_str_eq(entry.name, name);
}

/* @text may not be added to @old_text, but may stay. */
static void assert_not_added(const char *old_text, const char *text)
{
	char new_text[1024];

	(void)snprintf(new_text, sizeof(new_text), "%s%s\n", old_text, text);
	ck_assert_msg(change(old_text, new_text) == -EPERM, "allowed: %s",
		      text);
	assert_allowed(new_text, new_text);
	/* Whatever else the session changes. */
	(void)snprintf(new_text, sizeof(new_text), "%s%s\n[user]\nname = x\n",
		       old_text, text);
	ck_assert_msg(change(old_text, new_text) == -EPERM, "allowed: %s",
		      text);
}

static void assert_added(const char *old_text, const char *text)
{
	char new_text[1024];

	(void)snprintf(new_text, sizeof(new_text), "%s%s\n", old_text, text);
	assert_allowed(old_text, new_text);
}

START_TEST(check_allows_what_git_writes_by_itself)
{
	assert_allowed("", "");
	assert_allowed("", INIT);
	assert_allowed(INIT, INIT ORIGIN);
	assert_allowed("", INIT ORIGIN MAIN);
	assert_allowed(INIT ORIGIN, INIT ORIGIN MAIN);
	assert_allowed(INIT ORIGIN MAIN, INIT ORIGIN);
	assert_allowed(INIT, "");
}
END_TEST

START_TEST(check_refuses_what_runs_programs)
{
	static const char *const texts[] = {
		"[core]\nfsmonitor = /tmp/x",
		"[core]\nfsmonitor",
		"[core]\nhooksPath = /tmp/x",
		"[core]\nsshCommand = /tmp/x",
		"[core]\neditor = x",
		"[core]\npager = x",
		"[core]\ngitProxy = x",
		"[core]\naskPass = x",
		"[core]\nalternateRefsCommand = x",
		"[core]\nattributesFile = /tmp/x",
		"[core]\nworktree = /tmp/x",
		"[pager]\nlog = x",
		"[sequence]\neditor = x",
		"[alias]\nst = !x",
		"[alias]\nst = status",
		"[alias \"x\"]\ncommand = !x",
		"[filter \"f\"]\nclean = x",
		"[filter \"f\"]\nsmudge = x",
		"[filter \"f\"]\nprocess = x",
		"[diff]\nexternal = x",
		"[diff \"d\"]\ncommand = x",
		"[diff \"d\"]\ntextconv = x",
		"[merge \"m\"]\ndriver = x",
		"[merge]\ntool = x",
		"[mergetool \"m\"]\ncmd = x",
		"[difftool \"m\"]\ncmd = x",
		"[credential]\nhelper = x",
		"[credential \"https://host.example\"]\nhelper = !x",
		"[gpg]\nprogram = x",
		"[gpg \"ssh\"]\nprogram = x",
		"[gpg \"ssh\"]\ndefaultKeyCommand = x",
		"[commit]\ngpgSign = true",
		"[trailer \"t\"]\ncommand = x",
		"[browser \"b\"]\ncmd = x",
		"[man \"m\"]\ncmd = x",
		"[interactive]\ndiffFilter = x",
		"[sendemail]\nsmtpServer = x",
		"[instaweb]\nhttpd = x",
		"[tar \"t\"]\ncommand = x",
		"[hook \"h\"]\ncommand = x",
		"[uploadpack]\npackObjectsHook = x",
		"[receive]\nprocReceiveRefs = x",
		"[submodule \"s\"]\nupdate = !x",
		"[init]\ntemplateDir = x",
		"[maintenance]\nauto = true",
	};

	for (size_t i = 0; i < NUM(texts); i++) {
		assert_not_added(INIT, texts[i]);
		assert_not_added(INIT ORIGIN MAIN, texts[i]);
		ck_assert_int_eq(change("", texts[i]), -EPERM);
	}
}
END_TEST

START_TEST(check_refuses_what_brings_other_files_in)
{
	assert_not_added(INIT, "[include]\npath = /tmp/x");
	assert_not_added(INIT, "[include]\npath = ../x");
	assert_not_added(INIT, "[includeIf \"gitdir:/\"]\npath = x");
	assert_not_added(INIT, "[includeIf \"onbranch:**\"]\npath = x");
	assert_not_added(INIT, "[includeIf \"hasconfig:remote.*.url:**\"]\n"
			       "path = x");
}
END_TEST

START_TEST(check_refuses_what_leads_elsewhere)
{
	static const char *const texts[] = {
		"[url \"https://evil.example/\"]\ninsteadOf = https://",
		"[url \"https://evil.example/\"]\npushInsteadOf = https://",
		"[http]\nproxy = http://evil.example",
		"[http \"https://host.example\"]\nproxy = http://evil.example",
		"[http]\nsslVerify = false",
		"[http]\nextraHeader = x",
		"[https]\nproxy = x",
		"[protocol]\nallow = always",
		"[protocol \"ext\"]\nallow = always",
		"[remote]\npushDefault = evil",
		"[remotes]\ndefault = evil",
		"[remote \"origin\"]\npushurl = https://evil.example",
		"[remote \"origin\"]\nproxy = http://evil.example",
		"[remote \"origin\"]\nvcs = x",
		"[remote \"origin\"]\npush = +refs/*:refs/*",
		"[remote \"origin\"]\nmirror = true",
		"[remote \"origin\"]\nuploadpack = x",
		"[remote \"origin\"]\nreceivepack = x",
		"[remote \"new\"]\nuploadpack = x",
		"[remote \"new\"]\nreceivepack = x",
		"[branch \"main\"]\npushRemote = evil",
		"[safe]\ndirectory = *",
		"[extensions]\nnoop = true",
	};

	for (size_t i = 0; i < NUM(texts); i++)
		assert_not_added(INIT ORIGIN MAIN, texts[i]);
}
END_TEST

START_TEST(check_names_the_variable_that_is_the_reason)
{
	assert_refused(INIT, INIT "[user]\nname = x\n[core]\nFSMonitor = x",
		       "core.fsmonitor");
	ck_assert_str_eq(entry.value, "x");
	assert_refused(INIT, INIT "[filter \"F f\"]\nclean = x",
		       "filter.F f.clean");
	assert_refused(INIT ORIGIN, INIT, "remote.origin.url");
}
END_TEST

START_TEST(check_is_not_misled_by_spelling)
{
	static const char *const texts[] = {
		"[core] fsmonitor = x",
		"[CORE]\nFSMONITOR = x",
		"[core]fsmonitor=x",
		"[core]\nbare = \\\nfalse\nfsmonitor = x",
		"[core]\nbare = \"false\" ; \\\nfsmonitor = x",
		"[user]\nname = x [core]\n[core]\nfsmonitor = x",
		"[alias.x]\ncommand = x",
		"[Include]\nPath = x",
	};

	for (size_t i = 0; i < NUM(texts); i++)
		assert_not_added(INIT, texts[i]);
	/* These only look like it. */
	assert_added(INIT, "[user]\nname = x\\\nfsmonitor = x");
	assert_added(INIT, "[user]\nname = \"[core] fsmonitor = x\"");
	assert_added(INIT, "# [core] fsmonitor = x");
	/* Not the variable that is harmless. */
	assert_not_added(INIT, "[core \"bare\"]\nbare = x");
	assert_not_added(INIT, "[user \"name\"]\nname = x");
	assert_not_added(INIT, "[branch]\nmerge = x");
}
END_TEST

START_TEST(check_allows_what_is_harmless)
{
	static const char *const texts[] = {
		"[core]\nfilemode = false",
		"[core]\nbare",
		"[core]\nautocrlf = input",
		"[core]\nignoreCase = true",
		"[core]\nsparseCheckout = true",
		"[extensions]\nworktreeConfig = true",
		"[extensions]\nobjectFormat = sha256",
		"[init]\ndefaultBranch = main",
		"[user]\nname = A B",
		"[user]\nemail = a@b.example",
		"[pull]\nrebase = true",
		"[push]\nautoSetupRemote = true",
		"[fetch]\nprune = true",
		"[merge]\nconflictStyle = zdiff3",
		"[rerere]\nenabled = true",
		"[gc]\nauto = 0",
		"[advice]\ndetachedHead = false",
		"[color]\nui = never",
		"[branch \"x\"]\nmerge = refs/heads/x",
		"[branch \"a.b/C\"]\nrebase = true",
		"[branch \"x\"]\ndescription = \"two\\nlines\"",
		"[submodule \"s\"]\nactive = true",
	};

	for (size_t i = 0; i < NUM(texts); i++) {
		assert_added(INIT, texts[i]);
		assert_added(INIT ORIGIN MAIN, texts[i]);
	}
	assert_allowed("[user]\nname = a", "[user]\nname = b");
	assert_allowed("[user]\nname = a", "[user]\nname = a\nname = b");
}
END_TEST

START_TEST(check_allows_dangerous_entries_that_are_there_word_for_word)
{
	static const char old_text[] =
		"[core]\n\thooksPath = .husky\n\tsshCommand = ssh -i k\n"
		"[alias]\n\tst = !git status\n"
		"[include]\n\tpath = ../x\n";

	assert_allowed(old_text, old_text);
	/* Elsewhere, in another spelling, beside something new. */
	assert_allowed(old_text,
		       "[alias] st = \"!git status\" ; as it was\n[user]\n"
		       "name = x\n[CORE]\nHOOKSPATH = .husky\n"
		       "sshCommand = \"ssh\" -i k\n[include]\npath = ../x\n");
	assert_refused(old_text, "[core]\nhooksPath = .Husky",
		       "core.hookspath");
	assert_refused(old_text, "[core]\nhooksPath = \".husky \"",
		       "core.hookspath");
	assert_refused(old_text, "[core]\neditor = .husky", "core.editor");
	assert_refused(old_text, "[core]\nsshCommand = ssh  -i k",
		       "core.sshcommand");
	assert_refused(old_text, "[core]\nsshCommand = ssh -i kk",
		       "core.sshcommand");
	assert_refused(old_text, "[core]\nsshCommand = ssh -i",
		       "core.sshcommand");
	assert_refused(old_text, "[alias]\nst2 = !git status", "alias.st2");
	assert_refused(old_text, "[alias \"x\"]\nst = !git status",
		       "alias.x.st");
}
END_TEST

START_TEST(check_keeps_the_place_of_a_remote)
{
	static const char *const new_texts[] = {
		INIT "[remote \"origin\"]\nurl = https://evil.example/a.git\n",
		INIT "[remote \"origin\"]\nurl = https://host.example/b.git\n",
		INIT
		"[remote \"origin\"]\nurl = \"https://host.example/a.git \"",
		INIT "[remote \"Origin\"]\nurl = https://host.example/a.git\n",
		INIT "[remote \"origin\"]\nurl\n",
		INIT ORIGIN "url = https://evil.example/a.git\n",
		INIT "[remote \"origin\"]\nurl = https://evil.example/a.git\n"
		     "url = https://host.example/a.git\n",
		INIT ORIGIN "pushurl = https://evil.example/a.git\n",
		INIT ORIGIN "fetch = +refs/heads/*:refs/heads/*\n",
		INIT,
		"",
	};

	for (size_t i = 0; i < NUM(new_texts); i++)
		ck_assert_msg(change(INIT ORIGIN, new_texts[i]) == -EPERM,
			      "allowed: %s", new_texts[i]);
	assert_refused(INIT ORIGIN "pushurl = none\n", INIT ORIGIN,
		       "remote.origin.pushurl");
}
END_TEST

START_TEST(check_does_not_let_a_remote_vanish_and_come_back)
{
	static const char evil[] =
		INIT "[remote \"origin\"]\nurl = https://evil.example\n";

	/* The second step would be allowed: so the first must not be. */
	assert_allowed(INIT, evil);
	assert_refused(INIT ORIGIN, INIT, "remote.origin.url");
	assert_refused(INIT ORIGIN,
		       INIT "[remote \"other\"]\nurl = "
			    "https://host.example/a.git\n",
		       "remote.origin.url");
	/* What is left of it keeps the name taken. */
	assert_refused(INIT "[remote \"origin\"]\nfetch = x\n", evil,
		       "remote.origin.url");
}
END_TEST

START_TEST(check_allows_further_remotes)
{
	assert_added(INIT ORIGIN, "[remote \"fork\"]\n"
				  "url = git@host.example:me/a.git\n"
				  "fetch = +refs/heads/*:refs/remotes/fork/*");
	assert_added(INIT ORIGIN, "[remote \"a.b-c_d\"]\nurl = ../b");
	assert_added(INIT, "[remote \"upstream\"]\nurl = /srv/a.git");
	/* git goes to origin by itself. */
	assert_not_added(INIT "[remote \"upstream\"]\nurl = /srv/a.git\n",
			 ORIGIN);
}
END_TEST

/* An option would reach git fetch --all as such, a place would redirect whoever
 * names it. */
START_TEST(check_refuses_remotes_that_are_named_like_an_option_or_a_place)
{
	static const char *const names[] = {
		"--upload-pack=x;",
		"-x",
		"https://host.example/a.git",
		"git@host.example:a.git",
		"/srv/a.git",
		"../a",
		"a/b",
		"..",
		".",
		"",
	};
	static const char *const says[] = {
		"url = https://b.example/",
		"fetch = +refs/heads/*:refs/remotes/a/*",
		"prune = true",
		"tagOpt = --no-tags",
		"partialCloneFilter = blob:none",
	};
	char text[256];

	for (size_t say = 0; say < NUM(says); say++) {
		(void)snprintf(text, sizeof(text), "[remote \"a\"]\n%s",
			       says[say]);
		assert_added(INIT ORIGIN, text);
		for (size_t i = 0; i < NUM(names); i++) {
			(void)snprintf(text, sizeof(text),
				       "[remote \"%s\"]\n%s", names[i],
				       says[say]);
			assert_not_added(INIT ORIGIN, text);
		}
	}
}
END_TEST

/* Whatever command misses an object runs git fetch with this name. */
START_TEST(check_lets_git_fetch_by_itself_from_origin_only)
{
	assert_added(INIT ORIGIN, "[extensions]\npartialClone = origin");
	assert_added(INIT ORIGIN, "[remote \"origin\"]\npromisor = true");
	assert_not_added(INIT ORIGIN, "[extensions]\npartialClone = --x");
	assert_not_added(INIT ORIGIN,
			 "[extensions]\npartialClone = https://b.example");
	assert_not_added(INIT ORIGIN, "[extensions]\npartialClone = .");
	assert_not_added(INIT ORIGIN, "[extensions]\npartialClone");
	assert_not_added(INIT ORIGIN, "[remote \"fork\"]\nurl = /a\n"
				      "promisor = true");
	assert_not_added(INIT ORIGIN "[extensions]\npartialClone = fork\n",
			 "[extensions]\npartialClone = origin");
}
END_TEST

static const char *const plain_urls[] = {
	"https://host.example/a.git",
	"http://host.example:8080/a",
	"ssh://git@host.example:22/a",
	"git://host.example/a",
	"git@host.example:a/b.git",
	"host:a",
	"/srv/a.git",
	"./a",
	"../a",
	"/srv/a b:c",
};

static const char *const other_urls[] = {
	"ext::sh -c x",
	"ext::sh",
	"fd::3",
	"https::https://host.example/",
	"/srv/ext::sh",
	"EXT://x",
	"foo://host.example/a",
	"file:///srv/a",
	"HTTPS://host.example/a",
	"--upload-pack=x",
	"-x",
	"-oProxyCommand=x:a",
	"ssh://-oProxyCommand=x/a",
	"https://",
	"https://host.example/a\\nb",
	"/srv/a\\tb",
	"",
	"a",
	"a/b:c",
};

START_TEST(check_looks_at_the_url_of_a_new_remote)
{
	char text[256];

	for (size_t i = 0; i < NUM(plain_urls); i++) {
		(void)snprintf(text, sizeof(text), "[remote \"r\"]\nurl = %s",
			       plain_urls[i]);
		assert_added(INIT, text);
	}
	for (size_t i = 0; i < NUM(other_urls); i++) {
		(void)snprintf(text, sizeof(text), "[remote \"r\"]\nurl = %s",
			       other_urls[i]);
		assert_not_added(INIT, text);
	}
	/* One that is harmless does not speak for another. */
	assert_not_added(INIT, "[remote \"r\"]\nurl = /a\nurl = ext::sh");
	assert_not_added(INIT, "[remote \"r\"]\nurl = ext::sh\nurl = /a");
}
END_TEST

START_TEST(check_looks_at_the_url_of_a_new_submodule)
{
	char text[256];

	for (size_t i = 0; i < NUM(plain_urls); i++) {
		(void)snprintf(text, sizeof(text),
			       "[submodule \"a/b.c\"]\nactive = true\nurl = %s",
			       plain_urls[i]);
		assert_added(INIT, text);
	}
	for (size_t i = 0; i < NUM(other_urls); i++) {
		(void)snprintf(text, sizeof(text),
			       "[submodule \"a/b.c\"]\nactive = true\nurl = %s",
			       other_urls[i]);
		assert_not_added(INIT, text);
	}
	assert_not_added(INIT "[submodule \"s\"]\nurl = /a\n",
			 "[submodule \"s\"]\nurl = /b");
}
END_TEST

START_TEST(check_lets_a_branch_follow_only_what_is_known)
{
	assert_added(INIT ORIGIN, MAIN);
	assert_added(INIT, "[branch \"x\"]\nremote = .");
	assert_not_added(INIT ORIGIN, "[branch \"x\"]\nremote = fork");
	assert_not_added(INIT ORIGIN, "[branch \"x\"]\nremote = /srv/a.git");
	assert_not_added(INIT ORIGIN, "[branch \"x\"]\nremote = "
				      "https://evil.example");
	assert_not_added(INIT ORIGIN, "[branch \"x\"]\nremote = ext::sh");
	assert_not_added(INIT ORIGIN, "[branch \"x\"]\nremote = -x");
	assert_not_added(INIT ORIGIN, "[branch \"x\"]\nremote");
	assert_not_added(INIT ORIGIN, "[branch]\nremote = origin");
	/* One that follows something else is not led back. */
	assert_refused(INIT "[branch \"x\"]\nremote = fork\n",
		       INIT "[branch \"x\"]\nremote = origin\n",
		       "branch.x.remote");
	assert_refused(INIT MAIN, INIT "[branch \"main\"]\nremote = .\n",
		       "branch.main.remote");
	assert_not_added(INIT MAIN, "[branch \"main\"]\nremote = .\n");
}
END_TEST

START_TEST(check_refuses_texts_that_are_not_understood)
{
	static const char nul[] = INIT "[user]\nname = x\0y\n";

	assert_refused(INIT, INIT "[core", "");
	assert_refused(INIT, INIT "[core]\nbare = \"", "");
	assert_refused(INIT, INIT "bare\r\n", "");
	assert_refused("[core", INIT, "");
	assert_refused("[core", "[core", "");
	ck_assert_int_eq(gitconfig_check(INIT, strlen(INIT), nul,
					 sizeof(nul) - 1, &entry),
			 -EINVAL);
	ck_assert_str_eq(entry.name, "");
	/* A remote is not hidden behind what is not read. */
	ck_assert_int_ne(change(INIT ORIGIN, INIT "[x\n" ORIGIN), 0);
}
END_TEST

static TCase *danger_case(void)
{
	TCase *danger = tcase_create("danger");

	tcase_add_test(danger, check_refuses_what_runs_programs);
	tcase_add_test(danger, check_refuses_what_brings_other_files_in);
	tcase_add_test(danger, check_refuses_what_leads_elsewhere);
	tcase_add_test(danger, check_names_the_variable_that_is_the_reason);
	tcase_add_test(danger, check_is_not_misled_by_spelling);
	tcase_add_test(
		danger,
		check_allows_dangerous_entries_that_are_there_word_for_word);
	tcase_add_test(danger, check_refuses_texts_that_are_not_understood);
	return danger;
}

static TCase *places_case(void)
{
	TCase *places = tcase_create("places");

	tcase_add_test(places, check_keeps_the_place_of_a_remote);
	tcase_add_test(places,
		       check_does_not_let_a_remote_vanish_and_come_back);
	tcase_add_test(places, check_allows_further_remotes);
	tcase_add_test(
		places,
		check_refuses_remotes_that_are_named_like_an_option_or_a_place);
	tcase_add_test(places, check_lets_git_fetch_by_itself_from_origin_only);
	tcase_add_test(places, check_looks_at_the_url_of_a_new_remote);
	tcase_add_test(places, check_looks_at_the_url_of_a_new_submodule);
	tcase_add_test(places, check_lets_a_branch_follow_only_what_is_known);
	return places;
}

int main(void)
{
	Suite *suite = suite_create("gitconfig_check");
	TCase *harmless = tcase_create("harmless");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(harmless, check_allows_what_git_writes_by_itself);
	tcase_add_test(harmless, check_allows_what_is_harmless);
	suite_add_tcase(suite, harmless);
	suite_add_tcase(suite, danger_case());
	suite_add_tcase(suite, places_case());
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
