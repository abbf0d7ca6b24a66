/* SPDX-License-Identifier: MIT */
/*
 * A message that a target wants to send: our copy of its address, its control
 * data (with duplicates of the descriptors it passes), and its payload, a
 * buffer's worth at a time.
 */
#ifndef SBX_MESSAGE_H
#define SBX_MESSAGE_H

#include <limits.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "sockaddress.h"

/* Ancillary data: room for SCM_MAX_FD (253) descriptors and then some. */
#define MESSAGE_CONTROL_MAX 4096
#define MESSAGE_FDS_MAX 253

/**
 * struct message - one message; opaque but for address and msg
 * @address: our copy, length 0 for none
 * @msg: what is passed to the kernel
 * @iov: our copy of the target's vector
 * @num_iov: its length
 * @index: entry where the next piece starts
 * @offset: offset in that entry
 * @local: the vector of @msg
 * @control_at: address of the control data in the target
 * @control: our copy
 * @fds: duplicates to be closed
 * @num_fds: their number
 */
struct message {
	struct sockaddress address;
	struct msghdr msg;
	struct iovec iov[IOV_MAX];
	size_t num_iov;
	size_t index;
	size_t offset;
	struct iovec local;
	uint64_t control_at;
	_Alignas(struct cmsghdr) uint8_t control[MESSAGE_CONTROL_MAX];
	int fds[MESSAGE_FDS_MAX];
	size_t num_fds;
};

/**
 * message_from_header() - copy a struct msghdr and what it points to, but for
 * payload and control data.
 * @worker: the current notification
 * @at: address of the header in the target
 * @ret_message: receives the message; end with message_done()
 * Return: 0, -EFAULT, -EMSGSIZE, -ENOBUFS, -EINVAL as sendmsg(2).
 */
int message_from_header(struct worker *worker, uint64_t at,
			struct message *ret_message);

/**
 * message_from_buffer() - make a message of sendto(2)'s arguments.
 * @buffer: address of the payload
 * @size: its size
 * @address: address of the socket address, or 0
 * @len: its length
 */
int message_from_buffer(struct worker *worker, uint64_t buffer, uint64_t size,
			uint64_t address, uint64_t len,
			struct message *ret_message);

/**
 * message_load_control() - copy the control data and duplicate descriptors.
 * @worker: the current notification
 * @message: from one of the two above
 * Return: 0, -EFAULT, -EINVAL, -EBADF.
 *
 * SCM_CREDENTIALS names the broker's process id: the kernel lets nobody speak
 * for another process.
 */
int message_load_control(struct worker *worker, struct message *message);

/**
 * message_load() - copy the next piece of the payload into the worker's
 * buffer and point the message at it.
 * Return: 0, -EFAULT, -ENOMEM.
 */
int message_load(struct worker *worker, struct message *message);

/**
 * message_loaded() - bytes in the piece that is loaded.
 */
size_t message_loaded(const struct message *message);

/**
 * message_remaining() - bytes behind the piece that is loaded.
 */
size_t message_remaining(const struct message *message);

/**
 * message_next() - go on behind the piece that is loaded; address and control
 * data went with the first one.
 */
void message_next(struct message *message);

/**
 * message_skip() - part of the piece that is loaded has been sent, address and
 * control data with it.
 * @size: bytes sent, less than what is loaded
 */
void message_skip(struct message *message, size_t size);

/**
 * message_done() - close the duplicates.
 */
void message_done(struct message *message);

#endif /* SBX_MESSAGE_H */
