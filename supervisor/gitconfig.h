/* SPDX-License-Identifier: MIT */
/*
 * May a git configuration file be replaced by another one?
 *
 * A repository's configuration can make the user's git run programs (hooks,
 * editors, filters, aliases …) or reach other places than the user thinks. A
 * session needs to change it all the same: git init, clone, branch and push -u
 * write it. So a new text is compared with the old one, and everything in it
 * must be either there already, word for word, or known to be harmless.
 */
#ifndef SBX_GITCONFIG_H
#define SBX_GITCONFIG_H

#include <stddef.h>

#define GITCONFIG_NAME_MAX 512
#define GITCONFIG_VALUE_MAX 2048

/**
 * struct gitconfig_entry - one variable
 * @name: "section.subsection.key", section and key in lower case
 * @value: unquoted; "true" for a key without a value
 */
struct gitconfig_entry {
	char name[GITCONFIG_NAME_MAX];
	char value[GITCONFIG_VALUE_MAX];
};

/**
 * struct gitconfig_reader - reads a text variable by variable
 * @at: what is still to be read
 * @end: end of the text
 * @section: current "section" or "section.subsection", with its dot
 */
struct gitconfig_reader {
	const char *at;
	const char *end;
	char section[GITCONFIG_NAME_MAX];
};

/**
 * gitconfig_start() - start to read a text.
 * @reader: receives the state
 * @text: any bytes; must outlive the reader
 * @size: their number
 */
void gitconfig_start(struct gitconfig_reader *reader, const char *text,
		     size_t size);

/**
 * gitconfig_next() - read the next variable.
 * @reader: from gitconfig_start()
 * @ret_entry: receives it
 * Return: 1, 0 at the end, -EINVAL for what is not understood: git might read
 * something else there.
 */
int gitconfig_next(struct gitconfig_reader *reader,
		   struct gitconfig_entry *ret_entry);

/**
 * gitconfig_check() - may the old text become the new one?
 * @old_text: any bytes; "" when there was no file
 * @old_size: their number
 * @new_text: any bytes
 * @new_size: their number
 * @ret_entry: on refusal: the variable that is the reason, name "" if a text
 *             was not understood
 * Return: 0, -EPERM when it must not, -EINVAL when a text is not understood.
 */
int gitconfig_check(const char *old_text, size_t old_size,
		    const char *new_text, size_t new_size,
		    struct gitconfig_entry *ret_entry);

#endif /* SBX_GITCONFIG_H */
