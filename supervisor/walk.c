/* SPDX-License-Identifier: MIT */
#include "walk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "procstat.h"
#include "resolve.h"
#include "util.h"

/* What is still to be walked: links are spliced in front of it. */
#define REST_MAX (2 * PATH_MAX)

/**
 * struct walk - one resolution under way
 * @view: whose view
 * @cur: O_PATH descriptor of where we are; owned
 * @at_proc: @cur is the root directory of /proc
 * @rest: components still to be walked
 * @links: links followed so far
 * @must_be_dir: a slash stood behind the last component, or behind the text of
 *               a link that led there
 */
struct walk {
	const struct walk_view *view;
	int cur;
	bool at_proc;
	char rest[REST_MAX];
	int links;
	bool must_be_dir;
};

bool walk_is_own_task(pid_t self, pid_t id)
{
	char path[64];

	if (id == self)
		return true;
	(void)snprintf(path, sizeof(path), "/proc/self/task/%d", (int)id);
	return access(path, F_OK) == 0;
}

/* Whether we stand in the root directory of /proc: "self" says who is asking
 * only there. */
static bool is_proc_root(const struct walk *walk, const struct stat *st)
{
	return st->st_dev == walk->view->proc_dev && S_ISDIR(st->st_mode) &&
	       faccessat(walk->cur, "thread-self", F_OK,
			 AT_SYMLINK_NOFOLLOW) == 0;
}

static void go_to(struct walk *walk, int fd)
{
	util_close(&walk->cur);
	walk->cur = fd;
	walk->at_proc = false;
}

static int go_to_root(struct walk *walk)
{
	int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	go_to(walk, fd);
	return 0;
}

/* Puts the text of a link in front of what is left. */
static int splice_link(struct walk *walk, const char *text)
{
	char joined[REST_MAX];
	size_t len = strlcpy(joined, text, sizeof(joined));

	if (text[0] == '\0')
		return -ENOENT;
	if (++walk->links > WALK_LINKS_MAX)
		return -ELOOP;
	if (len < sizeof(joined))
		len = strlcat(joined, walk->rest, sizeof(joined));
	if (len >= sizeof(joined))
		return -ENAMETOOLONG;
	(void)strlcpy(walk->rest, joined, sizeof(walk->rest));
	return walk->rest[0] == '/' ? go_to_root(walk) : 0;
}

static bool is_magic(const struct walk *walk, const char *component)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_NO_MAGICLINKS,
	};
	cleanup_close int fd =
		(int)syscall(__NR_openat2, walk->cur, component, &how,
			     sizeof(how));

	return fd < 0 && errno == ELOOP;
}

/* A link of /proc. Those of its root directory are text, and two of them say
 * who is asking; those of a process are followed by the kernel, which checks
 * our right to look into that process. */
