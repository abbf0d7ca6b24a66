/* SPDX-License-Identifier: MIT */
/*
 * Theory of operation
 *
 * A policy is filled by its parsers and by the command line, then sealed, and
 * from then on only read: any number of threads may ask it.
 *
 * Paths. Every rule is a pattern (pattern.h) with a kind. Requests come with
 * canonical paths, so the literal beginning of a pattern is resolved too when
 * it is added. A rule that refuses is entered under more than one pattern
 * when symbolic links lead to it: the link's own name is refused as well,
 * because whoever replaces the link moves the user's file away from the rule.
 * The deepest rule wins; at equal depth a literal name beats a wildcard, then
 * the kind with the higher rank wins (match.h).
 *
 * Identity. A hard link or a bind mount gives an object another path. So
 * sealing takes (st_dev, st_ino) of what literal refusing rules name, and an
 * object with one of these is refused under any name.
 *
 * Names to come. A rule such as "**" + "/.git/hooks" also covers what does
 * not exist yet, so a program could build the object under another name and
 * move it, or an ancestor of it, into place. Two answers close this:
 * - A move must not change which patterns could still match below the object.
 *   The matcher's states at both names tell; they are compared without asking
 *   whether the object is a directory, as that may change before the act.
 * - No symbolic link may be made at a name that a rule looks through, because
 *   the rule's own path would then be resolved to somewhere else.
 *
 * What only needs the objects' names stays pure and is in policy_decide.c.
 */
#include "policy.h"

#include <assert.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "pattern.h"
#include "util.h"

/* Far beyond any real policy; keeps indices within 32 bits. */
#define LIST_MAX (1u << 20)

static const char *const mode_names[] = {
	[MODE_READ_ONLY] = "read-only",
	[MODE_WORKSPACE_WRITE] = "workspace-write",
	[MODE_FULL_ACCESS] = "full-access",
};
static_assert(ARRAY_SIZE(mode_names) == MODE_NUM, "a name for each mode");

static const char *const net_names[] = {
	[NET_NONE] = "none",
	[NET_ALLOWLIST] = "allowlist",
	[NET_OPEN] = "open",
};
static_assert(ARRAY_SIZE(net_names) == NET_NUM, "a name for each net mode");

static const struct {
	const char *name;
	const char *reason;
} kinds[] = {
	[RULE_READ] = {"read", "readable"},
	[RULE_WRITE] = {"write", "write root"},
	[RULE_READ_ONLY] = {"read-only", "kept read-only"},
	[RULE_PROTECT] = {"protect", "protected"},
	[RULE_GIT_CONFIG] = {"git-config", "git configuration"},
	[RULE_PLAIN] = {"plain", "not protected"},
	[RULE_DENY] = {"deny", "kept out of reach"},
};
static_assert(ARRAY_SIZE(kinds) == RULE_NUM, "a row for each kind");

const char *mode_name(enum mode mode)
{
	assert(mode < MODE_NUM);
	return mode_names[mode];
}

const char *net_mode_name(enum net_mode net)
{
	assert(net < NET_NUM);
	return net_names[net];
}

const char *rule_kind_name(enum rule_kind kind)
{
	assert(kind < RULE_NUM);
	return kinds[kind].name;
}

int mode_parse(const char *text, enum mode *ret_mode)
{
	if (strcmp(text, "danger-full-access") == 0) {
		*ret_mode = MODE_FULL_ACCESS;
		return 0;
	}
	for (unsigned int i = 0; i < MODE_NUM; i++) {
		if (strcmp(text, mode_names[i]) == 0) {
			*ret_mode = (enum mode)i;
			return 0;
		}
	}
	return -EINVAL;
}

int net_mode_parse(const char *text, enum net_mode *ret_net)
{
	for (unsigned int i = 0; i < NET_NUM; i++) {
		if (strcmp(text, net_names[i]) == 0) {
			*ret_net = (enum net_mode)i;
			return 0;
		}
	}
	return -EINVAL;
}

/*
 * Room for one more entry. The capacity is not stored: it is the number
 * rounded up to a power of two, at least 8.
 */
