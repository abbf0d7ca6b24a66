/* SPDX-License-Identifier: MIT */
/*
 * The questions to a sealed policy; policy.c has the theory of operation.
 */
#include "policy.h"

#include <assert.h>
#include <string.h>

#include "pattern.h"
#include "util.h"

#define ALL_COMPONENTS UINT32_MAX
#define RANK_BIT(kind) (1u << (kind))
#define PROTECTING                                                             \
	(RANK_BIT(RULE_PLAIN) | RANK_BIT(RULE_PROTECT) |                       \
	 RANK_BIT(RULE_GIT_CONFIG))

static const char *const mode_rules[] = {
	[MODE_READ_ONLY] = "mode read-only",
	[MODE_WORKSPACE_WRITE] = "mode workspace-write",
	[MODE_FULL_ACCESS] = "mode full-access",
};
static_assert(ARRAY_SIZE(mode_rules) == MODE_NUM, "a text for each mode");

static const char *const net_rules[] = {
	[NET_NONE] = "net none",
	[NET_ALLOWLIST] = "net allowlist",
	[NET_OPEN] = "net open",
};
static_assert(ARRAY_SIZE(net_rules) == NET_NUM, "a text for each net mode");

struct decision policy_allow(const char *rule)
{
	return (struct decision){
		.verdict = VERDICT_ALLOW,
		.rule = rule,
		.reason = "allowed",
	};
}

struct decision policy_deny(int error, const char *rule, const char *reason)
{
	return (struct decision){
		.verdict = VERDICT_DENY,
		.error = error,
		.rule = rule,
		.reason = reason,
	};
}

static struct decision deny_overflow(void)
{
	return policy_deny(EACCES, "pattern limit",
			   "more patterns apply to this path than can be told "
			   "apart");
}

/* What has no name here, such as an object outside of our root. */
static struct decision deny_unnamed(void)
{
	return policy_deny(EACCES, "unreachable",
			   "the object has no path here");
}

/* The decision of a path rule, or of the mode where there is none. */
static struct decision allow_rule(const struct policy *policy,
				  const struct path_rule *rule)
{
	struct decision decision;

	if (!rule)
		return policy_allow(mode_rules[policy->mode]);
	decision = policy_allow(rule->origin);
	decision.reason = rule->reason;
	return decision;
}

static struct decision deny_rule(const struct path_rule *rule)
{
	int error = rule->kind == RULE_READ_ONLY ? EROFS : EACCES;
	struct decision decision =
		policy_deny(error, rule->origin, rule->reason);

	/* Nothing lifts a line of a file but another file. */
	if (strncmp(rule->origin, "--", 2) == 0)
		decision.remedy = "drop that option";
	return decision;
}

static bool is_below(const char *path, const char *directory)
{
	size_t len = directory ? strlen(directory) : 0;

	return len > 0 && strncmp(path, directory, len) == 0 &&
	       (path[len] == '\0' || path[len] == '/' || len == 1);
}

static struct decision deny_outside(const struct policy *policy,
				    const char *path)
{
	struct decision decision = policy_deny(EROFS, mode_rules[policy->mode],
					       "outside the write roots");

	decision.remedy = policy->mode == MODE_READ_ONLY &&
					  is_below(path, policy->workspace)
				  ? "sbxsup --mode workspace-write"
				  : "sbxsup --write DIR";
	return decision;
}

static bool kind_refuses(enum rule_kind kind, unsigned int rights)
{
	switch (kind) {
	case RULE_READ:
	case RULE_WRITE:
	case RULE_PLAIN:
		return false;
	case RULE_READ_ONLY:
	case RULE_PROTECT:
	case RULE_GIT_CONFIG:
		return rights & RIGHT_WRITE;
	case RULE_DENY:
		return true;
	case RULE_NUM:
		break;
	}
	return true;
}

