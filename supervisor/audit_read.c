/* SPDX-License-Identifier: MIT */
#include "audit_read.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>

#include "util.h"

#define CHUNK_BYTES 65536
/* More than the last two records, whatever their length. */
#define TAIL_BYTES ((off_t)3 * AUDIT_LINE_MAX)
/* Stands in front of two hex digits for a byte; never appears unescaped. */
#define BYTE_MARK '\x7f'

struct audit_reader {
	int fd;
	size_t pos;
	size_t end;
	uint64_t serial;
	bool check_serial;
	struct audit_faults faults;
	struct audit_record record;
	struct audit_space space;
	size_t len;
	char line[AUDIT_LINE_MAX];
	char chunk[CHUNK_BYTES];
};

static const struct {
	const char *key;
	size_t offset;
} string_members[] = {
#define STRING(key, member)                                                    \
	{                                                                      \
		(key), offsetof(struct audit_record, member)                   \
	}
	STRING("time", time),           STRING("exe", exe),
	STRING("syscall", syscall),     STRING("access", access),
	STRING("object", object),       STRING("object2", object2),
	STRING("rule", rule),           STRING("reason", reason),
	STRING("errno", error),         STRING("cwd", cwd),
	STRING("what", what),           STRING("id", id),
	STRING("mode", mode),           STRING("net", net),
	STRING("workspace", workspace), STRING("tmpdir", tmpdir),
	STRING("level", level),         STRING("policy_digest", policy_digest),
#undef STRING
};

static const struct {
	const char *key;
	size_t offset;
} number_members[] = {
#define NUMBER(member)                                                         \
	{                                                                      \
#member, offsetof(struct audit_record, member)                 \
	}
	NUMBER(serial),    NUMBER(mono),    NUMBER(of),
	NUMBER(count),     NUMBER(pid),     NUMBER(tid),
	NUMBER(ppid),      NUMBER(argc),    NUMBER(landlock_abi),
	NUMBER(exit_code), NUMBER(signal),  NUMBER(allowed),
	NUMBER(denied),    NUMBER(changes), NUMBER(execs),
#undef NUMBER
};

static const char *const type_names[RECORD_NUM] = {
	[RECORD_SESSION] = "session",   [RECORD_DECISION] = "decision",
	[RECORD_FOLD] = "fold",         [RECORD_OUTCOME] = "outcome",
	[RECORD_INTERNAL] = "internal", [RECORD_SUMMARY] = "summary",
};

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The number in \uXXXX at @s, or -1. */
static int unit_at(const char *s, size_t len)
{
	int unit = 0;

	if (len < 6 || s[0] != '\\' || s[1] != 'u')
		return -1;
	for (size_t i = 2; i < 6; i++) {
		int digit = hex_value(s[i]);

		if (digit < 0)
			return -1;
		unit = unit << 4 | digit;
	}
	return unit;
}

/*
 * jansson refuses \udcXX alone, which stands for a byte that is not UTF-8. So
 * it becomes BYTE_MARK and the two digits, and so does an escaped BYTE_MARK.
 * The result is never longer. Returns its length, or 0 if the line is bad.
 */
static size_t clean_line(const char *in, size_t len, char *out)
{
	const char *end = in + len;
	size_t n = 0;

	if (memchr(in, BYTE_MARK, len) || memchr(in, '\0', len))
		return 0;
	while (in < end) {
		const char *escape = memchr(in, '\\', (size_t)(end - in));
		size_t take = (size_t)((escape ? escape : end) - in);
		size_t left;
		int unit;

		memcpy(out + n, in, take);
		n += take;
		in += take;
		left = (size_t)(end - in);
		unit = unit_at(in, left);
		if ((unit >= 0xdc80 && unit <= 0xdcff) || unit == BYTE_MARK) {
			out[n++] = BYTE_MARK;
			out[n++] = in[4];
			out[n++] = in[5];
			in += 6;
			continue;
		}
		/* The second half of a pair is no byte. */
		take = unit >= 0xd800 && unit < 0xdc00 ? 12 : 2;
		take = take < left ? take : left;
		memcpy(out + n, in, take);
		n += take;
		in += take;
	}
	return n;
}

