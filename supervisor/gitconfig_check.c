/* SPDX-License-Identifier: MIT */
#include "gitconfig.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <string.h>

#include "util.h"

/* Variables that may get any value: they change how git stores and shows, not
 * what it runs or whom it talks to. A * stands for a subsection. */
static const char *const harmless[] = {
	"core.repositoryformatversion",
	"core.filemode",
	"core.bare",
	"core.logallrefupdates",
	"core.ignorecase",
	"core.precomposeunicode",
	"core.symlinks",
	"core.autocrlf",
	"core.safecrlf",
	"core.eol",
	"core.abbrev",
	"core.quotepath",
	"core.trustctime",
	"core.checkstat",
	"core.bigfilethreshold",
	"core.compression",
	"core.sharedrepository",
	"core.sparsecheckout",
	"core.sparsecheckoutcone",
	"core.untrackedcache",
	"core.splitindex",
	"extensions.objectformat",
	"extensions.refstorage",
	"extensions.worktreeconfig",
	"init.defaultbranch",
	"user.name",
	"user.email",
	"pull.rebase",
	"pull.ff",
	"push.default",
	"push.autosetupremote",
	"push.followtags",
	"fetch.prune",
	"merge.ff",
	"merge.conflictstyle",
	"rebase.autosquash",
	"rebase.autostash",
	"rerere.enabled",
	"gc.auto",
	"status.showuntrackedfiles",
	"advice.*",
	"color.ui",
	"index.version",
	"lfs.repositoryformatversion",
	"branch.*.merge",
	"branch.*.rebase",
	"branch.*.description",
	"submodule.*.active",
};

/* Of a remote, if the old text does not say it of that remote yet. Whatever
 * command misses an object goes to a promisor by itself: only where git goes
 * anyway. */
static const char *const of_remote[] = {
	"remote.*.fetch",
	"remote.*.tagopt",
	"remote.origin.promisor",
	"remote.*.partialclonefilter",
	"remote.*.prune",
};

static const char *const url_schemes[] = {
	"https://", "http://", "ssh://", "git://",
};

/**
 * struct change - what is being judged
 * @old_text: the old text
 * @old_size: its size
 */
struct change {
	const char *old_text;
	size_t old_size;
};

static bool matches_any(const char *const *patterns, size_t num,
			const char *name)
{
	for (size_t i = 0; i < num; i++)
		if (fnmatch(patterns[i], name, 0) == 0)
			return true;
	return false;
}

/* Does the old text have a variable of this name (a prefix, if it ends in a
 * dot), and with this value, unless that is NULL? */
static bool old_has(const struct change *change, const char *name,
		    const char *value)
{
	struct gitconfig_reader reader;
	struct gitconfig_entry entry;
	size_t len = strlen(name);
	bool prefix = name[len - 1] == '.';

	gitconfig_start(&reader, change->old_text, change->old_size);
	while (gitconfig_next(&reader, &entry) == 1) {
		bool same = prefix ? strncmp(entry.name, name, len) == 0
				   : strcmp(entry.name, name) == 0;

		if (same && (!value || strcmp(entry.value, value) == 0))
			return true;
	}
	return false;
}

/* A place to fetch from that names no program: no transport helper ("x::y"),
 * nothing that could be taken for an option. */
static bool is_plain_url(const char *url)
{
	size_t host = strcspn(url, ":/");

	if (strstr(url, "::") || url[0] == '-' || url[0] == '\0')
		return false;
	for (const char *at = url; *at; at++)
		if (iscntrl((unsigned char)*at))
			return false;
	for (size_t i = 0; i < ARRAY_SIZE(url_schemes); i++) {
		size_t len = strlen(url_schemes[i]);

		if (strncmp(url, url_schemes[i], len) == 0)
			return url[len] != '-' && url[len] != '\0';
	}
	if (strstr(url, "://"))
		return false;
	/* A path, or user@host:path. */
	return url[0] == '/' || url[0] == '.' || url[host] == ':';
}

