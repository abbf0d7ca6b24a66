/* SPDX-License-Identifier: MIT */
#include "audit_fold.h"

#include <string.h>

#include "util.h"

int fold_init(struct fold *fold)
{
	int r = siphash_key_random(&fold->keys[0]);

	return r < 0 ? r : siphash_key_random(&fold->keys[1]);
}

static uint64_t hash_list(const struct siphash_key *secret,
			  const char *const *list)
{
	uint64_t chain[2] = {0};

	for (; list && *list; list++) {
		chain[1] = siphash(secret, *list, strlen(*list));
		chain[0] = siphash(secret, chain, sizeof(chain));
	}
	return chain[0];
}

/* Texts are hashed one by one, so that their borders count. */
static uint64_t hash_key(const struct siphash_key *secret,
			 const struct fold_key *key, const size_t *lens)
{
	uint64_t words[6 + ARRAY_SIZE(key->texts)] = {
		key->verdict,
		key->access,
		(uint64_t)key->error,
		(uint64_t)key->pid,
		hash_list(secret, key->argv),
	};

	for (size_t i = 0; i < ARRAY_SIZE(key->texts); i++) {
		if (!key->texts[i])
			continue;
		words[5] |= 1u << i;
		words[6 + i] = siphash(secret, key->texts[i], lens[i]);
	}
	return siphash(secret, words, sizeof(words));
}

struct fold_id fold_id(const struct fold *fold, const struct fold_key *key)
{
	size_t lens[ARRAY_SIZE(key->texts)] = {0};
	struct fold_id id;

	for (size_t i = 0; i < ARRAY_SIZE(key->texts); i++)
		lens[i] = key->texts[i] ? strlen(key->texts[i]) : 0;
	for (size_t i = 0; i < ARRAY_SIZE(id.hash); i++)
		id.hash[i] = hash_key(&fold->keys[i], key, lens);
	return id;
}

struct fold_entry *fold_find(struct fold *fold, const struct fold_id *id,
			     struct fold_entry **ret_slot)
{
	size_t number = id->hash[0] % (FOLD_ENTRIES / FOLD_WAYS);
	struct fold_entry *bucket = &fold->entries[number * FOLD_WAYS];
	struct fold_entry *oldest = &bucket[0];

	fold->clock++;
	for (size_t i = 0; i < FOLD_WAYS; i++) {
		struct fold_entry *entry = &bucket[i];

		if (entry->count && entry->id.hash[0] == id->hash[0] &&
		    entry->id.hash[1] == id->hash[1]) {
			entry->used = fold->clock;
			return entry;
		}
		/* Unused entries have the lowest stamp of all: 0. */
		if (entry->used < oldest->used)
			oldest = entry;
	}
	*ret_slot = oldest;
	return NULL;
}
