/* SPDX-License-Identifier: MIT */
#include "message.h"

#include <errno.h>
#include <string.h>

#include "util.h"

static void point_to_copies(struct message *message)
{
	message->msg = (struct msghdr){
		.msg_name = message->address.len ? &message->address.raw : NULL,
		.msg_namelen = message->address.len,
		.msg_iov = &message->local,
		.msg_iovlen = 1,
	};
}

/* Lengths that a call may not exceed, as the kernel checks them. */
static int check_vector(const struct message *message)
{
	size_t total = 0;

	for (size_t i = 0; i < message->num_iov; i++) {
		size_t len = message->iov[i].iov_len;

		if (len > SSIZE_MAX || total > SSIZE_MAX - len)
			return -EINVAL;
		total += len;
	}
	return 0;
}

int message_from_header(struct worker *worker, uint64_t at,
			struct message *ret_message)
{
	pid_t tid = worker->target->tid;
	struct msghdr raw;
	int err = target_read(tid, at, &raw, sizeof(raw));

	memset(ret_message, 0, offsetof(struct message, iov));
	ret_message->index = 0;
	ret_message->offset = 0;
	ret_message->num_fds = 0;
	if (err < 0)
		return err;
	if (raw.msg_iovlen > IOV_MAX)
		return -EMSGSIZE;
	ret_message->num_iov = raw.msg_iovlen;
	if (raw.msg_name && raw.msg_namelen > 0) {
		err = sockaddress_copy(worker, (uintptr_t)raw.msg_name,
				       raw.msg_namelen, &ret_message->address);
		if (err < 0)
			return err;
	}
	if (raw.msg_iovlen > 0)
		err = target_read(tid, (uintptr_t)raw.msg_iov,
				  ret_message->iov,
				  raw.msg_iovlen * sizeof(struct iovec));
	if (err == 0)
		err = check_vector(ret_message);
	if (err < 0)
		return err;
	point_to_copies(ret_message);
	ret_message->control_at = (uintptr_t)raw.msg_control;
	ret_message->msg.msg_controllen =
		raw.msg_control ? raw.msg_controllen : 0;
	return 0;
}

int message_from_buffer(struct worker *worker, uint64_t buffer, uint64_t size,
			uint64_t address, uint64_t len,
			struct message *ret_message)
{
	int err;

	memset(ret_message, 0, offsetof(struct message, iov));
	ret_message->index = 0;
	ret_message->offset = 0;
	ret_message->num_fds = 0;
	ret_message->num_iov = 1;
	ret_message->iov[0].iov_base = (void *)(uintptr_t)buffer; // NOLINT
	ret_message->iov[0].iov_len = size;
	err = sockaddress_copy(worker, address, len, &ret_message->address);
	if (err == 0)
		err = check_vector(ret_message);
	if (err == 0)
		point_to_copies(ret_message);
	return err;
}

static int duplicate_fds(struct worker *worker, struct message *message,
			 struct cmsghdr *cmsg)
{
	size_t num = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	int numbers[MESSAGE_FDS_MAX];

	if (num > MESSAGE_FDS_MAX - message->num_fds)
		return -EINVAL;
	memcpy(numbers, CMSG_DATA(cmsg), num * sizeof(int));
	for (size_t i = 0; i < num; i++) {
		int fd = target_dup_fd(worker->target, numbers[i]);

		if (fd < 0)
			return fd;
		message->fds[message->num_fds++] = fd;
		numbers[i] = fd;
	}
	memcpy(CMSG_DATA(cmsg), numbers, num * sizeof(int));
	return 0;
}

static void speak_for_ourselves(struct cmsghdr *cmsg)
{
	struct ucred credentials;

	memcpy(&credentials, CMSG_DATA(cmsg), sizeof(credentials));
	credentials.pid = getpid();
	memcpy(CMSG_DATA(cmsg), &credentials, sizeof(credentials));
}

static int translate_header(struct worker *worker, struct message *message,
			    struct cmsghdr *cmsg)
{
	if (cmsg->cmsg_level != SOL_SOCKET)
		return 0;
	if (cmsg->cmsg_type == SCM_RIGHTS)
		return duplicate_fds(worker, message, cmsg);
	if (cmsg->cmsg_type == SCM_CREDENTIALS &&
	    cmsg->cmsg_len == CMSG_LEN(sizeof(struct ucred)))
		speak_for_ourselves(cmsg);
	return 0;
}

/* Walks the headers by the kernel's rule (CMSG_OK and cmsg_nxthdr there): a
 * header that it sees and this does not would pass descriptors of our own.
 * Those of C libraries differ about an unpadded last header. */
static int translate_control(struct worker *worker, struct message *message)
{
	size_t size = message->msg.msg_controllen;
	size_t at = 0;

	while (size - at >= sizeof(struct cmsghdr)) {
		struct cmsghdr *cmsg =
			(struct cmsghdr *)(void *)(message->control + at);
		int err;

		if (cmsg->cmsg_len < sizeof(struct cmsghdr) ||
		    cmsg->cmsg_len > size - at)
			return -EINVAL;
		err = translate_header(worker, message, cmsg);
		if (err < 0)
			return err;
		if (CMSG_ALIGN(cmsg->cmsg_len) >= size - at)
			return 0;
		at += CMSG_ALIGN(cmsg->cmsg_len);
	}
	return 0;
}

int message_load_control(struct worker *worker, struct message *message)
{
	size_t size = message->msg.msg_controllen;
	int err;

	if (size == 0)
		return 0;
	if (size > sizeof(message->control))
		return -ENOBUFS;
	err = target_read(worker->target->tid, message->control_at,
			  message->control, size);
	if (err < 0)
		return err;
	message->msg.msg_control = message->control;
	return translate_control(worker, message);
}

int message_load(struct worker *worker, struct message *message)
{
	uint8_t *buffer = broker_buffer(worker);
	size_t loaded = 0;

	if (!buffer)
		return -ENOMEM;
	while (message->index < message->num_iov &&
	       loaded < BROKER_BUFFER_SIZE) {
		const struct iovec *iov = &message->iov[message->index];
		size_t len = iov->iov_len - message->offset;
		int err = 0;

		if (len > BROKER_BUFFER_SIZE - loaded)
			len = BROKER_BUFFER_SIZE - loaded;
		if (len > 0)
			err = target_read(worker->target->tid,
					  (uintptr_t)iov->iov_base +
						  message->offset,
					  buffer + loaded, len);
		if (err < 0)
			return err;
		loaded += len;
		message->offset += len;
		if (message->offset == iov->iov_len) {
			message->index++;
			message->offset = 0;
		}
	}
	message->local.iov_base = buffer;
	message->local.iov_len = loaded;
	return 0;
}

size_t message_loaded(const struct message *message)
{
	return message->local.iov_len;
}

size_t message_remaining(const struct message *message)
{
	size_t total = 0;

	for (size_t i = message->index; i < message->num_iov; i++)
		total += message->iov[i].iov_len;
	return total - message->offset;
}

void message_next(struct message *message)
{
	message->msg.msg_name = NULL;
	message->msg.msg_namelen = 0;
	message->msg.msg_control = NULL;
	message->msg.msg_controllen = 0;
}

void message_skip(struct message *message, size_t size)
{
	message_next(message);
	message->local.iov_base = (uint8_t *)message->local.iov_base + size;
	message->local.iov_len -= size;
}

void message_done(struct message *message)
{
	for (size_t i = 0; i < message->num_fds; i++)
		util_close(&message->fds[i]);
	message->num_fds = 0;
}
