/* SPDX-License-Identifier: MIT */
/*
 * The syntax is that of git-config(1). Where git is lenient, this reader is
 * not: what it does not understand is refused.
 */
#include "gitconfig.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "util.h"

void gitconfig_start(struct gitconfig_reader *reader, const char *text,
		     size_t size)
{
	reader->at = text;
	reader->end = text + size;
	reader->section[0] = '\0';
}

static int peek(const struct gitconfig_reader *reader)
{
	return reader->at < reader->end ? (unsigned char)*reader->at : -1;
}

static void skip_blanks(struct gitconfig_reader *reader)
{
	while (peek(reader) == ' ' || peek(reader) == '\t')
		reader->at++;
}

static void skip_line(struct gitconfig_reader *reader)
{
	while (peek(reader) != -1 && peek(reader) != '\n')
		reader->at++;
}

static int append(char *buf, size_t size, size_t *len, int byte)
{
	/* NUL would end the copy before git's own reading does, and a carriage
	 * return means different things in different places. */
	if (*len + 1 >= size || byte == '\0' || byte == '\r')
		return -EINVAL;
	buf[(*len)++] = (char)byte;
	buf[*len] = '\0';
	return 0;
}

/* "subsection"] after the section's name; case counts. */
static int read_subsection(struct gitconfig_reader *reader, size_t *len)
{
	int byte, err;

	err = append(reader->section, sizeof(reader->section), len, '.');
	reader->at++;
	while (err == 0 && (byte = peek(reader)) != '"') {
		if (byte == '\\') {
			reader->at++;
			byte = peek(reader);
		}
		if (byte == -1 || byte == '\n')
			return -EINVAL;
		err = append(reader->section, sizeof(reader->section), len,
			     byte);
		reader->at++;
	}
	if (err == 0)
		reader->at++;
	return err;
}

/* [section], [section "subsection"] or [section.subsection]. */
static int read_section(struct gitconfig_reader *reader)
{
	size_t len = 0;
	int byte, err = 0;

	reader->at++;
	reader->section[0] = '\0';
	while (err == 0 && (isalnum(byte = peek(reader)) || byte == '-' ||
			    byte == '.')) {
		err = append(reader->section, sizeof(reader->section), &len,
			     tolower(byte));
		reader->at++;
	}
	if (err < 0 || len == 0)
		return -EINVAL;
	if (peek(reader) == ' ' || peek(reader) == '\t') {
		skip_blanks(reader);
		if (peek(reader) != '"' || read_subsection(reader, &len) < 0)
			return -EINVAL;
	}
	if (peek(reader) != ']')
		return -EINVAL;
	reader->at++;
	return append(reader->section, sizeof(reader->section), &len, '.');
}

static int read_key(struct gitconfig_reader *reader,
		    struct gitconfig_entry *entry)
{
	size_t len = strlcpy(entry->name, reader->section,
			     sizeof(entry->name));
	int byte, err = 0;

	if (len == 0 || !isalpha(peek(reader)))
		return -EINVAL;
	while (err == 0 && (isalnum(byte = peek(reader)) || byte == '-')) {
		err = append(entry->name, sizeof(entry->name), &len,
			     tolower(byte));
		reader->at++;
	}
	skip_blanks(reader);
	return err;
}

static int unescape(int byte)
{
	switch (byte) {
	case 't':
		return '\t';
	case 'b':
		return '\b';
	case 'n':
		return '\n';
	case '\\':
	case '"':
		return byte;
	default:
		return -1;
	}
}

/**
 * struct value - a value while it is read
 * @buf: GITCONFIG_VALUE_MAX bytes
 * @len: bytes in it
 * @blanks: blanks seen behind them, part of the value if more of it follows
 * @has_tab: one of these is a tab
 * @quoted: inside quotes
 */
struct value {
	char *buf;
	size_t len;
	size_t blanks;
	bool has_tab;
	bool quoted;
};

/* Blanks between words stay as they are, but before version 2.45 git made
 * spaces of tabs there. Blanks before everything else are none of the value. */
static int append_blanks(struct value *value)
{
	int err = value->has_tab ? -EINVAL : 0;

	for (; err == 0 && value->blanks > 0; value->blanks--)
		err = append(value->buf, GITCONFIG_VALUE_MAX, &value->len, ' ');
	return err;
}

static void hold_blank(struct value *value, int byte)
{
	if (value->len == 0)
		return;
	value->blanks++;
	value->has_tab |= byte == '\t';
}

/* One byte of a value. Returns 1 when the value has ended, 0, -EINVAL. */
static int read_value_byte(struct gitconfig_reader *reader, struct value *value)
{
	int byte = peek(reader);

	if (byte == -1 || byte == '\n')
		return value->quoted ? -EINVAL : 1;
	if (!value->quoted && (byte == '#' || byte == ';')) {
		skip_line(reader);
		return 1;
	}
	reader->at++;
	if (!value->quoted && (byte == ' ' || byte == '\t')) {
		hold_blank(value, byte);
		return 0;
	}
	if (append_blanks(value) < 0)
		return -EINVAL;
	if (byte == '"') {
		value->quoted = !value->quoted;
		return 0;
	}
	if (byte == '\\') {
		byte = peek(reader);
		if (byte == -1)
			return -EINVAL;
		reader->at++;
		/* A line goes on behind a backslash. */
		if (byte == '\n')
			return 0;
		byte = unescape(byte);
		if (byte < 0)
			return -EINVAL;
	}
	return append(value->buf, GITCONFIG_VALUE_MAX, &value->len, byte);
}

static int read_value(struct gitconfig_reader *reader, char *buf)
{
	struct value value = {.buf = buf};
	int got;

	buf[0] = '\0';
	do {
		got = read_value_byte(reader, &value);
	} while (got == 0);
	return got < 0 ? got : 0;
}

int gitconfig_next(struct gitconfig_reader *reader,
		   struct gitconfig_entry *ret_entry)
{
	for (;;) {
		int byte = peek(reader), err = 0;

		if (byte == -1)
			return 0;
		if (byte == '\n' || byte == ' ' || byte == '\t') {
			reader->at++;
			continue;
		}
		if (byte == '#' || byte == ';') {
			skip_line(reader);
			continue;
		}
		if (byte == '[') {
			err = read_section(reader);
			if (err < 0)
				return err;
			continue;
		}
		err = read_key(reader, ret_entry);
		if (err < 0)
			return err;
		byte = peek(reader);
		if (byte == '=') {
			reader->at++;
			err = read_value(reader, ret_entry->value);
		} else if (byte == -1 || byte == '\n') {
			(void)strlcpy(ret_entry->value, "true",
				      sizeof(ret_entry->value));
		} else {
			err = -EINVAL;
		}
		return err < 0 ? err : 1;
	}
}
