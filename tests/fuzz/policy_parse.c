/* SPDX-License-Identifier: MIT */
/*
 * Parses any text as a policy, seals what came of it and asks about a few
 * paths. The first byte picks the mode.
 */
#include "policy_parse.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct policy_vars vars = {
	.workspace = "/sbx/a[b]*",
	.home = "/sbx/home",
	.state = "/sbx/home/.local/state",
	.config = "/sbx/home/.config",
	.cache = "/sbx/home/.cache",
	.data = "/sbx/home/.local/share",
	.uid = 1000,
};

static const char *const paths[] = {
	"/",
	"/sbx/a[b]*/x",
	"/sbx/a[b]*/.git/hooks/x",
	"/sbx/home/.config/.env.example",
	"/a/b/c/d/e/f",
	"/\xff/.env.\x80",
};

static void ask(const struct policy *policy)
{
	const struct netaddr loopback = {.bytes = {[15] = 1}};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct policy_object object = {.path = paths[i]};
		struct policy_object other = {
			.path = paths[(i + 1) % 6],
			.is_link = true,
		};

		(void)policy_decide(policy, ACCESS_FS_READ_WRITE, &object);
		(void)policy_decide(policy, ACCESS_FS_SYMLINK, &other);
		(void)policy_decide_move(policy, ACCESS_FS_RENAME, &object,
					 &other);
		(void)policy_decide_unix(policy, ACCESS_UNIX_CONNECT, &object);
	}
	(void)policy_decide_connect(policy, &loopback, 80, false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct diag diag;
	struct policy policy;
	char *text;
	int ret;

	if (size == 0 || policy_init(&policy) < 0)
		return 0;
	policy.mode = (enum mode)(data[0] % MODE_NUM);
	text = malloc(size);
	if (!text)
		abort();
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	diag.num = 0;
	ret = policy_parse_text(&policy, &vars, "fuzz.ini", text, &diag);
	/* An error says what it is, and no rule that was taken is malformed. */
	if ((ret == 0) != (diag.num == 0) || policy_seal(&policy) < 0)
		abort();
	ask(&policy);
	policy_done(&policy);
	free(text);
	return 0;
}
