/* SPDX-License-Identifier: MIT */
#include "pattern.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "util.h"

/* As many as the kernel follows in one path. */
#define LINKS_MAX 40

static enum pattern_kind part_kind(const char *text, size_t len)
{
	if (len == 2 && memcmp(text, "**", 2) == 0)
		return PATTERN_ANY;
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\\')
			i++;
		else if (strchr("*?[", text[i]))
			return PATTERN_GLOB;
	}
	return PATTERN_LITERAL;
}

bool pattern_next(const char **cursor, struct pattern_part *ret_part)
{
	const char *text = *cursor + strspn(*cursor, "/");
	size_t len = strcspn(text, "/");

	*cursor = text + len;
	if (len == 0)
		return false;
	*ret_part = (struct pattern_part){
		.kind = part_kind(text, len),
		.text = text,
		.len = len,
	};
	return true;
}

/* One byte of a set, an escape resolved; NULL at the end of the component. */
static const char *set_byte(const char *p, const char *end,
			    unsigned char *ret_byte)
{
	if (p < end && *p == '\\')
		p++;
	if (p >= end)
		return NULL;
	*ret_byte = (unsigned char)*p;
	return p + 1;
}

/*
 * Compares a byte with the set whose '[' stands before @p. Returns the place
 * behind the ']', or NULL when the set is malformed: not closed, a reversed
 * range, or a class such as [:alpha:], whose meaning depends on the locale.
 */
static const char *set_match(const char *p, const char *end, unsigned char byte,
			     bool *ret_hit)
{
	bool negate = p < end && (*p == '!' || *p == '^');
	bool hit = false;
	bool first = true;

	if (negate)
		p++;
	while (p && p < end && (first || *p != ']')) {
		unsigned char low;
		unsigned char high;

		if (*p == '[' && p + 1 < end && strchr(":.=", p[1]))
			return NULL;
		first = false;
		p = set_byte(p, end, &low);
		if (!p)
			return NULL;
		high = low;
		if (end - p >= 2 && p[0] == '-' && p[1] != ']')
			p = set_byte(p + 1, end, &high);
		if (low > high)
			return NULL;
		hit = hit || (low <= byte && byte <= high);
	}
	if (!p || p >= end)
		return NULL;
	*ret_hit = hit != negate;
	return p + 1;
}

/* Compares one byte with what stands at @p, a star excepted; NULL: differs. */
static const char *glob_one(const char *p, const char *end, unsigned char byte)
{
	bool hit = false;

	if (p >= end)
		return NULL;
	if (*p == '?')
		return p + 1;
	if (*p == '[') {
		p = set_match(p + 1, end, byte, &hit);
		return hit ? p : NULL;
	}
	if (*p == '\\')
		p++;
	return p < end && (unsigned char)*p == byte ? p + 1 : NULL;
}

/*
 * Only the last star seen is ever taken back to, which is enough for a match
 * and keeps the cost at length times length.
 */
bool pattern_glob(const char *glob, size_t glob_len, const char *name,
		  size_t len)
{
	const char *end = glob + glob_len;
	const char *after_star = NULL;
	size_t star_at = 0;
	size_t i = 0;

	while (i < len) {
		const char *next;

		if (glob < end && *glob == '*') {
			after_star = ++glob;
			star_at = i;
			continue;
		}
		next = glob_one(glob, end, (unsigned char)name[i]);
		if (next) {
			glob = next;
			i++;
		} else if (after_star) {
			glob = after_star;
			i = ++star_at;
		} else {
			return false;
		}
	}
	while (glob < end && *glob == '*')
		glob++;
	return glob == end;
}

/* What is wrong with the wildcards and escapes of a component, or NULL. */
static const char *part_error(const struct pattern_part *part)
{
	const char *end = part->text + part->len;
	const char *p = part->text;

	while (p < end) {
		bool hit;

		if (*p == '[') {
			p = set_match(p + 1, end, 0, &hit);
			if (!p)
				return "malformed [set] in a component";
		} else if (*p == '\\' && p + 1 == end) {
			return "nothing follows the backslash";
		} else {
			p += *p == '\\' ? 2 : 1;
		}
	}
	return NULL;
}

