/* SPDX-License-Identifier: MIT */
/*
 * sbxsup: start a command under a policy.
 *
 * The whole program in order: read the command line; decide everything that
 * can be decided before anything runs (session.c); let the front run it
 * (front.c), which forks the broker (supervise.c), which forks the command
 * (launch.c) and answers its system calls (broker.c).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit_cli.h"
#include "front.h"
#include "options.h"
#include "session.h"
#include "summary.h"

#define EXIT_INTERNAL 125

static int run(const struct options *options, const struct caller *caller)
{
	struct session session;
	int status = EXIT_INTERNAL;

	if (session_prepare(options, &session) == 0) {
		if (options->verbose)
			summary_before(&session);
		status = front_run(&session, caller);
	}
	session_done(&session);
	return status;
}

int main(int argc, char **argv)
{
	struct options options;
	struct caller caller;
	int status = EXIT_SUCCESS;

	front_get_caller(&caller);
	if (argc > 1 && strcmp(argv[1], "audit") == 0)
		return audit_main(argc - 1, argv + 1);
	if (options_parse(argc, argv, &options) < 0)
		return EXIT_INTERNAL;
	if (options.help)
		options_print_help();
	else if (options.version)
		printf("sbxsup %s\n", SBX_VERSION);
	else
		status = run(&options, &caller);
	options_done(&options);
	return status;
}
