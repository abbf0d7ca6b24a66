/* SPDX-License-Identifier: MIT */
/*
 * The first two bytes say where the rest is split into an old and a new git
 * configuration. Both are read, and compared with each other.
 */
#include "gitconfig.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads a text to its end; what the reader hands out must be in order. */
static int read_all(const char *text, size_t size)
{
	struct gitconfig_reader reader;
	struct gitconfig_entry entry;
	int got;

	gitconfig_start(&reader, text, size);
	while ((got = gitconfig_next(&reader, &entry)) == 1) {
		if (strlen(entry.name) >= GITCONFIG_NAME_MAX ||
		    strlen(entry.value) >= GITCONFIG_VALUE_MAX ||
		    !strchr(entry.name, '.') || strchr(entry.value, '\r'))
			abort();
	}
	if (got != 0 && got != -EINVAL)
		abort();
	/* Only all of it or what cannot be read ends the reading. */
	if (reader.at > reader.end || (got == 0 && reader.at != reader.end))
		abort();
	return got;
}

static void check(const char *old_text, size_t old_size, const char *new_text,
		  size_t new_size)
{
	int old_read = read_all(old_text, old_size);
	int new_read = read_all(new_text, new_size);
	struct gitconfig_entry entry;
	int err;

	err = gitconfig_check(old_text, old_size, new_text, new_size, &entry);
	if (err == 0 && (old_read < 0 || new_read < 0))
		abort();
	if (err == -EPERM && !strchr(entry.name, '.'))
		abort();
	if (err == -EINVAL &&
	    (entry.name[0] || (old_read == 0 && new_read == 0)))
		abort();
	if (err != 0 && err != -EPERM && err != -EINVAL)
		abort();
	/* No change is always allowed. */
	if (new_read == 0 && gitconfig_check(new_text, new_size, new_text,
					     new_size, &entry) != 0)
		abort();
}

/* A copy that ends where the text does, so that no byte beyond is read. */
static char *copy(const uint8_t *bytes, size_t size)
{
	char *text = malloc(size ? size : 1);

	if (!text)
		abort();
	memcpy(text, bytes, size);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t old_size, new_size;
	char *old_text, *new_text;

	if (size < 2 || size > INPUT_MAX)
		return 0;
	old_size = ((size_t)data[0] << 8 | data[1]) % (size - 1);
	new_size = size - 2 - old_size;
	old_text = copy(data + 2, old_size);
	new_text = copy(data + 2 + old_size, new_size);
	check(old_text, old_size, new_text, new_size);
	free(old_text);
	free(new_text);
	return 0;
}
