/* SPDX-License-Identifier: MIT */
#include "shim_env.h"

#include <string.h>

#define PRELOAD_NAME "LD_PRELOAD="
#define SELF_NAME "SBXSUP_PRELOAD="
#define HINTS_NAME "SBXSUP_HINTS="
#define HINTS_OFF "off"

#define NAME_SIZE(name) (sizeof(name) - 1)

/* The value if @entry is the variable @name, which includes the "=". */
static const char *env_value(const char *entry, const char *name, size_t size)
{
	return strncmp(entry, name, size) == 0 ? entry + size : NULL;
}

static void env_set(char *line, const char *name, size_t name_size,
		    const char *value, size_t value_size)
{
	memcpy(line, name, name_size);
	memcpy(line + name_size, value, value_size);
	line[name_size + value_size] = '\0';
}

void shim_env_load(char *const envp[], struct shim_env *ret_env)
{
	const char *path = NULL;
	const char *hints = NULL;

	for (; envp && *envp; envp++) {
		if (!path)
			path = env_value(*envp, SELF_NAME,
					 NAME_SIZE(SELF_NAME));
		if (!hints)
			hints = env_value(*envp, HINTS_NAME,
					  NAME_SIZE(HINTS_NAME));
	}
	ret_env->path = NULL;
	ret_env->quiet = hints && strcmp(hints, HINTS_OFF) == 0;
	if (!path || path[0] != '/')
		return;

	size_t size = strnlen(path, SHIM_PATH_MAX + 1);

	if (size > SHIM_PATH_MAX)
		return;
	env_set(ret_env->preload, PRELOAD_NAME, NAME_SIZE(PRELOAD_NAME), path,
		size);
	env_set(ret_env->self, SELF_NAME, NAME_SIZE(SELF_NAME), path, size);
	ret_env->path = ret_env->preload + NAME_SIZE(PRELOAD_NAME);
}

/* Looks for @path in a list that is separated as the loaders do it. */
static bool list_has(const char *list, const char *path)
{
	size_t size = strlen(path);

	while (*list) {
		size_t word = strcspn(list, ": ");

		if (word == size && memcmp(list, path, size) == 0)
			return true;
		list += word;
		list += strspn(list, ": ");
	}
	return false;
}

static void plan_preload(const struct shim_env *env, const char *list,
			 size_t at, struct shim_env_plan *plan)
{
	if (list_has(list, env->path)) {
		plan->add_preload = false;
		return;
	}
	plan->preload_at = at;
	plan->theirs_size = strnlen(list, SHIM_THEIRS_MAX + 1);
	plan->theirs = plan->theirs_size ? list : NULL;
}

static size_t plan_size(const struct shim_env *env,
			const struct shim_env_plan *plan)
{
	/* Three variables can be new, and the vector ends with a NULL. */
	size_t size = (plan->entries + 4) * sizeof(char *);

	if (plan->theirs)
		size += strlen(env->preload) + plan->theirs_size + sizeof(":");
	return size;
}

bool shim_env_plan(const struct shim_env *env, char *const envp[],
		   struct shim_env_plan *ret_plan)
{
	struct shim_env_plan plan = {
		.add_preload = true,
		.add_self = true,
		.add_hints = env->quiet,
	};
	bool preload_seen = false;
	size_t i;

	if (!env->path)
		return false;
	for (i = 0; envp && envp[i]; i++) {
		const char *list = env_value(envp[i], PRELOAD_NAME,
					     NAME_SIZE(PRELOAD_NAME));

		if (i == SHIM_ENTRIES_MAX)
			return false;
		if (list && !preload_seen) {
			preload_seen = true;
			plan_preload(env, list, i, &plan);
		} else if (env_value(envp[i], SELF_NAME,
				     NAME_SIZE(SELF_NAME))) {
			plan.add_self = false;
		} else if (env_value(envp[i], HINTS_NAME,
				     NAME_SIZE(HINTS_NAME))) {
			plan.add_hints = false;
		}
	}
	if (plan.theirs_size > SHIM_THEIRS_MAX ||
	    (!plan.add_preload && !plan.add_self && !plan.add_hints))
		return false;
	plan.entries = i;
	if (!preload_seen || !plan.add_preload)
		plan.preload_at = i;
	plan.size = plan_size(env, &plan);
	*ret_plan = plan;
	return true;
}

/* "LD_PRELOAD=ours:theirs", or the ready line when there is nothing to join. */
static char *build_preload(const struct shim_env *env,
			   const struct shim_env_plan *plan, char *room)
{
	size_t size = strlen(env->preload);

	if (!plan->theirs)
		return (char *)(size_t)env->preload;
	memcpy(room, env->preload, size);
	room[size] = ':';
	memcpy(room + size + 1, plan->theirs, plan->theirs_size);
	room[size + 1 + plan->theirs_size] = '\0';
	return room;
}

char *const *shim_env_build(const struct shim_env *env, char *const envp[],
			    const struct shim_env_plan *plan, void *room)
{
	static const char hints_off[] = HINTS_NAME HINTS_OFF;
	char **copy = room;
	char *text = (char *)(copy + plan->entries + 4);
	size_t at = plan->entries;

	if (plan->entries)
		memcpy(copy, envp, plan->entries * sizeof(*copy));
	if (plan->add_preload) {
		copy[plan->preload_at] = build_preload(env, plan, text);
		at += plan->preload_at == plan->entries;
	}
	if (plan->add_self)
		copy[at++] = (char *)(size_t)env->self;
	if (plan->add_hints)
		copy[at++] = (char *)(size_t)hints_off;
	copy[at] = NULL;
	return copy;
}