/* "remote.NAME." of a variable of a remote. */
static bool remote_prefix(const char *name, char prefix[GITCONFIG_NAME_MAX])
{
	const char *last = strrchr(name, '.');
	size_t len = last ? (size_t)(last - name) + 1 : 0;

	if (len == 0)
		return false;
	memcpy(prefix, name, len);
	prefix[len] = '\0';
	return true;
}

/* git fetch --all and the like take a remote's name as an argument: it must be
 * no option. Nor a place, or whoever names that place would be redirected. */
static bool is_nickname(const char *name)
{
	return name[0] != '-' && name[0] != '.' && !strpbrk(name, "/:");
}

/* A further remote redirects nobody; a first "origin" is where git goes by
 * itself, so it must not appear beside others. */
static bool may_add_remote(const struct change *change,
			   const struct gitconfig_entry *entry)
{
	char prefix[GITCONFIG_NAME_MAX];

	if (strncmp(entry->name, "remote.", strlen("remote.")) != 0 ||
	    !is_nickname(entry->name + strlen("remote.")))
		return false;
	if (matches_any(of_remote, ARRAY_SIZE(of_remote), entry->name))
		return !old_has(change, entry->name, NULL);
	if (fnmatch("remote.*.url", entry->name, 0) != 0 ||
	    !remote_prefix(entry->name, prefix) ||
	    old_has(change, prefix, NULL))
		return false;
	if (strcmp(prefix, "remote.origin.") == 0 &&
	    old_has(change, "remote.", NULL))
		return false;
	return is_plain_url(entry->value);
}

/* A branch may follow "origin" or itself, if nothing was said of it before.
 * The promisor's name becomes an argument, as a remote's does. */
static bool may_follow(const struct change *change,
		       const struct gitconfig_entry *entry)
{
	bool branch = fnmatch("branch.*.remote", entry->name, 0) == 0;

	if (!branch && strcmp(entry->name, "extensions.partialclone") != 0)
		return false;
	return !old_has(change, entry->name, NULL) &&
	       (strcmp(entry->value, "origin") == 0 ||
		(branch && strcmp(entry->value, ".") == 0));
}

static bool may_add_submodule(const struct change *change,
			      const struct gitconfig_entry *entry)
{
	return fnmatch("submodule.*.url", entry->name, 0) == 0 &&
	       !old_has(change, entry->name, NULL) &&
	       is_plain_url(entry->value);
}

static bool is_permitted(const struct change *change,
			 const struct gitconfig_entry *entry)
{
	return matches_any(harmless, ARRAY_SIZE(harmless), entry->name) ||
	       old_has(change, entry->name, entry->value) ||
	       may_add_remote(change, entry) || may_follow(change, entry) ||
	       may_add_submodule(change, entry);
}

/* What git goes to must not vanish: it could be put back differently, as a new
 * one. Returns 0, -EPERM, -EINVAL. */
static int check_kept(const struct change *change, const char *new_text,
		      size_t new_size, struct gitconfig_entry *ret_entry)
{
	const struct change reverse = {
		.old_text = new_text,
		.old_size = new_size,
	};
	struct gitconfig_reader reader;
	int got;

	gitconfig_start(&reader, change->old_text, change->old_size);
	while ((got = gitconfig_next(&reader, ret_entry)) == 1) {
		bool leads = fnmatch("remote.*url", ret_entry->name, 0) == 0;

		if (leads &&
		    !old_has(&reverse, ret_entry->name, ret_entry->value))
			return -EPERM;
	}
	return got;
}

int gitconfig_check(const char *old_text, size_t old_size,
		    const char *new_text, size_t new_size,
		    struct gitconfig_entry *ret_entry)
{
	const struct change change = {
		.old_text = old_text,
		.old_size = old_size,
	};
	struct gitconfig_reader reader;
	int got;

	got = check_kept(&change, new_text, new_size, ret_entry);
	if (got == 0) {
		gitconfig_start(&reader, new_text, new_size);
		while ((got = gitconfig_next(&reader, ret_entry)) == 1)
			if (!is_permitted(&change, ret_entry))
				return -EPERM;
	}
	if (got == -EINVAL)
		ret_entry->name[0] = '\0';
	return got;
}
