/* SPDX-License-Identifier: MIT */
#include "control.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "util.h"

void control_send(int fd, enum control_kind kind, int value, const char *text)
{
	struct control control = {.kind = kind, .value = value};

	if (text)
		(void)strlcpy(control.text, text, sizeof(control.text));
	(void)RETRY_EINTR(send(fd, &control, sizeof(control), MSG_NOSIGNAL));
}

int control_receive(int fd, struct control *ret_control)
{
	struct control control;
	ssize_t len = RETRY_EINTR(
		recv(fd, &control, sizeof(control), MSG_DONTWAIT));

	if (len < 0)
		return errno == ECONNRESET ? 0 : -errno;
	if (len == 0)
		return 0;
	if (len != sizeof(control))
		return -EPROTO;
	control.text[sizeof(control.text) - 1] = '\0';
	*ret_control = control;
	return 1;
}
