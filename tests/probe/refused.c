/* SPDX-License-Identifier: MIT */
#include "refused.h"

#include <stdio.h>
#include <string.h>

static const struct probe_op *const tables[] = {
	ops_open, ops_name, ops_attr, ops_net, ops_process,
};

static const struct probe_op *op_find(const char *name)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct probe_op *op = tables[i]; op->name; op++)
			if (!strcmp(op->name, name))
				return op;
	return NULL;
}

int main(int argc, char **argv)
{
	const struct probe_op *op = argc > 1 ? op_find(argv[1]) : NULL;

	if (!op || argc - 2 < op->args) {
		fprintf(stderr, "usage: %s OPERATION [OPERAND…]\n", argv[0]);
		return 2;
	}
	puts(probe_errno_name(op->run(argv + 2)));
	return 0;
}
