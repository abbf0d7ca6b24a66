/* SPDX-License-Identifier: MIT */
/*
 * inih splits lines into sections, keys and values. It neither says on which
 * line a value stood nor complains about everything that is wrong, so it gets
 * its lines from read_line() below, which counts them and judges their form:
 * a line that inih would cut, join to the one before or skip is an error.
 */
#include "policy_parse.h"

#include <ini.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "pattern.h"
#include "util.h"

#define REASON_MAX 200
#define ORIGIN_MAX 256
#define WORD_MAX 32
#define TYPO_DISTANCE 2

/*
 * struct parser - one text being parsed
 * @policy: what the rules go to
 * @vars: values of variables
 * @name: name of the text
 * @cursor: text that was not read yet
 * @line: number of the line that was read last
 * @pending: it should hold a key, and inih has not handed that over yet
 * @reason: of the rules that follow, or ""
 * @diag: receives errors
 * @error: -ENOMEM once memory ran out
 */
struct parser {
	struct policy *policy;
	const struct policy_vars *vars;
	const char *name;
	const char *cursor;
	unsigned int line;
	bool pending;
	char reason[REASON_MAX];
	struct diag *diag;
	int error;
};

struct section;

/*
 * struct key - a key of a section
 * @name: first, for nearest()
 * @add: takes a value; reports what is wrong by itself
 * @arg: the kind of a path rule, or 1 to keep a variable
 */
struct key {
	const char *name;
	void (*add)(struct parser *parser, const struct section *section,
		    const struct key *key, const char *value);
	unsigned int arg;
};

/*
 * struct section - a section
 * @name: first, for nearest()
 * @keys: its keys
 * @num_keys: their number
 * @mode: the only mode in which it applies, or MODE_NUM
 */
struct section {
	const char *name;
	const struct key *keys;
	size_t num_keys;
	enum mode mode;
};

static void add_reason(struct parser *parser, const struct section *section,
		       const struct key *key, const char *value);
static void add_path(struct parser *parser, const struct section *section,
		     const struct key *key, const char *value);
static void add_net(struct parser *parser, const struct section *section,
		    const struct key *key, const char *value);
static void add_unix(struct parser *parser, const struct section *section,
		     const struct key *key, const char *value);
static void add_env(struct parser *parser, const struct section *section,
		    const struct key *key, const char *value);

static const struct key filesystem_keys[] = {
	{"read", add_path, RULE_READ},
	{"write", add_path, RULE_WRITE},
	{"read-only", add_path, RULE_READ_ONLY},
	{"protect", add_path, RULE_PROTECT},
	{"git-config", add_path, RULE_GIT_CONFIG},
	{"plain", add_path, RULE_PLAIN},
	{"deny", add_path, RULE_DENY},
	{"reason", add_reason, 0},
};
static const struct key network_keys[] = {{"allow", add_net, 0}};
static const struct key unix_keys[] = {{"allow", add_unix, 0}};
static const struct key env_keys[] = {
	{"drop", add_env, 0},
	{"keep", add_env, 1},
};

#define KEYS(keys) (keys), ARRAY_SIZE(keys)
static const struct section sections[] = {
	{"filesystem", KEYS(filesystem_keys), MODE_NUM},
	{"filesystem.read-only", KEYS(filesystem_keys), MODE_READ_ONLY},
	{"filesystem.workspace-write", KEYS(filesystem_keys),
	 MODE_WORKSPACE_WRITE},
	{"network", KEYS(network_keys), MODE_NUM},
	{"unix", KEYS(unix_keys), MODE_NUM},
	{"env", KEYS(env_keys), MODE_NUM},
};

static const struct variable {
	const char *name;
	size_t offset;
} variables[] = {
	{"WORKSPACE", offsetof(struct policy_vars, workspace)},
	{"HOME", offsetof(struct policy_vars, home)},
	{"TMPDIR", offsetof(struct policy_vars, tmpdir)},
	{"XDG_RUNTIME_DIR", offsetof(struct policy_vars, runtime)},
	{"XDG_STATE_HOME", offsetof(struct policy_vars, state)},
	{"XDG_CONFIG_HOME", offsetof(struct policy_vars, config)},
	{"XDG_CACHE_HOME", offsetof(struct policy_vars, cache)},
	{"XDG_DATA_HOME", offsetof(struct policy_vars, data)},
	{"UID", offsetof(struct policy_vars, uid)},
};

