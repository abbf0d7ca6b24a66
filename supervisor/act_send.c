/* SPDX-License-Identifier: MIT */
/*
 * Messages that may carry an address in memory: copied and sent by the broker
 * on a duplicate of the target's socket. Without an address nothing is asked;
 * even so the copy is sent, because an address could appear in the original.
 */
#include "act.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>

#include "message.h"
#include "request.h"
#include "sockaddress.h"
#include "util.h"

/* The target gets the signal that the broker does not let the kernel send to
 * itself. */
static void raise_sigpipe(const struct worker *worker, int flags)
{
	if (!(flags & MSG_NOSIGNAL) && broker_is_waiting(worker))
		(void)syscall(__NR_tgkill, worker->target->pid,
			      worker->target->tid, SIGPIPE);
}

static bool blocks(int fd, int flags)
{
	int status = fcntl(fd, F_GETFL);

	return !(flags & MSG_DONTWAIT) && status >= 0 &&
	       !(status & O_NONBLOCK);
}

/* Sends what is loaded; blocks only where the target's own call would, and
 * then until all of it has gone, as the kernel does on a stream. */
static struct answer send_piece(struct worker *worker, int fd,
				struct message *message, int flags)
{
	struct answer answer = answer_result(
		sendmsg(fd, &message->msg, flags | MSG_NOSIGNAL | MSG_DONTWAIT));
	int64_t sent = 0;

	if (answer.kind == ANSWER_VALUE)
		sent = answer.value;
	else if (answer.error != EAGAIN)
		return answer;
	if ((size_t)sent == message_loaded(message) || !blocks(fd, flags))
		return answer;
	if (sent > 0)
		message_skip(message, (size_t)sent);
	if (!broker_block_begin(worker))
		return sent > 0 ? answer_value(sent) : answer_error(-EAGAIN);
	answer = broker_block_end(
		worker, sendmsg(fd, &message->msg, flags | MSG_NOSIGNAL));
	if (answer.kind == ANSWER_VALUE)
		return answer_value(sent + answer.value);
	return sent > 0 ? answer_value(sent) : answer;
}

/* Sends a message piece by piece: a stream may be longer than our buffer. */
static struct answer send_pieces(struct worker *worker, int fd,
				 const struct socket_kind *kind,
				 struct message *message, int flags)
{
	int64_t sent = 0;

	for (;;) {
		struct answer answer;
		int err = message_load(worker, message);
		size_t loaded = message_loaded(message);

		/* The payload is the caller's only if that still waits. */
		if (err == 0 && !broker_is_waiting(worker))
			err = -ESRCH;
		if (err == 0 && message_remaining(message) > 0 &&
		    kind->type != SOCK_STREAM)
			err = -EMSGSIZE;
		answer = err < 0 ? answer_error(err)
				 : send_piece(worker, fd, message, flags);
		if (answer.kind == ANSWER_ERROR) {
			if (sent > 0)
				return answer_value(sent);
			if (answer.error == EPIPE && kind->type == SOCK_STREAM)
				raise_sigpipe(worker, flags);
			return answer;
		}
		sent += answer.value;
		if ((size_t)answer.value < loaded ||
		    message_remaining(message) == 0)
			return answer_value(sent);
		message_next(message);
	}
}

/* What is refused whatever the address is. */
static int check_flags(int flags)
{
	/* As a kernel with Fast Open switched off: the program connects. */
	if (flags & MSG_FASTOPEN)
		return -EOPNOTSUPP;
	/* The pages would be ours; programs send a copy then. */
	if (flags & MSG_ZEROCOPY)
		return -ENOBUFS;
	return 0;
}

/* An address on a stream socket chooses nothing: the kernel ignores or
 * refuses it. */
static bool address_matters(const struct socket_kind *kind)
{
	return kind->type != SOCK_STREAM && kind->type != SOCK_SEQPACKET;
}

static bool permit_message(struct worker *worker,
			   const struct socket_kind *kind,
			   struct message *message, struct answer *ret_answer)
{
	if (message->address.len == 0 || !address_matters(kind))
		return act_pass(worker, ret_answer);
	if (!sockaddress_permit(worker, kind, ACCESS_NET_SEND,
				&message->address, ret_answer))
		return false;
	message->msg.msg_namelen = message->address.len;
	return true;
}

static struct answer send_message(struct worker *worker, int fd,
				  const struct socket_kind *kind,
				  struct message *message, int flags)
{
	struct answer answer;
	int err = check_flags(flags);

	if (err == 0)
		err = message_load_control(worker, message);
	if (err < 0)
		answer = answer_error(err);
	else if (permit_message(worker, kind, message, &answer))
		answer = send_pieces(worker, fd, kind, message, flags);
	message_done(message);
	return answer;
}

struct answer act_sendto(struct worker *worker)
{
	struct message message;
	struct socket_kind kind;
	cleanup_close int fd = socket_duplicate(worker, &kind);
	int err = fd < 0 ? fd
			 : message_from_buffer(
				   worker,
				   request_u64(worker, worker->row->data),
				   request_u64(worker, worker->row->size),
				   worker->args[4], worker->args[5], &message);

	if (err < 0)
		return answer_error(err);
	return send_message(worker, fd, &kind, &message,
			    request_int(worker, worker->row->flags, 0));
}

struct answer act_sendmsg(struct worker *worker)
{
	struct message message;
	struct socket_kind kind;
	cleanup_close int fd = socket_duplicate(worker, &kind);
	int err = fd < 0 ? fd
			 : message_from_header(
				   worker,
				   request_u64(worker, worker->row->data),
				   &message);

	if (err < 0)
		return answer_error(err);
	return send_message(worker, fd, &kind, &message,
			    request_int(worker, worker->row->flags, 0));
}

struct answer act_sendmmsg(struct worker *worker)
{
	uint64_t vector = request_u64(worker, worker->row->data);
	unsigned int num = (unsigned int)request_u64(worker, worker->row->size);
	int flags = request_int(worker, worker->row->flags, 0);
	struct answer answer = answer_value(0);
	struct socket_kind kind;
	cleanup_close int fd = socket_duplicate(worker, &kind);

	if (fd < 0)
		return answer_error(fd);
	for (unsigned int i = 0; i < num && i < IOV_MAX; i++) {
		uint64_t at = vector + i * sizeof(struct mmsghdr);
		struct message message;
		unsigned int len;
		int err = message_from_header(worker, at, &message);

		answer = err < 0 ? answer_error(err)
				 : send_message(worker, fd, &kind, &message,
						flags);
		if (answer.kind == ANSWER_ERROR && i > 0)
			return answer_value(i);
		/* Passive: each message is recorded, the kernel sends. */
		if (answer.kind == ANSWER_CONTINUE)
			continue;
		if (answer.kind != ANSWER_VALUE)
			return answer;
		len = (unsigned int)answer.value;
		err = target_write(worker->target->tid,
				   at + offsetof(struct mmsghdr, msg_len),
				   &len, sizeof(len));
		if (err < 0)
			return i > 0 ? answer_value(i) : answer_error(err);
		answer = answer_value(i + 1);
	}
	return answer;
}
