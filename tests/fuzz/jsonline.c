/* SPDX-License-Identifier: MIT */
/*
 * Puts any strings into a line of any size: what comes out is one line that
 * the reader understands, with the same bytes in it unless it says that it
 * was cut. Then anything is read as if it were a line.
 */
#include "jsonline.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "audit_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct audit_space space;
static struct audit_record record;

/* Room for the members that make it a record. */
#define SMALLEST 128

static size_t build(const char *value, char *buf, size_t size)
{
	struct jsonline line;

	jsonline_begin(&line, buf, size);
	jsonline_string(&line, "type", "session", 16);
	jsonline_unsigned(&line, "serial", 1);
	jsonline_leave(&line, 32);
	jsonline_string(&line, "id", value, 4000);
	if (jsonline_array(&line, "argv")) {
		jsonline_string(&line, NULL, value, 64);
		jsonline_string(&line, NULL, value, AUDIT_LINE_MAX);
		jsonline_array_end(&line);
	}
	jsonline_leave(&line, 0);
	jsonline_int(&line, "mono", 7);
	return jsonline_end(&line);
}

static void check_line(const char *value, size_t size)
{
	char *buf = malloc(size);
	size_t len;

	if (!buf)
		abort();
	len = build(value, buf, size);
	if (len > size || buf[len - 1] != '\n' || memchr(buf, '\n', len - 1))
		abort();
	for (size_t i = 0; i < len - 1; i++) {
		if ((unsigned char)buf[i] < 0x20 || buf[i] == 0x7f)
			abort();
	}
	if (audit_parse(buf, len - 1, &space, &record) != 0 || record.mono != 7)
		abort();
	if (!record.cut &&
	    (strcmp(record.id, value) != 0 || record.num_argv != 2 ||
	     strcmp(record.argv[1], value) != 0))
		abort();
	free(buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char escaped[300];
	char *text;

	if (size < 2)
		return 0;
	text = strndup((const char *)data + 2, size - 2);
	if (!text)
		abort();
	check_line(text, SMALLEST + (size_t)data[0] * 64 + data[1] % 64);
	if (jsonline_escape(text, escaped, sizeof(escaped)) != strlen(escaped))
		abort();
	free(text);
	if (size <= AUDIT_LINE_MAX)
		(void)audit_parse((const char *)data, size, &space, &record);
	return 0;
}