static bool part_is_dots(const struct pattern_part *part)
{
	char plain[5];

	/* The longest spelling of ".." has both dots escaped. */
	if (part->kind != PATTERN_LITERAL || part->len >= sizeof(plain))
		return false;
	(void)pattern_unescape(part->text, part->len, plain);
	return strcmp(plain, ".") == 0 || strcmp(plain, "..") == 0;
}

const char *pattern_check(const char *pattern)
{
	const char *cursor = pattern;
	struct pattern_part part;

	if (pattern[0] != '/')
		return "a path starts with \"/\"";
	if (strlen(pattern) >= PATTERN_MAX)
		return "the pattern is too long";
	while (pattern_next(&cursor, &part)) {
		const char *error = part_error(&part);

		if (error)
			return error;
		if (part_is_dots(&part))
			return "\".\" and \"..\" cannot stand in a pattern";
	}
	return NULL;
}

bool pattern_is_literal(const char *pattern)
{
	const char *cursor = pattern;
	struct pattern_part part;

	while (pattern_next(&cursor, &part)) {
		if (part.kind != PATTERN_LITERAL)
			return false;
	}
	return true;
}

size_t pattern_unescape(const char *text, size_t len, char *buf)
{
	size_t used = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\\' && i + 1 < len)
			i++;
		buf[used++] = text[i];
	}
	buf[used] = '\0';
	return used;
}

int pattern_escape(const char *text, char *buf, size_t size)
{
	size_t used = 0;

	for (; *text != '\0'; text++) {
		bool special = strchr("*?[]\\", *text);

		if (used + special + 1 >= size)
			return -ENAMETOOLONG;
		if (special)
			buf[used++] = '\\';
		buf[used++] = *text;
	}
	if (used >= size)
		return -ENAMETOOLONG;
	buf[used] = '\0';
	return 0;
}

/*
 * A walk along the literal beginning of a pattern.
 * @done: real path so far; "" is the root
 * @todo: names still to walk, unescaped, with slashes between them
 * @rest: the pattern from its first wildcard component on
 * @missing: @done does not exist, so nothing below it does
 * @links: symbolic links followed
 */
struct walk {
	char done[PATH_MAX];
	char todo[PATTERN_MAX];
	const char *rest;
	bool missing;
	unsigned int links;
};

static int walk_start(struct walk *walk, const char *pattern)
{
	const char *cursor = pattern;
	struct pattern_part part;

	if (pattern[0] != '/' || strlen(pattern) >= PATTERN_MAX)
		return -EINVAL;
	walk->rest = pattern;
	while (pattern_next(&cursor, &part) && part.kind == PATTERN_LITERAL) {
		if (part_error(&part))
			return -EINVAL;
		walk->rest = cursor;
	}
	(void)pattern_unescape(pattern, (size_t)(walk->rest - pattern),
			       walk->todo);
	walk->done[0] = '\0';
	walk->missing = false;
	walk->links = 0;
	return 0;
}

/* Takes the first name off @todo; false when there is none. */
static bool walk_take(char *todo, char *name, size_t size)
{
	char *start = todo + strspn(todo, "/");
	size_t len = strcspn(start, "/");

	if (len == 0 || len >= size)
		return false;
	memcpy(name, start, len);
	name[len] = '\0';
	memmove(todo, start + len, strlen(start + len) + 1);
	return true;
}

/* Appends "/" and @len bytes to a pattern under construction. */
static int form_add(char *form, const char *text, size_t len)
{
	size_t used = strlen(form);

	if (used + 1 + len >= PATTERN_MAX)
		return -EINVAL;
	form[used] = '/';
	memcpy(form + used + 1, text, len);
	form[used + 1 + len] = '\0';
	return 0;
}

/*
 * Appends names, escaped. -EAGAIN: they hold "..", so that no pattern can be
 * made of them.
 */
