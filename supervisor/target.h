/* SPDX-License-Identifier: MIT */
/*
 * Looking at a target thread: its memory, its descriptors, who it is.
 *
 * Everything here reads the state of a running, possibly hostile task. What is
 * read is a copy; whether it belonged to the caller of a notification is known
 * only after notify_is_valid() has been asked.
 */
#ifndef SBX_TARGET_H
#define SBX_TARGET_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "procstat.h"

#define TARGET_EXE_MAX 512

/* The kernel does not let us look into the process: it is not dumpable.
 * Handlers pass this up like any errno; the broker turns it into a recorded
 * denial. No call that is mediated has this errno of its own. */
#define TARGET_UNREADABLE (-EKEYREJECTED)

struct target_table;

/**
 * struct target - what is known about one thread
 * @tid: its id in our pid namespace
 * @pid: its thread group
 * @ppid: parent of the group when it was first seen
 * @proc: O_PATH descriptor of /proc/TID: stays bound to this very task, a
 *        reused id cannot slip in
 * @pidfd: pidfd of the thread, or of its group on kernels before 6.9
 * @exe: path of its program, cut to TARGET_EXE_MAX; "" when unknown
 *
 * Owned by the table; valid between target_get() and target_put().
 */
struct target {
	pid_t tid;
	pid_t pid;
	pid_t ppid;
	int proc;
	int pidfd;
	char exe[TARGET_EXE_MAX];
};

/**
 * target_table_new() - a cache of threads.
 * @ret_table: receives it; freed by target_table_free()
 * Return: 0 or -ENOMEM.
 */
int target_table_new(struct target_table **ret_table);

/**
 * target_table_free() - close and free; NULL is allowed.
 * @table: no target may be held any more
 */
void target_table_free(struct target_table *table);

/**
 * target_get() - the entry of a live thread.
 * @table: the cache; thread-safe
 * @tid: from the notification
 * @ret_target: receives the entry; give back with target_put()
 * Return: 0, -ESRCH when there is no such thread, -errno.
 *
 * A cached entry is used only while its pidfd says that the task lives.
 */
int target_get(struct target_table *table, pid_t tid,
	       const struct target **ret_target);

/**
 * target_put() - give an entry back.
 * @table: the cache
 * @target: from target_get()
 */
void target_put(struct target_table *table, const struct target *target);

/**
 * target_will_exec() - the thread is about to run another program: what is
 * known about its process is read again at its next call.
 * @table: the cache
 * @target: the thread
 */
void target_will_exec(struct target_table *table, const struct target *target);

/**
 * target_read() - copy memory of a thread.
 * @tid: the thread
 * @address: in its address space
 * @buf: receives the bytes
 * @size: number of bytes
 * Return: 0; -EFAULT when any byte is not mapped; TARGET_UNREADABLE when the
 * kernel does not let us look into the process. process_vm_readv(2).
 */
int target_read(pid_t tid, uint64_t address, void *buf, size_t size);

/**
 * target_read_some() - like target_read(), but stops at unmapped memory.
 * Return: number of bytes, at least 1, or -errno.
 */
ssize_t target_read_some(pid_t tid, uint64_t address, void *buf, size_t size);

/**
 * target_write() - write into memory of a thread (results only).
 * Parameters and errors as for target_read().
 */
int target_write(pid_t tid, uint64_t address, const void *buf, size_t size);

/**
 * target_read_string() - copy a terminated string, page by page.
 * @tid: the thread
 * @address: in its address space
 * @buf: receives the string, terminated
 * @size: size of @buf; the string must fit with its terminator
 * Return: length; -EFAULT; -ENAMETOOLONG when there is no terminator within
 * @size bytes; TARGET_UNREADABLE.
 */
ssize_t target_read_string(pid_t tid, uint64_t address, char *buf, size_t size);

/**
 * target_open_fd() - an O_PATH descriptor of what a target's descriptor
 * refers to.
 * @target: the thread
 * @fd: its descriptor number
 * Return: our descriptor, -EBADF when it has none, -errno.
 */
int target_open_fd(const struct target *target, int fd);

/**
 * target_open_cwd() - an O_PATH descriptor of the thread's working directory.
 * @target: the thread
 * Return: our descriptor or -errno.
 */
int target_open_cwd(const struct target *target);

/**
 * target_dup_fd() - duplicate a target's descriptor, sharing the open file.
 * @target: the thread
 * @fd: its descriptor number
 * Return: our descriptor, -EBADF, TARGET_UNREADABLE. pidfd_getfd(2), Linux
 * 5.6.
 */
int target_dup_fd(const struct target *target, int fd);

/**
 * target_is_full() - has the thread's descriptor table no room left?
 * @target: the thread
 * Return: false also when it cannot be told. The size of /proc/PID/fd is the
 * number of descriptors since Linux 6.2.
 */
bool target_is_full(const struct target *target);

/**
 * target_umask() - the thread's umask now. proc_pid_status(5), Linux 4.7.
 * @target: the thread
 * @ret_mask: receives it
 * Return: 0 or -errno.
 */
int target_umask(const struct target *target, mode_t *ret_mask);

/**
 * target_stat() - session and terminal of a thread. proc_pid_stat(5).
 * @target: the thread
 * @ret_stat: receives the fields
 * Return: 0 or -errno.
 */
int target_stat(const struct target *target, struct procstat *ret_stat);

/**
 * target_has_signal() - does a signal wait for the thread that it does not
 * block, and that has a handler or stops it? Then a native blocking call would
 * return. (One that kills ends the notification.)
 * @target: the thread
 * @ret_own: true if the signal is directed at this thread, or the process has
 *           only one thread
 * Return: true if so; false also when it cannot be told.
 */
bool target_has_signal(const struct target *target, bool *ret_own);

#endif /* SBX_TARGET_H */
