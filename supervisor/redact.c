/* SPDX-License-Identifier: MIT */
/*
 * Theory of operation
 *
 * The text is walked once. Where a word starts, each finder is asked whether a
 * secret stands there; it answers with a span: bytes to keep (a name, a
 * scheme) and bytes to drop behind them. A finder looks no further than the
 * word, value or line that starts there, so that the cost stays linear even
 * if somebody writes the arguments to make it grow.
 */
#include "redact.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "redact_name.h"
#include "util.h"

#define MARK "[redacted]"
/* "AWS4-HMAC-SHA256" is the longest name of a scheme. */
#define SCHEME_MAX 16

/**
 * struct span - a secret
 * @keep: bytes in front of it that stay
 * @drop: its length
 */
struct span {
	size_t keep;
	size_t drop;
};

/* Kinds of bytes that a token consists of, each with those before it. */
enum charset {
	CHARS_UPPER, /* A-Z 0-9 */
	CHARS_ALNUM, /* a-z */
	CHARS_WORD,  /* _ */
	CHARS_DASH,  /* - */
	CHARS_DOT,   /* . */
};

enum tail {
	ANY_TAIL,
	DIGIT_TAIL,
	EXACT_TAIL,
};

static const struct token {
	const char *prefix;
	size_t len;
	size_t min;
	enum charset charset;
	enum tail tail;
} tokens[] = {
#define TOKEN(prefix, charset, min, tail)                                      \
	{prefix, sizeof(prefix) - 1, min, charset, tail},
#include "redact.def"
#undef TOKEN
};

static bool in_charset(char c, enum charset charset)
{
	if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'))
		return true;
	if (c >= 'a' && c <= 'z')
		return charset >= CHARS_ALNUM;
	return (c == '_' && charset >= CHARS_WORD) ||
	       (c == '-' && charset >= CHARS_DASH) ||
	       (c == '.' && charset >= CHARS_DOT);
}

static size_t run_of(const char *s, enum charset charset)
{
	size_t len = 0;

	while (in_charset(s[len], charset))
		len++;
	return len;
}

static bool has_digit(const char *s, size_t len)
{
	while (len--) {
		if (s[len] >= '0' && s[len] <= '9')
			return true;
	}
	return false;
}

/* ghp_..., AKIA...: known prefixes with enough behind them. */
static bool find_token(const char *s, struct span *ret_span)
{
	for (size_t i = 0; i < ARRAY_SIZE(tokens); i++) {
		const struct token *token = &tokens[i];
		size_t len;

		if (s[0] != token->prefix[0] ||
		    strncmp(s, token->prefix, token->len) != 0)
			continue;
		len = run_of(s + token->len, token->charset);
		if (len < token->min)
			continue;
		if (token->tail == EXACT_TAIL && len != token->min)
			continue;
		if (token->tail == DIGIT_TAIL &&
		    !has_digit(s + token->len, len))
			continue;
		*ret_span = (struct span){.drop = token->len + len};
		return true;
	}
	return false;
}

/* Three or more dotted parts of base64url; the first two are JSON objects. */
static bool find_jwt(const char *s, struct span *ret_span)
{
	size_t len;

	if (strncmp(s, "eyJ", 3) != 0)
		return false;
	len = run_of(s, CHARS_DASH);
	if (len < 13 || strncmp(s + len, ".eyJ", 4) != 0)
		return false;
	len += 1 + run_of(s + len + 1, CHARS_DASH);
	if (s[len] != '.')
		return false;
	*ret_span = (struct span){.drop = len + run_of(s + len, CHARS_DOT)};
	return true;
}

static size_t label_of(const char *s)
{
	size_t len = 0;

	while (s[len] == ' ' || in_charset(s[len], CHARS_UPPER))
		len++;
	return len;
}

/* A private key in PEM, also on one line with \n spelled out. */
static bool find_pem(const char *s, struct span *ret_span)
{
	static const char begin[] = "-----BEGIN ";
	static const char end[] = "-----END ";
	size_t len = sizeof(begin) - 1;
	size_t label;
	const char *found;

	if (strncmp(s, begin, len) != 0)
		return false;
	label = label_of(s + len);
	if (!memmem(s + len, label, "PRIVATE KEY", strlen("PRIVATE KEY")))
		return false;
	len += label;
	label = len;
	len += strspn(s + len, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "abcdefghijklmnopqrstuvwxyz"
			       "0123456789+/=:,.()-_\\ \t\r\n");
	found = memmem(s + label, len - label, end, sizeof(end) - 1);
	if (found) {
		found += sizeof(end) - 1;
		found += label_of(found);
		len = (size_t)(found - s) + strspn(found, "-");
	}
	*ret_span = (struct span){.drop = len};
	return true;
}

