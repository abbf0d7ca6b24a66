/* SPDX-License-Identifier: MIT */
/*
 * The files of /proc that a process may write: settings of processes of the
 * session. The right to write is the session's, whatever the mode.
 */
#ifndef SBX_PROCFILE_H
#define SBX_PROCFILE_H

#include "resolve.h"

/**
 * procfile_is_of_process() - a file below some process's directory?
 * @resolver: device numbers
 * @object: pinned
 */
bool procfile_is_of_process(const struct resolver *resolver,
			    const struct object *object);

/**
 * procfile_is_writable() - a setting of a process of this session?
 * @resolver: device numbers
 * @object: pinned; never one of the broker's own (resolution refuses those)
 */
bool procfile_is_writable(const struct resolver *resolver,
			  const struct object *object);

#endif /* SBX_PROCFILE_H */
