/* SPDX-License-Identifier: MIT */
#include "netrule.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "util.h"

#define PORT_DEFAULT 443
#define LABEL_MAX 63
/* Host or address, prefix and ports. */
#define RULE_TEXT_MAX (NETRULE_HOST_MAX + 32)

static const uint8_t v4_mapped[12] = {[10] = 0xff, [11] = 0xff};
static const uint8_t nat64[12] = {[1] = 0x64, [2] = 0xff, [3] = 0x9b};

/*
 * What no name may lead to: loopback, "this host", link-local with the usual
 * metadata service, multicast, reserved and broadcast, then the metadata
 * services that live elsewhere.
 */
static const struct {
	uint8_t bytes[16];
	unsigned int prefix;
} special[] = {
#define V4(a, b, c, d)                                                         \
	{                                                                      \
		[10] = 0xff, 0xff, (a), (b), (c), (d)                          \
	}
	{V4(0, 0, 0, 0), 96 + 8},
	{V4(127, 0, 0, 0), 96 + 8},
	{V4(169, 254, 0, 0), 96 + 16},
	{V4(224, 0, 0, 0), 96 + 4},
	{V4(240, 0, 0, 0), 96 + 4},
	{V4(100, 100, 100, 200), 128},
	{V4(168, 63, 129, 16), 128},
	{V4(192, 0, 0, 192), 128},
#undef V4
	{{0}, 128},
	{{[15] = 1}, 128},
	{{0xfe, 0x80}, 10},
	{{0xff}, 8},
	{{0xfd, 0x00, 0x0e, 0xc2, [14] = 0x02, [15] = 0x54}, 128},
	{{0xfd, 0x20, 0x00, 0xce, [14] = 0x02, [15] = 0x54}, 128},
};

static bool is_mapped(const uint8_t bytes[16])
{
	return memcmp(bytes, v4_mapped, sizeof(v4_mapped)) == 0;
}

static bool in_network(const uint8_t address[16], const uint8_t network[16],
		       unsigned int prefix)
{
	unsigned int whole = prefix / 8;
	unsigned int mask = 0xff00u >> (prefix % 8) & 0xffu;

	assert(prefix <= 128);
	if (memcmp(address, network, whole) != 0)
		return false;
	return mask == 0 || ((address[whole] ^ network[whole]) & mask) == 0;
}

/* An address that carries a v4 one stands for it. */
static void fold(struct netaddr *address)
{
	if (memcmp(address->bytes, nat64, sizeof(nat64)) == 0)
		memcpy(address->bytes, v4_mapped, sizeof(v4_mapped));
}

/* A decimal number without sign, at most @max; -1 when it is not one. */
static long parse_number(const char *text, size_t len, long max)
{
	long number = 0;

	if (len == 0 || len > 5)
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		number = number * 10 + (text[i] - '0');
	}
	return number <= max ? number : -1;
}

static int parse_ports(const char *text, struct netrule *rule,
		       const char **ret_error)
{
	size_t low_len = strcspn(text, "-");
	long low = parse_number(text, low_len, UINT16_MAX);
	long high = low;

	if (text[low_len] == '-')
		high = parse_number(text + low_len + 1,
				    strlen(text + low_len + 1), UINT16_MAX);
	if (low < 1 || high < 1) {
		*ret_error = "a port is a number from 1 to 65535, or LOW-HIGH";
		return -EINVAL;
	}
	if (low > high) {
		*ret_error = "the port range ends before it begins";
		return -EINVAL;
	}
	rule->port_low = (uint16_t)low;
	rule->port_high = (uint16_t)high;
	return 0;
}

/* Does inet_aton(3) take such a last label for a part of an address? */
static bool is_numeric_label(const char *label)
{
	const char *digits = "0123456789";

	if (label[0] == '0' && (label[1] == 'x' || label[1] == 'X')) {
		label += 2;
		digits = "0123456789abcdefABCDEF";
	}
	return label[strspn(label, digits)] == '\0';
}

