/* SPDX-License-Identifier: MIT */
#include "match.h"

#include <assert.h>
#include <string.h>

#include "pattern.h"
#include "util.h"

#define ROOT 0u
#define TABLE_MIN 64u

/*
 * struct node - one component of one or more patterns
 * @text: a literal's bytes, unescaped, or a wildcard component as written
 * @len: bytes of @text
 * @kind: what the component is; the root counts as a literal
 * @parent: node before it
 * @next_glob: next wildcard child of @parent, or MATCH_NONE
 * @first_glob: first wildcard child, or MATCH_NONE
 * @any: the "**" child, or MATCH_NONE
 * @inner: has children, so it can be a state
 * @value: value of the pattern that ends here, or MATCH_NONE
 * @rank: its rank
 * @order: how many patterns were added before it
 * @through: value of the first pattern that goes on below it, or MATCH_NONE
 */
struct node {
	char *text;
	size_t len;
	enum pattern_kind kind;
	uint32_t parent;
	uint32_t next_glob;
	uint32_t first_glob;
	uint32_t any;
	bool inner;
	uint32_t value;
	uint32_t rank;
	uint32_t order;
	uint32_t through;
};

/*
 * struct match - the trie
 * @nodes: all nodes, the root first; a node comes after its parent
 * @num: their number
 * @room: how many fit
 * @table: open-addressing hash of the literal nodes but the root, MATCH_NONE
 *         where free
 * @table_size: power of two, at least twice @num_literals
 * @num_literals: nodes in @table
 * @num_added: patterns added
 */
struct match {
	struct node *nodes;
	uint32_t num;
	uint32_t room;
	uint32_t *table;
	uint32_t table_size;
	uint32_t num_literals;
	uint32_t num_added;
};

static uint64_t hash_bytes(const char *text, size_t len)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3u;
	return hash;
}

static uint32_t table_start(const struct match *match, uint32_t parent,
			    uint64_t hash)
{
	hash = (hash ^ (parent * 0x9e3779b97f4a7c15u)) * 0xff51afd7ed558ccdu;
	return (uint32_t)(hash >> 32) & (match->table_size - 1);
}

static void table_put(struct match *match, uint32_t index)
{
	const struct node *node = &match->nodes[index];
	uint32_t i = table_start(match, node->parent,
				 hash_bytes(node->text, node->len));

	while (match->table[i] != MATCH_NONE)
		i = (i + 1) & (match->table_size - 1);
	match->table[i] = index;
}

static int table_grow(struct match *match)
{
	uint32_t size = match->table_size ? match->table_size * 2 : TABLE_MIN;
	uint32_t *table = reallocarray(NULL, size, sizeof(*table));

	if (!table)
		return -ENOMEM;
	memset(table, 0xff, size * sizeof(*table));
	free(match->table);
	match->table = table;
	match->table_size = size;
	for (uint32_t i = ROOT + 1; i < match->num; i++) {
		if (match->nodes[i].kind == PATTERN_LITERAL)
			table_put(match, i);
	}
	return 0;
}

static uint32_t find_literal(const struct match *match, uint32_t parent,
			     uint64_t hash, const char *text, size_t len)
{
	uint32_t i = table_start(match, parent, hash);

	for (; match->table[i] != MATCH_NONE;
	     i = (i + 1) & (match->table_size - 1)) {
		const struct node *node = &match->nodes[match->table[i]];

		if (node->parent == parent && node->len == len &&
		    memcmp(node->text, text, len) == 0)
			return match->table[i];
	}
	return MATCH_NONE;
}

static uint32_t find_glob(const struct match *match, uint32_t parent,
			  const char *text, size_t len)
{
	uint32_t i = match->nodes[parent].first_glob;

	while (i != MATCH_NONE &&
	       (match->nodes[i].len != len ||
		memcmp(match->nodes[i].text, text, len) != 0))
		i = match->nodes[i].next_glob;
	return i;
}

static int nodes_grow(struct match *match)
{
	uint32_t room = match->room ? match->room * 2 : TABLE_MIN;
	struct node *nodes;

	if (match->num < match->room)
		return 0;
	nodes = reallocarray(match->nodes, room, sizeof(*nodes));
	if (!nodes)
		return -ENOMEM;
	match->nodes = nodes;
	match->room = room;
	return 0;
}

