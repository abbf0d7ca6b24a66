/* SPDX-License-Identifier: MIT */
/*
 * Host rules: names are resolved once, before the start, by the front; the
 * session reads their addresses from a file that stands in for /etc/hosts. So
 * no question about a name leaves the session.
 */
#ifndef SBX_HOSTS_H
#define SBX_HOSTS_H

#include "policy.h"

/**
 * hosts_add() - resolve a host rule into address rules of the policy. Logging.
 * @policy: not sealed yet
 * @rule: with a host
 * @ret_lines: text for the hosts file is appended; grown with realloc(3), NULL
 *             or terminated; the caller frees it
 * Return: 0, -ENOENT when the name has no usable address, -EINVAL when it
 * resolves to addresses that a name must not stand for, -ENOMEM.
 */
int hosts_add(struct policy *policy, const struct netrule *rule,
	      char **ret_lines);

/**
 * hosts_file() - the file that the session sees as /etc/hosts.
 * @lines: from hosts_add(), or NULL
 * @ret_fd: receives a sealed memory file with the system's file and these
 *          lines, or -1 when there are none
 * Return: 0 or -errno.
 */
int hosts_file(const char *lines, int *ret_fd);

#endif /* SBX_HOSTS_H */
