/* SPDX-License-Identifier: MIT */
/*
 * Landlock domains from a policy: R for the broker, C for the target.
 *
 * R is the widest the policy can ever grant: reading everywhere, writing below
 * write roots. The broker enters it before it forks the target, so that every
 * act of the broker, right or wrong, stays inside.
 *
 * C is much tighter than R: the broker opens, creates and removes for the
 * target, so the target itself needs no right to write anything at all. TCP is
 * connected and bound by the broker, so C grants none.
 */
#ifndef SBX_CONFINE_H
#define SBX_CONFINE_H

#include "policy.h"

/**
 * confine_ruleset_broker() - build the ruleset of domain R.
 * @policy: sealed
 * @abi: landlock_abi_version()
 * @ret_fd: receives the ruleset; the caller closes it
 * Return: 0 or -errno.
 */
int confine_ruleset_broker(const struct policy *policy, int abi, int *ret_fd);

/**
 * confine_ruleset_target() - build the ruleset of domain C.
 * Parameters and errors as for confine_ruleset_broker().
 */
int confine_ruleset_target(int abi, int *ret_fd);

/**
 * confine_enter() - enter a domain; async-signal-safe.
 * @ruleset_fd: from one of the two above
 * Return: 0 or -errno. Needs no_new_privs. landlock_restrict_self(2).
 */
int confine_enter(int ruleset_fd);

/**
 * confine_drop_capabilities() - empty all capability sets of the thread,
 * bounding set included as far as permitted; async-signal-safe.
 * Return: 0 or -errno. capabilities(7).
 */
int confine_drop_capabilities(void);

/**
 * confine_no_new_privs() - set no_new_privs; async-signal-safe.
 * Return: 0 or -errno.
 */
int confine_no_new_privs(void);

#endif /* SBX_CONFINE_H */
