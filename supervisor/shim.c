/* SPDX-License-Identifier: MIT */
#include "shim.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

#define LIBRARY "libsbxsup-preload.so"

static char *try_path(const char *dir, const char *rest)
{
	char path[PATH_MAX];
	char *found;

	if ((size_t)snprintf(path, sizeof(path), "%s%s/%s", dir, rest,
			     LIBRARY) >= sizeof(path))
		return NULL;
	found = realpath(path, NULL);
	/* A blank or a colon would end the name in LD_PRELOAD. */
	if (found && (strpbrk(found, " :") || access(found, R_OK) < 0)) {
		free(found);
		found = NULL;
	}
	return found;
}

char *shim_find(void)
{
	static const char *const below[] = {"/preload", "/../lib/sbxsup"};
	char dir[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", dir, sizeof(dir) - 1);
	char *found = NULL;

	if (len > 0) {
		char *slash;

		dir[len] = '\0';
		slash = strrchr(dir, '/');
		if (slash)
			*slash = '\0';
		for (size_t i = 0; i < ARRAY_SIZE(below) && !found; i++)
			found = try_path(dir, below[i]);
	}
	return found ? found : try_path(SBX_PRELOAD_INSTALLED, "");
}
