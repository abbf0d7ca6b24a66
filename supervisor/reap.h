/* SPDX-License-Identifier: MIT */
/*
 * The end of a process tree.
 */
#ifndef SBX_REAP_H
#define SBX_REAP_H

/**
 * reap_all() - kill every descendant of the calling process and wait until
 * none is left. The caller must be a child subreaper, so that nobody can
 * escape by a double fork.
 * Return: 0, or -ETIMEDOUT when something could not be killed in time.
 */
int reap_all(void);

#endif /* SBX_REAP_H */
