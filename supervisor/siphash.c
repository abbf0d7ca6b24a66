/* SPDX-License-Identifier: MIT */
/* After Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012). */
#include "siphash.h"

#include <endian.h>
#include <string.h>
#include <sys/random.h>

#include "util.h"

struct state {
	uint64_t v0;
	uint64_t v1;
	uint64_t v2;
	uint64_t v3;
};

static inline uint64_t rotate(uint64_t x, unsigned int bits)
{
	return x << bits | x >> (64 - bits);
}

static inline void mix(struct state *s)
{
	s->v0 += s->v1;
	s->v1 = rotate(s->v1, 13) ^ s->v0;
	s->v0 = rotate(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = rotate(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = rotate(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = rotate(s->v1, 17) ^ s->v2;
	s->v2 = rotate(s->v2, 32);
}

static inline void absorb(struct state *s, uint64_t word)
{
	s->v3 ^= word;
	mix(s);
	mix(s);
	s->v0 ^= word;
}

int siphash_key_random(struct siphash_key *ret_key)
{
	struct siphash_key key;
	ssize_t n = RETRY_EINTR(getrandom(&key, sizeof(key), 0));

	if (n != sizeof(key))
		return n < 0 ? -errno : -EIO;
	*ret_key = key;
	return 0;
}

uint64_t siphash(const struct siphash_key *key, const void *data, size_t len)
{
	const unsigned char *bytes = data;
	struct state s = {
		.v0 = key->k[0] ^ 0x736f6d6570736575,
		.v1 = key->k[1] ^ 0x646f72616e646f6d,
		.v2 = key->k[0] ^ 0x6c7967656e657261,
		.v3 = key->k[1] ^ 0x7465646279746573,
	};
	uint64_t last = (uint64_t)len << 56;
	uint64_t word;

	for (; len >= 8; bytes += 8, len -= 8) {
		memcpy(&word, bytes, 8);
		absorb(&s, le64toh(word));
	}
	for (size_t i = 0; i < len; i++)
		last |= (uint64_t)bytes[i] << (8 * i);
	absorb(&s, last);
	s.v2 ^= 0xff;
	for (int i = 0; i < 4; i++)
		mix(&s);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}
