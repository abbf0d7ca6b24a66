/* SPDX-License-Identifier: MIT */
/*
 * Paths in the target's view, pinned.
 *
 * Theory of operation
 *
 * A path is resolved once, by the broker, to O_PATH descriptors; decisions are
 * made on the canonical path of what was pinned, and acts are performed on the
 * descriptors. A target that renames directories or swaps links meanwhile
 * changes what a later resolution finds, not what this one holds.
 *
 * Three ways, from cheap to general:
 *  1. openat2(2) without following any link. It fails with ELOOP as soon as
 *     there is one; any other error came before the first link and is the
 *     target's answer.
 *  2. openat2(2) following links, but not the magic ones of /proc. The kernel
 *     pins the result in one step. What ends in /proc is thrown away: "self"
 *     was the broker there.
 *  3. Component by component, each step pinned. Here /proc/self and
 *     /proc/thread-self mean the target, and magic links are followed by the
 *     kernel, which lets the broker look only into processes of its own
 *     Landlock domain: the session.
 *
 * The broker's own /proc entries are refused wherever they turn up.
 */
#ifndef SBX_RESOLVE_H
#define SBX_RESOLVE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "target.h"

/* The kernel names objects in at most a page; one component more. */
#define RESOLVE_PATH_MAX (PATH_MAX + NAME_MAX + 2)

/* Follow nothing in the last component. */
#define PIN_NOFOLLOW (1u << 0)
/* The result must be a directory. */
#define PIN_DIRECTORY (1u << 1)

/**
 * struct resolver - what resolution needs to know of the system
 * @proc_dev: st_dev of /proc
 * @shm_dev: st_dev of the kernel's own memory file system (memfd)
 * @self: our process id
 */
struct resolver {
	dev_t proc_dev;
	dev_t shm_dev;
	pid_t self;
};

/**
 * struct object - a pinned object
 * @fd: O_PATH descriptor, -1 when there is none; owned
 * @st: fstat(2) of it
 * @path: canonical path; for objects without a name in the file system what
 *        the kernel calls them, such as "pipe:[123]"
 * @is_private: it has no name that another process could open: a pipe, an
 *              anonymous inode or a memfd that the session holds already
 */
struct object {
	int fd;
	struct stat st;
	char path[RESOLVE_PATH_MAX];
	bool is_private;
};

/**
 * struct name - a pinned directory and a name in it
 * @dir: O_PATH descriptor of the directory, -1 when there is none; owned
 * @last: the component, with a trailing slash if the target gave one
 * @path: canonical path of the directory plus component
 * @exists: there was an object of that name
 * @st: lstat(2) of it
 */
struct name {
	int dir;
	char last[NAME_MAX + 2];
	char path[RESOLVE_PATH_MAX];
	bool exists;
	struct stat st;
};

/**
 * resolver_init() - learn the device numbers.
 * @ret_resolver: receives them
 * Return: 0 or -errno. Call it in the broker, after the fork.
 */
int resolver_init(struct resolver *ret_resolver);

/**
 * resolve_base() - what a relative path starts from.
 * @target: the thread
 * @dirfd: its descriptor or AT_FDCWD
 * @path: an absolute path needs no base
 * Return: our O_PATH descriptor; AT_FDCWD for an absolute path; -EBADF, …
 */
int resolve_base(const struct target *target, int dirfd, const char *path);

/**
 * resolve_object() - find an existing object.
 * @resolver: from resolver_init()
 * @target: the thread whose view it is
 * @base: from resolve_base(); stays the caller's
 * @path: our copy of the path, not empty
 * @flags: PIN_NOFOLLOW, PIN_DIRECTORY
 * @how: RESOLVE_ flags of openat2(2), usually 0; the kernel obeys them
 * @ret_object: receives the object; close with object_done()
 * Return: 0, the errno that the target would have met, or -EACCES for what the
 * broker must not open.
 */
int resolve_object(const struct resolver *resolver,
		   const struct target *target, int base, const char *path,
		   unsigned int flags, uint64_t how,
		   struct object *ret_object);

/**
 * resolve_fd() - the object behind a target's descriptor.
 * @resolver: from resolver_init()
 * @target: the thread
 * @fd: its descriptor
 * @ret_object: receives the object; its fd is a duplicate of the target's, so
 *              that calls on it fail for O_PATH descriptors as natively
 * Return: 0, -EBADF, -errno.
 */
int resolve_fd(const struct resolver *resolver, const struct target *target,
	       int fd, struct object *ret_object);

/**
 * resolve_name() - find the directory in which a name stands or would stand.
 * Parameters as for resolve_object(); the last component is not followed.
 * @ret_name: receives the name; close with name_done()
 */
int resolve_name(const struct resolver *resolver, const struct target *target,
		 int base, const char *path, uint64_t how,
		 struct name *ret_name);

/**
 * resolve_creation() - like resolve_name(), but follows links in the last
 * component to the name that O_CREAT without O_EXCL would create.
 */
int resolve_creation(const struct resolver *resolver,
		     const struct target *target, int base, const char *path,
		     struct name *ret_name);

/**
 * object_done() - close what an object holds.
 * @object: its fd may be -1
 */
void object_done(struct object *object);

/**
 * name_done() - close what a name holds.
 * @name: its dir may be -1
 */
void name_done(struct name *name);

/* The object is the supervisor's own, or lies in a /proc that is not at /proc.
 * Handlers pass this up like any errno; the broker turns it into a recorded
 * denial. No call that is mediated has this errno of its own. */
#define RESOLVE_REFUSED (-EKEYREVOKED)

/* Room for the text that pin_path() makes. */
#define PIN_PATH_MAX 64

/**
 * pin_path() - a path to an O_PATH descriptor, for calls that take paths only.
 * @fd: our descriptor
 * @buf: receives "/proc/self/fd/N"
 * Return: @buf.
 */
const char *pin_path(int fd, char buf[PIN_PATH_MAX]);

#endif /* SBX_RESOLVE_H */