/* Copies a string of the record into the space and undoes clean_line(). */
static const char *take_string(const json_t *value, char **text)
{
	const char *s = json_string_value(value);
	char *start = *text;

	if (!s)
		return NULL;
	while (*s) {
		if (*s == BYTE_MARK) {
			int high = hex_value(s[1]);
			int low = high < 0 ? -1 : hex_value(s[2]);

			/* clean_line() put them there. */
			assert(low >= 0);
			*(*text)++ = (char)(high * 16 + low);
			s += 3;
		} else {
			*(*text)++ = *s++;
		}
	}
	*(*text)++ = '\0';
	return start;
}

static size_t take_list(const json_t *list, const char **ret_items, size_t max,
			char **text)
{
	size_t num = json_array_size(list);
	size_t taken = 0;

	for (size_t i = 0; i < num && taken < max; i++) {
		const char *item = take_string(json_array_get(list, i), text);

		if (item)
			ret_items[taken++] = item;
	}
	return taken;
}

static void take_members(const json_t *root, char *text,
			 struct audit_record *record)
{
	char *base = (char *)record;

	for (size_t i = 0; i < ARRAY_SIZE(string_members); i++) {
		const json_t *value =
			json_object_get(root, string_members[i].key);
		const char *string = take_string(value, &text);

		memcpy(base + string_members[i].offset, &string,
		       sizeof(string));
	}
	for (size_t i = 0; i < ARRAY_SIZE(number_members); i++) {
		json_int_t value = json_integer_value(
			json_object_get(root, number_members[i].key));
		uint64_t number = value > 0 ? (uint64_t)value : 0;

		memcpy(base + number_members[i].offset, &number,
		       sizeof(number));
	}
	record->log_only = json_is_true(json_object_get(root, "log_only"));
	record->gone = json_is_true(json_object_get(root, "gone"));
	record->cut = json_is_true(json_object_get(root, "cut"));
	record->num_argv = take_list(json_object_get(root, "argv"),
				     record->argv, AUDIT_ARGV_MAX, &text);
	record->num_missing =
		take_list(json_object_get(root, "missing"), record->missing,
			  AUDIT_NAMES_MAX, &text);
}

static bool is_text(const json_t *value, const char *text)
{
	const char *s = json_string_value(value);

	return s && strcmp(s, text) == 0;
}

/* Type and verdict, and whether the record has what its type must have. */
static int classify(const json_t *root, struct audit_record *record)
{
	const json_t *type = json_object_get(root, "type");
	const json_t *verdict = json_object_get(root, "verdict");

	if (!json_is_string(type) || record->serial == 0)
		return -EBADMSG;
	for (size_t i = 1; i < RECORD_NUM; i++) {
		if (is_text(type, type_names[i]))
			record->type = (enum record_type)i;
	}
	if (record->type != RECORD_DECISION && record->type != RECORD_FOLD)
		return 0;
	for (size_t i = 0; i < VERDICT_NUM; i++) {
		if (!is_text(verdict, verdict_name((enum verdict)i)))
			continue;
		record->verdict = (enum verdict)i;
		return record->type == RECORD_FOLD || record->access ? 0
								     : -EBADMSG;
	}
	return -EBADMSG;
}

int audit_parse(const char *line, size_t len, struct audit_space *space,
		struct audit_record *ret_record)
{
	struct audit_record record = {.line = line, .len = len};
	size_t clean = clean_line(line, len, space->clean);
	json_error_t error;
	json_t *root;
	int r;

	root = json_loadb(space->clean, clean, JSON_REJECT_DUPLICATES, &error);
	if (!root)
		return json_error_code(&error) == json_error_out_of_memory
			       ? -ENOMEM
			       : -EBADMSG;
	take_members(root, space->text, &record);
	r = classify(root, &record);
	json_decref(root);
	if (r < 0)
		return r;
	*ret_record = record;
	return 0;
}

