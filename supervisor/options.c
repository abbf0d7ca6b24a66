/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

/* getopt_long(3) returns ids from here on, above all letters. */
#define ID_BASE 1000
#define HELP_COLUMN 32

static const struct {
	const char *name;
	int letter;
	const char *argument;
	const char *help;
} table[] = {
#define OPTION(id, long_name, short_letter, argument_name, text)               \
	[OPTION_##id] = {.name = (long_name),                                  \
			 .letter = (short_letter),                             \
			 .argument = (argument_name),                          \
			 .help = (text)},
#include "options.def"
#undef OPTION
};
_Static_assert(ARRAY_SIZE(table) == OPTION_NUM, "a row for each option");

const char *option_name(enum option_id id)
{
	return table[id].name;
}

void options_print_help(void)
{
	printf("Usage: sbxsup [OPTIONS] [--] COMMAND [ARG...]\n"
	       "       sbxsup audit list|show|summary|path [...]\n\n"
	       "Runs COMMAND and everything it starts under a policy, and "
	       "writes an audit log.\n\n");
	for (size_t i = 0; i < OPTION_NUM; i++) {
		int width = printf(table[i].letter ? "  -%c, --%s" : "  %c   --%s",
				   table[i].letter ? table[i].letter : ' ',
				   table[i].name);

		if (table[i].argument)
			width += printf(" %s", table[i].argument);
		if (width >= HELP_COLUMN) {
			printf("\n");
			width = 0;
		}
		printf("%*s%s\n", HELP_COLUMN - width, "", table[i].help);
	}
	printf("\nThe options that take a path, a host or a variable can be "
	       "repeated.\n\nExit status: that of COMMAND; 128+N when signal N "
	       "ended it; 127 not found;\n126 cannot execute; 125 sbxsup itself "
	       "failed (nothing was run).\n");
}

static void fill_getopt(struct option long_options[OPTION_NUM + 1],
			char letters[2 * OPTION_NUM + 2])
{
	char *at = letters;

	/* Stop at the first word that is no option: it is the command. */
	*at++ = '+';
	for (int i = 0; i < OPTION_NUM; i++) {
		long_options[i] = (struct option){
			.name = table[i].name,
			.has_arg = table[i].argument ? required_argument
						     : no_argument,
			.val = ID_BASE + i,
		};
		if (!table[i].letter)
			continue;
		*at++ = (char)table[i].letter;
		if (table[i].argument)
			*at++ = ':';
	}
	long_options[OPTION_NUM] = (struct option){0};
	*at = '\0';
}

static enum option_id find_id(int value)
{
	if (value >= ID_BASE)
		return (enum option_id)(value - ID_BASE);
	for (size_t i = 0; i < OPTION_NUM; i++)
		if (table[i].letter == value)
			return (enum option_id)i;
	return OPTION_NUM;
}

static int add_use(struct options *options, enum option_id id,
		   const char *value)
{
	struct option_use *uses =
		reallocarray(options->uses, options->num_uses + 1,
			     sizeof(*options->uses));

	if (!uses)
		return -ENOMEM;
	options->uses = uses;
	uses[options->num_uses++] =
		(struct option_use){.id = id, .value = value};
	return 0;
}

static int bad_value(enum option_id id, const char *value, const char *expected)
{
	fprintf(stderr, "sbxsup: --%s: '%s' is not one of %s\n",
		table[id].name, value, expected);
	return -EINVAL;
}

static int parse_net(struct options *options, const char *value)
{
	options->net_given = true;
	if (net_mode_parse(value, &options->net) < 0)
		return bad_value(OPTION_NET, value, "none, allowlist, open");
	return 0;
}

static int apply(struct options *options, enum option_id id, const char *value)
{
	switch (id) {
	case OPTION_MODE:
		if (mode_parse(value, &options->mode) < 0)
			return bad_value(
				id, value,
				"read-only, workspace-write, full-access");
		return 0;
	case OPTION_WORKSPACE:
		options->workspace = value;
		return 0;
	case OPTION_NET:
		return parse_net(options, value);
	case OPTION_WRITE:
	case OPTION_READ_ONLY:
	case OPTION_DENY:
	case OPTION_ALLOW_NET:
	case OPTION_ALLOW_UNIX:
	case OPTION_ENV:
		return add_use(options, id, value);
	case OPTION_AUDIT:
		options->audit = value;
		return 0;
	case OPTION_REQUIRE:
		if (strcmp(value, "full") != 0)
			return bad_value(id, value, "full");
		options->require_full = true;
		return 0;
	case OPTION_LOG_ONLY:
		options->log_only = true;
		return 0;
	case OPTION_NO_PRELOAD:
		options->no_preload = true;
		return 0;
	case OPTION_QUIET:
		options->quiet = true;
		return 0;
	case OPTION_VERBOSE:
		options->verbose = true;
		return 0;
	case OPTION_HELP:
		options->help = true;
		return 0;
	case OPTION_VERSION:
		options->version = true;
		return 0;
	case OPTION_NUM:
		break;
	}
	return -EINVAL;
}

/* What cannot go together. */
static int check(const struct options *options)
{
	bool allows = false;

	for (size_t i = 0; i < options->num_uses; i++)
		allows |= options->uses[i].id == OPTION_ALLOW_NET;
	if (options->help || options->version)
		return 0;
	if (options->net_given && options->net == NET_NONE && allows) {
		fprintf(stderr, "sbxsup: --net none and --allow-net contradict "
				"each other: drop one of them\n");
		return -EINVAL;
	}
	if (!options->command[0]) {
		fprintf(stderr, "sbxsup: no command given; try: sbxsup -- bash, "
				"or sbxsup --help\n");
		return -EINVAL;
	}
	return 0;
}

int options_parse(int argc, char **argv, struct options *ret_options)
{
	struct options options = {
		.mode = MODE_WORKSPACE_WRITE,
		.net = NET_ALLOWLIST,
	};
	struct option long_options[OPTION_NUM + 1];
	char letters[2 * OPTION_NUM + 2];
	int value, err = 0;

	fill_getopt(long_options, letters);
	while (err == 0 && (value = getopt_long(argc, argv, letters,
						long_options, NULL)) != -1) {
		enum option_id id = find_id(value);

		/* getopt_long(3) has said what is wrong. */
		err = id == OPTION_NUM ? -EINVAL
				       : apply(&options, id, optarg);
	}
	options.command = argv + optind;
	if (err == 0)
		err = check(&options);
	if (err < 0) {
		options_done(&options);
		return err;
	}
	*ret_options = options;
	return 0;
}

void options_done(struct options *options)
{
	free(options->uses);
	options->uses = NULL;
	options->num_uses = 0;
}
