/* SPDX-License-Identifier: MIT */
#include "hint.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "resolve.h"
#include "util.h"

#define SLOTS 256
#define SAID_MAX 1024
#define HINT_RATE 20

/* The last refusal of a thread; tid 0 means none. */
struct hint {
	pid_t tid;
	uint64_t key;
	char text[HINT_TEXT_MAX];
};

/**
 * struct hints - the store
 * @lock: guards everything
 * @quiet: never say anything
 * @slots: by thread id; a later thread replaces an earlier one
 * @said: keys of what has been said, oldest replaced first
 * @said_next: where the next key goes
 * @second: the second that @in_second counts lines of
 * @in_second: lines said in it
 */
struct hints {
	pthread_mutex_t lock;
	bool quiet;
	struct hint slots[SLOTS];
	uint64_t said[SAID_MAX];
	size_t said_next;
	time_t second;
	unsigned int in_second;
};

int hints_new(bool quiet, struct hints **ret_hints)
{
	struct hints *hints = calloc(1, sizeof(*hints));

	if (!hints)
		return -ENOMEM;
	pthread_mutex_init(&hints->lock, NULL);
	hints->quiet = quiet;
	*ret_hints = hints;
	return 0;
}

void hints_free(struct hints *hints)
{
	if (!hints)
		return;
	pthread_mutex_destroy(&hints->lock);
	free(hints);
}

/* FNV-1a: the key only keeps a program from hearing the same twice. */
static uint64_t mix(uint64_t hash, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ at[i]) * 0x100000001b3ULL;
	return hash;
}

static uint64_t make_key(pid_t pid, enum access access, const char *rule)
{
	uint64_t hash = mix(0xcbf29ce484222325ULL, &pid, sizeof(pid));

	hash = mix(hash, &access, sizeof(access));
	return mix(hash, rule, strlen(rule));
}

/* Copies a name so that it cannot break a line or a terminal. */
static void escape(const char *name, char *buf, size_t size)
{
	size_t out = 0;

	for (const char *at = name; *at && out + 5 < size; at++) {
		unsigned char byte = (unsigned char)*at;

		if (byte >= 0x20 && byte != 0x7f && byte < 0x80)
			buf[out++] = *at;
		else
			out += (size_t)snprintf(buf + out, 5, "\\x%02x", byte);
	}
	buf[out] = '\0';
}

/* A remedy may end in a placeholder for what was refused: DIR stands for the
 * directory of the object, ADDRESS:PORT and PATH for the object itself. */
static void format_remedy(const char *remedy, const char *object, char *buf,
			  size_t size)
{
	const char *last = remedy ? strrchr(remedy, ' ') : NULL;
	const char *slash = strrchr(object, '/');
	int head = last ? (int)(last - remedy) : 0;

	buf[0] = '\0';
	if (!last)
		return;
	if (strcmp(last, " DIR") == 0 && slash)
		(void)snprintf(buf, size,
			       "; the user can allow it with: %.*s %.*s", head,
			       remedy, slash > object ? (int)(slash - object) : 1,
			       object);
	else if (strcmp(last, " ADDRESS:PORT") == 0 ||
		 strcmp(last, " PATH") == 0)
		(void)snprintf(buf, size,
			       "; the user can allow it with: %.*s %s", head,
			       remedy, object);
	else
		(void)snprintf(buf, size, "; the user can allow it with: %s",
			       remedy);
}

void hints_set(struct hints *hints, pid_t pid, pid_t tid, enum access access,
	       const char *object, const struct decision *decision)
{
	struct hint *hint = &hints->slots[(unsigned int)tid % SLOTS];
	char name[256], remedy[320];

	if (hints->quiet)
		return;
	escape(object, name, sizeof(name));
	format_remedy(decision->remedy, name, remedy, sizeof(remedy));
	pthread_mutex_lock(&hints->lock);
	hint->tid = tid;
	hint->key = make_key(pid, access, decision->rule);
	(void)snprintf(hint->text, sizeof(hint->text) - 1,
		       "sbxsup: refused %s on %s: %.128s (rule: %.128s)%s",
		       access_name(access), name, decision->reason,
		       decision->rule, remedy);
	(void)strlcat(hint->text, "\n", sizeof(hint->text));
	pthread_mutex_unlock(&hints->lock);
}

void hints_clear(struct hints *hints, pid_t tid)
{
	struct hint *hint = &hints->slots[(unsigned int)tid % SLOTS];

	pthread_mutex_lock(&hints->lock);
	if (hint->tid == tid)
		hint->tid = 0;
	pthread_mutex_unlock(&hints->lock);
}

static bool was_said(const struct hints *hints, uint64_t key)
{
	for (size_t i = 0; i < SAID_MAX; i++)
		if (hints->said[i] == key)
			return true;
	return false;
}

static bool may_speak(struct hints *hints)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	if (now.tv_sec != hints->second) {
		hints->second = now.tv_sec;
		hints->in_second = 0;
	}
	return hints->in_second++ < HINT_RATE;
}

size_t hints_take(struct hints *hints, pid_t tid, char buf[HINT_TEXT_MAX])
{
	struct hint *hint = &hints->slots[(unsigned int)tid % SLOTS];
	size_t len = 0;

	pthread_mutex_lock(&hints->lock);
	if (hint->tid == tid && !was_said(hints, hint->key) &&
	    may_speak(hints)) {
		hints->said[hints->said_next++ % SAID_MAX] = hint->key;
		len = strlcpy(buf, hint->text, HINT_TEXT_MAX);
	}
	if (hint->tid == tid)
		hint->tid = 0;
	pthread_mutex_unlock(&hints->lock);
	if (len == 0)
		buf[0] = '\0';
	return len;
}

int hints_open(struct hints *hints, pid_t tid)
{
	cleanup_close int fd = memfd_create("sbxsup-reason",
					    MFD_CLOEXEC | MFD_ALLOW_SEALING);
	char text[HINT_TEXT_MAX], path[PIN_PATH_MAX];
	size_t len = hints_take(hints, tid, text);
	int read_only;

	if (fd < 0)
		return -errno;
	if (len > 0 && write(fd, text, len) != (ssize_t)len)
		return -EIO;
	if (fcntl(fd, F_ADD_SEALS,
		  F_SEAL_SEAL | F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK) < 0)
		return -errno;
	read_only = open(pin_path(fd, path), O_RDONLY | O_CLOEXEC);
	return read_only < 0 ? -errno : read_only;
}
