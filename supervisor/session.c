/* SPDX-License-Identifier: MIT */
#include "session.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "confine.h"
#include "environ.h"
#include "hosts.h"
#include "landlock_abi.h"
#include "pattern.h"
#include "policy_parse.h"
#include "shim.h"
#include "tmpdir.h"
#include "util.h"

#define FEATURES_MAX 16

/**
 * struct places - directories that the policy's variables stand for
 * All are owned.
 */
struct places {
	char *home;
	char *state;
	char *config;
	char *cache;
	char *data;
	char *sessions;
};

static void places_done(struct places *places)
{
	free(places->home);
	free(places->state);
	free(places->config);
	free(places->cache);
	free(places->data);
	free(places->sessions);
}

/* $NAME if it is an absolute path, else $HOME/REST; xdg base directories. */
static char *xdg_dir(const char *name, const char *home, const char *rest)
{
	const char *value = getenv(name);
	char *path = NULL;

	if (value && value[0] == '/')
		return strdup(value);
	return asprintf(&path, "%s/%s", home, rest) < 0 ? NULL : path;
}

static int places_find(struct places *ret_places)
{
	const char *home = getenv("HOME");
	const struct passwd *entry;

	if (!home || home[0] != '/') {
		entry = getpwuid(getuid());
		home = entry && entry->pw_dir[0] == '/' ? entry->pw_dir : "/";
	}
	ret_places->home = strdup(home);
	ret_places->state = xdg_dir("XDG_STATE_HOME", home, ".local/state");
	ret_places->config = xdg_dir("XDG_CONFIG_HOME", home, ".config");
	ret_places->cache = xdg_dir("XDG_CACHE_HOME", home, ".cache");
	ret_places->data = xdg_dir("XDG_DATA_HOME", home, ".local/share");
	if (!ret_places->home || !ret_places->state || !ret_places->config ||
	    !ret_places->cache || !ret_places->data ||
	    asprintf(&ret_places->sessions, "%s/sbxsup/sessions",
		     ret_places->state) < 0)
		return -ENOMEM;
	return 0;
}

static int say(int err, const char *what, const char *which)
{
	fprintf(stderr, "sbxsup: %s%s%s: %s\n", what, which ? " " : "",
		which ? which : "", strerror(-err));
	return err;
}

static int find_workspace(const struct options *options, char **ret_workspace)
{
	const char *wanted = options->workspace ? options->workspace : ".";
	char *path = realpath(wanted, NULL);
	struct stat st;

	if (!path)
		return say(-errno, "workspace", wanted);
	if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode)) {
		free(path);
		return say(-ENOTDIR, "workspace", wanted);
	}
	*ret_workspace = path;
	return 0;
}

static int parse_builtin(struct session *session, const struct places *places)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	const struct policy_vars vars = {
		.workspace = session->policy.workspace,
		.home = places->home,
		.tmpdir = session->policy.tmpdir,
		.runtime = runtime && runtime[0] == '/' ? runtime : NULL,
		.state = places->state,
		.config = places->config,
		.cache = places->cache,
		.data = places->data,
		.uid = getuid(),
	};
	cleanup_free struct diag *diag = calloc(1, sizeof(*diag));
	int err;

	if (!diag)
		return -ENOMEM;
	err = policy_parse_text(&session->policy, &vars, "default.ini",
				sbx_default_ini, diag);
	for (size_t i = 0; i < diag->num && i < DIAG_LINES_MAX; i++)
		fprintf(stderr, "sbxsup: %s\n", diag->text[i]);
	return err;
}

/* Adds a rule for exactly this path, whatever bytes it has. */
static int add_literal(struct policy *policy, enum rule_kind kind,
		       const char *path, const char *origin, const char *reason)
{
	char pattern[PATTERN_MAX];
	int err = pattern_escape(path, pattern, sizeof(pattern));

	return err < 0 ? err
		       : policy_add_path(policy, kind, pattern, origin, reason);
}

/* The log is nobody's to touch, even if the workspace is the home directory. */
static int protect_log(struct session *session, const struct places *places)
{
	return add_literal(&session->policy, RULE_DENY, places->sessions,
			   "audit log", "the audit log");
}

/* Makes a relative path absolute; the working directory is taken literally in
 * a pattern. */
static int make_absolute(const char *value, bool is_pattern, char *buf,
			 size_t size)
{
	char cwd[PATH_MAX];

	if (value[0] == '/')
		return strlcpy(buf, value, size) < size ? 0 : -ENAMETOOLONG;
	if (!getcwd(cwd, sizeof(cwd)))
		return -errno;
	if (!is_pattern)
		(void)strlcpy(buf, cwd, size);
	else if (pattern_escape(cwd, buf, size) < 0)
		return -ENAMETOOLONG;
	(void)strlcat(buf, "/", size);
	return strlcat(buf, value, size) < size ? 0 : -ENAMETOOLONG;
}