__attribute__((format(printf, 2, 3))) static void
complain(struct parser *parser, const char *fmt, ...)
{
	struct diag *diag = parser->diag;
	va_list args;
	char *text;
	int used;

	if (diag->num++ >= DIAG_LINES_MAX)
		return;
	text = diag->text[diag->num - 1];
	used = snprintf(text, DIAG_TEXT_MAX, "%s:%u: ", parser->name,
			parser->line);
	if (used < 0 || used >= DIAG_TEXT_MAX)
		return;
	va_start(args, fmt);
	(void)vsnprintf(text + used, (size_t)(DIAG_TEXT_MAX - used), fmt, args);
	va_end(args);
}

/* Keeps what a policy_add_ function returned; true when all is well. */
static bool added(struct parser *parser, int ret)
{
	if (ret == -ENOMEM)
		parser->error = ret;
	return ret == 0;
}

/* Levenshtein distance, or more than TYPO_DISTANCE for long words. */
static size_t distance(const char *a, const char *b)
{
	size_t a_len = strlen(a);
	size_t b_len = strlen(b);
	size_t row[WORD_MAX + 1];

	if (a_len > WORD_MAX || b_len > WORD_MAX)
		return WORD_MAX;
	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[b_len];
}

/*
 * The name most like a word, from a table of structures that begin with one;
 * NULL when no name is near.
 */
static const char *nearest(const char *word, const void *table, size_t num,
			   size_t size)
{
	const char *nearest_name = NULL;
	size_t least = TYPO_DISTANCE + 1;

	for (size_t i = 0; i < num; i++) {
		const char *name;
		size_t d;

		memcpy(&name, (const char *)table + i * size, sizeof(name));
		d = distance(word, name);
		if (d < least) {
			least = d;
			nearest_name = name;
		}
	}
	return nearest_name;
}

/* "unknown WHAT "WORD"WHERE", with the name that was perhaps meant. */
static void complain_unknown(struct parser *parser, const char *what,
			     const char *word, const char *where,
			     const char *meant)
{
	if (meant)
		complain(parser, "unknown %s \"%s\"%s, did you mean \"%s\"?",
			 what, word, where, meant);
	else
		complain(parser, "unknown %s \"%s\"%s", what, word, where);
}

static const struct section *find_section(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		if (strcmp(sections[i].name, name) == 0)
			return &sections[i];
	}
	return NULL;
}

static bool applies(const struct parser *parser, const struct section *section)
{
	return section->mode == MODE_NUM ||
	       section->mode == parser->policy->mode;
}

/* Text of a variable; @uid is room for the one that is a number. */
static const char *variable_text(const struct policy_vars *vars,
				 const struct variable *variable, char *uid,
				 size_t size)
{
	const char *text;

	if (variable->offset == offsetof(struct policy_vars, uid)) {
		(void)snprintf(uid, size, "%u", vars->uid);
		return uid;
	}
	memcpy(&text, (const char *)vars + variable->offset, sizeof(text));
	return text;
}

/*
 * Appends a variable's value, escaped: what stands in a name is no wildcard.
 * Return: 0, -ENOENT when it has no value, -EINVAL after a complaint.
 */
static int append_variable(struct parser *parser, const char *name, char *buf,
			   size_t size)
{
	const struct variable *variable = NULL;
	const char *text;
	char uid[16];

	for (size_t i = 0; i < ARRAY_SIZE(variables); i++) {
		if (strcmp(variables[i].name, name) == 0)
			variable = &variables[i];
	}
	if (!variable) {
		complain_unknown(parser, "variable", name, "",
				 nearest(name, variables, ARRAY_SIZE(variables),
					 sizeof(variables[0])));
		return -EINVAL;
	}
	text = variable_text(parser->vars, variable, uid, sizeof(uid));
	if (!text)
		return -ENOENT;
	if (text != uid && text[0] != '/') {
		complain(parser, "${%s} is not an absolute path", name);
		return -EINVAL;
	}
	if (pattern_escape(text, buf, size) < 0) {
		complain(parser, "the path is too long");
		return -EINVAL;
	}
	return 0;
}

