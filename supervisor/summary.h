/* SPDX-License-Identifier: MIT */
/*
 * What the front tells the user before and after a session, on stderr.
 */
#ifndef SBX_SUMMARY_H
#define SBX_SUMMARY_H

#include "session.h"

/**
 * summary_before() - what is in force (--verbose). Logging.
 * @session: prepared
 */
void summary_before(const struct session *session);

/**
 * summary_after() - one line: what was changed and refused, and where the log
 * is. Logging.
 * @session: ended
 * @counts: from the broker, such as "3 changes, 1 refusals"
 */
void summary_after(const struct session *session, const char *counts);

#endif /* SBX_SUMMARY_H */
