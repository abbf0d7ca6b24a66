/* SPDX-License-Identifier: MIT */
/*
 * Builds one JSON object on one line in a buffer of fixed size.
 *
 * Theory of operation
 *
 * Values are foreign bytes. Everything that could end a string, start a new
 * line, or move a terminal's cursor or direction is written as \uXXXX; a byte
 * that is not part of valid UTF-8 becomes \udcXX, so the bytes can be had
 * back. Room for the end of the line is kept free at every step. So whatever
 * is put in, what comes out is one valid JSON object that fits: a value that
 * is too long ends in "[cut]", a member that has no room is left out, and
 * either makes the object end in "cut":true.
 */
#ifndef SBX_JSONLINE_H
#define SBX_JSONLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSONLINE_CUT "[cut]"
/* The smallest buffer: an object that says only that it was cut. */
#define JSONLINE_MIN 32

/**
 * struct jsonline - a line under construction
 * @buf: the caller's buffer, not terminated
 * @size: its size
 * @len: bytes written so far
 * @leave: bytes kept free for members that are still to come
 * @cut: something did not fit
 */
struct jsonline {
	char *buf;
	size_t size;
	size_t len;
	size_t leave;
	bool cut;
};

/**
 * jsonline_begin() - start an object.
 * @line: set up
 * @buf: borrowed until jsonline_end()
 * @size: at least JSONLINE_MIN
 */
void jsonline_begin(struct jsonline *line, char *buf, size_t size);

/**
 * jsonline_leave() - keep room for later members.
 * @line: the line
 * @bytes: to keep free from now on; replaces the former number
 */
void jsonline_leave(struct jsonline *line, size_t bytes);

/**
 * jsonline_string() - add a string.
 * @line: the line
 * @key: literal that needs no escaping, or NULL inside an array
 * @value: any bytes, terminated; NULL adds nothing
 * @max: most bytes that the value may take in the line, without its quotes
 */
void jsonline_string(struct jsonline *line, const char *key, const char *value,
		     size_t max);

/**
 * jsonline_unsigned() - add a number.
 * @line: the line
 * @key: literal
 * @value: the number
 */
void jsonline_unsigned(struct jsonline *line, const char *key, uint64_t value);

/**
 * jsonline_int() - add a number that may be negative.
 * @line: the line
 * @key: literal
 * @value: the number
 */
void jsonline_int(struct jsonline *line, const char *key, int64_t value);

/**
 * jsonline_bool() - add true or false.
 * @line: the line
 * @key: literal
 * @value: which
 */
void jsonline_bool(struct jsonline *line, const char *key, bool value);

/**
 * jsonline_array() - open an array; arrays do not nest.
 * @line: the line
 * @key: literal
 * Return: false when there is no room: then nothing was opened.
 */
bool jsonline_array(struct jsonline *line, const char *key);

/**
 * jsonline_array_end() - close the array.
 * @line: the line
 */
void jsonline_array_end(struct jsonline *line);

/**
 * jsonline_end() - close the object and add a newline.
 * @line: the line
 * Return: length of the line, newline included; never more than the size.
 */
size_t jsonline_end(struct jsonline *line);

/**
 * jsonline_escape() - escape text as in a JSON string, for terminals.
 * @text: any bytes, terminated
 * @buf: receives the text without quotes, terminated, cut when too small
 * @size: size of @buf, at least JSONLINE_MIN
 * Return: length of the result.
 */
size_t jsonline_escape(const char *text, char *buf, size_t size);

#endif /* SBX_JSONLINE_H */