static const char *check_host(const char *host)
{
	const char *label = host;
	size_t len;

	if (host[0] == '*')
		return "a host rule is a full name; wildcards are refused";
	for (;; label += len + 1) {
		len = strspn(label, "abcdefghijklmnopqrstuvwxyz"
				    "0123456789-_");
		if (label[len] != '.' && label[len] != '\0')
			return "a host name has letters, digits, \"-\", \"_\" "
			       "and dots only";
		if (len == 0)
			return "a label of the host name is empty";
		if (len > LABEL_MAX)
			return "a label of the host name is longer than 63";
		if (label[len] == '\0')
			break;
	}
	if (is_numeric_label(label))
		return "looks like a number; an address is four decimal "
		       "numbers, a name does not end in one";
	return NULL;
}

static int parse_host(const char *text, struct netrule *rule,
		      const char **ret_error)
{
	size_t len = strlen(text);

	if (len > 0 && text[len - 1] == '.')
		len--;
	if (len == 0 || len >= sizeof(rule->host)) {
		*ret_error = len == 0 ? "the host is missing"
				      : "the host name is too long";
		return -EINVAL;
	}
	for (size_t i = 0; i < len; i++) {
		bool upper = text[i] >= 'A' && text[i] <= 'Z';

		rule->host[i] = (char)(upper ? text[i] - 'A' + 'a' : text[i]);
	}
	rule->host[len] = '\0';
	*ret_error = check_host(rule->host);
	return *ret_error ? -EINVAL : 0;
}

/* @bits: how long a prefix of the family can be. */
static int parse_prefix(const char *text, long bits, struct netrule *rule,
			const char **ret_error)
{
	struct netaddr network = {.bytes = {0}};
	long prefix = text ? parse_number(text, strlen(text), bits) : bits;

	if (prefix < 0) {
		*ret_error = "a prefix length is a number up to 32 for IPv4, "
			     "up to 128 for IPv6";
		return -EINVAL;
	}
	rule->prefix = (unsigned int)(prefix + 128 - bits);
	for (unsigned int i = 0; i < rule->prefix; i++)
		network.bytes[i / 8] |=
			(uint8_t)(rule->address.bytes[i / 8] & 0x80u >> i % 8);
	if (memcmp(&network, &rule->address, sizeof(network)) != 0) {
		*ret_error = "the address has bits behind its prefix";
		return -EINVAL;
	}
	if (rule->prefix >= 96)
		fold(&rule->address);
	return 0;
}

/* The rule without its ports: "1.2.3.4", "::1" (no brackets), or a host. */
static int parse_destination(char *text, bool brackets, char *prefix,
			     struct netrule *rule, const char **ret_error)
{
	uint8_t *bytes = rule->address.bytes;

	if (brackets) {
		if (inet_pton(AF_INET6, text, bytes) == 1)
			return parse_prefix(prefix, 128, rule, ret_error);
		*ret_error = "no IPv6 address stands between the brackets";
		return -EINVAL;
	}
	memcpy(bytes, v4_mapped, sizeof(v4_mapped));
	if (inet_pton(AF_INET, text, bytes + sizeof(v4_mapped)) == 1)
		return parse_prefix(prefix, 32, rule, ret_error);
	memset(bytes, 0, sizeof(rule->address.bytes));
	if (prefix) {
		*ret_error = "a prefix length needs an IP address";
		return -EINVAL;
	}
	return parse_host(text, rule, ret_error);
}

/* Cuts "[A]/LEN:PORT" or "A/LEN:PORT" into its parts, in place. */
static const char *split(char *text, char **ret_destination, char **ret_prefix,
			 char **ret_ports)
{
	char *rest = text;

	*ret_destination = text;
	*ret_prefix = NULL;
	*ret_ports = NULL;
	if (strstr(text, "://"))
		return "a rule is HOST:PORT, not a URL";
	if (text[0] == '[') {
		rest = strchr(text, ']');
		if (!rest)
			return "the bracket is not closed";
		*ret_destination = text + 1;
		*rest++ = '\0';
		if (*rest != '\0' && *rest != '/' && *rest != ':')
			return "only /LEN or :PORT follows the bracket";
	}
	rest += strcspn(rest, "/:");
	if (*rest == '/') {
		*rest++ = '\0';
		*ret_prefix = rest;
		rest += strcspn(rest, ":");
	}
	if (*rest == ':') {
		*rest++ = '\0';
		*ret_ports = rest;
		if (strchr(rest, ':'))
			return "an IPv6 address is written in brackets";
	}
	return NULL;
}

