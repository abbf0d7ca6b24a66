/* SPDX-License-Identifier: MIT */
#include "decision.h"

#include <assert.h>

#include "util.h"

static const struct {
	const char *name;
	unsigned int rights;
} accesses[] = {
#define ACCESS(id, text, bits) [ACCESS_##id] = {.name = (text), .rights = (bits)},
#include "access.def"
#undef ACCESS
};
static_assert(ARRAY_SIZE(accesses) == ACCESS_NUM, "a row for each access");

static const char *const verdicts[] = {
	[VERDICT_DENY] = "deny",
	[VERDICT_ALLOW] = "allow",
};
static_assert(ARRAY_SIZE(verdicts) == VERDICT_NUM, "a name for each verdict");

const char *access_name(enum access access)
{
	assert(access < ACCESS_NUM);
	return accesses[access].name;
}

unsigned int access_rights(enum access access)
{
	assert(access < ACCESS_NUM);
	return accesses[access].rights;
}

const char *verdict_name(enum verdict verdict)
{
	assert(verdict < VERDICT_NUM);
	return verdicts[verdict];
}
