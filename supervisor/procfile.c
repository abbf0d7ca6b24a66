/* SPDX-License-Identifier: MIT */
#include "procfile.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "procstat.h"
#include "util.h"

/* What changes nothing but the process itself; see proc_pid(5). mem is for
 * debuggers: the kernel lets the broker open only that of the session. */
static const char *const settings[] = {
	"autogroup",	 "clear_refs",	 "comm",	  "coredump_filter", "mem",
	"oom_adj",	 "oom_score_adj", "timerslack_ns",
};

static bool is_setting(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		if (strcmp(name, settings[i]) == 0)
			return true;
	return false;
}

bool procfile_is_of_process(const struct resolver *resolver,
			    const struct object *object)
{
	const char *rest;
	pid_t pid;

	return object->st.st_dev == resolver->proc_dev &&
	       procstat_path_pid(object->path, &pid, &rest) && rest[0] == '/';
}

bool procfile_is_writable(const struct resolver *resolver,
			  const struct object *object)
{
	const char *name = strrchr(object->path, '/');
	char path[64], link[PATH_MAX];
	const char *rest;
	pid_t pid;

	if (!procfile_is_of_process(resolver, object) || !name ||
	    !is_setting(name + 1) ||
	    !procstat_path_pid(object->path, &pid, &rest))
		return false;
	/* The kernel shows the program of a process only to those that may
	 * trace it, and Landlock confines that to our own domain. */
	(void)snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	return readlink(path, link, sizeof(link)) >= 0;
}
