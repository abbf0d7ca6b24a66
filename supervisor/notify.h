/* SPDX-License-Identifier: MIT */
/*
 * The listener: receive a notification, answer it. seccomp_unotify(2).
 */
#ifndef SBX_NOTIFY_H
#define SBX_NOTIFY_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>

/* Room for what newer kernels append; checked against GET_NOTIF_SIZES. */
#define NOTIFY_SIZE_MAX 512

/**
 * union notification - one received notification, with room to grow
 */
union notification {
	struct seccomp_notif notif;
	uint8_t room[NOTIFY_SIZE_MAX];
};

/**
 * notify_check_sizes() - do the kernel's structures fit?
 * Return: 0, -E2BIG if they outgrew NOTIFY_SIZE_MAX, -errno.
 */
int notify_check_sizes(void);

/**
 * notify_sync_wake_up() - let the kernel switch straight between target and
 * receiver. Linux 6.6.
 * @listener: the listener
 * Return: true if the kernel has it.
 */
bool notify_sync_wake_up(int listener);

/**
 * notify_receive() - wait for the next notification.
 * @listener: the listener
 * @ret_notification: zeroed and filled
 * Return: 0; -ENOENT when the target left while it was received, -EINTR: both
 * mean try again; other -errno are final.
 */
int notify_receive(int listener, union notification *ret_notification);

/**
 * notify_is_valid() - does the target still wait for this answer?
 * @listener: the listener
 * @id: the notification's cookie
 *
 * Asked after the target's memory or /proc entries have been read: if it is
 * true, they were those of the caller and not of a process that got its id.
 */
bool notify_is_valid(int listener, uint64_t id);

/**
 * notify_respond() - answer with a result.
 * @listener: the listener
 * @id: the notification's cookie
 * @value: return value, when @error is 0
 * @error: negative errno, or 0
 * @flags: 0 or SECCOMP_USER_NOTIF_FLAG_CONTINUE (then both others are 0)
 * Return: 0, -ENOENT when the target is gone, -errno.
 */
int notify_respond(int listener, uint64_t id, int64_t value, int error,
		   uint32_t flags);

/**
 * notify_inject() - put a descriptor into the target and return its number
 * from the call, in one step (ADDFD_FLAG_SEND, Linux 5.14).
 * @listener: the listener
 * @id: the notification's cookie
 * @fd: our descriptor; stays ours
 * @newfd_flags: 0 or O_CLOEXEC
 * Return: 0, -ENOENT when the target is gone, -EMFILE when its table is full
 * (then nothing has been answered yet), -errno.
 */
int notify_inject(int listener, uint64_t id, int fd, uint32_t newfd_flags);

#endif /* SBX_NOTIFY_H */
