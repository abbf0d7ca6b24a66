/* SPDX-License-Identifier: MIT */
#include "jsonline.h"

#include <assert.h>
#include <string.h>

/* The end of every line: an array's bracket, the cut mark, brace, newline. */
#define TAIL (sizeof("],\"cut\":true}\n") - 1)
#define CUT_LEN (sizeof(JSONLINE_CUT) - 1)
/* A code point takes two \uXXXX at most. */
#define ESCAPE_MAX 12
#define NUMBER_MAX 20

static const char digits[] = "0123456789abcdef";

static bool is_plain(unsigned char byte)
{
	return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

static bool is_continuation(unsigned char byte)
{
	return (byte & 0xc0) == 0x80;
}

/*
 * Length of the valid UTF-8 sequence at @s, 0 if there is none. Never reads
 * beyond a terminating NUL: a NUL is no continuation byte.
 */
static size_t decode_utf8(const unsigned char *s, uint32_t *ret_point)
{
	uint32_t point;

	if (s[0] < 0x80) {
		*ret_point = s[0];
		return 1;
	}
	if (s[0] < 0xc2 || s[0] > 0xf4 || !is_continuation(s[1]))
		return 0;
	point = s[1] & 0x3fu;
	if (s[0] < 0xe0) {
		*ret_point = (s[0] & 0x1fu) << 6 | point;
		return 2;
	}
	if (!is_continuation(s[2]))
		return 0;
	point = point << 6 | (s[2] & 0x3fu);
	if (s[0] < 0xf0) {
		point |= (s[0] & 0x0fu) << 12;
		/* Overlong forms and surrogates are not UTF-8. */
		if (point < 0x800 || (point >= 0xd800 && point < 0xe000))
			return 0;
		*ret_point = point;
		return 3;
	}
	if (!is_continuation(s[3]))
		return 0;
	point = point << 6 | (s[3] & 0x3fu) | (s[0] & 0x07u) << 18;
	if (point < 0x10000 || point > 0x10ffff)
		return 0;
	*ret_point = point;
	return 4;
}

/*
 * Code points that a terminal or a reader does not show as they are: control
 * characters, zero-width and bidirectional marks, line separators, and the
 * invisible tag characters that can carry text past a person to a model.
 */
static bool is_deceptive(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0) ||
	       point == 0xad || point == 0x61c || point == 0x180e ||
	       (point >= 0x200b && point <= 0x200f) ||
	       (point >= 0x2028 && point <= 0x202e) ||
	       (point >= 0x2060 && point <= 0x206f) || point == 0xfeff ||
	       (point >= 0xfff9 && point <= 0xfffb) ||
	       (point >= 0xe0000 && point <= 0xe0fff);
}

static size_t put_u(char *out, uint32_t unit)
{
	out[0] = '\\';
	out[1] = 'u';
	out[2] = digits[unit >> 12 & 0xf];
	out[3] = digits[unit >> 8 & 0xf];
	out[4] = digits[unit >> 4 & 0xf];
	out[5] = digits[unit & 0xf];
	return 6;
}

/* Writes the character at @s, at most ESCAPE_MAX bytes; sets how much it ate.
 */
static size_t put_character(const unsigned char *s, char *out, size_t *ret_ate)
{
	uint32_t point;
	size_t len = decode_utf8(s, &point);

	*ret_ate = len ? len : 1;
	if (len == 0)
		return put_u(out, 0xdc00u + s[0]);
	if (point == '"' || point == '\\') {
		out[0] = '\\';
		out[1] = (char)point;
		return 2;
	}
	if (!is_deceptive(point)) {
		memcpy(out, s, len);
		return len;
	}
	if (point < 0x10000)
		return put_u(out, point);
	point -= 0x10000;
	(void)put_u(out, 0xd800u + (point >> 10));
	return 6 + put_u(out + 6, 0xdc00u + (point & 0x3ff));
}

/* Escapes as many whole characters as fit; *ret_ate tells how far it came. */
static size_t escape(const char *text, char *out, size_t room, size_t *ret_ate)
{
	const unsigned char *s = (const unsigned char *)text;
	char piece[ESCAPE_MAX];
	size_t len = 0;
	size_t ate;

	while (*s) {
		if (is_plain(*s)) {
			if (len == room)
				break;
			out[len++] = (char)*s++;
			continue;
		}
		size_t n = put_character(s, piece, &ate);

		if (n > room - len)
			break;
		memcpy(out + len, piece, n);
		len += n;
		s += ate;
	}
	*ret_ate = (size_t)((const char *)s - text);
	return len;
}