/* --deny takes a path or a pattern: a path, if it exists as it stands. */
static int add_deny(struct session *session, const char *value,
		    const char *origin)
{
	char path[PATTERN_MAX];
	struct stat st;
	int err = make_absolute(value, false, path, sizeof(path));

	if (err == 0 && lstat(path, &st) == 0)
		return add_literal(&session->policy, RULE_DENY, path, origin,
				   NULL);
	err = make_absolute(value, true, path, sizeof(path));
	return err < 0 ? err
		       : policy_add_path(&session->policy, RULE_DENY, path,
					 origin, NULL);
}

static int add_path_option(struct session *session,
			   const struct option_use *use, enum rule_kind kind)
{
	char origin[PATH_MAX + 32], path[PATTERN_MAX];
	struct stat st;
	int err;

	(void)snprintf(origin, sizeof(origin), "--%s %s", option_name(use->id),
		       use->value);
	if (kind == RULE_DENY) {
		err = add_deny(session, use->value, origin);
		return err < 0 ? say(err, origin, NULL) : 0;
	}
	err = make_absolute(use->value, false, path, sizeof(path));
	if (err == 0 && kind == RULE_WRITE && stat(path, &st) < 0) {
		fprintf(stderr,
			"sbxsup: %s: %s; a write root must exist: create it "
			"first\n",
			origin, strerror(errno));
		return -ENOENT;
	}
	if (err == 0)
		err = add_literal(&session->policy, kind, path, origin, NULL);
	return err < 0 ? say(err, origin, NULL) : 0;
}

static int add_unix_option(struct session *session,
			   const struct option_use *use)
{
	char origin[PATH_MAX + 32], path[PATTERN_MAX];
	int err = make_absolute(use->value, true, path, sizeof(path));

	(void)snprintf(origin, sizeof(origin), "--allow-unix %s", use->value);
	if (err == 0)
		err = policy_add_unix(&session->policy, path, origin);
	return err < 0 ? say(err, origin, NULL) : 0;
}

static int add_net_option(struct session *session, const struct option_use *use,
			  char **lines)
{
	char origin[PATH_MAX];
	const char *problem = "";
	struct netrule rule = {0};
	int err = netrule_parse(use->value, &rule, &problem);

	(void)snprintf(origin, sizeof(origin), "--allow-net %s", use->value);
	if (err < 0) {
		fprintf(stderr, "sbxsup: %s: %s\n", origin, problem);
		return err;
	}
	rule.origin = origin;
	return rule.host[0] ? hosts_add(&session->policy, &rule, lines)
			    : policy_add_net(&session->policy, &rule);
}

static int add_option(struct session *session, const struct option_use *use,
		      char **lines)
{
	if (use->id == OPTION_WRITE)
		return add_path_option(session, use, RULE_WRITE);
	if (use->id == OPTION_READ_ONLY)
		return add_path_option(session, use, RULE_READ_ONLY);
	if (use->id == OPTION_DENY)
		return add_path_option(session, use, RULE_DENY);
	if (use->id == OPTION_ALLOW_NET)
		return add_net_option(session, use, lines);
	if (use->id == OPTION_ALLOW_UNIX)
		return add_unix_option(session, use);
	return 0;
}

/* A copy of the log that lies where the session may write is out of its reach
 * like the log itself. */
static int protect_copy(struct session *session)
{
	const char *audit = session->options->audit;
	char path[PATTERN_MAX];
	int err;

	if (!audit)
		return 0;
	err = make_absolute(audit, false, path, sizeof(path));
	return err < 0 ? err
		       : add_literal(&session->policy, RULE_DENY, path,
				     "audit log", "the audit log");
}

static int add_options(struct session *session)
{
	const struct options *options = session->options;
	cleanup_free char *lines = NULL;
	int err = 0;

	for (size_t i = 0; i < options->num_uses && err == 0; i++)
		err = add_option(session, &options->uses[i], &lines);
	return err < 0 ? err : hosts_file(lines, &session->hosts);
}

static int make_tmpdir(struct session *session)
{
	int err = tmpdir_create(&session->tmpdir);

	if (err < 0)
		return say(err, "private TMPDIR", NULL);
	session->policy.tmpdir = strdup(session->tmpdir.path);
	return session->policy.tmpdir ? 0 : -ENOMEM;
}

static int build_policy(struct session *session, const struct places *places)
{
	const struct options *options = session->options;
	struct policy *policy = &session->policy;
	int err = policy_init(policy);

	if (err < 0)
		return err;
	policy->mode = options->mode;
	policy->net = options->mode == MODE_FULL_ACCESS && !options->net_given
			      ? NET_OPEN
			      : options->net;
	policy->log_only = options->log_only;
	err = find_workspace(options, &policy->workspace);
	if (err == 0 && policy->mode != MODE_FULL_ACCESS) {
		err = make_tmpdir(session);
	}
	if (err == 0)
		err = parse_builtin(session, places);
	if (err == 0)
		err = protect_log(session, places);
	if (err == 0)
		err = protect_copy(session);
	if (err == 0)
		err = add_options(session);
	return err < 0 ? err : policy_seal(policy);
}

