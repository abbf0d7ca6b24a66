/* SPDX-License-Identifier: MIT */
/*
 * SipHash-2-4: a keyed 64-bit hash for tables whose keys an adversary picks.
 * Without the key nobody can make two inputs collide on purpose.
 */
#ifndef SBX_SIPHASH_H
#define SBX_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct siphash_key - the secret
 * @k: random; never shown to the target
 */
struct siphash_key {
	uint64_t k[2];
};

/**
 * siphash_key_random() - draw a key.
 * @ret_key: receives it
 * Return: 0 or -errno of getrandom(2).
 */
int siphash_key_random(struct siphash_key *ret_key);

/**
 * siphash() - hash bytes.
 * @key: the secret
 * @data: any bytes
 * @len: their number
 */
uint64_t siphash(const struct siphash_key *key, const void *data, size_t len);

#endif /* SBX_SIPHASH_H */