int netrule_parse(const char *text, struct netrule *ret_rule,
		  const char **ret_error)
{
	struct netrule rule = {
		.port_low = PORT_DEFAULT,
		.port_high = PORT_DEFAULT,
		.origin = ret_rule->origin,
	};
	char copy[RULE_TEXT_MAX];
	char *destination;
	char *prefix;
	char *ports;
	size_t len = strlen(text);
	int ret;

	if (len >= sizeof(copy)) {
		*ret_error = "the rule is too long";
		return -EINVAL;
	}
	memcpy(copy, text, len + 1);
	*ret_error = split(copy, &destination, &prefix, &ports);
	if (*ret_error)
		return -EINVAL;
	ret = parse_destination(destination, text[0] == '[', prefix, &rule,
				ret_error);
	if (ret == 0 && ports)
		ret = parse_ports(ports, &rule, ret_error);
	if (ret < 0)
		return ret;
	*ret_rule = rule;
	return 0;
}

bool netrule_matches(const struct netrule *rule, const struct netaddr *address,
		     uint16_t port)
{
	struct netaddr folded = *address;

	fold(&folded);
	if (rule->host[0] != '\0')
		return false;
	if (port < rule->port_low || port > rule->port_high)
		return false;
	if (is_mapped(folded.bytes) && rule->prefix < 96)
		return false;
	return in_network(folded.bytes, rule->address.bytes, rule->prefix);
}

int netaddr_from_sockaddr(const struct sockaddr *sa, socklen_t len,
			  struct netaddr *ret_address, uint16_t *ret_port)
{
	struct netaddr address;
	struct sockaddr_in6 in6;
	struct sockaddr_in in;
	sa_family_t family;

	if (len < sizeof(family))
		return -EINVAL;
	memcpy(&family, sa, sizeof(family));
	switch (family) {
	case AF_INET:
		if (len < sizeof(in))
			return -EINVAL;
		memcpy(&in, sa, sizeof(in));
		memcpy(address.bytes, v4_mapped, sizeof(v4_mapped));
		memcpy(address.bytes + sizeof(v4_mapped), &in.sin_addr,
		       sizeof(in.sin_addr));
		*ret_port = ntohs(in.sin_port);
		break;
	case AF_INET6:
		/* The kernel takes it without the scope id, RFC 2133. */
		if (len < offsetof(struct sockaddr_in6, sin6_scope_id))
			return -EINVAL;
		memset(&in6, 0, sizeof(in6));
		memcpy(&in6, sa, len < sizeof(in6) ? len : sizeof(in6));
		memcpy(address.bytes, &in6.sin6_addr, sizeof(in6.sin6_addr));
		*ret_port = ntohs(in6.sin6_port);
		break;
	default:
		return -EAFNOSUPPORT;
	}
	fold(&address);
	*ret_address = address;
	return 0;
}

bool netaddr_is_loopback(const struct netaddr *address)
{
	static const uint8_t v6[16] = {[15] = 1};
	struct netaddr folded = *address;

	fold(&folded);
	if (is_mapped(folded.bytes))
		return folded.bytes[12] == 127;
	return memcmp(folded.bytes, v6, sizeof(v6)) == 0;
}

bool netaddr_is_unspecified(const struct netaddr *address)
{
	static const uint8_t v6[16];
	struct netaddr folded = *address;

	fold(&folded);
	if (is_mapped(folded.bytes))
		memset(folded.bytes, 0, sizeof(v4_mapped));
	return memcmp(folded.bytes, v6, sizeof(v6)) == 0;
}

bool netaddr_is_special(const struct netaddr *address)
{
	struct netaddr folded = *address;

	fold(&folded);
	for (size_t i = 0; i < ARRAY_SIZE(special); i++) {
		if (in_network(folded.bytes, special[i].bytes,
			       special[i].prefix))
			return true;
	}
	return false;
}

void netaddr_format(const struct netaddr *address, uint16_t port, char *buf,
		    size_t size)
{
	char text[INET6_ADDRSTRLEN] = "";
	bool v4 = is_mapped(address->bytes);

	if (v4)
		(void)inet_ntop(AF_INET, address->bytes + sizeof(v4_mapped),
				text, sizeof(text));
	else
		(void)inet_ntop(AF_INET6, address->bytes, text, sizeof(text));
	if (port == 0)
		(void)snprintf(buf, size, "%s", text);
	else
		(void)snprintf(buf, size, v4 ? "%s:%u" : "[%s]:%u", text, port);
}
