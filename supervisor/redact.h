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
 * @size: size of @buf in bytes
 * Return: number of secrets replaced.
 *
 * Finds known token formats (ghp_, github_pat_, sk-, sk-ant-, AKIA…, AIza…,
 * xox[abprs]-, JWTs, glpat-, npm_, PEM blocks), user:password@ in URLs,
 * NAME=VALUE and --name=VALUE whose name looks like a secret's, and
 * "Authorization:" and "x-api-key:" headers.
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