/* Length of the quote at @s: " or ', or either with a backslash; else 0. */
static size_t quote_at(const char *s)
{
	size_t len = s[0] == '\\';

	return s[len] == '"' || s[len] == '\'' ? len + 1 : 0;
}

/* Length of what stands between the quote at @s and its equal. */
static size_t quoted_len(const char *s, size_t quote)
{
	const char *start = s + quote;

	for (const char *p = start; *p; p++) {
		if (strncmp(p, s, quote) == 0)
			return (size_t)(p - start);
		if (quote == 1 && *s == '"' && *p == '\\' && p[1])
			p++;
	}
	return strlen(start);
}

/* A value at @s, which ends at one of @stops unless it is quoted. */
static struct span value_at(const char *s, const char *stops)
{
	size_t quote = *stops ? quote_at(s) : 0;

	if (quote)
		return (struct span){quote, quoted_len(s, quote)};
	return (struct span){0, strcspn(s, stops)};
}

#define BLANKS " \t\r\n"
/* Where a value ends in the middle of a command line or a document. */
#define STOPS BLANKS "\"'`;&|()<>,}]\\"

/* $NAME, ${NAME}, $(command), `command`, {{template}}, <placeholder>. */
static bool is_reference(const char *s, size_t len)
{
	if (s[0] == '$' && len > 1)
		return s[1] == '{' || s[1] == '(' ||
		       1 + run_of(s + 1, CHARS_WORD) == len;
	if (s[0] == '`' || (s[0] == '<' && s[len - 1] == '>'))
		return true;
	return len > 1 && s[0] == '{' && s[1] == '{';
}

static bool is_trivial(const char *s, size_t len)
{
	static const char *const words[] = {
		MARK,  "false", "nil",  "no",        "none", "null",
		"off", "on",    "true", "undefined", "yes",
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strlen(words[i]) == len &&
		    strncasecmp(s, words[i], len) == 0)
			return true;
	}
	return strspn(s, "*") >= len || (len == 1 && has_digit(s, len));
}

static bool is_value(const char *s, size_t len)
{
	return len > 0 && !is_reference(s, len) && !is_trivial(s, len);
}

/* A word that is random rather than a name. */
static bool is_tokenish(const char *s, size_t len)
{
	return len >= 20 && run_of(s, CHARS_DASH) == len && has_digit(s, len);
}

/* user:password@ behind ://, or a token in the place of the user. */
static bool find_userinfo(const char *s, struct span *ret_span)
{
	const char *user = s + 3;
	size_t len = strcspn(user, "/?# \t\r\n\"'`<>\\");
	const char *at = memrchr(user, '@', len);
	const char *password;
	size_t keep;

	if (!at)
		return false;
	password = memchr(user, ':', (size_t)(at - user));
	len = (size_t)((password ? password : at) - user);
	if (is_tokenish(user, len))
		keep = 3;
	else if (password)
		keep = 3 + len + 1;
	else
		return false;
	len = (size_t)(at - s) - keep;
	if (!is_value(s + keep, len))
		return false;
	*ret_span = (struct span){keep, len};
	return true;
}

static bool set_value(struct span *ret_span, const char *s, size_t keep,
		      const char *stops)
{
	struct span value = value_at(s + keep, stops);

	keep += value.keep;
	if (!is_value(s + keep, value.drop))
		return false;
	*ret_span = (struct span){keep, value.drop};
	return true;
}

/* Authorization: SCHEME credentials, x-api-key: value, Cookie: ... */
static bool find_header(const char *s, size_t name, struct span *ret_span)
{
	bool auth =
		(name == 13 && !strncasecmp(s, "authorization", name)) ||
		(name == 19 && !strncasecmp(s, "proxy-authorization", name));
	bool cookie = (name == 6 && !strncasecmp(s, "cookie", name)) ||
		      (name == 10 && !strncasecmp(s, "set-cookie", name));
	size_t keep = name + 1;
	size_t blanks = strspn(s + keep, " \t");
	size_t len;

	if (!auth && !cookie &&
	    !(memchr(s, '-', name) && redact_name_is_secret(s, name)))
		return false;
	keep += blanks;
	if (auth) {
		len = run_of(s + keep, CHARS_DASH);
		if (len <= SCHEME_MAX && s[keep + len] == ' ')
			keep += len + strspn(s + keep + len, " \t");
	}
	len = strcspn(s + keep, "\r\n\"'\\");
	/* Not the tag of a container image, nor a volume. */
	if (!auth && blanks == 0 && (len < 16 || s[keep] == '/'))
		return false;
	if (!is_value(s + keep, len))
		return false;
	*ret_span = (struct span){keep, len};
	return true;
}

