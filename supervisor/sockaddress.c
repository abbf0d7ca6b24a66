/* SPDX-License-Identifier: MIT */
#include "sockaddress.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "act.h"
#include "ownports.h"
#include "request.h"
#include "util.h"

static int get_option(int fd, int option, int *ret_value)
{
	socklen_t len = sizeof(*ret_value);

	return getsockopt(fd, SOL_SOCKET, option, ret_value, &len) < 0 ? -errno
								       : 0;
}

int socket_kind_get(int fd, struct socket_kind *ret_kind)
{
	int err = get_option(fd, SO_DOMAIN, &ret_kind->domain);

	if (err == 0)
		err = get_option(fd, SO_TYPE, &ret_kind->type);
	if (err == 0)
		err = get_option(fd, SO_PROTOCOL, &ret_kind->protocol);
	/* An O_PATH descriptor is no socket to the kernel either. */
	return err == -EBADF ? -ENOTSOCK : err;
}

int socket_duplicate(const struct worker *worker, struct socket_kind *ret_kind)
{
	cleanup_close int fd = target_dup_fd(
		worker->target, request_int(worker, worker->row->fd, -1));
	int err;

	if (fd < 0)
		return fd;
	err = socket_kind_get(fd, ret_kind);
	return err < 0 ? err : TAKE_FD(fd);
}

int sockaddress_copy(const struct worker *worker, uint64_t address,
		     uint64_t len, struct sockaddress *ret_address)
{
	int size = (int)len;

	memset(ret_address, 0, sizeof(*ret_address));
	if (size < 0 || (size_t)size > sizeof(ret_address->raw))
		return -EINVAL;
	ret_address->len = (socklen_t)size;
	if (size == 0)
		return 0;
	return target_read(worker->target->tid, address, &ret_address->raw,
			   (size_t)size);
}

bool sockaddress_is_abstract(const struct sockaddress *address)
{
	size_t start = offsetof(struct sockaddr_un, sun_path);

	return address->len <= start || address->raw.un.sun_path[0] == '\0';
}

int sockaddress_unix_path(struct worker *worker,
			  const struct sockaddress *address)
{
	size_t start = offsetof(struct sockaddr_un, sun_path);
	size_t len;

	if (address->raw.sa.sa_family != AF_UNIX ||
	    address->len > sizeof(address->raw.un))
		return -EINVAL;
	/* The kernel takes the path up to the end of the address or its
	 * terminator, whichever comes first. */
	len = strnlen(address->raw.un.sun_path, address->len - start);
	memcpy(worker->path, address->raw.un.sun_path, len);
	worker->path[len] = '\0';
	return 0;
}

/* Only loopback can be the session's own, and only a destination that no rule
 * allows needs the question. */
static struct decision decide_inet(struct broker *broker,
				   const struct netaddr *ip, uint16_t port)
{
	struct decision decision =
		policy_decide_connect(broker->policy, ip, port, false);

	if (decision.verdict == VERDICT_ALLOW || !netaddr_is_loopback(ip) ||
	    !ownports_has(broker->ports, ip, port))
		return decision;
	return policy_decide_connect(broker->policy, ip, port, true);
}

/* Connecting to the unspecified address means loopback; which one, the kernel
 * takes from what the socket is bound to. So the address is replaced by the
 * one that is judged. */
static void fold_unspecified(struct sockaddress *address, struct netaddr *ip)
{
	static const uint8_t mapped[] = {0, 0, 0, 0,	0,    0,   0, 0,
					 0, 0, 0xff, 0xff, 127, 0, 0, 1};
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&address->raw;
	struct sockaddr_in *v4 = (struct sockaddr_in *)&address->raw;

	if (!netaddr_is_unspecified(ip))
		return;
	memcpy(ip->bytes, mapped, sizeof(mapped));
	if (address->raw.sa.sa_family == AF_INET) {
		v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return;
	}
	if (IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr))
		memcpy(ip->bytes, &in6addr_loopback, sizeof(ip->bytes));
	memcpy(&v6->sin6_addr, ip->bytes, sizeof(v6->sin6_addr));
}

static bool permit_inet(struct worker *worker, enum access access,
			struct sockaddress *address, struct answer *ret_answer)
{
	struct broker *broker = worker->broker;
	char text[SOCKADDRESS_TEXT_MAX];
	struct netaddr ip;
	uint16_t port;
	int err = netaddr_from_sockaddr(&address->raw.sa, address->len, &ip,
					&port);