enum access audit_access(const char *name)
{
	for (size_t i = 0; name && i < ACCESS_NUM; i++) {
		if (strcmp(access_name((enum access)i), name) == 0)
			return (enum access)i;
	}
	return ACCESS_NUM;
}

int audit_reader_open(const char *path, struct audit_reader **ret_reader)
{
	cleanup_free struct audit_reader *reader = NULL;
	cleanup_close int fd = -1;
	struct stat st;

	/* Without waiting for the other end of a FIFO. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	reader = calloc(1, sizeof(*reader));
	if (!reader)
		return -ENOMEM;
	reader->fd = TAKE_FD(fd);
	reader->check_serial = true;
	*ret_reader = TAKE_PTR(reader);
	return 0;
}

void audit_reader_close(struct audit_reader *reader)
{
	if (!reader)
		return;
	(void)close(reader->fd);
	free(reader);
}

/* Returns 1 when there are bytes in the chunk, 0 at the end, or -errno. */
static int fill(struct audit_reader *reader)
{
	ssize_t n;

	if (reader->pos < reader->end)
		return 1;
	n = RETRY_EINTR(read(reader->fd, reader->chunk, CHUNK_BYTES));
	if (n < 0)
		return -errno;
	reader->pos = 0;
	reader->end = (size_t)n;
	return n > 0;
}

/*
 * Reads up to the next newline. Returns 1, 0 at the end, or -errno. A line
 * that is too long is not kept; *ret_fits tells.
 */
static int read_line(struct audit_reader *reader, bool *ret_fits)
{
	bool fits = true;
	bool found = false;

	reader->len = 0;
	while (!found) {
		const char *start;
		const char *newline;
		size_t len;
		int r = fill(reader);

		if (r < 0)
			return r;
		if (r == 0) {
			reader->faults.unfinished = !fits || reader->len > 0;
			return 0;
		}
		start = reader->chunk + reader->pos;
		len = reader->end - reader->pos;
		newline = memchr(start, '\n', len);
		found = newline != NULL;
		if (found)
			len = (size_t)(newline - start);
		reader->pos += len + found;
		fits = fits && len <= AUDIT_LINE_MAX - reader->len;
		if (!fits)
			continue;
		memcpy(reader->line + reader->len, start, len);
		reader->len += len;
	}
	*ret_fits = fits;
	return 1;
}

int audit_reader_tail(struct audit_reader *reader)
{
	struct stat st;
	bool fits;
	int r;

	if (fstat(reader->fd, &st) < 0)
		return -errno;
	if (st.st_size <= TAIL_BYTES)
		return 0;
	if (lseek(reader->fd, st.st_size - TAIL_BYTES, SEEK_SET) < 0)
		return -errno;
	reader->pos = 0;
	reader->end = 0;
	reader->check_serial = false;
	r = read_line(reader, &fits);
	return r < 0 ? r : 0;
}

static void check_serial(struct audit_reader *reader, uint64_t serial)
{
	if (serial <= reader->serial)
		reader->faults.disorder += reader->check_serial;
	else if (reader->check_serial)
		reader->faults.missing += serial - reader->serial - 1;
	if (serial > reader->serial)
		reader->serial = serial;
	reader->check_serial = true;
}

int audit_reader_next(struct audit_reader *reader,
		      const struct audit_record **ret_record)
{
	for (;;) {
		bool fits;
		int r = read_line(reader, &fits);

		if (r <= 0)
			return r;
		/* Writing on after a torn line can leave one. */
		if (fits && reader->len == 0)
			continue;
		r = fits ? audit_parse(reader->line, reader->len,
				       &reader->space, &reader->record)
			 : -EBADMSG;
		if (r == 0)
			break;
		if (r != -EBADMSG)
			return r;
		reader->faults.bad++;
	}
	check_serial(reader, reader->record.serial);
	*ret_record = &reader->record;
	return 1;
}

struct audit_faults audit_reader_faults(const struct audit_reader *reader)
{
	return reader->faults;
}
