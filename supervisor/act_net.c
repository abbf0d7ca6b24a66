/* SPDX-License-Identifier: MIT */
/*
 * Sockets: made by the target if their kind is harmless, connected and bound
 * by the broker on a duplicate of the target's descriptor, with its own copy
 * of the address. A descriptor that is swapped meanwhile is another number in
 * the target's table; the duplicate stays what was judged.
 */
#include "act.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "ownports.h"
#include "request.h"
#include "sockaddress.h"
#include "util.h"

#define SOCK_KIND_MASK 0xf

static struct decision decide_inet_socket(const struct policy *policy,
					  int type, int protocol)
{
	if (type == SOCK_STREAM && (protocol == 0 || protocol == IPPROTO_TCP))
		return policy_allow("tcp");
	if (type == SOCK_STREAM || (type == SOCK_DGRAM && protocol != 0 &&
				    protocol != IPPROTO_UDP))
		/* As a kernel without the protocol: MPTCP falls back on TCP. */
		return policy_deny(EPROTONOSUPPORT, "socket protocols",
				   "this protocol is not available");
	if (type != SOCK_DGRAM)
		return policy_deny(EPERM, "socket types",
				   "raw and packet sockets are not available");
	if (policy->net == NET_OPEN)
		return policy_allow("net open");
	return policy_deny(policy->net == NET_NONE ? ENETUNREACH : EACCES,
			   "udp", "UDP is not available");
}

static struct decision decide_socket(const struct policy *policy, int domain,
				     int type, int protocol)
{
	switch (domain) {
	case AF_UNIX:
		return policy_allow("unix");
	case AF_INET:
	case AF_INET6:
		return decide_inet_socket(policy, type, protocol);
	case AF_NETLINK:
		if (protocol == 0)
			return policy_allow("netlink route");
		return policy_deny(EPROTONOSUPPORT, "socket protocols",
				   "of netlink only routing is available");
	case AF_PACKET:
		return policy_deny(EPERM, "socket families",
				   "packet sockets are not available");
	default:
		return policy_deny(EAFNOSUPPORT, "socket families",
				   "this family is not available");
	}
}

struct answer act_socket(struct worker *worker)
{
	/* The kernel reads ints. */
	int domain = (int)worker->args[0];
	int type = (int)worker->args[1] & SOCK_KIND_MASK;
	int protocol = (int)worker->args[2];
	struct answer answer;
	char text[64];

	(void)snprintf(text, sizeof(text), "family %d type %d protocol %d",
		       domain, type, protocol);
	if (!broker_permit(worker, ACCESS_NET_SOCKET, text, NULL,
			   decide_socket(worker->broker->policy, domain, type,
					 protocol),
			   &answer))
		return answer;
	/* CONTINUE: everything that was judged is in registers. */
	return answer_continue();
}

static int get_address(struct worker *worker, struct sockaddress *ret_address)
{
	return sockaddress_copy(worker, request_u64(worker, worker->row->data),
				request_u64(worker, worker->row->size),
				ret_address);
}

static struct answer connect_pinned(struct worker *worker, int fd,
				    const struct sockaddress *address)
{
	int flags = fcntl(fd, F_GETFL);
	long result;

	if (flags < 0)
		return answer_error(-errno);
	if (flags & O_NONBLOCK)
		return answer_result(
			connect(fd, &address->raw.sa, address->len));
	/* What is on this host answers at once or not for long: no need to
	 * wake another thread for it. */
	if (sockaddress_is_local(address))
		pool_watch(worker->broker->pool);
	else if (!broker_block_begin(worker))
		return answer_error(-EAGAIN);
	result = connect(fd, &address->raw.sa, address->len);
	return broker_block_end(worker, result);
}

struct answer act_connect(struct worker *worker)
{
	struct sockaddress address;
	struct socket_kind kind;
	struct answer answer;
	cleanup_close int fd = socket_duplicate(worker, &kind);
	int err = fd < 0 ? fd : get_address(worker, &address);

	if (err < 0)
		return answer_error(err);
	if (address.len >= sizeof(sa_family_t) &&
	    address.raw.sa.sa_family == AF_UNSPEC && kind.domain != AF_UNIX) {
		/* Takes a connection away; reaches nobody. */
		if (!act_pass(worker, &answer))
			return answer;
	} else if (!sockaddress_permit(worker, &kind, ACCESS_NET_CONNECT,
				       &address, &answer)) {
		return answer;
	}
	return connect_pinned(worker, fd, &address);
}

static struct answer bind_inet(struct worker *worker, int fd,
			       const struct sockaddress *address)
{
	char text[SOCKADDRESS_TEXT_MAX];
	struct answer answer;
	struct netaddr ip;
	uint16_t port;
	int err = netaddr_from_sockaddr(&address->raw.sa, address->len, &ip,
					&port);

	if (err < 0)
		return answer_error(err);
	netaddr_format(&ip, port, text, sizeof(text));
	if (!broker_permit(worker, ACCESS_NET_BIND, text, NULL,
			   policy_decide_bind(worker->broker->policy, &ip,
					      port),
			   &answer))
		return answer;
	answer = answer_result(bind(fd, &address->raw.sa, address->len));
	if (answer.kind == ANSWER_VALUE)
		ownports_add(worker->broker->ports, fd);
	return answer;
}