/* The rule that this very object is sealed under, or NULL. */
static const struct path_rule *identity_rule(const struct policy *policy,
					     const struct policy_object *object)
{
	size_t low = 0;
	size_t high = policy->num_ids;

	while (object->has_id && low < high) {
		size_t middle = low + (high - low) / 2;
		const struct object_id *id = &policy->ids[middle];

		if (id->dev == object->dev && id->ino == object->ino)
			return &policy->rules[id->rule];
		if (id->dev < object->dev ||
		    (id->dev == object->dev && id->ino < object->ino))
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static const struct path_rule *run_rule(const struct policy *policy,
					const struct match_run *run)
{
	return run->value == MATCH_NONE ? NULL : &policy->rules[run->value];
}

/*
 * The rule that answers for reading. A READ rule with a wildcard, such as the
 * one for .env.example, lifts a refusal of the same name, but not one of a
 * directory above: so the question goes on to that directory.
 */
static const struct path_rule *rule_for_read(const struct policy *policy,
					     const char *path,
					     struct match_run run)
{
	const struct path_rule *rule = run_rule(policy, &run);

	while (rule && rule->kind == RULE_READ && run.depth > 0 &&
	       !pattern_is_literal(rule->pattern)) {
		match_prefix(policy->match, path, run.depth - 1, 0, &run);
		rule = run_rule(policy, &run);
	}
	return rule;
}

/* A PLAIN rule: what is said of the name when nothing is protected. */
static const struct path_rule *rule_behind_plain(const struct policy *policy,
						 const char *path,
						 struct match_run *run)
{
	match_prefix(policy->match, path, run->depth, PROTECTING, run);
	return run_rule(policy, run);
}

/*
 * The rule that answers for writing. A READ rule says nothing about that, and
 * the DENY that it lifted does not either: what else is said of the same name
 * counts, then what is said of the directory above.
 */
static const struct path_rule *rule_for_write(const struct policy *policy,
					      const char *path,
					      struct match_run run)
{
	const struct path_rule *rule = run_rule(policy, &run);
	const uint32_t skip = RANK_BIT(RULE_READ) | RANK_BIT(RULE_DENY);

	if (rule && rule->kind == RULE_PLAIN)
		rule = rule_behind_plain(policy, path, &run);

	while (rule && rule->kind == RULE_READ) {
		uint32_t depth = run.depth;

		match_prefix(policy->match, path, depth, skip, &run);
		if (run.value == MATCH_NONE || run.depth < depth) {
			if (depth == 0)
				return NULL;
			match_prefix(policy->match, path, depth - 1, 0, &run);
		}
		rule = run_rule(policy, &run);
	}
	return rule;
}

/* What the path rules say, identity aside. */
static struct decision decide_path(const struct policy *policy,
				   unsigned int rights, const char *path,
				   const struct match_run *run)
{
	const struct path_rule *rule = NULL;

	if (run->overflow)
		return deny_overflow();
	if (rights & RIGHT_READ) {
		rule = rule_for_read(policy, path, *run);
		if (rule && kind_refuses(rule->kind, RIGHT_READ))
			return deny_rule(rule);
	}
	if (rights & RIGHT_WRITE) {
		rule = rule_for_write(policy, path, *run);
		if (!rule)
			return deny_outside(policy, path);
		if (kind_refuses(rule->kind, RIGHT_WRITE))
			return deny_rule(rule);
	}
	return allow_rule(policy, rule);
}

/* Only a directory may stand where a rule looks through the name: a link, or a
 * file that names another place, would lead the rule elsewhere. */
static struct decision decide_link(const struct policy *policy,
				   const struct match_run *run)
{
	for (size_t i = 0; i < run->num_states; i++) {
		uint32_t value;

		if (run->loops >> i & 1)
			continue;
		value = match_state_value(policy->match, run->states[i]);
		return policy_deny(EACCES, policy->rules[value].origin,
				   "only a directory may have this name: a rule "
				   "looks below it");
	}
	return policy_allow(mode_rules[policy->mode]);
}

static struct decision decide_object(const struct policy *policy,
				     unsigned int rights,
				     const struct policy_object *object,
				     struct match_run *ret_run)
{
	const struct path_rule *identity = identity_rule(policy, object);
	struct decision decision;

	if (policy->mode == MODE_FULL_ACCESS)
		return policy_allow(mode_rules[MODE_FULL_ACCESS]);
	if (object->path[0] != '/')
		return deny_unnamed();
	match_path(policy->match, object->path, ret_run);
	if (identity && kind_refuses(identity->kind, rights))
		return deny_rule(identity);
	decision = decide_path(policy, rights, object->path, ret_run);
	if (decision.verdict == VERDICT_ALLOW && (rights & RIGHT_WRITE) &&
	    (object->is_link || object->is_file)) {
		struct decision link = decide_link(policy, ret_run);

		if (link.verdict == VERDICT_DENY)
			return link;
	}
	return decision;
}

struct decision policy_decide(const struct policy *policy, enum access access,
			      const struct policy_object *object)
{
	unsigned int rights = access_rights(access);
	struct match_run run;

	assert(rights != 0);
	return decide_object(policy, rights, object, &run);
}

struct decision policy_decide_unprotected(const struct policy *policy,
					  enum access access,
					  const struct policy_object *object)
{
	const struct path_rule *identity = identity_rule(policy, object);
	unsigned int rights = access_rights(access);
	struct match_run run;

	if (policy->mode == MODE_FULL_ACCESS)
		return policy_allow(mode_rules[MODE_FULL_ACCESS]);
	if (object->path[0] != '/')
		return deny_unnamed();
	if (identity && !(RANK_BIT(identity->kind) & PROTECTING) &&
	    kind_refuses(identity->kind, rights))
		return deny_rule(identity);
	match_prefix(policy->match, object->path, ALL_COMPONENTS, PROTECTING,
		     &run);
	return decide_path(policy, rights, object->path, &run);
}

bool policy_is_git_config(const struct policy *policy, const char *path)
{
	const struct path_rule *rule;
	struct match_run run;

	match_path(policy->match, path, &run);
	rule = run_rule(policy, &run);
	return !run.overflow && rule && rule->kind == RULE_GIT_CONFIG;
}

/*
 * Compares what could still match below two names: 0 the same, EXDEV only
 * base directories of "**" differ, EACCES anything else differs.
 */
static int compare_states(const struct match_run *from,
			  const struct match_run *to, uint32_t *ret_state)
{
	int error = 0;
	size_t i = 0;
	size_t j = 0;

	while (i < from->num_states || j < to->num_states) {
		uint32_t a =
			i < from->num_states ? from->states[i] : MATCH_NONE;
		uint32_t b = j < to->num_states ? to->states[j] : MATCH_NONE;
		bool loop;

		if (a == b) {
			i++;
			j++;
			continue;
		}
		loop = a < b ? from->loops >> i & 1 : to->loops >> j & 1;
		if (!loop || error == 0)
			*ret_state = a < b ? a : b;
		if (!loop)
			return EACCES;
		error = EXDEV;
		if (a < b)
			i++;
		else
			j++;
	}
	return error;
}

struct decision policy_decide_move(const struct policy *policy,
				   enum access access,
				   const struct policy_object *from,
				   const struct policy_object *to)
{
	struct match_run from_run;
	struct match_run to_run;
	struct decision decision;
	uint32_t state = 0;
	int error;

	assert(access == ACCESS_FS_RENAME || access == ACCESS_FS_LINK);
	decision =
		decide_object(policy, access_rights(access), from, &from_run);
	if (decision.verdict == VERDICT_DENY)
		return decision;
	decision = decide_object(policy, RIGHT_WRITE, to, &to_run);
	if (decision.verdict == VERDICT_DENY ||
	    policy->mode == MODE_FULL_ACCESS)
		return decision;
	error = compare_states(&from_run, &to_run, &state);
	if (error == 0)
		return decision;
	return policy_deny(
		error,
		policy->rules[match_state_value(policy->match, state)].origin,
		error == EXDEV ? "a rule's base directory lies between the "
				 "two names: copy instead"
			       : "a rule would change its meaning below the "
				 "moved name");
}

/* To connect to no address in particular is to connect to loopback. */
static struct netaddr connect_address(const struct netaddr *address)
{
	struct netaddr loopback = *address;

	if (!netaddr_is_unspecified(address))
		return loopback;
	if (address->bytes[11] == 0xff)
		loopback.bytes[12] = 127;
	loopback.bytes[15] = 1;
	return loopback;
}

struct decision policy_decide_connect(const struct policy *policy,
				      const struct netaddr *address,
				      uint16_t port, bool own_port)
{
	struct netaddr target = connect_address(address);
	struct decision decision;

	if (policy->mode == MODE_FULL_ACCESS)
		return policy_allow(mode_rules[MODE_FULL_ACCESS]);
	if (policy->net == NET_OPEN)
		return policy_allow(net_rules[NET_OPEN]);
	if (own_port && netaddr_is_loopback(&target))
		return policy_allow("session's own port");
	if (policy->net == NET_NONE)
		return policy_deny(ENETUNREACH, net_rules[NET_NONE],
				   "the session has no network");
	for (size_t i = 0; i < policy->num_nets; i++) {
		if (netrule_matches(&policy->nets[i], &target, port))
			return policy_allow(policy->nets[i].origin);
	}
	decision = policy_deny(EACCES, net_rules[NET_ALLOWLIST],
			       "no rule allows this destination");
	decision.remedy = "sbxsup --allow-net ADDRESS:PORT";
	return decision;
}

struct decision policy_decide_bind(const struct policy *policy,
				   const struct netaddr *address, uint16_t port)
{
	(void)port;
	if (policy->mode == MODE_FULL_ACCESS)
		return policy_allow(mode_rules[MODE_FULL_ACCESS]);
	if (policy->net == NET_OPEN)
		return policy_allow(net_rules[NET_OPEN]);
	if (netaddr_is_loopback(address))
		return policy_allow("loopback");
	return policy_deny(EACCES, net_rules[policy->net],
			   netaddr_is_unspecified(address)
				   ? "only loopback may be bound, not all "
				     "addresses"
				   : "only loopback may be bound");
}

/*
 * A rule for sockets beats a refusing path rule that is not deeper: it names
 * the socket for this very purpose. It gives no right to replace the file, so
 * for bind it counts only where no rule refuses.
 */
static bool unix_rule_wins(enum access access, const struct match_run *rule,
			   const struct match_run *path, bool refused)
{
	if (rule->value == MATCH_NONE)
		return false;
	if (!refused)
		return true;
	return access != ACCESS_UNIX_BIND && rule->depth >= path->depth;
}

static struct decision deny_unix(struct decision decision)
{
	if (decision.error == EROFS)
		decision.reason = "unix socket outside the write roots";
	decision.error = EACCES;
	decision.remedy = "sbxsup --allow-unix PATH";
	return decision;
}

struct decision policy_decide_unix(const struct policy *policy,
				   enum access access,
				   const struct policy_object *object)
{
	const struct path_rule *identity = identity_rule(policy, object);
	const struct path_rule *rule;
	struct decision decision;
	struct match_run path;
	struct match_run sock;
	bool refused;

	assert(access == ACCESS_UNIX_CONNECT || access == ACCESS_UNIX_SEND ||
	       access == ACCESS_UNIX_BIND);
	if (policy->mode == MODE_FULL_ACCESS)
		return policy_allow(mode_rules[MODE_FULL_ACCESS]);
	if (object->path[0] != '/')
		return deny_unnamed();
	match_path(policy->match, object->path, &path);
	match_path(policy->unix_paths, object->path, &sock);
	if (path.overflow || sock.overflow)
		return deny_overflow();
	rule = run_rule(policy, &path);
	/* Another name of a refused socket. */
	if (identity && identity != rule)
		return deny_rule(identity);
	refused = rule && kind_refuses(rule->kind, RIGHT_WRITE);
	if (unix_rule_wins(access, &sock, &path, refused))
		return policy_allow(policy->unix_rules[sock.value].origin);
	decision = decide_path(policy, RIGHT_WRITE, object->path, &path);
	if (decision.verdict == VERDICT_ALLOW)
		return decision;
	return deny_unix(decision);
}