static void *list_room(void *list, size_t num, size_t size)
{
	if (num >= LIST_MAX)
		return NULL;
	if (num != 0 && (num < 8 || (num & (num - 1)) != 0))
		return list;
	return reallocarray(list, num == 0 ? 8 : num * 2, size);
}

static void rule_done(struct path_rule *rule)
{
	free(rule->pattern);
	free(rule->origin);
	free(rule->reason);
}

/* What a new rule is made of; all of it is copied. */
struct rule_text {
	enum rule_kind kind;
	const char *pattern;
	const char *origin;
	const char *reason;
};

static int rules_add(struct path_rule **rules, size_t *num,
		     const struct rule_text *text)
{
	struct path_rule *room = list_room(*rules, *num, sizeof(*room));
	struct path_rule rule;

	if (!room)
		return -ENOMEM;
	*rules = room;
	rule = (struct path_rule){
		.kind = text->kind,
		.pattern = strdup(text->pattern),
		.origin = strdup(text->origin),
		.reason = strdup(text->reason),
	};
	if (!rule.pattern || !rule.origin || !rule.reason) {
		rule_done(&rule);
		return -ENOMEM;
	}
	room[(*num)++] = rule;
	return 0;
}

static void rules_free(struct path_rule *rules, size_t num)
{
	for (size_t i = 0; i < num; i++)
		rule_done(&rules[i]);
	free(rules);
}

static void strings_free(char **strings, size_t num)
{
	for (size_t i = 0; i < num; i++)
		free(strings[i]);
	free(strings);
}

int policy_init(struct policy *policy)
{
	struct match *match = NULL;
	struct match *unix_paths = NULL;

	if (match_new(&match) < 0 || match_new(&unix_paths) < 0) {
		match_free(match);
		return -ENOMEM;
	}
	*policy = (struct policy){
		.mode = MODE_WORKSPACE_WRITE,
		.net = NET_ALLOWLIST,
		.match = match,
		.unix_paths = unix_paths,
	};
	return 0;
}

void policy_done(struct policy *policy)
{
	for (size_t i = 0; i < policy->num_nets; i++)
		free((void *)(uintptr_t)policy->nets[i].origin);
	free(policy->nets);
	rules_free(policy->rules, policy->num_rules);
	rules_free(policy->unix_rules, policy->num_unix_rules);
	strings_free(policy->env_drop, policy->num_env_drop);
	strings_free(policy->env_keep, policy->num_env_keep);
	match_free(policy->match);
	match_free(policy->unix_paths);
	free(policy->ids);
	free(policy->workspace);
	free(policy->tmpdir);
	memset(policy, 0, sizeof(*policy));
}

static bool kind_refuses(enum rule_kind kind)
{
	return kind >= RULE_READ_ONLY && kind != RULE_PLAIN;
}

struct alias {
	struct policy *policy;
	struct rule_text text;
};

static int add_alias(void *data, const char *pattern)
{
	struct alias *alias = data;

	alias->text.pattern = pattern;
	return rules_add(&alias->policy->rules, &alias->policy->num_rules,
			 &alias->text);
}

/* The real name of a pattern, known to be well-formed. */
static int resolve_pattern(const char *pattern, char **ret_real)
{
	cleanup_free char *real = NULL;
	int ret = pattern_resolve(pattern, NULL, NULL, &real);

	if (ret < 0)
		return ret;
	if (pattern_check(real))
		return -EINVAL;
	*ret_real = TAKE_PTR(real);
	return 0;
}

int policy_add_path(struct policy *policy, enum rule_kind kind,
		    const char *pattern, const char *origin, const char *reason)
{
	cleanup_free char *real = NULL;
	cleanup_free char *again = NULL;
	struct alias alias = {.policy = policy};
	int ret = resolve_pattern(pattern, &real);

	assert(kind < RULE_NUM);
	if (ret < 0)
		return ret;
	alias.text = (struct rule_text){
		.kind = kind,
		.pattern = real,
		.origin = origin,
		.reason = reason ? reason : kinds[kind].reason,
	};
	/* The real name comes first: it names the object in policy->ids. */
	ret = rules_add(&policy->rules, &policy->num_rules, &alias.text);
	if (ret == 0 && kind_refuses(kind))
		ret = pattern_resolve(pattern, add_alias, &alias, &again);
	return ret;
}

