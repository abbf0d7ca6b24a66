/* SPDX-License-Identifier: MIT */
#include "gitdir.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

#define SAMPLE ".sample"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* What git obeys when HEAD stands beside it. */
static const char *const obeyed[] = {"config", "config.worktree", "commondir"};

static const char *last_component(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_obeyed(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(obeyed); i++)
		if (strcmp(name, obeyed[i]) == 0)
			return true;
	return false;
}

static bool is_sample(const char *name)
{
	size_t len = strlen(name);

	return len > strlen(SAMPLE) &&
	       strcmp(name + len - strlen(SAMPLE), SAMPLE) == 0;
}

/* Is the directory of the name called hooks? */
static bool is_hook(const char *path)
{
	static const char dir[] = "/hooks";
	const char *name = last_component(path);
	size_t len = (size_t)(name - path);

	return len > sizeof(dir) - 1 &&
	       strncmp(name - sizeof(dir), dir, sizeof(dir) - 1) == 0 &&
	       !is_sample(name);
}

bool gitdir_is_name(const char *path)
{
	const char *name = last_component(path);

	if (strstr(path, "/.git/"))
		return false;
	return strcmp(name, "HEAD") == 0 || strcmp(name, "hooks") == 0 ||
	       is_obeyed(name) || is_hook(path);
}

static bool exists(int dir, const char *name)
{
	return faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Are there hooks other than samples? What cannot be read may hold some. */
static bool has_hooks(int dir)
{
	cleanup_close int fd = openat(dir, "hooks",
				      O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool found = false;
	DIR *entries;

	if (fd < 0)
		return exists(dir, "hooks");
	entries = fdopendir(fd);
	if (!entries)
		return true;
	(void)TAKE_FD(fd);
	for (const struct dirent *entry; !found && (entry = readdir(entries));)
		found = entry->d_name[0] != '.' && !is_sample(entry->d_name);
	(void)closedir(entries);
	return found;
}

bool gitdir_completes(int dir, const char *path)
{
	const char *name = last_component(path);

	if (is_hook(path))
		return exists(dir, "../HEAD");
	if (strcmp(name, "HEAD") != 0)
		return exists(dir, "HEAD");
	/* Where it stands already, nothing that git obeys came beside it but
	 * in git's own way: git moves it to another branch. */
	if (exists(dir, "HEAD"))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(obeyed); i++)
		if (exists(dir, obeyed[i]))
			return true;
	return has_hooks(dir);
}

void gitdir_lock(void)
{
	pthread_mutex_lock(&lock);
}

void gitdir_unlock(void)
{
	pthread_mutex_unlock(&lock);
}
