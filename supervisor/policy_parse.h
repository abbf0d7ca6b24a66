/* SPDX-License-Identifier: MIT */
/*
 * Policy text (INI) to policy model.
 */
#ifndef SBX_POLICY_PARSE_H
#define SBX_POLICY_PARSE_H

#include "policy.h"

#define DIAG_TEXT_MAX 512
#define DIAG_LINES_MAX 32

/**
 * struct diag - what is wrong with a policy file
 * @num: number of errors; only the first DIAG_LINES_MAX keep their text
 * @text: "file:line: what, why" lines, terminated
 */
struct diag {
	size_t num;
	char text[DIAG_LINES_MAX][DIAG_TEXT_MAX];
};

/**
 * struct policy_vars - values of the variables of policy text
 * @workspace: ${WORKSPACE}, canonical
 * @home: ${HOME}
 * @tmpdir: ${TMPDIR}, may be NULL
 * @runtime: ${XDG_RUNTIME_DIR}, may be NULL: lines that use it are skipped
 * @state: ${XDG_STATE_HOME}
 * @config: ${XDG_CONFIG_HOME}
 * @cache: ${XDG_CACHE_HOME}
 * @data: ${XDG_DATA_HOME}
 * @uid: ${UID}
 */
struct policy_vars {
	const char *workspace;
	const char *home;
	const char *tmpdir;
	const char *runtime;
	const char *state;
	const char *config;
	const char *cache;
	const char *data;
	uid_t uid;
};

/* The text of policies/default.ini, compiled in; its name in origins is
 * "default.ini". */
extern const char sbx_default_ini[];

/**
 * policy_parse_text() - add the rules of a policy text to a policy.
 * @policy: not sealed yet; its mode picks the sections that apply
 * @vars: values of variables
 * @name: name of the text in origins and messages
 * @text: the policy, NUL-terminated
 * @diag: receives every error of the text; must be zeroed by the caller
 * Return: 0, -EINVAL (see @diag), -ENOMEM.
 */
int policy_parse_text(struct policy *policy, const struct policy_vars *vars,
		      const char *name, const char *text, struct diag *diag);

#endif /* SBX_POLICY_PARSE_H */