int policy_add_unix(struct policy *policy, const char *pattern,
		    const char *origin)
{
	cleanup_free char *real = NULL;
	struct rule_text text;
	int ret = resolve_pattern(pattern, &real);

	if (ret < 0)
		return ret;
	text = (struct rule_text){
		.kind = RULE_WRITE,
		.pattern = real,
		.origin = origin,
		.reason = "allowed unix socket",
	};
	return rules_add(&policy->unix_rules, &policy->num_unix_rules, &text);
}

int policy_add_net(struct policy *policy, const struct netrule *rule)
{
	struct netrule *nets =
		list_room(policy->nets, policy->num_nets, sizeof(*nets));
	char *origin;

	if (!nets)
		return -ENOMEM;
	policy->nets = nets;
	origin = strdup(rule->origin);
	if (!origin)
		return -ENOMEM;
	nets[policy->num_nets] = *rule;
	nets[policy->num_nets++].origin = origin;
	return 0;
}

int policy_add_env(struct policy *policy, bool keep, const char *pattern)
{
	char ***list = keep ? &policy->env_keep : &policy->env_drop;
	size_t *num = keep ? &policy->num_env_keep : &policy->num_env_drop;
	char **room = list_room(*list, *num, sizeof(*room));
	char *copy;

	if (!room)
		return -ENOMEM;
	*list = room;
	copy = strdup(pattern);
	if (!copy)
		return -ENOMEM;
	room[(*num)++] = copy;
	return 0;
}

/* Takes the identity of what a literal refusing rule names, if it exists. */
static int seal_id(struct policy *policy, size_t index)
{
	const struct path_rule *rule = &policy->rules[index];
	struct object_id *ids;
	char path[PATTERN_MAX];
	struct stat st;

	if (!kind_refuses(rule->kind) || !pattern_is_literal(rule->pattern))
		return 0;
	(void)pattern_unescape(rule->pattern, strlen(rule->pattern), path);
	if (lstat(path, &st) < 0)
		return 0;
	ids = list_room(policy->ids, policy->num_ids, sizeof(*ids));
	if (!ids)
		return -ENOMEM;
	policy->ids = ids;
	ids[policy->num_ids++] = (struct object_id){
		.dev = st.st_dev,
		.ino = st.st_ino,
		.rule = index,
	};
	return 0;
}

/* By identity; the strictest rule, then the first, leads its equals. */
static int compare_ids(const void *left, const void *right, void *data)
{
	const struct policy *policy = data;
	const struct object_id *a = left;
	const struct object_id *b = right;
	enum rule_kind a_kind = policy->rules[a->rule].kind;
	enum rule_kind b_kind = policy->rules[b->rule].kind;

	if (a->dev != b->dev)
		return a->dev < b->dev ? -1 : 1;
	if (a->ino != b->ino)
		return a->ino < b->ino ? -1 : 1;
	if (a_kind != b_kind)
		return a_kind > b_kind ? -1 : 1;
	return a->rule < b->rule ? -1 : a->rule > b->rule;
}

static void sort_ids(struct policy *policy)
{
	size_t num = 0;

	if (policy->num_ids == 0)
		return;
	qsort_r(policy->ids, policy->num_ids, sizeof(policy->ids[0]),
		compare_ids, policy);
	for (size_t i = 1; i < policy->num_ids; i++) {
		if (policy->ids[i].dev == policy->ids[num].dev &&
		    policy->ids[i].ino == policy->ids[num].ino)
			continue;
		policy->ids[++num] = policy->ids[i];
	}
	policy->num_ids = num + 1;
}

int policy_seal(struct policy *policy)
{
	int ret = 0;

	assert(policy->num_ids == 0);
	for (size_t i = 0; ret == 0 && i < policy->num_rules; i++) {
		const struct path_rule *rule = &policy->rules[i];

		ret = match_add(policy->match, rule->pattern, rule->kind,
				(uint32_t)i);
		if (ret == 0)
			ret = seal_id(policy, i);
	}
	for (size_t i = 0; ret == 0 && i < policy->num_unix_rules; i++)
		ret = match_add(policy->unix_paths,
				policy->unix_rules[i].pattern, 0, (uint32_t)i);
	if (ret == 0)
		sort_ids(policy);
	return ret;
}
