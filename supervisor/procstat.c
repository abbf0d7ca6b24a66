/* SPDX-License-Identifier: MIT */
#include "procstat.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

#define PROC "/proc/"

static bool parse_int(const char *text, const char **ret_end, int *ret_number)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(text, &end, 10);
	if (end == text || errno || number < INT_MIN || number > INT_MAX)
		return false;
	*ret_end = end;
	*ret_number = (int)number;
	return true;
}

int procstat_parse(const char *text, struct procstat *ret_stat)
{
	/* Behind the name in parentheses: state, parent, group, session, tty. */
	const char *at = strrchr(text, ')');
	int fields[4];

	if (!at || at[1] != ' ' || at[2] == '\0')
		return -EINVAL;
	at += 3;
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (!parse_int(at, &at, &fields[i]))
			return -EINVAL;
	ret_stat->parent = fields[0];
	ret_stat->session = fields[2];
	ret_stat->tty = fields[3];
	return 0;
}

bool procstat_path_pid(const char *path, pid_t *ret_pid, const char **ret_rest)
{
	size_t len = strlen(PROC);

	return strncmp(path, PROC, len) == 0 && path[len] >= '0' &&
	       path[len] <= '9' && parse_int(path + len, ret_rest, ret_pid) &&
	       (**ret_rest == '\0' || **ret_rest == '/');
}