/* Appends a node; takes *@text, unless it fails. */
static int node_new(struct match *match, enum pattern_kind kind,
		    uint32_t parent, char **text, size_t len,
		    uint32_t *ret_index)
{
	uint32_t index = match->num;

	if (nodes_grow(match) < 0)
		return -ENOMEM;
	if (match->num_literals >= match->table_size / 2 &&
	    table_grow(match) < 0)
		return -ENOMEM;
	match->nodes[index] = (struct node){
		.text = TAKE_PTR(*text),
		.len = len,
		.kind = kind,
		.parent = parent,
		.next_glob = MATCH_NONE,
		.first_glob = MATCH_NONE,
		.any = MATCH_NONE,
		.value = MATCH_NONE,
		.through = MATCH_NONE,
	};
	match->num++;
	*ret_index = index;
	return 0;
}

/* Hangs a new node below its parent, in the place that its kind asks for. */
static void node_link(struct match *match, uint32_t index)
{
	struct node *node = &match->nodes[index];
	struct node *parent = &match->nodes[node->parent];

	parent->inner = true;
	if (node->kind == PATTERN_ANY) {
		parent->any = index;
	} else if (node->kind == PATTERN_GLOB) {
		node->next_glob = parent->first_glob;
		parent->first_glob = index;
	} else {
		table_put(match, index);
		match->num_literals++;
	}
}

/* Finds or makes the child of *@node that a component stands for. */
static int child_get(struct match *match, const struct pattern_part *part,
		     uint32_t *node)
{
	cleanup_free char *text = malloc(part->len + 1);
	uint32_t child = match->nodes[*node].any;
	size_t len = part->len;
	int ret;

	if (!text)
		return -ENOMEM;
	if (part->kind == PATTERN_LITERAL) {
		len = pattern_unescape(part->text, part->len, text);
		child = find_literal(match, *node, hash_bytes(text, len), text,
				     len);
	} else {
		memcpy(text, part->text, len);
		text[len] = '\0';
		if (part->kind == PATTERN_GLOB)
			child = find_glob(match, *node, text, len);
	}
	if (child == MATCH_NONE) {
		ret = node_new(match, part->kind, *node, &text, len, &child);
		if (ret < 0)
			return ret;
		node_link(match, child);
	}
	*node = child;
	return 0;
}

int match_new(struct match **ret_match)
{
	struct match *match = calloc(1, sizeof(*match));
	char *text = NULL;
	uint32_t root;

	if (!match)
		return -ENOMEM;
	if (node_new(match, PATTERN_LITERAL, MATCH_NONE, &text, 0, &root) < 0) {
		match_free(match);
		return -ENOMEM;
	}
	assert(root == ROOT);
	*ret_match = match;
	return 0;
}

void match_free(struct match *match)
{
	if (!match)
		return;
	for (uint32_t i = 0; i < match->num; i++)
		free(match->nodes[i].text);
	free(match->nodes);
	free(match->table);
	free(match);
}

static bool has_empty_component(const char *pattern)
{
	size_t len = strlen(pattern);

	return strstr(pattern, "//") || (len > 1 && pattern[len - 1] == '/');
}

/* Lets a pattern end at a node, unless a stronger one ends there already. */
static void node_accept(struct match *match, uint32_t index, uint32_t rank,
			uint32_t value)
{
	struct node *node = &match->nodes[index];

	if (node->value == MATCH_NONE || rank > node->rank) {
		node->value = value;
		node->rank = rank;
		node->order = match->num_added;
	}
	match->num_added++;
	for (uint32_t i = node->parent; i != MATCH_NONE;
	     i = match->nodes[i].parent) {
		if (match->nodes[i].through == MATCH_NONE)
			match->nodes[i].through = value;
	}
}

int match_add(struct match *match, const char *pattern, uint32_t rank,
	      uint32_t value)
{
	const struct pattern_part any_part = {
		.kind = PATTERN_ANY,
		.text = "**",
		.len = 2,
	};
	const char *cursor = pattern;
	struct pattern_part part;
	uint32_t node = ROOT;
	bool any = false;

	assert(value != MATCH_NONE);
	if (pattern_check(pattern) || has_empty_component(pattern))
		return -EINVAL;
	while (pattern_next(&cursor, &part)) {
		int ret = 0;

		/* Runs of "**" are one, and one at the end is none. */
		if (part.kind == PATTERN_ANY) {
			any = true;
			continue;
		}
		if (any)
			ret = child_get(match, &any_part, &node);
		if (ret == 0)
			ret = child_get(match, &part, &node);
		if (ret < 0)
			return ret;
		any = false;
	}
	node_accept(match, node, rank, value);
	return 0;
}

