/* SPDX-License-Identifier: MIT */
#include "target.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "util.h"

#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL
#endif

#define SLOTS 256
#define STATUS_MAX 4096
#define STAT_MAX 1024
#define PAGE 4096

/* Descriptors that are left for everything else when the limit is low. */
#define RESERVED_FDS 64
#define FDS_PER_SLOT 2

/* One entry: refs counts holders; an entry that is held is never replaced. */
struct slot {
	struct target target;
	unsigned int refs;
	bool used;
	bool exe_known;
	bool detached;
	pid_t exec_by;
};

/**
 * struct target_table - the cache
 * @lock: guards the slots
 * @num: slots in use: each holds descriptors
 * @slots: by thread id
 */
struct target_table {
	pthread_mutex_t lock;
	size_t num;
	struct slot slots[SLOTS];
};

int target_table_new(struct target_table **ret_table)
{
	struct target_table *table = calloc(1, sizeof(*table));
	struct rlimit limit;

	if (!table)
		return -ENOMEM;
	table->num = SLOTS;
	/* At most half of what the limit leaves. */
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	    limit.rlim_cur < RESERVED_FDS + 2 * FDS_PER_SLOT * SLOTS)
		table->num = limit.rlim_cur <= RESERVED_FDS
				     ? 1
				     : (limit.rlim_cur - RESERVED_FDS) /
						       (2 * FDS_PER_SLOT) +
					       1;
	pthread_mutex_init(&table->lock, NULL);
	*ret_table = table;
	return 0;
}

static void slot_clear(struct slot *slot)
{
	util_close(&slot->target.proc);
	util_close(&slot->target.pidfd);
	memset(slot, 0, sizeof(*slot));
	slot->target.proc = -1;
	slot->target.pidfd = -1;
}

void target_table_free(struct target_table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < SLOTS; i++)
		if (table->slots[i].used)
			slot_clear(&table->slots[i]);
	pthread_mutex_destroy(&table->lock);
	free(table);
}

