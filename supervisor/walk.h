/* SPDX-License-Identifier: MIT */
/*
 * The general way of resolving a path: component by component, in the view of
 * a target. See resolve.h for when it is needed.
 */
#ifndef SBX_WALK_H
#define SBX_WALK_H

#include <stdbool.h>
#include <sys/types.h>

/* As the kernel's MAXSYMLINKS. */
#define WALK_LINKS_MAX 40

/**
 * struct walk_view - whose view it is
 * @proc_dev: st_dev of /proc
 * @self: the broker's process id
 * @pid: what /proc/self means
 * @tid: what /proc/thread-self means, with @pid
 */
struct walk_view {
	dev_t proc_dev;
	pid_t self;
	pid_t pid;
	pid_t tid;
};

/**
 * walk_path() - resolve a path.
 * @view: whose view
 * @base: O_PATH directory for a relative path; stays the caller's
 * @path: our copy of the path, not empty
 * @flags: PIN_ flags of resolve.h
 * Return: O_PATH descriptor or -errno as the kernel would give it.
 */
int walk_path(const struct walk_view *view, int base, const char *path,
	      unsigned int flags);

/**
 * walk_is_own_task() - is this the broker or one of its threads?
 * @self: the broker's process id
 * @id: process or thread id
 */
bool walk_is_own_task(pid_t self, pid_t id);

#endif /* SBX_WALK_H */
