/* SPDX-License-Identifier: MIT */
/*
 * listen COUNT: opens COUNT TCP listeners on 127.0.0.1, prints their ports on
 * one line, accepts and closes whatever comes, and when its standard input
 * ends prints on one line how many came to each.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probe.h"

#define COUNT_MAX 8
#define BACKLOG 4096

static int listener(void)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, length) ||
	    listen(fd, BACKLOG) ||
	    getsockname(fd, (struct sockaddr *)&address, &length))
		return -1;
	printf("%d ", ntohs(address.sin_port));
	return fd;
}

static long drain(int listener_fd)
{
	long accepted = 0;

	for (;;) {
		int fd = accept4(listener_fd, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0)
			return accepted;
		close(fd);
		accepted++;
	}
}

int main(int argc, char **argv)
{
	struct pollfd fds[1 + COUNT_MAX] = {{.events = POLLIN}};
	long accepted[COUNT_MAX] = {0};
	nfds_t count = argc == 2 ? (nfds_t)probe_number(argv[1]) : 0;

	if (count < 1 || count > COUNT_MAX)
		return 2;
	for (nfds_t i = 0; i < count; i++) {
		fds[1 + i].events = POLLIN;
		fds[1 + i].fd = listener();
		if (fds[1 + i].fd < 0)
			return 1;
	}
	puts("");
	fflush(stdout);
	while (!fds[0].revents && poll(fds, 1 + count, -1) > 0)
		for (nfds_t i = 0; i < count; i++)
			accepted[i] += drain(fds[1 + i].fd);
	for (nfds_t i = 0; i < count; i++)
		printf("%ld ", accepted[i] + drain(fds[1 + i].fd));
	puts("");
	return 0;
}
