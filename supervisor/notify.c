/* SPDX-License-Identifier: MIT */
#include "notify.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include "util.h"

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

int notify_check_sizes(void)
{
	struct seccomp_notif_sizes sizes;

	if (syscall(__NR_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) < 0)
		return -errno;
	if (sizes.seccomp_notif > NOTIFY_SIZE_MAX ||
	    sizes.seccomp_notif_resp > sizeof(struct seccomp_notif_resp))
		return -E2BIG;
	return 0;
}

bool notify_sync_wake_up(int listener)
{
	return ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS,
		     SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP) == 0;
}

int notify_receive(int listener, union notification *ret_notification)
{
	/* The kernel refuses a structure that is not zeroed. */
	memset(ret_notification, 0, sizeof(*ret_notification));
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV,
		  &ret_notification->notif) < 0)
		return -errno;
	return 0;
}

bool notify_is_valid(int listener, uint64_t id)
{
	return ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}

int notify_respond(int listener, uint64_t id, int64_t value, int error,
		   uint32_t flags)
{
	struct seccomp_notif_resp resp = {
		.id = id,
		.val = value,
		.error = error,
		.flags = flags,
	};

	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &resp) < 0)
		return -errno;
	return 0;
}

int notify_inject(int listener, uint64_t id, int fd, uint32_t newfd_flags)
{
	struct seccomp_notif_addfd addfd = {
		.id = id,
		.flags = SECCOMP_ADDFD_FLAG_SEND,
		.srcfd = (uint32_t)fd,
		.newfd_flags = newfd_flags,
	};

	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &addfd) < 0)
		return -errno;
	return 0;
}
