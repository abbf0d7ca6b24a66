/* SPDX-License-Identifier: MIT */
/* Operations on sockets. */
#include "refused.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef MSG_FASTOPEN
#define MSG_FASTOPEN 0x20000000
#endif
#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

#define BYTE "x"

enum send_call {
	SEND_TO,
	SEND_MSG,
	SEND_MMSG,
};

struct target {
	struct sockaddr_storage address;
	socklen_t length;
};

static void target_tcp(struct target *target, const char *ip, const char *port)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&target->address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&target->address;
	in_port_t number = htons((uint16_t)probe_number(port));

	memset(target, 0, sizeof(*target));
	if (inet_pton(AF_INET, ip, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = number;
		target->length = sizeof(*v4);
	} else if (inet_pton(AF_INET6, ip, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = number;
		target->length = sizeof(*v6);
	} else {
		fprintf(stderr, "refused: not an address: %s\n", ip);
		exit(2);
	}
}

/* A name that starts with @ is abstract. */
static void target_unix(struct target *target, const char *path)
{
	struct sockaddr_un *un = (struct sockaddr_un *)&target->address;
	size_t length = strlen(path);

	memset(target, 0, sizeof(*target));
	un->sun_family = AF_UNIX;
	if (length >= sizeof(un->sun_path)) {
		fprintf(stderr, "refused: path too long: %s\n", path);
		exit(2);
	}
	memcpy(un->sun_path, path, length);
	if (path[0] == '@')
		un->sun_path[0] = '\0';
	else
		length++;
	target->length =
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

static int target_connect(const struct target *target, int type, int protocol)
{
	int fd = socket(target->address.ss_family, type | SOCK_CLOEXEC,
			protocol);

	if (fd < 0)
		return -errno;
	return probe_result(connect(
		fd, (const struct sockaddr *)&target->address,
		target->length));
}

static int target_send(struct target *target, int fd, enum send_call call,
		       int flags)
{
	struct iovec iov = {.iov_base = (char[]){'x'}, .iov_len = 1};
	struct mmsghdr message = {
		.msg_hdr = {
			.msg_name = &target->address,
			.msg_namelen = target->length,
			.msg_iov = &iov,
			.msg_iovlen = 1,
		},
	};

	if (fd < 0)
		return -errno;
	switch (call) {
	case SEND_MSG:
		return probe_result(sendmsg(fd, &message.msg_hdr, flags));
	case SEND_MMSG:
		return probe_result(sendmmsg(fd, &message, 1, flags));
	case SEND_TO:
		break;
	}
	return probe_result(sendto(fd, BYTE, 1, flags,
				   (const struct sockaddr *)&target->address,
				   target->length));
}

static int fastopen(char **args, enum send_call call)
{
	struct target target;

	target_tcp(&target, args[0], args[1]);
	return target_send(&target,
			   socket(target.address.ss_family, SOCK_STREAM, 0),
			   call, MSG_FASTOPEN);
}

static int unix_datagram(char **args, enum send_call call)
{
	struct target target;

	target_unix(&target, args[0]);
	return target_send(&target, socket(AF_UNIX, SOCK_DGRAM, 0), call, 0);
}

static int udp_datagram(char **args, enum send_call call)
{
	struct target target;

	target_tcp(&target, args[0], args[1]);
	return target_send(&target,
			   socket(target.address.ss_family, SOCK_DGRAM, 0),
			   call, 0);
}

#define SEND_OPS(id)                                                           \
	static int run_##id##_sendto(char **args)                              \
	{                                                                      \
		return id(args, SEND_TO);                                      \
	}                                                                      \
	static int run_##id##_sendmsg(char **args)                             \
	{                                                                      \
		return id(args, SEND_MSG);                                     \
	}                                                                      \
	static int run_##id##_sendmmsg(char **args)                            \
	{                                                                      \
		return id(args, SEND_MMSG);                                    \
	}

SEND_OPS(fastopen)
SEND_OPS(unix_datagram)
SEND_OPS(udp_datagram)

static int run_connect_tcp(char **args)
{
	struct target target;

	target_tcp(&target, args[0], args[1]);
	return target_connect(&target, SOCK_STREAM, 0);
}

static int run_connect_mptcp(char **args)
{
	struct target target;

	target_tcp(&target, args[0], args[1]);
	return target_connect(&target, SOCK_STREAM, IPPROTO_MPTCP);
}

static int run_connect_udp(char **args)
{
	struct target target;

	target_tcp(&target, args[0], args[1]);
	return target_connect(&target, SOCK_DGRAM, 0);
}

static int run_connect_unix(char **args)
{
	struct target target;

	target_unix(&target, args[0]);
	return target_connect(&target, SOCK_STREAM, 0);
}

static int run_connect_unix_dgram(char **args)
{
	struct target target;

	target_unix(&target, args[0]);
	return target_connect(&target, SOCK_DGRAM, 0);
}

/* A pair needs no permission, so it must not become something else. */
static int run_pair_sendto(char **args)
{
	struct target target;
	int fds[2];

	target_unix(&target, args[0]);
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, fds))
		return -errno;
	return target_send(&target, fds[0], SEND_TO, 0);
}

