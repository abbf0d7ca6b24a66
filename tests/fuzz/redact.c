/* SPDX-License-Identifier: MIT */
/*
 * Redacts any text into a buffer of any size: what comes out fits, is
 * terminated, and is the text itself if no secret was found.
 */
#include "redact.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *text, size_t size)
{
	char *buf = malloc(size);
	size_t found;
	size_t len;

	if (!buf)
		abort();
	found = redact_text(text, buf, size);
	len = strnlen(buf, size);
	if (len == size)
		abort();
	if (found == 0 && strncmp(text, buf, len) != 0)
		abort();
	if (found == 0 && strlen(text) < size && strcmp(text, buf) != 0)
		abort();
	/* A mark at the very end may be cut. */
	if (found && len < size - 1 && !strstr(buf, "[redacted]"))
		abort();
	free(buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size < 1)
		return 0;
	text = strndup((const char *)data + 1, size - 1);
	if (!text)
		abort();
	check(text, 1 + (size_t)data[0]);
	check(text, 16 * size + 64);
	(void)redact_next_is_secret(text);
	free(text);
	return 0;
}
