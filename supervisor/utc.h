/* SPDX-License-Identifier: MIT */
/*
 * Calendar time without the C library's time zones: those take a lock and
 * open files, which the supervisor must not do between request and answer.
 */
#ifndef SBX_UTC_H
#define SBX_UTC_H

#include <stddef.h>
#include <time.h>

#define UTC_LEN (sizeof("2026-11-23T10:11:12") - 1)

/**
 * utc_format() - write a time as 2026-11-23T10:11:12.
 * @seconds: since 1970, in the years up to 9999
 * @buf: receives UTC_LEN bytes and a terminator
 */
void utc_format(time_t seconds, char buf[UTC_LEN + 1]);

/**
 * utc_digits() - write a number in a fixed number of decimal digits.
 * @out: receives @num bytes, not terminated
 * @value: the number; digits that do not fit are left out
 * @num: number of digits
 */
void utc_digits(char *out, unsigned long value, size_t num);

#endif /* SBX_UTC_H */
