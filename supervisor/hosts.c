/* SPDX-License-Identifier: MIT */
#include "hosts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "util.h"

static bool is_allowed_itself(const struct policy *policy,
			      const struct netaddr *address, uint16_t port)
{
	for (size_t i = 0; i < policy->num_nets; i++)
		if (netrule_matches(&policy->nets[i], address, port))
			return true;
	return false;
}

static int append_line(char **lines, const struct netaddr *address,
		       const char *host)
{
	char text[64];
	char *joined = NULL;

	netaddr_format(address, 0, text, sizeof(text));
	if (asprintf(&joined, "%s%s\t%s\n", *lines ? *lines : "", text, host) <
	    0)
		return -ENOMEM;
	free(*lines);
	*lines = joined;
	return 0;
}

static int add_address(struct policy *policy, const struct netrule *rule,
		       const struct netaddr *address, char **ret_lines)
{
	struct netrule fixed = *rule;
	int err;

	fixed.host[0] = '\0';
	fixed.address = *address;
	fixed.prefix = 128;
	err = policy_add_net(policy, &fixed);
	return err < 0 ? err : append_line(ret_lines, address, rule->host);
}

/* A name may not stand for this host, its network or a cloud's metadata: who
 * owns the name could then choose what is reached there. */
static int add_results(struct policy *policy, const struct netrule *rule,
		       const struct addrinfo *results, char **ret_lines)
{
	size_t added = 0, refused = 0;

	for (const struct addrinfo *at = results; at; at = at->ai_next) {
		struct netaddr address;
		uint16_t port;
		int err;

		if (netaddr_from_sockaddr(at->ai_addr, at->ai_addrlen,
					  &address, &port) < 0)
			continue;
		if (netaddr_is_special(&address) &&
		    !is_allowed_itself(policy, &address, rule->port_low)) {
			refused++;
			continue;
		}
		err = add_address(policy, rule, &address, ret_lines);
		if (err < 0)
			return err;
		added++;
	}
	if (added > 0)
		return 0;
	if (refused > 0) {
		fprintf(stderr,
			"sbxsup: %s: %s resolves to loopback, link-local or "
			"metadata addresses only; allow the address itself if "
			"that is meant\n",
			rule->origin, rule->host);
		return -EINVAL;
	}
	return -ENOENT;
}

int hosts_add(struct policy *policy, const struct netrule *rule,
	      char **ret_lines)
{
	const struct addrinfo wanted = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *results = NULL;
	int code = getaddrinfo(rule->host, NULL, &wanted, &results);
	int err = -ENOENT;

	if (code == 0)
		err = add_results(policy, rule, results, ret_lines);
	if (err == -ENOENT)
		fprintf(stderr, "sbxsup: %s: cannot resolve %s: %s\n",
			rule->origin, rule->host,
			code ? gai_strerror(code) : "no usable address");
	if (results)
		freeaddrinfo(results);
	return err;
}

static int copy_system_file(int to)
{
	cleanup_close int from = open("/etc/hosts", O_RDONLY | O_CLOEXEC);
	char chunk[4096];
	ssize_t len;

	if (from < 0)
		return errno == ENOENT ? 0 : -errno;
	while ((len = read(from, chunk, sizeof(chunk))) > 0)
		if (write(to, chunk, (size_t)len) != len)
			return -EIO;
	return len < 0 ? -errno : 0;
}

int hosts_file(const char *lines, int *ret_fd)
{
	cleanup_close int fd = -1;
	int err;

	if (!lines) {
		*ret_fd = -1;
		return 0;
	}
	fd = memfd_create("hosts", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -errno;
	err = copy_system_file(fd);
	if (err < 0)
		return err;
	/* The system's file may lack its last newline. */
	if (dprintf(fd, "\n%s", lines) < 0)
		return -EIO;
	if (fcntl(fd, F_ADD_SEALS,
		  F_SEAL_SEAL | F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK) < 0)
		return -errno;
	*ret_fd = TAKE_FD(fd);
	return 0;
}
