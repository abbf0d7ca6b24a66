/* SPDX-License-Identifier: MIT */
/*
 * A session: everything that is decided before anything runs.
 */
#ifndef SBX_SESSION_H
#define SBX_SESSION_H

#include "audit.h"
#include "filter.h"
#include "options.h"
#include "policy.h"
#include "tmpdir.h"

/**
 * struct session - set up by session_prepare(), then only read
 * @options: the command line
 * @policy: sealed
 * @audit: open, with its session record written
 * @id: session id
 * @env: environment of the command
 * @tmpdir: the private TMPDIR
 * @filter: seccomp programs
 * @filter_flags: listener flags that the kernel knows
 * @landlock: Landlock ABI
 * @passive: nothing is refused
 * @hosts: file that stands in for /etc/hosts, or -1
 * @broker_ruleset: domain R, or -1 when passive
 * @target_ruleset: domain C, or -1 when passive
 */
struct session {
	const struct options *options;
	struct policy policy;
	struct audit *audit;
	char id[AUDIT_ID_MAX];
	char **env;
	struct tmpdir tmpdir;
	struct filter filter;
	unsigned int filter_flags;
	int landlock;
	bool passive;
	int hosts;
	int broker_ruleset;
	int target_ruleset;
};

/**
 * session_prepare() - policy, log, environment, filter, rulesets. Logging.
 * @options: must outlive the session
 * @ret_session: receives the session; end with session_done() even on failure
 * Return: 0 or -errno after it has said on stderr what is wrong.
 */
int session_prepare(const struct options *options, struct session *ret_session);

/**
 * session_done() - remove the private TMPDIR, free and close.
 * @session: prepared or half prepared
 */
void session_done(struct session *session);

#endif /* SBX_SESSION_H */
