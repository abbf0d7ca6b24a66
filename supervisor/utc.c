/* SPDX-License-Identifier: MIT */
#include "utc.h"

#include <string.h>

#define DAY 86400ul
/* The calendar repeats after 400 years. */
#define ERA_DAYS 146097ul

void utc_digits(char *out, unsigned long value, size_t num)
{
	while (num--) {
		out[num] = (char)('0' + value % 10);
		value /= 10;
	}
}

void utc_format(time_t seconds, char buf[UTC_LEN + 1])
{
	unsigned long time = (unsigned long)seconds % DAY;
	/* Years start in March here, so that a leap day ends one. Day 0 is
	 * 0000-03-01; 1970-01-01 is 719468 days later. */
	unsigned long days = (unsigned long)seconds / DAY + 719468;
	unsigned long era = days / ERA_DAYS;
	unsigned long day = days % ERA_DAYS;
	unsigned long year =
		(day - day / 1460 + day / 36524 - day / (ERA_DAYS - 1)) / 365;
	unsigned long month;

	day -= 365 * year + year / 4 - year / 100;
	/* Months from March on repeat 31, 30, 31, 30, 31 days. */
	month = (5 * day + 2) / 153;
	day -= (153 * month + 2) / 5;
	month = month < 10 ? month + 3 : month - 9;
	year += era * 400 + (month <= 2);
	memcpy(buf, "0000-00-00T00:00:00", UTC_LEN + 1);
	utc_digits(buf, year, 4);
	utc_digits(buf + 5, month, 2);
	utc_digits(buf + 8, day + 1, 2);
	utc_digits(buf + 11, time / 3600, 2);
	utc_digits(buf + 14, time / 60 % 60, 2);
	utc_digits(buf + 17, time % 60, 2);
}
