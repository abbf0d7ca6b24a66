/* SPDX-License-Identifier: MIT */
/*
 * The command line.
 */
#ifndef SBX_OPTIONS_H
#define SBX_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "policy.h"

enum option_id {
#define OPTION(id, name, letter, argument, help) OPTION_##id,
#include "options.def"
#undef OPTION
	OPTION_NUM,
};

/**
 * struct option_use - one repeatable option as it was given
 * @id: which one
 * @value: its argument; points into argv
 */
struct option_use {
	enum option_id id;
	const char *value;
};

/**
 * struct options - what the user asked for
 * @mode: --mode
 * @net: --net; @net_given says whether it was
 * @workspace: --workspace, or NULL
 * @audit: --audit, or NULL
 * @log_only: --log-only
 * @require_full: --require full
 * @no_preload: --no-preload
 * @quiet: --quiet
 * @verbose: --verbose
 * @help: --help
 * @version: --version
 * @uses: repeatable options in order; owned
 * @num_uses: their number
 * @command: the command, NULL-terminated; points into argv
 */
struct options {
	enum mode mode;
	enum net_mode net;
	bool net_given;
	const char *workspace;
	const char *audit;
	bool log_only;
	bool require_full;
	bool no_preload;
	bool quiet;
	bool verbose;
	bool help;
	bool version;
	struct option_use *uses;
	size_t num_uses;
	char **command;
};

/**
 * options_parse() - parse the command line. Logging: says on stderr what is
 * wrong and what to do.
 * @argc: from main()
 * @argv: from main(); must outlive the result
 * @ret_options: receives the options; end with options_done()
 * Return: 0, -EINVAL, -ENOMEM.
 */
int options_parse(int argc, char **argv, struct options *ret_options);

/**
 * options_done() - free what options hold.
 */
void options_done(struct options *options);

/**
 * options_print_help() - the text of --help, made from options.def.
 */
void options_print_help(void);

/**
 * option_name() - long name of an option, without dashes.
 */
const char *option_name(enum option_id id);

#endif /* SBX_OPTIONS_H */
