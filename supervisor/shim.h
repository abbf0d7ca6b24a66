/* SPDX-License-Identifier: MIT */
/*
 * Where the preload library is.
 */
#ifndef SBX_SHIM_H
#define SBX_SHIM_H

/**
 * shim_find() - path of libsbxsup-preload.so: beside the program as it is
 * built, below its prefix as it is installed.
 * Return: a path that the caller frees, or NULL when there is none.
 */
char *shim_find(void);

#endif /* SBX_SHIM_H */
