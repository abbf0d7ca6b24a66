/* SPDX-License-Identifier: MIT */
/*
 * Loopback ports of the session: what it has bound itself it may connect to.
 *
 * A port number alone says nothing: another program of the user may listen on
 * the same port of another loopback address, or take a port over that the
 * session has closed. So each bound socket is remembered by the kernel's
 * cookie, and before a connect the kernel is asked which sockets would accept
 * it. sock_diag(7), Linux 4.12 for SO_COOKIE.
 */
#ifndef SBX_OWNPORTS_H
#define SBX_OWNPORTS_H

#include <stdbool.h>

#include "netrule.h"

struct ownports;

/**
 * ownports_new() - an empty memory.
 * @ret_ports: receives it; freed by ownports_free()
 * Return: 0 or -ENOMEM.
 */
int ownports_new(struct ownports **ret_ports);

/**
 * ownports_free() - free it; NULL is allowed.
 */
void ownports_free(struct ownports *ports);

/**
 * ownports_add() - remember a socket that the session has bound.
 * @ports: the memory; thread-safe
 * @fd: our duplicate of the socket
 *
 * When the memory is full the oldest is forgotten: a connect to it is then
 * refused unless a rule allows it.
 */
void ownports_add(struct ownports *ports, int fd);

/**
 * ownports_has() - is every TCP socket that would accept a connection to this
 * loopback address one of the session's?
 * @ports: the memory; thread-safe
 * @address: destination
 * @port: destination port, host order
 * Return: false also when nobody listens there, or the kernel does not say.
 */
bool ownports_has(struct ownports *ports, const struct netaddr *address,
		  uint16_t port);

#endif /* SBX_OWNPORTS_H */