/* Binds to a path. The kernel keeps the very bytes as the address that peers
 * answer to, so it must get the target's own, from the target's own directory,
 * and not the way to the pinned directory. A lost race can therefore put the
 * socket into another directory: one that domain R lets the broker write to,
 * under a name that did not exist. A socket there can be connected to, but
 * not read, executed or exchanged for anything; the call is refused then. */
static struct answer bind_path(struct worker *worker, int fd, int base,
			       struct sockaddress *address)
{
	struct answer answer;
	struct stat st;
	mode_t mask;
	int err = target_umask(worker->target, &mask);

	/* In /proc our own view differs from the target's: there the pinned
	 * directory counts, and the address gets shorter. */
	if (err == 0 && (strstr(worker->path, "/proc/") ||
			 strstr(worker->path, "/dev/fd/"))) {
		(void)strlcpy(address->raw.un.sun_path, worker->name.last,
			      sizeof(address->raw.un.sun_path));
		address->len = sizeof(address->raw.un);
		base = worker->name.dir;
	}
	if (err == 0 && base >= 0 && fchdir(base) < 0)
		err = -errno;
	if (err < 0)
		return answer_error(err);
	(void)umask(mask);
	answer = answer_result(bind(fd, &address->raw.sa, address->len));
	(void)umask(0);
	/* Staying there would only keep the directory busy. */
	util_ignore(chdir("/"));
	if (answer.kind == ANSWER_VALUE &&
	    (fstatat(worker->name.dir, worker->name.last, &st,
		     AT_SYMLINK_NOFOLLOW) < 0 ||
	     !S_ISSOCK(st.st_mode)))
		return answer_error(-EACCES);
	return answer;
}

static struct answer bind_unix(struct worker *worker, int fd,
			       struct sockaddress *address)
{
	cleanup_close int base = -1;
	struct policy_object asked;
	struct answer answer;
	int err;

	if (sockaddress_is_abstract(address)) {
		if (!act_pass(worker, &answer))
			return answer;
		return answer_result(
			bind(fd, &address->raw.sa, address->len));
	}
	err = sockaddress_unix_path(worker, address);
	if (err < 0)
		return answer_error(err);
	base = resolve_base(worker->target, AT_FDCWD, worker->path);
	if (base < 0 && base != AT_FDCWD)
		return answer_error(base);
	err = resolve_name(&worker->broker->resolver, worker->target, base,
			   worker->path, 0, &worker->name);
	if (err == 0 && worker->name.exists)
		err = -EADDRINUSE;
	if (err < 0)
		return answer_error(err);
	asked = act_name_of(&worker->name);
	if (!broker_permit(worker, ACCESS_UNIX_BIND, worker->name.path, NULL,
			   policy_decide_unix(worker->broker->policy,
					      ACCESS_UNIX_BIND, &asked),
			   &answer))
		return answer;
	return bind_path(worker, fd, base, address);
}

struct answer act_bind(struct worker *worker)
{
	struct sockaddress address;
	struct socket_kind kind;
	struct answer answer;
	cleanup_close int fd = socket_duplicate(worker, &kind);
	int err = fd < 0 ? fd : get_address(worker, &address);

	if (err < 0)
		return answer_error(err);
	switch (kind.domain) {
	case AF_INET:
	case AF_INET6:
		return bind_inet(worker, fd, &address);
	case AF_UNIX:
		return bind_unix(worker, fd, &address);
	case AF_NETLINK:
		/* A local port number for talking to the kernel. */
		if (!act_pass(worker, &answer))
			return answer;
		return answer_result(bind(fd, &address.raw.sa, address.len));
	default:
		return answer_error(-EACCES);
	}
}

/* A TCP socket that was never bound gets the wildcard address when it starts
 * to listen. */
static bool is_unbound(int fd)
{
	struct sockaddress bound = {.len = sizeof(bound.raw)};
	struct netaddr ip;
	uint16_t port;

	return getsockname(fd, &bound.raw.sa, &bound.len) < 0 ||
	       netaddr_from_sockaddr(&bound.raw.sa, bound.len, &ip, &port) <
		       0 ||
	       port == 0;
}

struct answer act_listen(struct worker *worker)
{
	const struct netaddr wildcard = {.bytes = {[10] = 0xff, [11] = 0xff}};
	struct socket_kind kind;
	struct answer answer;
	cleanup_close int fd = socket_duplicate(worker, &kind);
	bool is_inet, allowed;

	if (fd < 0)
		return answer_error(fd);
	is_inet = kind.domain == AF_INET || kind.domain == AF_INET6;
	if (is_inet && is_unbound(fd))
		allowed = broker_permit(
			worker, ACCESS_NET_LISTEN, "0.0.0.0", NULL,
			policy_decide_bind(worker->broker->policy, &wildcard,
					   0),
			&answer);
	else
		allowed = act_pass(worker, &answer);
	if (!allowed)
		return answer;
	answer = answer_result(
		listen(fd, request_int(worker, worker->row->data, 0)));
	if (answer.kind == ANSWER_VALUE && is_inet)
		ownports_add(worker->broker->ports, fd);
	return answer;
}
