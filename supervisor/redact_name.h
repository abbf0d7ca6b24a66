/* SPDX-License-Identifier: MIT */
/*
 * Tells from a name whether its value is a secret.
 */
#ifndef SBX_REDACT_NAME_H
#define SBX_REDACT_NAME_H

#include <stdbool.h>
#include <stddef.h>

/**
 * redact_name_is_secret() - does a variable, option, header or key of this
 * name hold a secret?
 * @name: such as "GH_TOKEN", "client-secret", "apiKey"; not terminated
 * @len: its length
 *
 * Names that only speak about a secret ("token-file", "max_tokens",
 * "with-token") do not.
 */
bool redact_name_is_secret(const char *name, size_t len);

#endif /* SBX_REDACT_NAME_H */