static int form_add_names(char *form, const char *names)
{
	char escaped[2 * (NAME_MAX + 1)];
	char name[NAME_MAX + 1];
	char left[PATTERN_MAX];
	int ret = 0;

	(void)snprintf(left, sizeof(left), "%s", names);
	while (ret == 0 && walk_take(left, name, sizeof(name))) {
		if (strcmp(name, "..") == 0)
			return -EAGAIN;
		if (strcmp(name, ".") == 0)
			continue;
		ret = pattern_escape(name, escaped, sizeof(escaped));
		if (ret == 0)
			ret = form_add(form, escaped, strlen(escaped));
	}
	if (ret == 0 && left[strspn(left, "/")] != '\0')
		ret = -EINVAL;
	return ret;
}

/* The pattern that the walk stands for now: done, todo, rest. */
static int walk_form(const struct walk *walk, char **ret_form)
{
	cleanup_free char *form = calloc(1, PATTERN_MAX);
	const char *cursor = walk->rest;
	struct pattern_part part;
	int ret;

	if (!form)
		return -ENOMEM;
	ret = form_add_names(form, walk->done);
	if (ret == 0)
		ret = form_add_names(form, walk->todo);
	while (ret == 0 && pattern_next(&cursor, &part))
		ret = form_add(form, part.text, part.len);
	if (ret == 0 && form[0] == '\0')
		ret = form_add(form, "", 0);
	if (ret < 0)
		return ret;
	*ret_form = TAKE_PTR(form);
	return 0;
}

/* Puts the target of the link that @done names in front of @todo. */
static int walk_follow(struct walk *walk)
{
	char target[PATH_MAX];
	char left[PATTERN_MAX];
	ssize_t len = readlink(walk->done, target, sizeof(target) - 1);
	int n;

	if (len < 0 || ++walk->links > LINKS_MAX)
		return -EINVAL;
	target[len] = '\0';
	n = snprintf(left, sizeof(left), "%s/%s", target, walk->todo);
	if (n < 0 || (size_t)n >= sizeof(left))
		return -EINVAL;
	memcpy(walk->todo, left, (size_t)n + 1);
	*(target[0] == '/' ? walk->done : strrchr(walk->done, '/')) = '\0';
	return 0;
}

/* Adds one name to @done. Return: 1 when the result is a symbolic link. */
static int walk_step(struct walk *walk, const char *name)
{
	size_t len = strlen(walk->done);
	struct stat st;
	int n;

	if (strcmp(name, ".") == 0)
		return 0;
	if (strcmp(name, "..") == 0) {
		if (walk->missing)
			return -EINVAL;
		if (len > 0)
			*strrchr(walk->done, '/') = '\0';
		return 0;
	}
	n = snprintf(walk->done + len, sizeof(walk->done) - len, "/%s", name);
	if (n < 0 || (size_t)n >= sizeof(walk->done) - len)
		return -EINVAL;
	if (walk->missing)
		return 0;
	if (lstat(walk->done, &st) < 0) {
		walk->missing = true;
		return 0;
	}
	return S_ISLNK(st.st_mode) ? 1 : 0;
}

int pattern_resolve(const char *pattern,
		    int (*alias)(void *data, const char *pattern), void *data,
		    char **ret_pattern)
{
	char name[NAME_MAX + 1];
	struct walk walk;
	int ret = walk_start(&walk, pattern);

	while (ret == 0 && walk_take(walk.todo, name, sizeof(name))) {
		cleanup_free char *form = NULL;

		ret = walk_step(&walk, name);
		if (ret <= 0)
			continue;
		ret = alias ? walk_form(&walk, &form) : -EAGAIN;
		if (ret == 0)
			ret = alias(data, form);
		if (ret == 0 || ret == -EAGAIN)
			ret = walk_follow(&walk);
	}
	if (ret < 0)
		return ret;
	/* What is left is a name that is too long to be one. */
	return walk_form(&walk, ret_pattern);
}
