/* SPDX-License-Identifier: MIT */
#include "resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "procstat.h"
#include "util.h"
#include "walk.h"

#define DELETED " (deleted)"

int resolver_init(struct resolver *ret_resolver)
{
	cleanup_close int fd = memfd_create("sbxsup-probe", MFD_CLOEXEC);
	struct stat proc, shm;

	if (fd < 0 || fstat(fd, &shm) < 0 || stat("/proc", &proc) < 0)
		return -errno;
	ret_resolver->proc_dev = proc.st_dev;
	ret_resolver->shm_dev = shm.st_dev;
	ret_resolver->self = getpid();
	return 0;
}

const char *pin_path(int fd, char buf[PIN_PATH_MAX])
{
	(void)snprintf(buf, PIN_PATH_MAX, "/proc/self/fd/%d", fd);
	return buf;
}

int resolve_base(const struct target *target, int dirfd, const char *path)
{
	if (path[0] == '/')
		return AT_FDCWD;
	return dirfd == AT_FDCWD ? target_open_cwd(target)
				 : target_open_fd(target, dirfd);
}

static int open_how(int base, const char *path, unsigned int flags,
		    uint64_t resolve)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = resolve,
	};
	long fd;

	if (flags & PIN_NOFOLLOW)
		how.flags |= O_NOFOLLOW;
	if (flags & PIN_DIRECTORY)
		how.flags |= O_DIRECTORY;
	fd = syscall(__NR_openat2, base, path, &how, sizeof(how));
	return fd < 0 ? -errno : (int)fd;
}

/* An absolute path without ".", "..", "//" and trailing slash that was
 * resolved without links is its own canonical form. */
static bool is_canonical(const char *path)
{
	const char *at = path;

	if (*at != '/' || at[1] == '\0')
		return false;
	while (*at == '/') {
		const char *component = ++at;
		size_t len = strcspn(component, "/");

		if (len == 0 || (len == 1 && component[0] == '.') ||
		    (len == 2 && component[0] == '.' && component[1] == '.'))
			return false;
		at += len;
	}
	return true;
}

/* The kernel's name of a pinned object. */
static int read_path(int fd, const struct stat *st, char *buf)
{
	char link[PIN_PATH_MAX];
	ssize_t len = readlink(pin_path(fd, link), buf, RESOLVE_PATH_MAX - 1);
	size_t suffix = strlen(DELETED);

	if (len < 0)
		return -errno;
	if (len >= RESOLVE_PATH_MAX - 1)
		return -ENAMETOOLONG;
	buf[len] = '\0';
	/* A removed object is judged by the place that it had. */
	if (st->st_nlink == 0 && (size_t)len > suffix &&
	    strcmp(buf + len - suffix, DELETED) == 0)
		buf[(size_t)len - suffix] = '\0';
	return 0;
}

static bool has_type(int fd, long type)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == type;
}

/* Objects that have no name which any other process could open. */
static bool is_private(const struct resolver *resolver,
		       const struct object *object)
{
	mode_t type = object->st.st_mode & S_IFMT;

	if (object->st.st_dev == resolver->shm_dev)
		return true;
	if (object->path[0] == '/')
		return false;
	return type == 0 || type == S_IFIFO || type == S_IFSOCK ||
	       has_type(object->fd, NSFS_MAGIC);
}

/* One of the broker's own /proc entries, which the kernel would let it open?
 * Only of the file system at /proc can the name tell; others are refused. */
static bool is_refused(const struct resolver *resolver,
		       const struct object *object)
{
	const char *path = object->path;
	const char *rest;
	pid_t pid;

	/* Only file systems without a device may be another /proc. */
	if (object->st.st_dev != resolver->proc_dev)
		return major(object->st.st_dev) == 0 &&
		       object->st.st_dev != resolver->shm_dev &&
		       has_type(object->fd, PROC_SUPER_MAGIC);
	if (strcmp(path, "/proc") != 0 && strncmp(path, "/proc/", 6) != 0)
		return true;
	return procstat_path_pid(path, &pid, &rest) &&
	       walk_is_own_task(resolver->self, pid);
}

