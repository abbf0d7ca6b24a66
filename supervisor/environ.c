/* SPDX-License-Identifier: MIT */
#include "environ.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

/**
 * struct vector - a growing NULL-terminated vector of strings
 * @strings: owned
 * @num: without the terminator
 */
struct vector {
	char **strings;
	size_t num;
};

static bool has_name(const char *entry, const char *name, size_t len)
{
	return strncmp(entry, name, len) == 0 && entry[len] == '=';
}

/* Takes ownership of @entry. */
static int append(struct vector *vector, char *entry)
{
	char **grown = NULL;

	if (entry && (vector->num & (vector->num - 1)) == 0)
		grown = reallocarray(vector->strings, 2 * vector->num + 2,
				     sizeof(char *));
	else if (entry)
		grown = vector->strings;
	if (!grown) {
		free(entry);
		return -ENOMEM;
	}
	vector->strings = grown;
	grown[vector->num++] = entry;
	grown[vector->num] = NULL;
	return 0;
}

/* Takes ownership of @entry; replaces one of the same name. */
static int put(struct vector *vector, char *entry)
{
	size_t len = entry ? strcspn(entry, "=") : 0;

	if (!entry)
		return -ENOMEM;
	for (size_t i = 0; i < vector->num; i++) {
		if (has_name(vector->strings[i], entry, len)) {
			free(vector->strings[i]);
			vector->strings[i] = entry;
			return 0;
		}
	}
	return append(vector, entry);
}

static int set(struct vector *vector, const char *name, const char *value)
{
	char *entry = NULL;

	if (asprintf(&entry, "%s=%s", name, value) < 0)
		return -ENOMEM;
	return put(vector, entry);
}

static bool matches_any(char *const *patterns, size_t num, const char *name)
{
	for (size_t i = 0; i < num; i++)
		if (fnmatch(patterns[i], name, 0) == 0)
			return true;
	return false;
}

static bool is_kept_by_option(const struct options *options, const char *name)
{
	for (size_t i = 0; i < options->num_uses; i++)
		if (options->uses[i].id == OPTION_ENV &&
		    strcmp(options->uses[i].value, name) == 0)
			return true;
	return false;
}

static bool is_dropped(const struct policy *policy,
		       const struct options *options, const char *entry)
{
	char name[256];
	size_t len = strcspn(entry, "=");

	if (policy->mode == MODE_FULL_ACCESS)
		return false;
	/* A name of that length is nobody's ordinary variable. */
	if (len >= sizeof(name))
		return true;
	memcpy(name, entry, len);
	name[len] = '\0';
	return !is_kept_by_option(options, name) &&
	       !matches_any(policy->env_keep, policy->num_env_keep, name) &&
	       matches_any(policy->env_drop, policy->num_env_drop, name);
}

static int add_inherited(struct vector *vector, const struct policy *policy,
			 const struct options *options)
{
	int err = 0;

	for (char **entry = environ; *entry && err == 0; entry++)
		if (!is_dropped(policy, options, *entry))
			err = append(vector, strdup(*entry));
	return err;
}

static int add_tmpdir(struct vector *vector, const struct policy *policy)
{
	static const char *const others[] = {"TMP", "TEMP", "TEMPDIR"};
	int err;

	if (!policy->tmpdir)
		return 0;
	err = set(vector, "TMPDIR", policy->tmpdir);
	/* These would name a directory that may not be writable any more. */
	for (size_t i = 0; i < ARRAY_SIZE(others) && err == 0; i++)
		if (getenv(others[i]))
			err = set(vector, others[i], policy->tmpdir);
	return err;
}

static int add_options(struct vector *vector, const struct options *options)
{
	int err = 0;

	for (size_t i = 0; i < options->num_uses && err == 0; i++)
		if (options->uses[i].id == OPTION_ENV &&
		    strchr(options->uses[i].value, '='))
			err = put(vector, strdup(options->uses[i].value));
	return err;
}

static const char *find(const struct vector *vector, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < vector->num; i++)
		if (has_name(vector->strings[i], name, len))
			return vector->strings[i] + len + 1;
	return NULL;
}

/* A library that the user preloads on purpose (--env LD_PRELOAD) stays. */
static int add_shim(struct vector *vector, const char *shim)
{
	const char *other = find(vector, "LD_PRELOAD");
	char *entry = NULL;
	int err;

	if (!shim)
		return 0;
	err = set(vector, "SBXSUP_PRELOAD", shim);
	if (err < 0)
		return err;
	if (asprintf(&entry, "LD_PRELOAD=%s%s%s", shim, other ? ":" : "",
		     other ? other : "") < 0)
		return -ENOMEM;
	return put(vector, entry);
}

int environ_build(const struct policy *policy, const struct options *options,
		  const char *session_id, const char *shim, char ***ret_env)
{
	struct vector vector = {.strings = calloc(1, sizeof(char *))};
	int err = vector.strings ? 0 : -ENOMEM;

	if (err == 0)
		err = add_inherited(&vector, policy, options);
	if (err == 0)
		err = add_tmpdir(&vector, policy);
	if (err == 0)
		err = set(&vector, "SBXSUP_SESSION", session_id);
	if (err == 0)
		err = set(&vector, "SBXSUP_MODE", mode_name(policy->mode));
	if (err == 0)
		err = add_options(&vector, options);
	if (err == 0)
		err = add_shim(&vector, shim);
	if (err < 0) {
		environ_free(vector.strings);
		return err;
	}
	*ret_env = vector.strings;
	return 0;
}

void environ_free(char **env)
{
	if (!env)
		return;
	for (char **entry = env; *entry; entry++)
		free(*entry);
	free(env);
}
