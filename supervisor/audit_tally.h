/* SPDX-License-Identifier: MIT */
/*
 * Counts distinct things in bounded memory.
 */
#ifndef SBX_AUDIT_TALLY_H
#define SBX_AUDIT_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "siphash.h"

#define TALLY_MAX 4096
#define TALLY_SLOTS ((size_t)2 * TALLY_MAX)
#define TALLY_COUNTS 6
#define TALLY_NONE UINT32_MAX

/**
 * struct tally_item - a thing that is counted
 * @hash: of its texts and parent
 * @texts: what it is called, cut to a few hundred bytes; each may be NULL
 * @counts: how often it was met, by kind
 * @parent: what it belongs to, for the caller
 */
struct tally_item {
	uint64_t hash;
	char *texts[3];
	uint64_t counts[TALLY_COUNTS];
	uint32_t parent;
};

/**
 * struct tally - things of one sort
 * @key: of the hashes
 * @items: the first TALLY_MAX distinct ones, in the order of their first
 *         appearance
 * @num: their number
 * @size: number that @items has room for
 * @beyond: how often others were met
 * @index: item numbers plus one, by hash
 */
struct tally {
	struct siphash_key key;
	struct tally_item *items;
	uint32_t num;
	uint32_t size;
	uint64_t beyond;
	uint32_t index[TALLY_SLOTS];
};

/**
 * tally_find() - find a thing, or add it.
 * @tally: zeroed before its first use, but for its key
 * @texts: what it is called; NULL ends them early
 * @parent: what it belongs to
 * Return: its number in @items, or TALLY_NONE when there is no room; then it
 * is counted in @beyond.
 */
uint32_t tally_find(struct tally *tally, const char *const texts[3],
		    uint32_t parent);

/**
 * tally_count() - how often a thing was met, whatever the kind.
 * @item: the thing
 */
uint64_t tally_count(const struct tally_item *item);

/**
 * tally_order() - numbers of the things, most often met first.
 * @tally: at most TALLY_MAX items
 * @ret_order: receives @num numbers
 */
void tally_order(struct tally *tally, uint32_t ret_order[TALLY_MAX]);

/**
 * tally_free() - free what a tally holds.
 * @tally: the tally
 */
void tally_free(struct tally *tally);

#endif /* SBX_AUDIT_TALLY_H */
