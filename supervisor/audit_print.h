/* SPDX-License-Identifier: MIT */
/*
 * Shows strings from a log to a person. They were chosen by a target and may
 * hold newlines, escape sequences, or marks that reverse the text: all of it
 * is escaped as it stands in the log.
 */
#ifndef SBX_AUDIT_PRINT_H
#define SBX_AUDIT_PRINT_H

#include <stdio.h>

#include "audit_read.h"

/**
 * audit_print_text() - print a string, escaped.
 * @out: stream
 * @text: any bytes; NULL prints "?"
 */
void audit_print_text(FILE *out, const char *text);

/**
 * audit_print_argv() - print the arguments of a record, in quotes where needed.
 * @out: stream
 * @record: a session, or the decision on an exec
 */
void audit_print_argv(FILE *out, const struct audit_record *record);

/**
 * audit_print_duration() - print a time span.
 * @out: stream
 * @nanoseconds: the span
 */
void audit_print_duration(FILE *out, uint64_t nanoseconds);

/**
 * audit_print_decision() - print a decision on one line.
 * @out: stream
 * @record: a decision
 */
void audit_print_decision(FILE *out, const struct audit_record *record);

#endif /* SBX_AUDIT_PRINT_H */