	if (err < 0) {
		*ret_answer = answer_error(err);
		return false;
	}
	fold_unspecified(address, &ip);
	netaddr_format(&ip, port, text, sizeof(text));
	return broker_permit(worker, access, text, NULL,
			     decide_inet(broker, &ip, port), ret_answer);
}

static bool permit_abstract(struct worker *worker, enum access access,
			    const struct sockaddress *address,
			    struct answer *ret_answer)
{
	char text[SOCKADDRESS_TEXT_MAX];
	size_t start = offsetof(struct sockaddr_un, sun_path) + 1;
	int len = address->len > start ? (int)(address->len - start) : 0;
	/* The kernel refuses a peer outside of domain R. */
	struct decision decision =
		worker->broker->scoped
			? policy_allow("abstract sockets of the session")
			: policy_deny(EACCES, "abstract sockets",
				      "this kernel cannot keep abstract sockets "
				      "within the session");

	(void)snprintf(text, sizeof(text), "@%.*s", len,
		       address->raw.un.sun_path + 1);
	return broker_permit(worker, access, text, NULL, decision, ret_answer);
}

static bool permit_unix(struct worker *worker, enum access access,
			struct sockaddress *address, struct answer *ret_answer)
{
	cleanup_close int base = -1;
	struct policy_object asked;
	int err;

	access = access == ACCESS_NET_CONNECT ? ACCESS_UNIX_CONNECT
					      : ACCESS_UNIX_SEND;
	if (sockaddress_is_abstract(address))
		return permit_abstract(worker, access, address, ret_answer);
	err = sockaddress_unix_path(worker, address);
	if (err == 0) {
		base = resolve_base(worker->target, AT_FDCWD, worker->path);
		err = base < 0 && base != AT_FDCWD ? base : 0;
	}
	if (err == 0)
		err = resolve_object(&worker->broker->resolver, worker->target,
				     base, worker->path, 0, 0, &worker->object);
	/* A socket without a name, reached through /proc: nobody listens at it
	 * for the kernel either. */
	if (err == 0 && worker->object.is_private)
		err = -ECONNREFUSED;
	if (err < 0) {
		*ret_answer = answer_error(err);
		return false;
	}
	asked = act_object_of(&worker->object);
	if (!broker_permit(worker, access, worker->object.path, NULL,
			   policy_decide_unix(worker->broker->policy, access,
					      &asked),
			   ret_answer))
		return false;
	(void)pin_path(worker->object.fd, address->raw.un.sun_path);
	address->len = sizeof(address->raw.un);
	return true;
}

/* Only the kernel may be talked to; another netlink socket would be another
 * process. */
static bool permit_netlink(struct worker *worker, enum access access,
			   const struct sockaddress *address,
			   struct answer *ret_answer)
{
	struct sockaddr_nl to = {0};

	if (address->len < sizeof(to)) {
		*ret_answer = answer_error(-EINVAL);
		return false;
	}
	memcpy(&to, &address->raw, sizeof(to));
	if (to.nl_pid == 0 && to.nl_groups == 0)
		return act_pass(worker, ret_answer);
	return broker_permit(worker, access, "netlink", NULL,
			     policy_deny(EACCES, "netlink",
					 "only the kernel can be reached over "
					 "netlink"),
			     ret_answer);
}

bool sockaddress_permit(struct worker *worker, const struct socket_kind *kind,
			enum access access, struct sockaddress *address,
			struct answer *ret_answer)
{
	switch (kind->domain) {
	case AF_INET:
	case AF_INET6:
		return permit_inet(worker, access, address, ret_answer);
	case AF_UNIX:
		return permit_unix(worker, access, address, ret_answer);
	case AF_NETLINK:
		return permit_netlink(worker, access, address, ret_answer);
	default:
		return broker_permit(worker, access, "unknown family", NULL,
				     policy_deny(EACCES, "socket families",
						 "this family is not "
						 "available"),
				     ret_answer);
	}
}

bool sockaddress_is_local(const struct sockaddress *address)
{
	struct netaddr ip;
	uint16_t port;

	if (netaddr_from_sockaddr(&address->raw.sa, address->len, &ip, &port) <
	    0)
		return true;
	return netaddr_is_loopback(&ip) || netaddr_is_unspecified(&ip);
}