static ssize_t read_proc(const struct target *target, const char *name,
			 char *buf, size_t size)
{
	cleanup_close int fd = openat(target->proc, name, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return -errno;
	len = RETRY_EINTR(read(fd, buf, size - 1));
	if (len < 0)
		return -errno;
	buf[len] = '\0';
	return len;
}

/* Finds "\nName:" in a status text and reads a number in the given base. */
static int status_number(const char *status, const char *name, int base,
			 unsigned long long *ret_number)
{
	const char *found = strstr(status, name);
	char *end;

	if (!found)
		return -ENOENT;
	found += strlen(name);
	errno = 0;
	*ret_number = strtoull(found, &end, base);
	return end == found || errno ? -EINVAL : 0;
}

static int open_pidfd(pid_t tid, pid_t pid)
{
	long fd = syscall(__NR_pidfd_open, tid, tid == pid ? 0 : PIDFD_THREAD);

	/* Before Linux 6.9 only thread groups have one. */
	if (fd < 0 && errno == EINVAL)
		fd = syscall(__NR_pidfd_open, pid, 0);
	return fd < 0 ? -errno : (int)fd;
}

static void read_exe(struct slot *slot)
{
	struct target *target = &slot->target;
	ssize_t len = readlinkat(target->proc, "exe", target->exe,
				 sizeof(target->exe) - 1);

	target->exe[len < 0 ? 0 : len] = '\0';
	slot->exe_known = len > 0;
}

/* Fills an unused slot. The ids come from the status file of the directory
 * that is kept, so that they belong together. */
static int slot_fill(struct slot *slot, pid_t tid)
{
	struct target *target = &slot->target;
	unsigned long long pid, ppid;
	char text[STATUS_MAX];
	ssize_t len;

	slot->target.pidfd = -1;
	(void)snprintf(text, sizeof(text), "/proc/%d", (int)tid);
	target->proc = open(text, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (target->proc < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	slot->used = true;
	len = read_proc(target, "status", text, sizeof(text));
	if (len < 0)
		return (int)len;
	if (status_number(text, "\nTgid:", 10, &pid) < 0 ||
	    status_number(text, "\nPPid:", 10, &ppid) < 0)
		return -EINVAL;
	target->tid = tid;
	target->pid = (pid_t)pid;
	target->ppid = (pid_t)ppid;
	target->pidfd = open_pidfd(tid, target->pid);
	if (target->pidfd < 0)
		return target->pidfd;
	read_exe(slot);
	return 0;
}

static bool slot_is_alive(const struct slot *slot)
{
	return syscall(__NR_pidfd_send_signal, slot->target.pidfd, 0, NULL,
		       0) == 0;
}

/* A program that was about to be run by another thread of the process: the
 * thread that asks now is either that one, and the exec failed, or the new
 * leader, and it succeeded. In both cases the link is read again; any other
 * thread still sees the old program, and the question stays open. */
static void slot_refresh_exe(struct slot *slot)
{
	const struct target *target = &slot->target;
	pid_t by = slot->exec_by;

	if (slot->exe_known && by == 0)
		return;
	read_exe(slot);
	if (by == 0 || by == target->tid || target->tid == target->pid)
		slot->exec_by = 0;
}

/* An entry outside of the table, for when its slot is held by another. */
static int get_detached(pid_t tid, const struct target **ret_target)
{
	struct slot *slot = calloc(1, sizeof(*slot));
	int err;

	if (!slot)
		return -ENOMEM;
	slot->target.proc = -1;
	err = slot_fill(slot, tid);
	if (err < 0) {
		slot_clear(slot);
		free(slot);
		return err;
	}
	slot->detached = true;
	*ret_target = &slot->target;
	return 0;
}

static int slot_acquire(struct slot *slot, pid_t tid,
			const struct target **ret_target)
{
	if (slot->used && slot->target.tid == tid && slot_is_alive(slot)) {
		slot_refresh_exe(slot);
	} else {
		int err;

		if (slot->refs > 0)
			return -EBUSY;
		if (slot->used)
			slot_clear(slot);
		err = slot_fill(slot, tid);
		if (err < 0) {
			slot_clear(slot);
			return err;
		}
	}
	slot->refs++;
	*ret_target = &slot->target;
	return 0;
}

/* Gives descriptors back that are only kept for the next time. */
static void drop_idle(struct target_table *table)
{
	for (size_t i = 0; i < SLOTS; i++)
		if (table->slots[i].used && table->slots[i].refs == 0)
			slot_clear(&table->slots[i]);
}

int target_get(struct target_table *table, pid_t tid,
	       const struct target **ret_target)
{
	struct slot *slot = &table->slots[(unsigned int)tid % table->num];
	int err;

	pthread_mutex_lock(&table->lock);
	err = slot_acquire(slot, tid, ret_target);
	if (err == -EMFILE) {
		drop_idle(table);
		err = slot_acquire(slot, tid, ret_target);
	}
	pthread_mutex_unlock(&table->lock);
	return err == -EBUSY ? get_detached(tid, ret_target) : err;
}

static struct slot *slot_of(const struct target *target)
{
	union {
		const struct target *read_only;
		struct target *writable;
	} pointer = {.read_only = target};

	/* The target is the first member of its slot. */
	return (struct slot *)(void *)pointer.writable;
}

void target_put(struct target_table *table, const struct target *target)
{
	struct slot *slot = slot_of(target);

	if (slot->detached) {
		slot_clear(slot);
		free(slot);
		return;
	}
	pthread_mutex_lock(&table->lock);
	slot->refs--;
	pthread_mutex_unlock(&table->lock);
}

void target_will_exec(struct target_table *table, const struct target *target)
{
	pthread_mutex_lock(&table->lock);
	for (size_t i = 0; i < SLOTS; i++) {
		struct slot *slot = &table->slots[i];

		if (slot->used && slot->target.pid == target->pid)
			slot->exec_by = target->tid;
	}
	pthread_mutex_unlock(&table->lock);
}

ssize_t target_read_some(pid_t tid, uint64_t address, void *buf, size_t size)
{
	struct iovec local = {.iov_base = buf, .iov_len = size};
	struct iovec remote = {
		.iov_base = (void *)(uintptr_t)address, // NOLINT
		.iov_len = size,
	};
	ssize_t len = process_vm_readv(tid, &local, 1, &remote, 1, 0);

	if (len < 0)
		return errno == EPERM ? TARGET_UNREADABLE : -errno;
	return len == 0 ? -EFAULT : len;
}

int target_read(pid_t tid, uint64_t address, void *buf, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t len = target_read_some(tid, address + done,
					       (uint8_t *)buf + done,
					       size - done);

		if (len < 0)
			return (int)len;
		done += (size_t)len;
	}
	return 0;
}

int target_write(pid_t tid, uint64_t address, const void *buf, size_t size)
{
	union {
		const void *read_only;
		void *writable;
	} pointer = {.read_only = buf};
	struct iovec local = {.iov_base = pointer.writable, .iov_len = size};
	struct iovec remote = {
		.iov_base = (void *)(uintptr_t)address, // NOLINT
		.iov_len = size,
	};
	ssize_t len = process_vm_writev(tid, &local, 1, &remote, 1, 0);

	if (len < 0)
		return -errno;
	return (size_t)len == size ? 0 : -EFAULT;
}

ssize_t target_read_string(pid_t tid, uint64_t address, char *buf, size_t size)
{
	size_t done = 0;

	while (done < size) {
		/* Never past the end of a page: the next one may be unmapped
		 * although the string ends before it. */
		size_t chunk = PAGE - (size_t)((address + done) % PAGE);
		const char *end;
		ssize_t len;

		if (chunk > size - done)
			chunk = size - done;
		len = target_read_some(tid, address + done, buf + done, chunk);
		if (len < 0)
			return len;
		end = memchr(buf + done, '\0', (size_t)len);
		if (end)
			return end - buf;
		done += (size_t)len;
	}
	return -ENAMETOOLONG;
}

int target_open_fd(const struct target *target, int fd)
{
	char name[32];
	int ours;

	if (fd < 0)
		return -EBADF;
	(void)snprintf(name, sizeof(name), "fd/%d", fd);
	ours = openat(target->proc, name, O_PATH | O_CLOEXEC);
	if (ours < 0 && errno == ENOENT)
		return -EBADF;
	if (ours < 0)
		return errno == EACCES ? TARGET_UNREADABLE : -errno;
	return ours;
}

int target_open_cwd(const struct target *target)
{
	int fd = openat(target->proc, "cwd", O_PATH | O_CLOEXEC);

	if (fd < 0)
		return errno == EACCES ? TARGET_UNREADABLE : -errno;
	return fd;
}

int target_dup_fd(const struct target *target, int fd)
{
	long ours = syscall(__NR_pidfd_getfd, target->pidfd, fd, 0);

	if (ours < 0)
		return errno == EPERM ? TARGET_UNREADABLE : -errno;
	return (int)ours;
}

bool target_is_full(const struct target *target)
{
	struct rlimit limit;
	struct stat st;

	return prlimit(target->pid, RLIMIT_NOFILE, NULL, &limit) == 0 &&
	       fstatat(target->proc, "fd", &st, 0) == 0 &&
	       (rlim_t)st.st_size >= limit.rlim_cur;
}

int target_umask(const struct target *target, mode_t *ret_mask)
{
	char status[STATUS_MAX];
	unsigned long long mask;
	ssize_t len = read_proc(target, "status", status, sizeof(status));

	if (len < 0)
		return (int)len;
	if (status_number(status, "\nUmask:", 8, &mask) < 0)
		return -EINVAL;
	*ret_mask = (mode_t)mask;
	return 0;
}

int target_stat(const struct target *target, struct procstat *ret_stat)
{
	char text[STAT_MAX];
	ssize_t len = read_proc(target, "stat", text, sizeof(text));

	return len < 0 ? (int)len : procstat_parse(text, ret_stat);
}

/* A set of signals as /proc shows it: bit N-1 is signal N. */
static unsigned long long signal_bit(int sig)
{
	return 1ULL << (sig - 1);
}

bool target_has_signal(const struct target *target, bool *ret_own)
{
	const unsigned long long stops = signal_bit(SIGSTOP) |
					 signal_bit(SIGTSTP) |
					 signal_bit(SIGTTIN) |
					 signal_bit(SIGTTOU);
	char status[STATUS_MAX];
	unsigned long long own, shared, blocked, ignored, caught, threads, acts;

	if (read_proc(target, "status", status, sizeof(status)) < 0 ||
	    status_number(status, "\nThreads:", 10, &threads) < 0 ||
	    status_number(status, "\nSigPnd:", 16, &own) < 0 ||
	    status_number(status, "\nShdPnd:", 16, &shared) < 0 ||
	    status_number(status, "\nSigBlk:", 16, &blocked) < 0 ||
	    status_number(status, "\nSigIgn:", 16, &ignored) < 0 ||
	    status_number(status, "\nSigCgt:", 16, &caught) < 0)
		return false;
	acts = (caught | (stops & ~ignored)) & ~blocked;
	*ret_own = (own & acts) != 0 || threads == 1;
	return ((own | shared) & acts) != 0;
}