static int describe(const struct resolver *resolver, int fd,
		    const char *canonical, struct object *ret_object)
{
	ret_object->fd = fd;
	if (fstat(fd, &ret_object->st) < 0)
		return -errno;
	if (canonical)
		(void)strlcpy(ret_object->path, canonical, RESOLVE_PATH_MAX);
	else {
		int err = read_path(fd, &ret_object->st, ret_object->path);

		if (err < 0)
			return err;
	}
	ret_object->is_private = is_private(resolver, ret_object);
	return is_refused(resolver, ret_object) ? RESOLVE_REFUSED : 0;
}

/* Does the way to a missing object lead through /proc/self? Only then could
 * the target's view differ from ours. */
static bool leads_to_proc(const struct resolver *resolver, int base,
			  const char *path)
{
	char parent[PATH_MAX];
	const char *slash = strrchr(path, '/');
	struct stat st;
	cleanup_close int fd = -1;

	if (!slash)
		return true;
	if (slash == path)
		return false;
	if (strlcpy(parent, path, sizeof(parent)) >= sizeof(parent))
		return true;
	parent[slash - path] = '\0';
	fd = open_how(base, parent, 0, RESOLVE_NO_MAGICLINKS);
	return fd < 0 || fstat(fd, &st) < 0 || st.st_dev == resolver->proc_dev;
}

/* Second way: links, but no magic ones. Returns -EAGAIN when only the walk can
 * tell. */
static int open_following(const struct resolver *resolver, int base,
			  const char *path, unsigned int flags)
{
	cleanup_close int fd = -1;
	struct stat st;

	if (strncmp(path, "/proc", 5) == 0)
		return -EAGAIN;
	fd = open_how(base, path, flags, RESOLVE_NO_MAGICLINKS);
	if (fd == -ENOENT && !leads_to_proc(resolver, base, path))
		return -ENOENT;
	if (fd < 0)
		return -EAGAIN;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_dev == resolver->proc_dev)
		return -EAGAIN;
	return TAKE_FD(fd);
}

int resolve_object(const struct resolver *resolver,
		   const struct target *target, int base, const char *path,
		   unsigned int flags, uint64_t how,
		   struct object *ret_object)
{
	const struct walk_view view = {
		.proc_dev = resolver->proc_dev,
		.self = resolver->self,
		.pid = target->pid,
		.tid = target->tid,
	};
	const char *canonical = NULL;
	int fd = open_how(base, path, flags,
			  (how ? how : RESOLVE_NO_SYMLINKS) |
				  RESOLVE_NO_MAGICLINKS);
	int err;

	ret_object->fd = -1;
	if (how) {
		/* The kernel follows links under the caller's own conditions.
		 * Where they lead through /proc, "self" is the broker, and
		 * describe() refuses its entries. */
		canonical = NULL;
	} else if (fd >= 0 && is_canonical(path)) {
		canonical = path;
	} else if (fd == -ELOOP) {
		fd = open_following(resolver, base, path, flags);
		if (fd == -EAGAIN)
			fd = walk_path(&view, base, path, flags);
	}
	if (fd < 0)
		return fd;
	err = describe(resolver, fd, canonical, ret_object);
	if (err < 0)
		object_done(ret_object);
	return err;
}

int resolve_fd(const struct resolver *resolver, const struct target *target,
	       int fd, struct object *ret_object)
{
	int ours = target_dup_fd(target, fd);
	int err;

	ret_object->fd = -1;
	if (ours < 0)
		return ours;
	err = describe(resolver, ours, NULL, ret_object);
	if (err < 0)
		object_done(ret_object);
	return err;
}

/* Splits "dir/last/" into directory part and last component; the last
 * component keeps one trailing slash. An empty directory part means the base,
 * "/" the root. */
static int split(const char *path, char dir[PATH_MAX],
		 char last[NAME_MAX + 2])
{
	size_t len = strlen(path);
	size_t end = len, start;
	bool slash;

	while (end > 0 && path[end - 1] == '/')
		end--;
	start = end;
	while (start > 0 && path[start - 1] != '/')
		start--;
	if (end - start > NAME_MAX)
		return -ENAMETOOLONG;
	slash = end < len;
	memcpy(last, path + start, end - start);
	last[end - start] = '\0';
	if (slash && end > start)
		(void)strlcat(last, "/", NAME_MAX + 2);
	memcpy(dir, path, start);
	dir[start] = '\0';
	return 0;
}

