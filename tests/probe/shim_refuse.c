/* SPDX-License-Identifier: MIT */
/*
 * shim_refuse COMMAND [ARG...]: runs a command whose changes are refused.
 * With LIBRARY in SHIM_REFUSE_PRELOAD, the command starts with that library.
 */
#include "shim_filter.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char *argv[])
{
	const char *library = getenv("SHIM_REFUSE_PRELOAD");

	if (argc < 2) {
		fprintf(stderr, "usage: shim_refuse COMMAND [ARG...]\n");
		return 2;
	}
	if (library && (setenv("LD_PRELOAD", library, 1) != 0 ||
			setenv("SBXSUP_PRELOAD", library, 1) != 0))
		return 2;
	if (!filter_refuse_changes()) {
		perror("shim_refuse: filter");
		return 77;
	}
	execvp(argv[1], argv + 1);
	perror("shim_refuse: exec");
	return 2;
}
