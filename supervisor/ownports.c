/* SPDX-License-Identifier: MIT */
#include "ownports.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util.h"

#ifndef SO_COOKIE
#define SO_COOKIE 57
#endif

#define COOKIES_MAX 4096
#define TCP_LISTEN_STATE (1u << 10)
#define REPLY_MAX 32768

/**
 * struct ownports - cookies of bound sockets, oldest replaced first
 * @lock: guards the others
 * @cookies: never 0 when used
 * @next: where the next one goes
 */
struct ownports {
	pthread_mutex_t lock;
	uint64_t cookies[COOKIES_MAX];
	size_t next;
};

/**
 * struct question - one connect, asked of the kernel
 * @address: destination
 * @port: destination port
 * @listeners: sockets found that would accept
 * @foreign: one of them is not the session's, or the answer was cut
 */
struct question {
	const struct netaddr *address;
	uint16_t port;
	unsigned int listeners;
	bool foreign;
};

int ownports_new(struct ownports **ret_ports)
{
	struct ownports *ports = calloc(1, sizeof(*ports));

	if (!ports)
		return -ENOMEM;
	pthread_mutex_init(&ports->lock, NULL);
	*ret_ports = ports;
	return 0;
}

void ownports_free(struct ownports *ports)
{
	if (!ports)
		return;
	pthread_mutex_destroy(&ports->lock);
	free(ports);
}

static bool is_known(struct ownports *ports, uint64_t cookie)
{
	bool known = false;

	pthread_mutex_lock(&ports->lock);
	for (size_t i = 0; i < COOKIES_MAX && !known; i++)
		known = ports->cookies[i] == cookie;
	pthread_mutex_unlock(&ports->lock);
	return known;
}

void ownports_add(struct ownports *ports, int fd)
{
	uint64_t cookie = 0;
	socklen_t len = sizeof(cookie);

	if (getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len) < 0 ||
	    cookie == 0 || is_known(ports, cookie))
		return;
	pthread_mutex_lock(&ports->lock);
	ports->cookies[ports->next++ % COOKIES_MAX] = cookie;
	pthread_mutex_unlock(&ports->lock);
}

static struct netaddr listener_address(const struct inet_diag_msg *msg)
{
	struct netaddr address = {0};

	if (msg->idiag_family == AF_INET6) {
		memcpy(address.bytes, msg->id.idiag_src,
		       sizeof(address.bytes));
	} else {
		address.bytes[10] = 0xff;
		address.bytes[11] = 0xff;
		memcpy(address.bytes + 12, msg->id.idiag_src, 4);
	}
	return address;
}

/* A listener on the address itself or on a wildcard would accept. Which one
 * the kernel prefers is not asked: all must be the session's. */
static void judge(struct ownports *ports, struct question *question,
		  const struct inet_diag_msg *msg)
{
	struct netaddr bound = listener_address(msg);
	uint64_t cookie = (uint64_t)msg->id.idiag_cookie[1] << 32 |
			  msg->id.idiag_cookie[0];

	if (ntohs(msg->id.idiag_sport) != question->port)
		return;
	if (memcmp(&bound, question->address, sizeof(bound)) != 0 &&
	    !netaddr_is_unspecified(&bound))
		return;
	question->listeners++;
	question->foreign |= !is_known(ports, cookie);
}

/* Returns true when the answer is complete. */
static bool read_reply(struct ownports *ports, struct question *question,
		       void *reply, size_t size)
{
	struct nlmsghdr *header = reply;

	for (; NLMSG_OK(header, size); header = NLMSG_NEXT(header, size)) {
		if (header->nlmsg_type == NLMSG_DONE)
			return true;
		if (header->nlmsg_type != SOCK_DIAG_BY_FAMILY ||
		    header->nlmsg_len <
			    NLMSG_LENGTH(sizeof(struct inet_diag_msg))) {
			question->foreign = true;
			return true;
		}
		judge(ports, question, NLMSG_DATA(header));
	}
	return false;
}

static int ask_family(struct ownports *ports, struct question *question,
		      int fd, uint8_t family)
{
	const struct {
		struct nlmsghdr header;
		struct inet_diag_req_v2 request;
	} message = {
		.header = {.nlmsg_len = sizeof(message),
			   .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			   .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
		.request = {.sdiag_family = family,
			    .sdiag_protocol = IPPROTO_TCP,
			    .idiag_states = TCP_LISTEN_STATE,
			    .id = {.idiag_sport = htons(question->port)}},
	};
	union {
		struct nlmsghdr align;
		uint8_t bytes[REPLY_MAX];
	} reply;
	bool done = false;

	if (send(fd, &message, sizeof(message), 0) != sizeof(message))
		return -errno;
	while (!done) {
		ssize_t len =
			RETRY_EINTR(recv(fd, &reply, sizeof(reply), 0));

		if (len <= 0)
			return len < 0 ? -errno : -EIO;
		done = read_reply(ports, question, &reply, (size_t)len);
	}
	return 0;
}

bool ownports_has(struct ownports *ports, const struct netaddr *address,
		  uint16_t port)
{
	struct question question = {.address = address, .port = port};
	cleanup_close int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
				      NETLINK_SOCK_DIAG);

	if (fd < 0 || ask_family(ports, &question, fd, AF_INET) < 0 ||
	    ask_family(ports, &question, fd, AF_INET6) < 0)
		return false;
	return question.listeners > 0 && !question.foreign;
}
