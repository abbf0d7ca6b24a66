/* SPDX-License-Identifier: MIT */
/*
 * Socket addresses of targets: copied, judged, and put into the form in which
 * the broker passes them to the kernel.
 */
#ifndef SBX_SOCKADDRESS_H
#define SBX_SOCKADDRESS_H

#include <sys/socket.h>
#include <sys/un.h>

#include "broker.h"

/* Room for the text of an address. */
#define SOCKADDRESS_TEXT_MAX 300

/**
 * struct sockaddress - our copy of an address
 * @raw: the bytes that the kernel gets; for a unix path after
 *       sockaddress_permit() the way to the pinned socket
 * @len: their length
 */
struct sockaddress {
	union {
		struct sockaddr sa;
		struct sockaddr_un un;
		struct sockaddr_storage storage;
	} raw;
	socklen_t len;
};

/**
 * struct socket_kind - what a duplicated socket is, asked of the socket itself
 * @domain: SO_DOMAIN
 * @type: SO_TYPE
 * @protocol: SO_PROTOCOL
 */
struct socket_kind {
	int domain;
	int type;
	int protocol;
};

/**
 * socket_kind_get() - ask a socket what it is. socket(7).
 * @fd: our duplicate
 * @ret_kind: receives the answer
 * Return: 0, -ENOTSOCK, -errno.
 */
int socket_kind_get(int fd, struct socket_kind *ret_kind);

/**
 * socket_duplicate() - duplicate the row's socket and ask what it is.
 * @worker: the current notification
 * @ret_kind: receives the answer
 * Return: our descriptor, -EBADF, -ENOTSOCK, -errno.
 */
int socket_duplicate(const struct worker *worker, struct socket_kind *ret_kind);

/**
 * sockaddress_copy() - copy an address out of a target.
 * @worker: the current notification
 * @address: where it stands
 * @len: its length as the target says
 * @ret_address: receives the copy
 * Return: 0, -EINVAL for a length the kernel refuses, -EFAULT.
 */
int sockaddress_copy(const struct worker *worker, uint64_t address,
		     uint64_t len, struct sockaddress *ret_address);

/**
 * sockaddress_is_abstract() - a unix address without a path: abstract or for
 * autobind.
 * @address: of an AF_UNIX socket
 */
bool sockaddress_is_abstract(const struct sockaddress *address);

/**
 * sockaddress_unix_path() - the path of a unix address, in worker->path.
 * @worker: receives the path
 * @address: with a path
 * Return: 0 or -EINVAL.
 */
int sockaddress_unix_path(struct worker *worker,
			  const struct sockaddress *address);

/**
 * sockaddress_permit() - may the session reach this address? Recorded.
 * @worker: the current notification
 * @kind: of the socket
 * @access: ACCESS_NET_CONNECT or ACCESS_NET_SEND; for unix sockets the unix
 *          access is derived
 * @address: on true, ready for the kernel
 * @ret_answer: receives the answer when there must be no act
 * Return: true: act.
 */
bool sockaddress_permit(struct worker *worker, const struct socket_kind *kind,
			enum access access, struct sockaddress *address,
			struct answer *ret_answer);

/**
 * sockaddress_is_local() - loopback or no IP address: a connection there is
 * made or refused at once.
 */
bool sockaddress_is_local(const struct sockaddress *address);

#endif /* SBX_SOCKADDRESS_H */
