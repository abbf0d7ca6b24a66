/* SPDX-License-Identifier: MIT */
/*
 * Takes secrets out of text before it is written anywhere.
 */
#ifndef SBX_REDACT_H
#define SBX_REDACT_H

#include <stddef.h>

/**
 * redact_text() - copy text with secrets replaced by "[redacted]".
 * @text: any bytes, terminated
 * @buf: receives the result, always terminated, cut when too small
 * @size: size of @buf in bytes, not 0
 * Return: number of secrets replaced.
 *
 * Finds token formats that are published (redact.def), JWTs, private keys in
 * PEM, the password or token in front of @ in URLs, the values of names that
 * look like a secret's (NAME=VALUE, --name=VALUE, --name VALUE, "name":
 * "value"), and the values of headers such as "Authorization:" and
 * "x-api-key:". References such as $NAME stay. It is a net for what is
 * common, not a proof that nothing is left.
 */
size_t redact_text(const char *text, char *buf, size_t size);

/**
 * redact_next_is_secret() - does an argument announce that the next one is a
 * secret ("--password", "--token", "-p" is not)?
 * @argument: the argument
 * Return: 1 if the next argument must be replaced as a whole.
 */
int redact_next_is_secret(const char *argument);

#endif /* SBX_REDACT_H */
