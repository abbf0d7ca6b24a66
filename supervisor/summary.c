/* SPDX-License-Identifier: MIT */
#include "summary.h"

#include <stdio.h>

#include "util.h"

void summary_before(const struct session *session)
{
	const struct policy *policy = &session->policy;

	fprintf(stderr, "sbxsup: mode %s%s, network %s, Landlock ABI %d\n",
		mode_name(policy->mode),
		policy->log_only ? " (log only: nothing is refused)" : "",
		net_mode_name(policy->net), session->landlock);
	fprintf(stderr, "sbxsup: workspace %s\n", policy->workspace);
	for (size_t i = 0; i < policy->num_rules; i++)
		if (policy->rules[i].kind == RULE_WRITE &&
		    policy->mode != MODE_FULL_ACCESS)
			fprintf(stderr, "sbxsup: writable %s (%s)\n",
				policy->rules[i].pattern,
				policy->rules[i].origin);
	for (size_t i = 0; i < policy->num_nets; i++) {
		char text[64];

		netaddr_format(&policy->nets[i].address,
			       policy->nets[i].port_low, text, sizeof(text));
		fprintf(stderr, "sbxsup: reachable %s (%s)\n", text,
			policy->nets[i].origin);
	}
	fprintf(stderr, "sbxsup: log %s\n", audit_path(session->audit));
}

void summary_after(const struct session *session, const char *counts)
{
	fprintf(stderr, "sbxsup: %s; log: %s\n", counts,
		audit_path(session->audit));
}
