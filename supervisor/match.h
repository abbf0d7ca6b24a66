/* SPDX-License-Identifier: MIT */
/*
 * Path patterns: compiled once into a trie, run over canonical paths.
 *
 * Theory of operation
 *
 * A pattern is an absolute path of components: literal bytes, a wildcard
 * component with * ? or [ ] (which never crosses a slash), or "**", which
 * stands for any number of components, none included; pattern.h has the
 * syntax. A pattern matches its own path and everything below it, so a "**"
 * at its end adds nothing and is dropped.
 *
 * The patterns form a non-deterministic automaton whose states are trie
 * nodes. Literal children are found by a hash of (node, component), so the
 * cost of a run grows with the depth of the path, not with the number of
 * patterns; only wildcard children are tried one by one. The states that are
 * active after the last component tell what could still match below a path:
 * two directories with the same states may be exchanged without any rule
 * changing its meaning below them.
 *
 * A node is a state when it has children, that is, when some pattern needs
 * more components than were seen. A "**" is a node of its own that is entered
 * together with the node before it and never left again: it stays a state for
 * every path below, and is what @loops marks.
 */
#ifndef SBX_MATCH_H
#define SBX_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MATCH_STATES_MAX 64
#define MATCH_NONE UINT32_MAX

struct match;

/**
 * struct match_run - what a run over a path found
 * @value: value of the winning pattern, or MATCH_NONE
 * @depth: number of path components that the winner consumed
 * @literal: the winner's last component is not a wildcard
 * @rank: rank of the winner, as given to match_add()
 * @overflow: more states than MATCH_STATES_MAX were active; callers must
 *            treat the path as not decidable and deny
 * @num_states: entries of @states
 * @states: the nodes active at the end of the path, ascending. The root and
 *          accepted leaves without children do not appear.
 * @loops: bit i set: @states[i] is a "**" loop, which only says that a
 *         pattern's base directory lies above
 */
struct match_run {
	uint32_t value;
	uint32_t depth;
	bool literal;
	uint32_t rank;
	bool overflow;
	size_t num_states;
	uint32_t states[MATCH_STATES_MAX];
	uint64_t loops;
};

/**
 * match_new() - make an empty set of patterns.
 * @ret_match: receives the set; the caller frees it with match_free()
 * Return: 0 or -ENOMEM.
 */
int match_new(struct match **ret_match);

/**
 * match_free() - free a set; NULL is allowed.
 * @match: the set
 */
void match_free(struct match *match);

/**
 * match_add() - add a pattern.
 * @match: the set
 * @pattern: absolute, without "." ".." or empty components; "/" is allowed
 * @rank: at equal depth and literalness the higher rank wins; of two equal
 *        patterns with equal rank the first one stays
 * @value: what a run returns; not MATCH_NONE
 * Return: 0, -EINVAL for a malformed pattern, -ENOMEM.
 */
int match_add(struct match *match, const char *pattern, uint32_t rank,
	      uint32_t value);

/**
 * match_path() - run the set over a canonical path.
 * @match: the set
 * @path: absolute and canonical, any bytes; "/" has no components
 * @ret_run: receives the result
 *
 * Of all patterns that match the path or one of its ancestors the deepest
 * wins; at equal depth a literal last component beats a wildcard; then the
 * higher rank. Allocates nothing and is safe to call from several threads.
 */
void match_path(const struct match *match, const char *path,
		struct match_run *ret_run);

/**
 * match_prefix() - as match_path(), for an ancestor and for some ranks.
 * @match: the set
 * @path: absolute and canonical
 * @depth: number of components to run over; UINT32_MAX means all
 * @skip: bit r set: patterns of rank r do not win; ranks above 31 always may
 * @ret_run: receives the result
 */
void match_prefix(const struct match *match, const char *path, uint32_t depth,
		  uint32_t skip, struct match_run *ret_run);

/**
 * match_state_value() - a pattern that could still match below a state.
 * @match: the set
 * @state: one of the states of a run
 * Return: the value of the first one that was added.
 */
uint32_t match_state_value(const struct match *match, uint32_t state);

#endif /* SBX_MATCH_H */
