/* SPDX-License-Identifier: MIT */
/*
 * race_connect IP ALLOWED-PORT FORBIDDEN-PORT UNIX-PATH: threads that connect
 * and send with addresses which another thread keeps changing, and through
 * descriptor numbers behind which yet another thread keeps changing the
 * socket. Prints for each call how often it was answered with what; whether
 * the forbidden listener was reached is for its owner to say.
 *
 * Port numbers change with a single store, so that no address is ever mixed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "probe.h"

#ifndef MSG_FASTOPEN
#define MSG_FASTOPEN 0x20000000
#endif

/* All that an address buffer may hold in turn. */
union address {
	struct sockaddr any;
	struct sockaddr_in inet;
	struct sockaddr_un un;
	struct sockaddr_nl netlink;
	unsigned char bytes[sizeof(struct sockaddr_un)];
};

enum shape {
	SHAPE_ALLOWED,
	SHAPE_FORBIDDEN,
	SHAPE_UNIX,
	SHAPE_NETLINK,
	SHAPE_NUM,
};

struct worker {
	const char *name;
	int (*call)(struct worker *worker);
	atomic_long ok;
	atomic_long refused;
};

static atomic_bool stop;
static union address shapes[SHAPE_NUM];
/* Only the port changes in the first, everything in the second. */
static volatile union address by_port;
static volatile union address by_shape;
static struct sockaddr_in targets[2];
static struct msghdr by_name;
static struct iovec one_byte = {.iov_base = (char[]){'x'}, .iov_len = 1};
/* The number behind which sockets come and go. */
static int swapped;

/* A reset instead of TIME_WAIT, or the ports run out. */
static int tcp_socket(void)
{
	const struct linger linger = {.l_onoff = 1, .l_linger = 0};
	const struct timeval timeout = {.tv_usec = 100000};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return fd;
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
	return fd;
}

static int done(int fd, long result)
{
	int error = result < 0 ? -errno : 0;

	if (fd >= 0)
		close(fd);
	return error;
}

static const struct sockaddr *address_of(const volatile union address *address)
{
	return (const struct sockaddr *)(uintptr_t)address;
}

static int call_connect(struct worker *worker)
{
	int fd = tcp_socket();

	(void)worker;
	return done(fd, connect(fd, address_of(&by_port),
				sizeof(by_port.inet)));
}

static int call_connect_shape(struct worker *worker)
{
	int fd = tcp_socket();

	(void)worker;
	return done(fd, connect(fd, address_of(&by_shape),
				sizeof(by_shape)));
}

static int call_sendto(struct worker *worker)
{
	int fd = tcp_socket();

	(void)worker;
	return done(fd, sendto(fd, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL,
			       address_of(&by_port), sizeof(by_port.inet)));
}

static int call_sendmsg(struct worker *worker)
{
	int fd = tcp_socket();

	(void)worker;
	return done(fd, sendmsg(fd, &by_name, MSG_FASTOPEN | MSG_NOSIGNAL));
}

static int call_connect_swapped(struct worker *worker)
{
	(void)worker;
	return done(-1, connect(swapped, address_of(&by_shape),
				sizeof(by_shape)));
}

static int call_sendto_swapped(struct worker *worker)
{
	(void)worker;
	return done(-1, sendto(swapped, "x", 1,
			       MSG_FASTOPEN | MSG_NOSIGNAL | MSG_DONTWAIT,
			       address_of(&by_shape), sizeof(by_shape)));
}

static struct worker workers[] = {
	{.name = "connect", .call = call_connect},
	{.name = "connect-shape", .call = call_connect_shape},
	{.name = "sendto", .call = call_sendto},
	{.name = "sendmsg", .call = call_sendmsg},
	{.name = "connect-swapped", .call = call_connect_swapped},
	{.name = "sendto-swapped", .call = call_sendto_swapped},
};
#define NUM_WORKERS (sizeof(workers) / sizeof(workers[0]))

static void *work(void *argument)
{
	struct worker *worker = argument;

	while (!stop) {
		if (worker->call(worker))
			atomic_fetch_add(&worker->refused, 1);
		else
			atomic_fetch_add(&worker->ok, 1);
	}
	return NULL;
}

static void *flip(void *argument)
{
	(void)argument;
	for (unsigned int round = 0; !stop; round++) {
		const union address *shape = &shapes[round % SHAPE_NUM];

		by_port.inet.sin_port = targets[round & 1].sin_port;
		by_name.msg_name = &targets[round & 1];
		for (size_t i = 0; i < sizeof(by_shape.bytes); i++)
			by_shape.bytes[i] = shape->bytes[i];
	}
	return NULL;
}

/* dup2() closes what was there, so that connections do not pile up. */
static void *swap(void *argument)
{
	(void)argument;
	for (unsigned int round = 0; !stop; round++) {
		int fd;

		if (round % 3 == 0)
			fd = tcp_socket();
		else if (round % 3 == 1)
			fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		else
			fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
				    NETLINK_ROUTE);
		if (fd < 0)
			continue;
		dup3(fd, swapped, O_CLOEXEC);
		close(fd);
	}
	return NULL;
}

static int prepare(char **argv)
{
	for (int i = 0; i < 2; i++) {
		targets[i].sin_family = AF_INET;
		targets[i].sin_port =
			htons((uint16_t)probe_number(argv[2 + i]));
		if (inet_pton(AF_INET, argv[1], &targets[i].sin_addr) != 1)
			return 2;
		shapes[i].inet = targets[i];
	}
	if (strlen(argv[4]) >= sizeof(shapes[SHAPE_UNIX].un.sun_path))
		return 2;
	shapes[SHAPE_UNIX].un.sun_family = AF_UNIX;
	strcpy(shapes[SHAPE_UNIX].un.sun_path, argv[4]);
	shapes[SHAPE_NETLINK].netlink.nl_family = AF_NETLINK;
	by_port.inet.sin_family = AF_INET;
	by_port.inet.sin_addr = targets[0].sin_addr;
	by_port.inet.sin_port = targets[0].sin_port;
	by_name.msg_name = &targets[0];
	by_name.msg_namelen = sizeof(targets[0]);
	by_name.msg_iov = &one_byte;
	by_name.msg_iovlen = 1;
	swapped = tcp_socket();
	return swapped < 0 ? 2 : 0;
}

int main(int argc, char **argv)
{
	pthread_t threads[NUM_WORKERS + 2];

	if (argc != 5 || prepare(argv))
		return 2;
	for (size_t i = 0; i < NUM_WORKERS; i++)
		if (pthread_create(&threads[i], NULL, work, &workers[i]))
			return 2;
	if (pthread_create(&threads[NUM_WORKERS], NULL, flip, NULL) ||
	    pthread_create(&threads[NUM_WORKERS + 1], NULL, swap, NULL))
		return 2;
	sleep((unsigned int)probe_seconds());
	stop = true;
	for (size_t i = 0; i < NUM_WORKERS + 2; i++)
		pthread_join(threads[i], NULL);
	for (size_t i = 0; i < NUM_WORKERS; i++)
		printf("%s ok %ld refused %ld\n", workers[i].name,
		       (long)workers[i].ok, (long)workers[i].refused);
	return 0;
}