/* Takes "${NAME}" off *@value. Errors as for append_variable(). */
static int expand_one(struct parser *parser, const char **value, char *buf,
		      size_t size)
{
	const char *start = *value + 2;
	size_t len = strcspn(start, "}");
	char name[WORD_MAX];

	if (start[len] == '\0' || len >= sizeof(name)) {
		complain(parser, "\"${\" begins no variable, %s",
			 start[len] == '\0' ? "the \"}\" is missing"
					    : "the name is too long");
		return -EINVAL;
	}
	memcpy(name, start, len);
	name[len] = '\0';
	*value = start + len + 1;
	return append_variable(parser, name, buf, size);
}

/*
 * Makes a pattern of a value. Return: 0, -ENOENT when a variable has no value
 * and the line does not count, -EINVAL after a complaint.
 */
static int expand(struct parser *parser, const char *value, char *buf,
		  size_t size)
{
	const char *error;
	int ret = 0;

	buf[0] = '\0';
	if (value[0] == '~' && (value[1] == '/' || value[1] == '\0')) {
		value++;
		ret = append_variable(parser, "HOME", buf, size);
	}
	while (ret == 0 && *value != '\0') {
		size_t used = strlen(buf);
		size_t plain = *value == '\\' && value[1] != '\0' ? 2 : 1;

		if (value[0] == '$' && value[1] == '{') {
			ret = expand_one(parser, &value, buf + used,
					 size - used);
		} else if (used + plain < size) {
			(void)snprintf(buf + used, plain + 1, "%s", value);
			value += plain;
		} else {
			complain(parser, "the path is too long");
			ret = -EINVAL;
		}
	}
	if (ret < 0)
		return ret;
	error = pattern_check(buf);
	if (!error)
		return 0;
	complain(parser, "\"%s\" is not a path pattern, %s", buf, error);
	return -EINVAL;
}

static void add_reason(struct parser *parser, const struct section *section,
		       const struct key *key, const char *value)
{
	(void)section;
	(void)key;
	if (strlen(value) >= sizeof(parser->reason))
		complain(parser, "the reason is longer than %d bytes",
			 REASON_MAX - 1);
	else
		(void)snprintf(parser->reason, sizeof(parser->reason), "%s",
			       value);
}

static void make_origin(const struct parser *parser, char *buf, size_t size)
{
	(void)snprintf(buf, size, "%s:%u", parser->name, parser->line);
}

static void add_path(struct parser *parser, const struct section *section,
		     const struct key *key, const char *value)
{
	const char *reason = parser->reason[0] != '\0' ? parser->reason : NULL;
	char pattern[PATTERN_MAX];
	char origin[ORIGIN_MAX];

	if (expand(parser, value, pattern, sizeof(pattern)) < 0 ||
	    !applies(parser, section))
		return;
	make_origin(parser, origin, sizeof(origin));
	if (!added(parser,
		   policy_add_path(parser->policy, (enum rule_kind)key->arg,
				   pattern, origin, reason)))
		complain(parser, "\"%s\" cannot be resolved", pattern);
}

static void add_unix(struct parser *parser, const struct section *section,
		     const struct key *key, const char *value)
{
	char pattern[PATTERN_MAX];
	char origin[ORIGIN_MAX];

	(void)section;
	(void)key;
	if (expand(parser, value, pattern, sizeof(pattern)) < 0)
		return;
	make_origin(parser, origin, sizeof(origin));
	if (!added(parser, policy_add_unix(parser->policy, pattern, origin)))
		complain(parser, "\"%s\" cannot be resolved", pattern);
}

static void add_net(struct parser *parser, const struct section *section,
		    const struct key *key, const char *value)
{
	struct netrule rule = {.origin = NULL};
	char origin[ORIGIN_MAX];
	const char *error;

	(void)section;
	(void)key;
	if (netrule_parse(value, &rule, &error) < 0) {
		complain(parser, "\"%s\" is not a destination, %s", value,
			 error);
		return;
	}
	make_origin(parser, origin, sizeof(origin));
	rule.origin = origin;
	(void)added(parser, policy_add_net(parser->policy, &rule));
}

static void add_env(struct parser *parser, const struct section *section,
		    const struct key *key, const char *value)
{
	(void)section;
	if (value[strcspn(value, "= \t/$")] != '\0') {
		complain(parser,
			 "\"%s\" is no name of a variable, which has "
			 "no \"=\", \"/\", \"$\" or space",
			 value);
		return;
	}
	(void)added(parser,
		    policy_add_env(parser->policy, key->arg != 0, value));
}

