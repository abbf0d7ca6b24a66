/* SPDX-License-Identifier: MIT */
/*
 * "sbxsup audit": shows the logs of sessions. Writes to stdout and stderr.
 */
#ifndef SBX_AUDIT_CLI_H
#define SBX_AUDIT_CLI_H

/**
 * audit_main() - run the command.
 * @argc: number of arguments
 * @argv: argv[0] is "audit", then what stood behind it
 * Return: exit status: 0, 1 when a log cannot be read or is damaged, 2 for a
 * wrong use.
 */
int audit_main(int argc, char **argv);

#endif /* SBX_AUDIT_CLI_H */