/*
 * struct step - a run in progress
 * @match: the set
 * @run: result; its states are those before the current component
 * @skip: ranks that cannot win
 * @depth: components consumed, the current one included
 * @order: order of the winner
 * @states: states after the current component, ascending
 * @num: their number
 */
struct step {
	const struct match *match;
	struct match_run *run;
	uint32_t skip;
	uint32_t depth;
	uint32_t order;
	uint32_t states[MATCH_STATES_MAX];
	size_t num;
};

static void step_add(struct step *step, uint32_t state)
{
	size_t i = step->num;

	while (i > 0 && step->states[i - 1] > state)
		i--;
	if (i > 0 && step->states[i - 1] == state)
		return;
	if (step->num == MATCH_STATES_MAX) {
		step->run->overflow = true;
		return;
	}
	memmove(&step->states[i + 1], &step->states[i],
		(step->num - i) * sizeof(step->states[0]));
	step->states[i] = state;
	step->num++;
}

static void step_accept(struct step *step, const struct node *node)
{
	struct match_run *run = step->run;
	bool literal = node->kind == PATTERN_LITERAL;

	if (node->value == MATCH_NONE ||
	    (node->rank < 32 && (step->skip >> node->rank & 1)))
		return;
	if (run->value != MATCH_NONE && run->depth == step->depth) {
		if (run->literal != literal) {
			if (run->literal)
				return;
		} else if (run->rank != node->rank) {
			if (run->rank > node->rank)
				return;
		} else if (step->order < node->order) {
			return;
		}
	}
	run->value = node->value;
	run->depth = step->depth;
	run->literal = literal;
	run->rank = node->rank;
	step->order = node->order;
}

/* A "**" may stand for nothing, so its node is entered with the one before. */
static void step_enter(struct step *step, uint32_t index)
{
	const struct node *node = &step->match->nodes[index];

	step_accept(step, node);
	if (node->inner)
		step_add(step, index);
	if (node->any != MATCH_NONE)
		step_add(step, node->any);
}

static void step_component(struct step *step, const char *name, size_t len)
{
	const struct match *match = step->match;
	struct match_run *run = step->run;
	uint64_t hash = hash_bytes(name, len);

	step->num = 0;
	step->depth++;
	for (size_t i = 0; i < run->num_states; i++) {
		uint32_t state = run->states[i];
		uint32_t child = find_literal(match, state, hash, name, len);

		if (match->nodes[state].kind == PATTERN_ANY)
			step_add(step, state);
		if (child != MATCH_NONE)
			step_enter(step, child);
		for (child = match->nodes[state].first_glob;
		     child != MATCH_NONE;
		     child = match->nodes[child].next_glob) {
			const struct node *node = &match->nodes[child];

			if (pattern_glob(node->text, node->len, name, len))
				step_enter(step, child);
		}
	}
}

static void step_done(struct step *step)
{
	memcpy(step->run->states, step->states,
	       step->num * sizeof(step->states[0]));
	step->run->num_states = step->num;
}

/* Drops the root, which only the path "/" still has, and marks the loops. */
static void run_finish(const struct match *match, struct match_run *run)
{
	size_t num = 0;

	for (size_t i = 0; i < run->num_states; i++) {
		if (run->states[i] == ROOT)
			continue;
		if (match->nodes[run->states[i]].kind == PATTERN_ANY)
			run->loops |= (uint64_t)1 << num;
		run->states[num++] = run->states[i];
	}
	run->num_states = num;
}

void match_prefix(const struct match *match, const char *path, uint32_t depth,
		  uint32_t skip, struct match_run *ret_run)
{
	struct step step = {.match = match, .run = ret_run, .skip = skip};
	size_t len;

	assert(path[0] == '/');
	memset(ret_run, 0, sizeof(*ret_run));
	ret_run->value = MATCH_NONE;
	step_enter(&step, ROOT);
	step_done(&step);
	for (path += strspn(path, "/"); *path != '\0' && step.depth < depth;
	     path += len + strspn(path + len, "/")) {
		len = strcspn(path, "/");
		step_component(&step, path, len);
		step_done(&step);
	}
	run_finish(match, ret_run);
}

void match_path(const struct match *match, const char *path,
		struct match_run *ret_run)
{
	match_prefix(match, path, UINT32_MAX, 0, ret_run);
}

uint32_t match_state_value(const struct match *match, uint32_t state)
{
	assert(state < match->num);
	return match->nodes[state].through;
}
