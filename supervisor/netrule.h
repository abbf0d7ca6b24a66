/* SPDX-License-Identifier: MIT */
/*
 * Network rules: which addresses and ports may be connected to.
 */
#ifndef SBX_NETRULE_H
#define SBX_NETRULE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#define NETRULE_HOST_MAX 254

/**
 * struct netaddr - an IP address in one form: v4 is kept as v4-mapped v6
 * @bytes: network order
 */
struct netaddr {
	uint8_t bytes[16];
};

/**
 * struct netrule - one allowed destination
 * @address: the network; meaningful when @host is empty or after resolution
 * @prefix: length in bits of the 128-bit form (a v4 /24 is 120)
 * @port_low: first port, host order
 * @port_high: last port
 * @host: canonical lower-case host name without trailing dot, or ""
 * @origin: where the rule stands
 */
struct netrule {
	struct netaddr address;
	unsigned int prefix;
	uint16_t port_low;
	uint16_t port_high;
	char host[NETRULE_HOST_MAX];
	const char *origin;
};

/**
 * netrule_parse() - parse HOST[:PORT], IP[/LEN][:PORT], [IPV6][/LEN][:PORT].
 * @text: the rule; PORT is a number or LOW-HIGH, default 443. IPv6 addresses
 *        need their brackets, or "::1:80" would be an address.
 * @ret_rule: receives everything but origin, which is left alone
 * @ret_error: receives static text that says what is wrong
 * Return: 0 or -EINVAL.
 *
 * Numeric host spellings that inet_aton(3) would take as an address ("0x7f.1",
 * "127.1", "2130706433") are refused, and so are zones and control bytes, and
 * networks with bits behind their prefix.
 */
int netrule_parse(const char *text, struct netrule *ret_rule,
		  const char **ret_error);

/**
 * netrule_matches() - does the rule allow this destination? A v4 address is
 * matched by rules of v4 networks only, so "[::]/0" is about v6.
 * @rule: an address rule (host rules never match; they are resolved first)
 * @address: destination
 * @port: destination port, host order
 */
bool netrule_matches(const struct netrule *rule, const struct netaddr *address,
		     uint16_t port);

/**
 * netaddr_from_sockaddr() - the address and port of an INET or INET6 socket
 * address, v4-mapped and NAT64 (64:ff9b::/96) forms folded to v4-mapped.
 * @sa: our own copy of the address
 * @len: its length in bytes
 * @ret_address: receives the address
 * @ret_port: receives the port, host order
 * Return: 0, -EAFNOSUPPORT for another family, -EINVAL when too short.
 */
int netaddr_from_sockaddr(const struct sockaddr *sa, socklen_t len,
			  struct netaddr *ret_address, uint16_t *ret_port);

/**
 * netaddr_is_loopback() - 127.0.0.0/8 or ::1, in any mapped form.
 * @address: the address
 */
bool netaddr_is_loopback(const struct netaddr *address);

/**
 * netaddr_is_unspecified() - 0.0.0.0 or ::; connecting there means loopback.
 * @address: the address
 */
bool netaddr_is_unspecified(const struct netaddr *address);

/**
 * netaddr_is_special() - link-local, cloud metadata, multicast or broadcast:
 * nothing that a host name may resolve to (loopback and unspecified included).
 * @address: the address
 */
bool netaddr_is_special(const struct netaddr *address);

/**
 * netaddr_format() - text form, v4-mapped as dotted quad, v6 in brackets when
 * a port follows.
 * @address: the address
 * @port: appended as ":PORT" unless 0
 * @buf: receives the text, always terminated
 * @size: its size in bytes; 64 is always enough
 */
void netaddr_format(const struct netaddr *address, uint16_t port, char *buf,
		    size_t size);

#endif /* SBX_NETRULE_H */
