/* SPDX-License-Identifier: MIT */
/*
 * The policy: an immutable model once it is loaded, and the questions that
 * can be asked of it. Deciding is pure: no descriptor, no clock, no log.
 */
#ifndef SBX_POLICY_H
#define SBX_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "decision.h"
#include "match.h"
#include "netrule.h"

enum mode {
	MODE_READ_ONLY = 0,
	MODE_WORKSPACE_WRITE,
	MODE_FULL_ACCESS,
	MODE_NUM,
};

enum net_mode {
	NET_NONE = 0,
	NET_ALLOWLIST,
	NET_OPEN,
	NET_NUM,
};

/*
 * Kinds of path rules, in ascending rank: at equal depth the later one wins.
 *   READ      readable; takes an exception out of a wildcard DENY. It says
 *             nothing about writing: that is as for the directory above. With
 *             a wildcard in it, neither does it end a DENY from further up.
 *   WRITE     readable and writable: a write root
 *   READ_ONLY not writable, refused like a read-only mount (EROFS)
 *   GIT_CONFIG  as PROTECT, but may be replaced by a file that makes git run
 *             and reach nothing new; see gitconfig.h
 *   PROTECT   not writable, refused as protected (EACCES)
 *   PLAIN     takes an exception out of PROTECT: as if no such rule were there
 *   DENY      neither readable nor writable (EACCES)
 */
enum rule_kind {
	RULE_READ = 0,
	RULE_WRITE,
	RULE_READ_ONLY,
	RULE_GIT_CONFIG,
	RULE_PROTECT,
	RULE_PLAIN,
	RULE_DENY,
	RULE_NUM,
};

/**
 * struct path_rule - one line about paths
 * @kind: see above
 * @pattern: as match_add() takes it, canonical up to its first wildcard
 * @origin: "default.ini:12" or "--write /x"
 * @reason: words for people, such as "private keys"; never NULL
 */
struct path_rule {
	enum rule_kind kind;
	char *pattern;
	char *origin;
	char *reason;
};

/**
 * struct object_id - identity of a file that a rule names
 * @dev: st_dev
 * @ino: st_ino
 * @rule: index into policy->rules
 */
struct object_id {
	dev_t dev;
	ino_t ino;
	size_t rule;
};

/**
 * struct policy - everything that decisions depend on
 * @mode: the mode of the session
 * @net: what the network allows
 * @log_only: decide and record, refuse nothing
 * @workspace: canonical path, NULL before policy_load()
 * @tmpdir: the session's private TMPDIR, canonical, or NULL
 * @rules: path rules, in order of addition
 * @num_rules: their number
 * @match: the compiled patterns; values are indices into @rules
 * @ids: identities of existing literal DENY, PROTECT and READ_ONLY objects,
 *       sorted by (dev, ino)
 * @num_ids: their number
 * @nets: allowed destinations
 * @num_nets: their number
 * @unix_paths: patterns of unix sockets that may be connected to, compiled;
 *              values are indices into @unix_rules
 * @unix_rules: their rules (kind RULE_WRITE)
 * @num_unix_rules: their number
 * @env_drop: fnmatch(3) patterns of variables to drop
 * @num_env_drop: their number
 * @env_keep: names or patterns that stay even so
 * @num_env_keep: their number
 *
 * Set up by one thread, never modified after policy_seal().
 */
struct policy {
	enum mode mode;
	enum net_mode net;
	bool log_only;
	char *workspace;
	char *tmpdir;
	struct path_rule *rules;
	size_t num_rules;
	struct match *match;
	struct object_id *ids;
	size_t num_ids;
	struct netrule *nets;
	size_t num_nets;
	struct match *unix_paths;
	struct path_rule *unix_rules;
	size_t num_unix_rules;
	char **env_drop;
	size_t num_env_drop;
	char **env_keep;
	size_t num_env_keep;
};

/**
 * struct policy_object - what a path access is about
 * @path: canonical path in our memory, not NULL
 * @has_id: @dev and @ino are those of an existing object
 * @dev: st_dev
 * @ino: st_ino
 * @is_link: the object will be a symbolic link: refused where a rule looks
 *           through this name at something below it
 * @is_file: the object is or will be a regular file: not to be written where a
 *           rule looks through this name. A file named .git, for example, would
 *           lead git to a directory that no rule looks at.
 */
struct policy_object {
	const char *path;
	bool has_id;
	dev_t dev;
	ino_t ino;
	bool is_link;
	bool is_file;
};

/**
 * policy_init() - an empty policy in the default mode.
 * @policy: receives it
 * Return: 0 or -ENOMEM.
 */
int policy_init(struct policy *policy);

/**
 * policy_done() - free what a policy holds; a zeroed one is allowed.
 * @policy: the policy
 */
void policy_done(struct policy *policy);

/**
 * policy_add_path() - add a path rule.
 * @policy: not sealed yet
 * @kind: what the rule says
 * @pattern: absolute; the part before the first wildcard component is
 *           canonicalised as far as it exists, so that decisions on resolved
 *           objects meet it. READ_ONLY, PROTECT and DENY also hold for the
 *           names of symbolic links on the way: one could be replaced.
 * @origin: copied
 * @reason: copied; NULL means a default for the kind
 * Return: 0, -EINVAL (relative or malformed), -ENOMEM.
 */