/* What this kernel gives and lacks. A missing feature that a confined session
 * cannot do without ends it here. */
static int probe(struct session *session, const char **features,
		 const char **missing)
{
	const char *lacks;
	int index = 0;

	session->landlock = landlock_abi_version();
	session->filter_flags = filter_probe_flags();
	if (session->filter_flags)
		*features++ = "wait-killable-recv";
	else
		*missing++ = "wait-killable-recv";
	if (session->landlock > 0)
		*features++ = "landlock";
	while (index < FEATURES_MAX / 2 &&
	       (lacks = landlock_abi_missing(session->landlock, index++)))
		*missing++ = lacks;
	*features = NULL;
	*missing = NULL;
	if (session->passive || session->landlock >= 6)
		return 0;
	fprintf(stderr,
		"sbxsup: this kernel has Landlock ABI %d; a confined session "
		"needs 6 (Linux 6.12) to keep signals and abstract sockets "
		"within it. Only --mode full-access or --log-only can run "
		"here.\n",
		session->landlock);
	return -ENOSYS;
}

static int open_log(struct session *session, const struct places *places,
		    const char *const *features, const char *const *missing)
{
	const struct options *options = session->options;
	const struct policy *policy = &session->policy;
	const struct audit_session record = {
		.id = session->id,
		.argv = options->command,
		.mode = mode_name(policy->mode),
		.net = net_mode_name(policy->net),
		.log_only = policy->log_only,
		.workspace = policy->workspace,
		.tmpdir = policy->tmpdir,
		.level = session->passive ? "log" : "full",
		.landlock_abi = session->landlock,
		.features = features,
		.missing = missing,
	};
	int err = audit_open(places->sessions, session->id, options->audit,
			     &session->audit);

	if (err == 0)
		err = audit_write_session(session->audit, &record);
	return err < 0 ? say(err, "audit log", NULL) : 0;
}

static int build_confinement(struct session *session)
{
	int err = filter_build(session->passive, &session->filter);

	if (err < 0)
		return say(err, "seccomp filter", NULL);
	if (session->passive)
		return 0;
	err = confine_ruleset_broker(&session->policy, session->landlock,
				     &session->broker_ruleset);
	if (err == 0)
		err = confine_ruleset_target(session->landlock,
					     &session->target_ruleset);
	return err < 0 ? say(err, "landlock ruleset", NULL) : 0;
}

static int build_environment(struct session *session)
{
	cleanup_free char *shim = NULL;

	if (!session->options->no_preload)
		shim = shim_find();
	return environ_build(&session->policy, session->options, session->id,
			     shim, &session->env);
}

int session_prepare(const struct options *options, struct session *ret_session)
{
	const char *features[FEATURES_MAX], *missing[FEATURES_MAX];
	struct session *session = ret_session;
	struct places places = {0};
	int err;

	*session = (struct session){
		.options = options,
		.hosts = -1,
		.broker_ruleset = -1,
		.target_ruleset = -1,
		.passive = options->log_only ||
			   options->mode == MODE_FULL_ACCESS,
	};
	audit_session_id(session->id);
	err = places_find(&places);
	if (err == 0)
		err = probe(session, features, missing);
	if (err == 0)
		err = build_policy(session, &places);
	if (err == 0)
		err = open_log(session, &places, features, missing);
	if (err == 0)
		err = build_confinement(session);
	if (err == 0)
		err = build_environment(session);
	if (err == -ENOMEM)
		(void)say(err, "starting", NULL);
	places_done(&places);
	return err;
}

/* Empties the private TMPDIR in a child that can write no more than the session
 * could: what is in there was made by it. */
static int remove_tmpdir(const struct session *session)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		int err = 0;

		if (session->broker_ruleset >= 0) {
			err = confine_no_new_privs();
			if (err == 0)
				err = confine_enter(session->broker_ruleset);
		}
		if (err == 0)
			err = tmpdir_empty(&session->tmpdir);
		_exit(-err);
	}
	if (pid < 0 || RETRY_EINTR(waitpid(pid, &status, 0)) < 0)
		return -errno;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
	return tmpdir_remove(&session->tmpdir);
}

void session_done(struct session *session)
{
	if (session->tmpdir.path) {
		int err = remove_tmpdir(session);

		if (err < 0)
			(void)say(err, "removing", session->tmpdir.path);
		free(session->tmpdir.path);
	}
	filter_done(&session->filter);
	environ_free(session->env);
	audit_free(session->audit);
	policy_done(&session->policy);
	util_close(&session->hosts);
	util_close(&session->broker_ruleset);
	util_close(&session->target_ruleset);
}
