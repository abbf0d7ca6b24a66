/* SPDX-License-Identifier: MIT */
/*
 * The text of path patterns: components, escapes, wildcards, and the real
 * names behind a pattern's literal beginning.
 *
 * In a pattern a backslash makes the next byte literal, "**" as a whole
 * component stands for any number of components, and * ? [set] [!set] are
 * wildcards inside one component. Everything works on bytes: no locale can
 * change what a rule matches. A leading dot is not special.
 */
#ifndef SBX_PATTERN_H
#define SBX_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

/* Longest pattern in bytes, its NUL included: a path, all of it escaped. */
#define PATTERN_MAX 8192

enum pattern_kind {
	PATTERN_LITERAL = 0,
	PATTERN_GLOB,
	PATTERN_ANY,
	PATTERN_NUM,
};

/**
 * struct pattern_part - one component of a pattern
 * @kind: literal bytes, a wildcard, or "**"
 * @text: first byte, inside the pattern; escapes are still in place
 * @len: length in bytes
 */
struct pattern_part {
	enum pattern_kind kind;
	const char *text;
	size_t len;
};

/**
 * pattern_next() - take the next component off a pattern.
 * @cursor: points into the pattern; moved behind the component
 * @ret_part: receives the component
 * Return: false at the end. Repeated slashes count as one.
 */
bool pattern_next(const char **cursor, struct pattern_part *ret_part);

/**
 * pattern_check() - what is wrong with a pattern?
 * @pattern: any text
 * Return: NULL for a good pattern, else static text. Repeated and trailing
 * slashes pass here.
 */
const char *pattern_check(const char *pattern);

/**
 * pattern_is_literal() - has the pattern no wildcard at all?
 * @pattern: a good pattern
 */
bool pattern_is_literal(const char *pattern);

/**
 * pattern_unescape() - the bytes that a literal component stands for.
 * @text: the component, or a whole literal pattern
 * @len: its length
 * @buf: receives at most @len bytes and a NUL, so it has @len + 1
 * Return: the number of bytes without the NUL.
 */
size_t pattern_unescape(const char *text, size_t len, char *buf);

/**
 * pattern_escape() - make a pattern that matches exactly this text.
 * @text: NUL-terminated
 * @buf: receives the pattern
 * @size: its size; twice the length of @text plus one is always enough
 * Return: 0 or -ENAMETOOLONG; @buf is undefined then.
 */
int pattern_escape(const char *text, char *buf, size_t size);

/**
 * pattern_glob() - does a wildcard component match a name?
 * @glob: the component, checked
 * @glob_len: its length
 * @name: bytes of the name
 * @len: their number
 */
bool pattern_glob(const char *glob, size_t glob_len, const char *name,
		  size_t len);

/**
 * pattern_resolve() - the real name of the literal beginning of a pattern.
 * @pattern: absolute; "." and ".." may stand before the first wildcard
 * @alias: called once for each symbolic link on the way, with the pattern as
 *         it reads when that link's own name is kept; a negative errno from it
 *         ends the walk; may be NULL
 * @data: for @alias
 * @ret_pattern: receives the pattern with every symbolic link followed, as far
 *               as the path exists; the caller frees it
 * Return: 0, -EINVAL (malformed, too long, ".." below something that does not
 * exist, too many links), -ENOMEM, or what @alias returned.
 *
 * Reads the file system (lstat, readlink).
 */
int pattern_resolve(const char *pattern,
		    int (*alias)(void *data, const char *pattern), void *data,
		    char **ret_pattern);

#endif /* SBX_PATTERN_H */
