/* SPDX-License-Identifier: MIT */
/*
 * What front and broker tell each other, over a pair of sequenced-packet
 * sockets. The end of file says that the other side is gone.
 */
#ifndef SBX_CONTROL_H
#define SBX_CONTROL_H

/*
 * front to broker:
 *   SIGNAL   value: send this signal to the command
 * broker to front:
 *   STAGE    value: -errno; text: what failed before the command ran
 *   RUNNING  value: the command's process id
 *   EXEC     value: -errno of the exec that failed
 *   STOPPED  value: the signal that stopped the command
 *   EXITED   value: wait status of the command; text: counts for people
 */
enum control_kind {
	CONTROL_SIGNAL = 1,
	CONTROL_STAGE,
	CONTROL_RUNNING,
	CONTROL_EXEC,
	CONTROL_STOPPED,
	CONTROL_EXITED,
};

#define CONTROL_TEXT_MAX 96

/**
 * struct control - one message
 * @kind: what it is
 * @value: see above
 * @text: terminated; for STAGE and EXITED
 */
struct control {
	enum control_kind kind;
	int value;
	char text[CONTROL_TEXT_MAX];
};

/**
 * control_send() - send a message; a peer that is gone is not an error here,
 * it is noticed when reading.
 * @fd: our end
 * @kind: what it is
 * @value: see above
 * @text: for STAGE and EXITED, else NULL
 */
void control_send(int fd, enum control_kind kind, int value, const char *text);

/**
 * control_receive() - receive a message.
 * @fd: our end
 * @ret_control: receives it
 * Return: 1, 0 when the peer is gone, -EAGAIN when there is none, -errno.
 */
int control_receive(int fd, struct control *ret_control);

#endif /* SBX_CONTROL_H */