int policy_add_path(struct policy *policy, enum rule_kind kind,
		    const char *pattern, const char *origin,
		    const char *reason);

/**
 * policy_add_net() - add an allowed destination.
 * @policy: not sealed yet
 * @rule: copied; its origin is copied too
 * Return: 0 or -ENOMEM.
 */
int policy_add_net(struct policy *policy, const struct netrule *rule);

/**
 * policy_add_unix() - allow connecting to unix sockets at a path pattern.
 * Parameters and errors as for policy_add_path().
 */
int policy_add_unix(struct policy *policy, const char *pattern,
		    const char *origin);

/**
 * policy_add_env() - add a pattern of environment variables.
 * @policy: not sealed yet
 * @keep: true: stays whatever else says; false: dropped
 * @pattern: for fnmatch(3)
 * Return: 0 or -ENOMEM.
 */
int policy_add_env(struct policy *policy, bool keep, const char *pattern);

/**
 * policy_seal() - compile the patterns and take the identities of literal
 * objects. Reads the file system (stat), so it runs before any target exists.
 * @policy: complete; read-only from here on
 * Return: 0, -ENOMEM, -EINVAL.
 */
int policy_seal(struct policy *policy);

/**
 * policy_decide() - may this access happen to this object?
 * @policy: sealed
 * @access: a file or exec access
 * @object: the object
 *
 * In MODE_FULL_ACCESS and for paths without a rule: reads are allowed, writes
 * are allowed only in MODE_FULL_ACCESS. Writes outside of write roots give
 * EROFS, protected and secret objects EACCES.
 */
struct decision policy_decide(const struct policy *policy, enum access access,
			      const struct policy_object *object);

/**
 * policy_decide_move() - may an object go from one name to another?
 * @policy: sealed
 * @access: ACCESS_FS_RENAME or ACCESS_FS_LINK
 * @from: the existing object
 * @to: the new name, with the identity of what it replaces, if anything
 *
 * Both names need the right to write. Beyond that no rule may change its
 * meaning below the object: where the patterns that could still match below
 * the two names differ, the answer is EACCES, or EXDEV if only the base
 * directories of "**" patterns differ (a program then copies, and each file
 * of the copy is decided on its own). This does not depend on whether the
 * object is a directory, because that could change before the act.
 */
struct decision policy_decide_move(const struct policy *policy,
				   enum access access,
				   const struct policy_object *from,
				   const struct policy_object *to);

/**
 * policy_decide_unprotected() - as policy_decide(), as if there were no
 * PROTECT, GIT_CONFIG and PLAIN rules: for what a handler has found harmless
 * by looking at more than the name.
 */
struct decision policy_decide_unprotected(const struct policy *policy,
					  enum access access,
					  const struct policy_object *object);

/**
 * policy_is_git_config() - does a GIT_CONFIG rule answer for this path?
 * @policy: sealed
 * @path: canonical
 */
bool policy_is_git_config(const struct policy *policy, const char *path);

/**
 * policy_decide_connect() - may the session connect to this address?
 * @policy: sealed
 * @address: destination
 * @port: destination port, host order
 * @own_port: the session itself has bound this port on loopback
 */
struct decision policy_decide_connect(const struct policy *policy,
				      const struct netaddr *address,
				      uint16_t port, bool own_port);

/**
 * policy_decide_bind() - may the session bind this address?
 * @policy: sealed
 * @address: local address
 * @port: local port, host order
 *
 * Loopback always; anything else only with NET_OPEN or in full-access.
 */
struct decision policy_decide_bind(const struct policy *policy,
				   const struct netaddr *address,
				   uint16_t port);

/**
 * policy_decide_unix() - may the session talk to the unix socket at a path?
 * @policy: sealed
 * @access: ACCESS_UNIX_CONNECT, ACCESS_UNIX_SEND or ACCESS_UNIX_BIND
 * @object: the socket, resolved
 *
 * Allowed below write roots and where an allow-unix rule matches.
 */
struct decision policy_decide_unix(const struct policy *policy,
				   enum access access,
				   const struct policy_object *object);

/**
 * policy_allow() - a decision that allows, for rules that are not lines.
 * @rule: static text
 */
struct decision policy_allow(const char *rule);

/**
 * policy_deny() - a decision that denies, for rules that are not lines.
 * @error: errno
 * @rule: static text
 * @reason: static text
 */
struct decision policy_deny(int error, const char *rule, const char *reason);

const char *mode_name(enum mode mode);
const char *net_mode_name(enum net_mode net);
const char *rule_kind_name(enum rule_kind kind);
/* Each returns 0 or -EINVAL; danger-full-access means full-access. */
int mode_parse(const char *text, enum mode *ret_mode);
int net_mode_parse(const char *text, enum net_mode *ret_net);

#endif /* SBX_POLICY_H */
