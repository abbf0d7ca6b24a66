/* SPDX-License-Identifier: MIT */
#include "audit_tally.h"

#include <stdio.h>
#include <string.h>

#include "jsonline.h"
#include "util.h"

/* What is kept of a text for show; its identity is the hash of all of it. */
#define TEXT_BYTES 600

static uint64_t hash_of(const struct tally *tally, const char *const texts[3],
			uint32_t parent)
{
	uint64_t words[4] = {parent};

	for (size_t i = 0; i < 3 && texts[i]; i++)
		words[1 + i] = siphash(&tally->key, texts[i], strlen(texts[i]));
	return siphash(&tally->key, words, sizeof(words));
}

static char *copy_of(const char *text)
{
	char *copy = NULL;

	if (strlen(text) <= TEXT_BYTES)
		return strdup(text);
	if (asprintf(&copy, "%.*s" JSONLINE_CUT, TEXT_BYTES, text) < 0)
		return NULL;
	return copy;
}

static int grow(struct tally *tally)
{
	uint32_t size = tally->size ? 2 * tally->size : 64;
	struct tally_item *items;

	if (tally->num < tally->size)
		return 0;
	if (tally->num == TALLY_MAX)
		return -ENOSPC;
	items = reallocarray(tally->items, size, sizeof(*items));
	if (!items)
		return -ENOMEM;
	tally->items = items;
	tally->size = size;
	return 0;
}

uint32_t tally_find(struct tally *tally, const char *const texts[3],
		    uint32_t parent)
{
	uint64_t hash = hash_of(tally, texts, parent);
	size_t slot = hash % TALLY_SLOTS;
	struct tally_item *item;

	for (; tally->index[slot]; slot = (slot + 1) % TALLY_SLOTS) {
		uint32_t number = tally->index[slot] - 1;

		if (tally->items[number].hash == hash)
			return number;
	}
	if (grow(tally) < 0) {
		tally->beyond++;
		return TALLY_NONE;
	}
	item = &tally->items[tally->num];
	*item = (struct tally_item){.hash = hash, .parent = parent};
	for (size_t i = 0; i < 3 && texts[i]; i++)
		item->texts[i] = copy_of(texts[i]);
	tally->index[slot] = ++tally->num;
	return tally->num - 1;
}

uint64_t tally_count(const struct tally_item *item)
{
	uint64_t count = 0;

	for (size_t i = 0; i < TALLY_COUNTS; i++)
		count += item->counts[i];
	return count;
}

static int compare(const void *a, const void *b, void *context)
{
	const struct tally *tally = context;
	uint32_t one = *(const uint32_t *)a;
	uint32_t two = *(const uint32_t *)b;
	uint64_t count_one = tally_count(&tally->items[one]);
	uint64_t count_two = tally_count(&tally->items[two]);

	if (count_one != count_two)
		return count_one < count_two ? 1 : -1;
	return one < two ? -1 : one > two;
}

void tally_order(struct tally *tally, uint32_t ret_order[TALLY_MAX])
{
	for (uint32_t i = 0; i < tally->num; i++)
		ret_order[i] = i;
	qsort_r(ret_order, tally->num, sizeof(*ret_order), compare, tally);
}

void tally_free(struct tally *tally)
{
	for (uint32_t i = 0; i < tally->num; i++) {
		for (size_t k = 0; k < 3; k++)
			free(tally->items[i].texts[k]);
	}
	free(tally->items);
}