/*
 * Escapes @text into @room bytes, with the mark at the end if it had to be
 * cut. Needs room for the mark. Returns the length, sets *ret_cut.
 */
static size_t escape_or_cut(const char *text, char *out, size_t room,
			    bool *ret_cut)
{
	size_t ate;
	size_t len = escape(text, out, room, &ate);

	*ret_cut = text[ate] != '\0';
	if (!*ret_cut)
		return len;
	/* Cut in front of a character, not inside: so do it once more. */
	len = escape(text, out, room - CUT_LEN, &ate);
	memcpy(out + len, JSONLINE_CUT, CUT_LEN);
	return len + CUT_LEN;
}

static size_t room_of(const struct jsonline *line)
{
	size_t taken = line->len + line->leave + TAIL;

	return taken < line->size ? line->size - taken : 0;
}

static void put(struct jsonline *line, const char *bytes, size_t len)
{
	memcpy(line->buf + line->len, bytes, len);
	line->len += len;
}

/* Adds comma and key if they and @more bytes have room. */
static bool put_key(struct jsonline *line, const char *key, size_t more)
{
	char last = line->buf[line->len - 1];
	size_t len = key ? strlen(key) : 0;

	if (room_of(line) < len + 4 + more) {
		line->cut = true;
		return false;
	}
	if (last != '{' && last != '[')
		line->buf[line->len++] = ',';
	if (key) {
		line->buf[line->len++] = '"';
		put(line, key, len);
		put(line, "\":", 2);
	}
	return true;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): kept and written to */
void jsonline_begin(struct jsonline *line, char *buf, size_t size)
{
	assert(size >= JSONLINE_MIN);
	*line = (struct jsonline){.buf = buf, .size = size};
	line->buf[line->len++] = '{';
}

void jsonline_leave(struct jsonline *line, size_t bytes)
{
	line->leave = bytes;
}

void jsonline_string(struct jsonline *line, const char *key, const char *value,
		     size_t max)
{
	size_t room;
	bool cut;

	if (!value || !put_key(line, key, CUT_LEN + 2))
		return;
	room = room_of(line) - 2;
	if (room > max)
		room = max;
	assert(room >= CUT_LEN);
	line->buf[line->len++] = '"';
	line->len += escape_or_cut(value, line->buf + line->len, room, &cut);
	line->buf[line->len++] = '"';
	line->cut |= cut;
}

static void put_number(struct jsonline *line, const char *key, uint64_t value,
		       bool negative)
{
	char text[NUMBER_MAX];
	size_t start = sizeof(text);

	if (!put_key(line, key, NUMBER_MAX + 1))
		return;
	do {
		text[--start] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	if (negative)
		line->buf[line->len++] = '-';
	put(line, text + start, sizeof(text) - start);
}

void jsonline_unsigned(struct jsonline *line, const char *key, uint64_t value)
{
	put_number(line, key, value, false);
}

void jsonline_int(struct jsonline *line, const char *key, int64_t value)
{
	uint64_t magnitude = (uint64_t)value;

	put_number(line, key, value < 0 ? 0 - magnitude : magnitude, value < 0);
}

void jsonline_bool(struct jsonline *line, const char *key, bool value)
{
	const char *text = value ? "true" : "false";

	if (put_key(line, key, strlen(text)))
		put(line, text, strlen(text));
}

bool jsonline_array(struct jsonline *line, const char *key)
{
	if (!put_key(line, key, 1))
		return false;
	line->buf[line->len++] = '[';
	return true;
}

void jsonline_array_end(struct jsonline *line)
{
	/* Its byte is part of the tail that is always kept free. */
	line->buf[line->len++] = ']';
}

size_t jsonline_end(struct jsonline *line)
{
	static const char cut[] = "\"cut\":true";

	if (line->cut) {
		if (line->buf[line->len - 1] != '{')
			line->buf[line->len++] = ',';
		put(line, cut, sizeof(cut) - 1);
	}
	put(line, "}\n", 2);
	assert(line->len <= line->size);
	return line->len;
}

size_t jsonline_escape(const char *text, char *buf, size_t size)
{
	size_t len;
	bool cut;

	assert(size >= JSONLINE_MIN);
	len = escape_or_cut(text, buf, size - 1, &cut);
	buf[len] = '\0';
	return len;
}