static int name_path(struct name *name, const char *dir)
{
	size_t len = strlcpy(name->path, dir, sizeof(name->path));

	if (len >= sizeof(name->path))
		return -ENAMETOOLONG;
	if (len > 1)
		len = strlcat(name->path, "/", sizeof(name->path));
	if (len >= sizeof(name->path))
		return -ENAMETOOLONG;
	len = strlcat(name->path, name->last, sizeof(name->path));
	if (len >= sizeof(name->path))
		return -ENAMETOOLONG;
	if (name->path[len - 1] == '/' && len > 1)
		name->path[len - 1] = '\0';
	return 0;
}

static bool is_dots(const char *last)
{
	return last[0] == '\0' || strcmp(last, ".") == 0 ||
	       strcmp(last, "./") == 0 || strcmp(last, "..") == 0 ||
	       strcmp(last, "../") == 0;
}

static int look_up(struct name *name)
{
	char plain[NAME_MAX + 2];
	size_t len = strlcpy(plain, name->last, sizeof(plain));

	if (len > 1 && plain[len - 1] == '/')
		plain[len - 1] = '\0';
	name->exists = fstatat(name->dir, plain, &name->st,
			       AT_SYMLINK_NOFOLLOW) == 0;
	return name->exists || errno == ENOENT ? 0 : -errno;
}

int resolve_name(const struct resolver *resolver, const struct target *target,
		 int base, const char *path, uint64_t how,
		 struct name *ret_name)
{
	struct object dir = {.fd = -1};
	char dir_part[PATH_MAX];
	int err;

	ret_name->dir = -1;
	err = split(path, dir_part, ret_name->last);
	if (err < 0)
		return err;
	if (dir_part[0] == '\0' && ret_name->last[0] == '\0')
		(void)strlcpy(dir_part, "/", sizeof(dir_part));
	err = resolve_object(resolver, target, base,
			     dir_part[0] ? dir_part : ".", PIN_DIRECTORY,
			     how, &dir);
	if (err < 0)
		return err;
	if (is_dots(ret_name->last)) {
		/* The kernel refuses every change of these names; the object
		 * is the directory. */
		(void)strlcpy(ret_name->path, dir.path, sizeof(ret_name->path));
		if (ret_name->last[0] == '\0')
			(void)strlcpy(ret_name->last, "/",
				      sizeof(ret_name->last));
	} else {
		err = name_path(ret_name, dir.path);
	}
	ret_name->dir = TAKE_FD(dir.fd);
	if (err == 0)
		err = look_up(ret_name);
	if (err < 0)
		name_done(ret_name);
	return err;
}

/* Reads the link that stands at a name. */
static int read_link(const struct name *name, char target[PATH_MAX])
{
	ssize_t len = readlinkat(name->dir, name->last, target, PATH_MAX - 1);

	if (len < 0)
		return -errno;
	target[len] = '\0';
	return len == 0 ? -ENOENT : 0;
}

int resolve_creation(const struct resolver *resolver,
		     const struct target *target, int base, const char *path,
		     struct name *ret_name)
{
	int err = resolve_name(resolver, target, base, path, 0, ret_name);

	for (int links = 0; err == 0 && ret_name->exists &&
			    S_ISLNK(ret_name->st.st_mode);
	     links++) {
		char next[PATH_MAX];
		cleanup_close int dir = -1;

		err = links < WALK_LINKS_MAX ? read_link(ret_name, next)
					     : -ELOOP;
		dir = TAKE_FD(ret_name->dir);
		if (err == 0)
			err = resolve_name(resolver, target, dir, next, 0,
					   ret_name);
	}
	return err;
}

void object_done(struct object *object)
{
	util_close(&object->fd);
	object->fd = -1;
}

void name_done(struct name *name)
{
	util_close(&name->dir);
	name->dir = -1;
}