/* Called by inih for each KEY = VALUE. */
static int take_value(void *user, const char *section_name, const char *name,
		      const char *value)
{
	const struct section *section = find_section(section_name);
	struct parser *parser = user;
	char where[64];

	parser->pending = false;
	if (!section) {
		/* An unknown section was reported where it began. */
		if (section_name[0] == '\0')
			complain(parser,
				 "\"%s\" stands before the first "
				 "[section]",
				 name);
		return 1;
	}
	for (size_t i = 0; i < section->num_keys; i++) {
		const struct key *key = &section->keys[i];

		if (strcmp(key->name, name) != 0)
			continue;
		if (value[0] == '\0' && key->add != add_reason)
			complain(parser, "\"%s\" has no value", name);
		else
			key->add(parser, section, key, value);
		return 1;
	}
	(void)snprintf(where, sizeof(where), " in [%s]", section->name);
	complain_unknown(parser, "key", name, where,
			 nearest(name, section->keys, section->num_keys,
				 sizeof(section->keys[0])));
	return 1;
}

/* Judges the form and the name of a "[section]" line. */
static void check_section(struct parser *parser, const char *line, size_t len)
{
	const char *end = memchr(line, ']', len);
	const char *rest = end ? end + 1 : NULL;
	char name[64];

	parser->reason[0] = '\0';
	if (!end || (size_t)(end - line) > sizeof(name)) {
		complain(parser, "malformed section, it is [NAME]");
		return;
	}
	(void)snprintf(name, (size_t)(end - line), "%s", line + 1);
	rest += strspn(rest, " \t");
	if (rest < line + len && *rest != ';') {
		complain(parser, "something follows [%s] on its line", name);
		return;
	}
	if (!find_section(name))
		complain_unknown(parser, "section", name, "",
				 nearest(name, sections, ARRAY_SIZE(sections),
					 sizeof(sections[0])));
}

static bool has_control(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)line[i];

		if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
			return true;
	}
	return false;
}

/* Takes a line off the text, without blanks and carriage return around it. */
static const char *take_line(struct parser *parser, size_t *ret_len)
{
	const char *start = parser->cursor;
	size_t len = strcspn(start, "\n");

	parser->cursor += len + (start[len] == '\n');
	if (parser->line++ == 0 && strncmp(start, "\xef\xbb\xbf", 3) == 0) {
		start += 3;
		len -= 3;
	}
	while (len > 0 && strchr(" \t", *start)) {
		start++;
		len--;
	}
	while (len > 0 && strchr(" \t\r", start[len - 1]))
		len--;
	*ret_len = len;
	return start;
}

/*
 * Called by inih for a line; @num is the size of @str. What is not to be
 * looked at becomes an empty line. Blanks in front are dropped, so that inih
 * does not join the line to the one before.
 */
static char *read_line(char *str, int num, void *stream)
{
	struct parser *parser = stream;
	const char *line;
	size_t len;

	if (parser->pending)
		complain(parser, "not a KEY = VALUE line");
	parser->pending = false;
	if (*parser->cursor == '\0')
		return NULL;
	line = take_line(parser, &len);
	(void)snprintf(str, (size_t)num, "\n");
	if (len == 0 || *line == ';' || *line == '#')
		return str;
	if (has_control(line, len)) {
		complain(parser, "the line has a control character");
	} else if (len + 2 > (size_t)num) {
		complain(parser, "the line is longer than %d bytes", num - 2);
	} else {
		(void)snprintf(str, (size_t)num, "%.*s\n", (int)len, line);
		parser->pending = *line != '[';
		if (!parser->pending)
			check_section(parser, line, len);
	}
	return str;
}

int policy_parse_text(struct policy *policy, const struct policy_vars *vars,
		      const char *name, const char *text, struct diag *diag)
{
	struct parser parser = {
		.policy = policy,
		.vars = vars,
		.name = name,
		.cursor = text,
		.diag = diag,
	};
	size_t errors = diag->num;
	int ret = ini_parse_stream(read_line, &parser, take_value, &parser);

	if (parser.error < 0)
		return parser.error;
	if (ret < 0)
		return -ENOMEM;
	/* take_value() counts errors through the parser. */
	// cppcheck-suppress knownConditionTrueFalse
	return ret > 0 || diag->num > errors ? -EINVAL : 0;
}
