/* SPDX-License-Identifier: MIT */
/*
 * Remembers which records were written lately, so that equal ones are counted
 * instead of written again.
 *
 * Theory of operation
 *
 * Records are known by two keyed 64-bit hashes under independent random keys:
 * a target that does not know the keys cannot make a record look like an
 * earlier one and so keep it out of the log. The table has a fixed size; each
 * hash has a bucket of a few entries, the one unused for longest gives way. A
 * target that fills the table gets more lines in the log, never fewer facts.
 */
#ifndef SBX_AUDIT_FOLD_H
#define SBX_AUDIT_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decision.h"
#include "siphash.h"

#define FOLD_WAYS 8
#define FOLD_ENTRIES 4096

/**
 * struct fold_id - identity of a record
 * @hash: under the two keys
 */
struct fold_id {
	uint64_t hash[2];
};

/**
 * struct fold_entry - one record that was written
 * @id: its identity
 * @serial: of the first record
 * @count: equal decisions so far; 0 marks an unused entry
 * @told: the count that the log tells
 * @used: when it was last met, in calls of fold_find()
 * @verdict: repeated in the fold record
 */
struct fold_entry {
	struct fold_id id;
	uint64_t serial;
	uint64_t count;
	uint64_t told;
	uint64_t used;
	enum verdict verdict;
};

/**
 * struct fold - the table
 * @keys: of the two hashes
 * @clock: counts calls of fold_find()
 * @entries: buckets of FOLD_WAYS each
 */
struct fold {
	struct siphash_key keys[2];
	uint64_t clock;
	struct fold_entry entries[FOLD_ENTRIES];
};

/**
 * struct fold_key - what makes two decisions equal
 * @verdict: of the decision
 * @access: of the decision
 * @error: errno of a denial
 * @pid: of the subject, or 0 when any process may be meant
 * @texts: rule, object, second object and program; each may be NULL
 * @argv: arguments of an exec, NULL-terminated, or NULL
 */
struct fold_key {
	enum verdict verdict;
	enum access access;
	int error;
	int32_t pid;
	const char *texts[4];
	const char *const *argv;
};

/**
 * fold_init() - empty the table and draw its keys.
 * @fold: zeroed
 * Return: 0 or -errno.
 */
int fold_init(struct fold *fold);

/**
 * fold_id() - identity of a decision.
 * @fold: the table, for its keys
 * @key: what is equal in equal decisions
 */
struct fold_id fold_id(const struct fold *fold, const struct fold_key *key);

/**
 * fold_find() - look a record up.
 * @fold: the table
 * @id: identity
 * @ret_slot: on a miss: receives the entry to overwrite, with @clock as its
 *            @used; its @count is not 0 if an older record gives way
 * Return: the entry, or NULL on a miss.
 */
struct fold_entry *fold_find(struct fold *fold, const struct fold_id *id,
			     struct fold_entry **ret_slot);

#endif /* SBX_AUDIT_FOLD_H */
