/* SPDX-License-Identifier: MIT */
/*
 * Replacing a git configuration: git writes config.lock and renames it over
 * config. The broker reads the lock file once, judges what it read, and writes
 * that into a file of its own, which takes the place of config. The lock file
 * itself must not become config: the target may hold it open for writing.
 */
#include "act.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "gitconfig.h"
#include "gitdir.h"
#include "util.h"

/* The policy lets no target create, open or move a file of this name. */
#define SUFFIX ".sbxsup"
#define LOCK ".lock"
/* The comparison is quadratic. */
#define CONFIG_MAX (32 * 1024)

/* One replacement at a time: the file of our own has one name. */
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

/**
 * struct text - a file's content
 * @bytes: in the worker's buffer
 * @size: their number
 * @mode: permission bits of the file
 */
struct text {
	char *bytes;
	size_t size;
	mode_t mode;
};

bool act_is_git_config(const struct worker *worker)
{
	const struct name *from = &worker->name;
	const struct name *to = &worker->name2;
	size_t len = strlen(to->path);

	if (worker->broker->policy->mode == MODE_FULL_ACCESS ||
	    strncmp(from->path, to->path, len) != 0 ||
	    strcmp(from->path + len, LOCK) != 0)
		return false;
	/* Below .git, or of a repository of another name. */
	return policy_is_git_config(worker->broker->policy, to->path) ||
	       (strcmp(to->last, "config") == 0 && gitdir_is_name(to->path) &&
		gitdir_completes(to->dir, to->path));
}

/* Reads a regular file of a pinned directory. Not there: empty. */
static int read_text(int dir, const char *name, struct text *text)
{
	cleanup_close int fd = openat(dir, name,
				      O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
					      O_NOCTTY | O_CLOEXEC);
	struct stat st;
	ssize_t len;

	text->size = 0;
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	/* Nobody else gets to write it this way. */
	text->mode = st.st_mode & 0755;
	do {
		len = RETRY_EINTR(read(fd, text->bytes + text->size,
				       CONFIG_MAX - text->size));
		if (len < 0)
			return -errno;
		text->size += (size_t)len;
	} while (len > 0 && text->size < CONFIG_MAX);
	return len > 0 ? -EFBIG : 0;
}

static int write_all(int fd, const struct text *text)
{
	size_t done = 0;

	while (done < text->size) {
		ssize_t len = RETRY_EINTR(
			write(fd, text->bytes + done, text->size - done));

		if (len < 0)
			return -errno;
		done += (size_t)len;
	}
	return 0;
}

/* Writes the text to a new file and puts that in the place of the old one. */
static int replace(const struct worker *worker, const struct text *text)
{
	const struct name *to = &worker->name2;
	cleanup_close int fd = -1;
	char own[NAME_MAX + 2];
	int err;

	if ((size_t)snprintf(own, sizeof(own), "%s%s", to->last, SUFFIX) >=
	    sizeof(own))
		return -ENAMETOOLONG;
	/* Only a supervisor that was killed can have left one. */
	(void)unlinkat(to->dir, own, 0);
	fd = openat(to->dir, own,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	err = write_all(fd, text);
	if (err == 0 && fchmod(fd, text->mode) < 0)
		err = -errno;
	if (err == 0 && renameat(to->dir, own, to->dir, to->last) < 0)
		err = -errno;
	if (err < 0) {
		(void)unlinkat(to->dir, own, 0);
		return err;
	}
	(void)unlinkat(worker->name.dir, worker->name.last, 0);
	return 0;
}

/* Whether the texts may follow each other; a refusal is explained in @why. */
static struct decision decide_texts(const struct text *old_text,
				    const struct text *new_text, char *why,
				    size_t size)
{
	struct gitconfig_entry entry;
	int err = gitconfig_check(old_text->bytes, old_text->size,
				  new_text->bytes, new_text->size, &entry);

	if (err == 0)
		return policy_allow("git configuration that runs nothing");
	if (entry.name[0])
		(void)snprintf(why, size,
			       "git configuration: %.200s may not be changed "
			       "to this",
			       entry.name);
	else
		(void)snprintf(why, size,
			       "git configuration that cannot be understood");
	return policy_deny(EACCES, "git configuration", why);
}

/* The lock file is an ordinary name; config must lie where the session may
 * write, protection aside. */
static struct decision decide_place(const struct worker *worker)
{
	const struct policy *policy = worker->broker->policy;
	struct policy_object from = act_name_of(&worker->name);
	struct policy_object to = act_name_of(&worker->name2);
	struct decision decision =
		policy_decide(policy, ACCESS_FS_RENAME, &from);

	return decision.verdict == VERDICT_ALLOW
		       ? policy_decide_unprotected(policy, ACCESS_FS_RENAME,
						   &to)
		       : decision;
}

static int read_texts(struct worker *worker, struct text *old_text,
		      struct text *new_text)
{
	int err;

	new_text->bytes = (char *)broker_buffer(worker);
	if (!new_text->bytes)
		return -ENOMEM;
	old_text->bytes = new_text->bytes + CONFIG_MAX;
	err = read_text(worker->name.dir, worker->name.last, new_text);
	return err < 0 ? err
		       : read_text(worker->name2.dir, worker->name2.last,
				   old_text);
}

struct answer act_git_config(struct worker *worker)
{
	struct text old_text = {0}, new_text = {0};
	struct decision decision = decide_place(worker);
	struct answer answer;
	/* The decision points into it. */
	// cppcheck-suppress variableScope
	char why[256];
	int err = 0;

	pthread_mutex_lock(&one_at_a_time);
	if (decision.verdict == VERDICT_ALLOW) {
		err = read_texts(worker, &old_text, &new_text);
		decision = decide_texts(&old_text, &new_text, why, sizeof(why));
	}
	if (err < 0)
		decision = policy_deny(EACCES, "git configuration",
				       "git configuration that cannot be read");
	if (broker_permit(worker, ACCESS_FS_RENAME, worker->name.path,
			  worker->name2.path, decision, &answer)) {
		err = replace(worker, &new_text);
		answer = err < 0 ? answer_error(err) : answer_value(0);
	}
	pthread_mutex_unlock(&one_at_a_time);
	return answer;
}
