/* SPDX-License-Identifier: MIT */
/*
 * What a decision is: verdict, the rule that made it, the errno that a denial
 * shows. Pure data; nothing here touches the kernel.
 */
#ifndef SBX_DECISION_H
#define SBX_DECISION_H

#include <stdint.h>

/* Rights that an access needs on its object; see access.def. */
#define RIGHT_READ (1u << 0)
#define RIGHT_WRITE (1u << 1)

enum access {
#define ACCESS(id, name, rights) ACCESS_##id,
#include "access.def"
#undef ACCESS
	ACCESS_NUM,
};

/* Zero means deny, so that a forgotten initialisation fails closed. */
enum verdict {
	VERDICT_DENY = 0,
	VERDICT_ALLOW,
	VERDICT_NUM,
};

/**
 * struct decision - the outcome of asking the policy
 * @verdict: ALLOW or DENY
 * @error: errno shown to the target on DENY, positive
 * @rule: where the rule stands, "default.ini:12" or "--deny /x"; never NULL;
 *        lives as long as the policy
 * @reason: what the rule says in words, for hints and the log; never NULL
 * @remedy: what the user could add to allow it, such as "--write DIR"; may be
 *          NULL when nothing can; static text
 */
struct decision {
	enum verdict verdict;
	int error;
	const char *rule;
	const char *reason;
	const char *remedy;
};

/**
 * access_name() - the name of an access as it stands in the log.
 * @access: any value below ACCESS_NUM
 * Return: static text such as "fs.write".
 */
const char *access_name(enum access access);

/**
 * access_rights() - the RIGHT_ bits that an access needs on its object.
 * @access: any value below ACCESS_NUM
 */
unsigned int access_rights(enum access access);

/**
 * verdict_name() - "allow" or "deny".
 * @verdict: any value below VERDICT_NUM
 */
const char *verdict_name(enum verdict verdict);

#endif /* SBX_DECISION_H */