static int run_pair_sendmsg(char **args)
{
	struct target target;
	int fds[2];

	target_unix(&target, args[0]);
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, fds))
		return -errno;
	return target_send(&target, fds[0], SEND_MSG, 0);
}

static int run_pair_connect(char **args)
{
	struct target target;
	int fds[2];

	target_unix(&target, args[0]);
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, fds))
		return -errno;
	return probe_result(connect(fds[0],
				    (const struct sockaddr *)&target.address,
				    target.length));
}

static int run_bind_tcp(char **args)
{
	struct target target;
	int fd;

	target_tcp(&target, args[0], args[1]);
	fd = socket(target.address.ss_family, SOCK_STREAM, 0);
	if (fd < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&target.address, target.length))
		return -errno;
	return probe_result(listen(fd, 1));
}

/* A port that the session has bound on one address of the host is not its own
 * on the others: bind IP PORT, then connect to OTHER-IP PORT. */
static int run_bind_connect(char **args)
{
	struct target own;
	struct target other;
	int fd;

	target_tcp(&own, args[0], args[1]);
	target_tcp(&other, args[2], args[1]);
	fd = socket(own.address.ss_family, SOCK_STREAM, 0);
	if (fd < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&own.address, own.length) ||
	    listen(fd, 1))
		return -errno;
	return target_connect(&other, SOCK_STREAM, 0);
}

/* listen() without bind() takes a port on every address. */
static int run_listen_unbound(char **args)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)args;
	return fd < 0 ? -errno : probe_result(listen(fd, 1));
}

static int run_socket(char **args)
{
	return probe_result(socket((int)probe_number(args[0]),
				   (int)probe_number(args[1]),
				   (int)probe_number(args[2])));
}

const struct probe_op ops_net[] = {
	{"connect-tcp", 2, run_connect_tcp},
	{"connect-mptcp", 2, run_connect_mptcp},
	{"connect-udp", 2, run_connect_udp},
	{"connect-unix", 1, run_connect_unix},
	{"connect-unix-dgram", 1, run_connect_unix_dgram},
	{"fastopen-sendto", 2, run_fastopen_sendto},
	{"fastopen-sendmsg", 2, run_fastopen_sendmsg},
	{"fastopen-sendmmsg", 2, run_fastopen_sendmmsg},
	{"unix-sendto", 1, run_unix_datagram_sendto},
	{"unix-sendmsg", 1, run_unix_datagram_sendmsg},
	{"unix-sendmmsg", 1, run_unix_datagram_sendmmsg},
	{"udp-sendto", 2, run_udp_datagram_sendto},
	{"udp-sendmsg", 2, run_udp_datagram_sendmsg},
	{"udp-sendmmsg", 2, run_udp_datagram_sendmmsg},
	{"pair-sendto", 1, run_pair_sendto},
	{"pair-sendmsg", 1, run_pair_sendmsg},
	{"pair-connect", 1, run_pair_connect},
	{"bind-tcp", 2, run_bind_tcp},
	{"bind-connect", 3, run_bind_connect},
	{"listen-unbound", 0, run_listen_unbound},
	{"socket", 3, run_socket},
	{NULL, 0, NULL},
};