static int follow_proc_link(struct walk *walk, const char *component,
			    const char *text)
{
	char own[64];
	int fd;

	if (walk->at_proc && strcmp(component, "self") == 0) {
		(void)snprintf(own, sizeof(own), "%d", (int)walk->view->pid);
		return splice_link(walk, own);
	}
	if (walk->at_proc && strcmp(component, "thread-self") == 0) {
		(void)snprintf(own, sizeof(own), "%d/task/%d",
			       (int)walk->view->pid, (int)walk->view->tid);
		return splice_link(walk, own);
	}
	if (walk->at_proc || !is_magic(walk, component))
		return splice_link(walk, text);
	if (++walk->links > WALK_LINKS_MAX)
		return -ELOOP;
	fd = openat(walk->cur, component, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	go_to(walk, fd);
	return 0;
}

static int follow_link(struct walk *walk, int link, dev_t dev,
		       const char *component)
{
	char text[PATH_MAX];
	ssize_t len = readlinkat(link, "", text, sizeof(text) - 1);

	if (len < 0)
		return -errno;
	text[len] = '\0';
	if (dev == walk->view->proc_dev)
		return follow_proc_link(walk, component, text);
	return splice_link(walk, text);
}

/* The broker's own directory in /proc would hand out its memory and
 * descriptors: the kernel cannot refuse us what is ours. */
static bool is_refused(const struct walk *walk, const char *component)
{
	char *end;
	long id;

	if (!walk->at_proc || component[0] < '0' || component[0] > '9')
		return false;
	id = strtol(component, &end, 10);
	return *end == '\0' && walk_is_own_task(walk->view->self, (pid_t)id);
}

/* One component that is not the last, or a last one that is followed. */
static int step(struct walk *walk, const char *component, bool follow)
{
	cleanup_close int fd = -1;
	struct stat st;

	if (is_refused(walk, component))
		return RESOLVE_REFUSED;
	fd = openat(walk->cur, component, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (S_ISLNK(st.st_mode) && follow)
		return follow_link(walk, fd, st.st_dev, component);
	go_to(walk, TAKE_FD(fd));
	walk->at_proc = is_proc_root(walk, &st);
	return 0;
}

/* Takes the next component off the rest. */
static bool next_component(struct walk *walk, char component[NAME_MAX + 1],
			   bool *ret_last, bool *ret_slash)
{
	const char *at = walk->rest + strspn(walk->rest, "/");
	size_t len = strcspn(at, "/");
	size_t slashes = strspn(at + len, "/");

	if (len == 0 || len > NAME_MAX)
		return false;
	memcpy(component, at, len);
	component[len] = '\0';
	*ret_slash = slashes > 0;
	*ret_last = at[len + slashes] == '\0';
	memmove(walk->rest, at + len, strlen(at + len) + 1);
	return true;
}

static int run(struct walk *walk, unsigned int flags)
{
	char component[NAME_MAX + 1];
	bool last, slash;

	while (next_component(walk, component, &last, &slash)) {
		bool follow = !last || slash || !(flags & PIN_NOFOLLOW);
		int err = step(walk, component, follow);

		if (err < 0)
			return err;
		walk->must_be_dir |= last && slash;
	}
	return walk->rest[strspn(walk->rest, "/")] == '\0' ? 0 : -ENAMETOOLONG;
}

static int check_directory(const struct walk *walk)
{
	struct stat st;

	if (fstat(walk->cur, &st) < 0)
		return -errno;
	return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

/* Does the walk start below the broker's own directory? */
static bool is_own_entry(const struct walk *walk)
{
	char link[PIN_PATH_MAX], path[PATH_MAX];
	ssize_t len = readlink(pin_path(walk->cur, link), path,
			       sizeof(path) - 1);
	const char *rest;
	pid_t pid;

	if (len < 0)
		return true;
	path[len] = '\0';
	return procstat_path_pid(path, &pid, &rest) &&
	       walk_is_own_task(walk->view->self, pid);
}

static int start(struct walk *walk, int base)
{
	struct stat st;
	int fd;

	if (walk->rest[0] == '/')
		return go_to_root(walk);
	fd = fcntl(base, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	go_to(walk, fd);
	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_dev == walk->view->proc_dev && is_own_entry(walk))
		return RESOLVE_REFUSED;
	walk->at_proc = is_proc_root(walk, &st);
	return 0;
}

int walk_path(const struct walk_view *view, int base, const char *path,
	      unsigned int flags)
{
	struct walk walk = {.view = view, .cur = -1};
	int err;

	if (strlcpy(walk.rest, path, sizeof(walk.rest)) >= sizeof(walk.rest))
		return -ENAMETOOLONG;
	err = start(&walk, base);
	if (err == 0)
		err = run(&walk, flags);
	if (err == 0 && ((flags & PIN_DIRECTORY) || walk.must_be_dir))
		err = check_directory(&walk);
	if (err < 0) {
		util_close(&walk.cur);
		return err;
	}
	return walk.cur;
}