/* "name": "value", the opening quote of the name being in front of @s. */
static bool find_member(const char *s, size_t name, struct span *ret_span)
{
	size_t keep = name + quote_at(s + name);

	keep += strspn(s + keep, BLANKS);
	if (s[keep] != ':')
		return false;
	keep++;
	keep += strspn(s + keep, BLANKS);
	return quote_at(s + keep) && redact_name_is_secret(s, name) &&
	       set_value(ret_span, s, keep, STOPS);
}

static bool option_is_secret(const char *name, size_t len, size_t dashes)
{
	if (dashes == 2 && len == 4 && strncasecmp(name, "pass", 4) == 0)
		return true;
	return dashes && redact_name_is_secret(name, len);
}

/* NAME=value, --name=value, --name value, and what looks like a header. */
static bool find_named(const char *text, const char *s, struct span *ret_span)
{
	size_t dashes = strspn(s, "-");
	const char *name = s + dashes;
	size_t len;
	size_t keep;

	if (dashes > 2)
		return false;
	/* java -Dname=value */
	if (dashes == 1 && name[0] == 'D')
		name++;
	len = run_of(name, CHARS_DOT);
	keep = (size_t)(name - s) + len;
	switch (s[keep]) {
	case '=':
		if (s[keep + 1] == '=' || !redact_name_is_secret(name, len))
			return false;
		/* An option that is an argument of its own ends with it. */
		return set_value(ret_span, s, keep + 1,
				 s > text ? STOPS
				 : dashes ? ""
					  : BLANKS);
	case ':':
		return dashes == 0 && (s == text || s[-1] != '/') &&
		       find_header(s, len, ret_span);
	case '"':
	case '\'':
	case '\\':
		return dashes == 0 && find_member(s, len, ret_span);
	case ' ':
	case '\t':
		keep += strspn(s + keep, " \t");
		return s[keep] && !strchr("-<>|&;", s[keep]) &&
		       option_is_secret(name, len, dashes) &&
		       set_value(ret_span, s, keep, STOPS);
	default:
		return false;
	}
}

/* Is there a secret behind @s, and how much of the text comes before it? */
static bool find_secret(const char *text, const char *s, struct span *ret_span)
{
	char before = '\0';

	if (s > text)
		before = s[-1];
	if (s[0] == ':')
		return s[1] == '/' && s[2] == '/' && find_userinfo(s, ret_span);
	/* Behind a spelled out newline the letter n comes before it. */
	if (s[0] == '-' && before != '-' && find_pem(s, ret_span))
		return true;
	if (!in_charset(s[0], CHARS_DASH) || in_charset(before, CHARS_DOT))
		return false;
	return find_token(s, ret_span) || find_jwt(s, ret_span) ||
	       find_named(text, s, ret_span);
}

static size_t put(char *buf, size_t room, const char *bytes, size_t len)
{
	if (len > room)
		len = room;
	memcpy(buf, bytes, len);
	return len;
}

size_t redact_text(const char *text, char *buf, size_t size)
{
	const char *s = text;
	size_t found = 0;
	size_t len = 0;

	assert(size > 0);
	size--;
	while (*s && len < size) {
		struct span span = {.keep = 1};
		bool secret = find_secret(text, s, &span);

		len += put(buf + len, size - len, s, span.keep);
		s += span.keep + span.drop;
		if (!secret || len == size)
			continue;
		len += put(buf + len, size - len, MARK, sizeof(MARK) - 1);
		found++;
	}
	buf[len] = '\0';
	return found;
}

int redact_next_is_secret(const char *argument)
{
	size_t dashes = strspn(argument, "-");
	const char *name = argument + dashes;
	size_t len = run_of(name, CHARS_DOT);

	return dashes <= 2 && name[len] == '\0' &&
	       option_is_secret(name, len, dashes);
}
