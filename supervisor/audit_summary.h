/* SPDX-License-Identifier: MIT */
/*
 * What happened in a session, on a page for people.
 */
#ifndef SBX_AUDIT_SUMMARY_H
#define SBX_AUDIT_SUMMARY_H

#include <stdio.h>

#include "audit_read.h"

/**
 * audit_summary_print() - read a log to its end and sum it up.
 * @reader: at the start of the log
 * @path: path of the log, to be shown
 * @out: stream
 * Return: 0 or -errno of reading.
 */
int audit_summary_print(struct audit_reader *reader, const char *path,
			FILE *out);

#endif /* SBX_AUDIT_SUMMARY_H */
