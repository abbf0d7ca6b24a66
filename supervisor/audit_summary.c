/* SPDX-License-Identifier: MIT */
/*
 * Theory of operation
 *
 * The log is read once. What was changed, run, contacted and refused is
 * counted in tallies of bounded size; the page says how much did not fit.
 *
 * A fold or an outcome speaks of an earlier record by its serial. The last
 * REFS_MAX records that a later one could speak of are remembered in a ring.
 */
#include "audit_summary.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "audit_print.h"
#include "audit_tally.h"
#include "util.h"

#define LINES_MAX 40
#define OBJECTS_MAX 5
#define REFS_MAX 65536

enum change {
	CHANGE_NONE = 0,
	CHANGE_CREATED,
	CHANGE_WRITTEN,
	CHANGE_DELETED,
	CHANGE_RENAMED,
	CHANGE_ATTRIBUTES,
	CHANGE_NUM,
};
static_assert(CHANGE_NUM <= TALLY_COUNTS, "a count for each change");

static const char *const change_names[CHANGE_NUM] = {
	[CHANGE_CREATED] = "created",       [CHANGE_WRITTEN] = "written",
	[CHANGE_DELETED] = "deleted",       [CHANGE_RENAMED] = "renamed",
	[CHANGE_ATTRIBUTES] = "attributes",
};

static const enum change changes[ACCESS_NUM] = {
	[ACCESS_FS_WRITE] = CHANGE_WRITTEN,
	[ACCESS_FS_READ_WRITE] = CHANGE_WRITTEN,
	[ACCESS_FS_TRUNCATE] = CHANGE_WRITTEN,
	[ACCESS_FS_CREATE] = CHANGE_CREATED,
	[ACCESS_FS_LINK] = CHANGE_CREATED,
	[ACCESS_FS_SYMLINK] = CHANGE_CREATED,
	[ACCESS_FS_MKDIR] = CHANGE_CREATED,
	[ACCESS_FS_MKNOD] = CHANGE_CREATED,
	[ACCESS_UNIX_BIND] = CHANGE_CREATED,
	[ACCESS_FS_UNLINK] = CHANGE_DELETED,
	[ACCESS_FS_RMDIR] = CHANGE_DELETED,
	[ACCESS_FS_RENAME] = CHANGE_RENAMED,
	[ACCESS_FS_CHMOD] = CHANGE_ATTRIBUTES,
	[ACCESS_FS_CHOWN] = CHANGE_ATTRIBUTES,
	[ACCESS_FS_UTIME] = CHANGE_ATTRIBUTES,
	[ACCESS_FS_SETXATTR] = CHANGE_ATTRIBUTES,
	[ACCESS_FS_REMOVEXATTR] = CHANGE_ATTRIBUTES,
	[ACCESS_FS_SETFLAGS] = CHANGE_ATTRIBUTES,
};

static const bool contacts[ACCESS_NUM] = {
	[ACCESS_NET_CONNECT] = true,
	[ACCESS_NET_SEND] = true,
	[ACCESS_UNIX_CONNECT] = true,
	[ACCESS_UNIX_SEND] = true,
};

/**
 * struct ref - a record that a later one can speak of
 * @serial: of the record
 * @item: what it was counted as: a refusal, or a file
 * @kind: a denial, or the kind of change
 */
struct ref {
	uint64_t serial;
	uint32_t item;
	enum change kind;
};

struct summary {
	FILE *out;
	struct tally files;
	struct tally programs;
	struct tally hosts;
	struct tally errors;
	struct tally rules;
	struct tally refusals; /* parent: rule */
	uint64_t allowed;
	uint64_t denied;
	uint64_t changes;
	uint64_t execs;
	uint64_t unknown_repeats;
	uint64_t first_mono;
	uint64_t last_mono;
	bool ended;
	size_t num_refs;
	struct ref refs[REFS_MAX];
};

static void add_ref(struct summary *summary, uint64_t serial, uint32_t item,
		    enum change kind)
{
	size_t last = (summary->num_refs - 1) % REFS_MAX;

	/* They must ascend to be found; a damaged log need not. */
	if (summary->num_refs && summary->refs[last].serial >= serial)
		return;
	summary->refs[summary->num_refs++ % REFS_MAX] = (struct ref){
		.serial = serial,
		.item = item,
		.kind = kind,
	};
}

static const struct ref *find_ref(const struct summary *summary,
				  uint64_t serial)
{
	size_t high = summary->num_refs;
	size_t low = high > REFS_MAX ? high - REFS_MAX : 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct ref *ref = &summary->refs[middle % REFS_MAX];

		if (ref->serial == serial)
			return ref;
		if (ref->serial < serial)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* Every program writes to these; nothing is changed by it. */
static bool is_sink(const char *path)
{
	static const char *const sinks[] = {
		"/dev/full", "/dev/null", "/dev/ptmx", "/dev/tty", "/dev/zero"};

	for (size_t i = 0; i < ARRAY_SIZE(sinks); i++) {
		if (strcmp(path, sinks[i]) == 0)
			return true;
	}
	return strncmp(path, "/dev/pts/", strlen("/dev/pts/")) == 0;
}

static void add_allowed(struct summary *summary,
			const struct audit_record *record)
{
	const char *const texts[3] = {record->object, record->object2};
	enum access access = audit_access(record->access);
	enum change kind;
	uint32_t item;

	summary->allowed++;
	if (access == ACCESS_NUM)
		return;
	summary->changes += (access_rights(access) & RIGHT_WRITE) != 0;
	summary->execs += access == ACCESS_EXEC;
	if (!record->object)
		return;
	kind = changes[access];
	if (access == ACCESS_EXEC || contacts[access]) {
		struct tally *tally = access == ACCESS_EXEC ? &summary->programs
							    : &summary->hosts;

		item = tally_find(tally, texts, 0);
		if (item != TALLY_NONE)
			tally->items[item].counts[0]++;
	} else if (kind != CHANGE_NONE && !is_sink(record->object)) {
		item = tally_find(&summary->files, texts, 0);
		if (item == TALLY_NONE)
			return;
		summary->files.items[item].counts[kind]++;
		add_ref(summary, record->serial, item, kind);
	}
}

static void count_denial(struct summary *summary, uint32_t item, uint64_t count)
{
	struct tally_item *refusal = &summary->refusals.items[item];

	refusal->counts[0] += count;
	summary->rules.items[refusal->parent].counts[0] += count;
}

static const char *or_unknown(const char *text)
{
	return text ? text : "?";
}

static void add_denied(struct summary *summary,
		       const struct audit_record *record)
{
	const char *const rule_texts[3] = {
		or_unknown(record->rule),
		or_unknown(record->reason),
		or_unknown(record->error),
	};
	const char *const texts[3] = {
		record->access,
		or_unknown(record->object),
		record->object2,
	};
	uint32_t rule = tally_find(&summary->rules, rule_texts, 0);
	uint32_t item;

	summary->denied++;
	if (rule == TALLY_NONE)
		return;
	item = tally_find(&summary->refusals, texts, rule);
	if (item == TALLY_NONE) {
		summary->rules.items[rule].counts[0]++;
		return;
	}
	count_denial(summary, item, 1);
	add_ref(summary, record->serial, item, CHANGE_NONE);
}

/*
 * A fold tells the count so far, and one is written at each power of two: so
 * the one before told the largest power of two below.
 */
static uint64_t repeats_of(uint64_t count)
{
	uint64_t told = 1;

	while (told < count - told)
		told *= 2;
	return count - told;
}

static void add_fold(struct summary *summary, const struct audit_record *record)
{
	const struct ref *ref = find_ref(summary, record->of);
	uint64_t repeats = record->count > 1 ? repeats_of(record->count) : 0;

	if (record->verdict == VERDICT_ALLOW) {
		summary->allowed += repeats;
		return;
	}
	summary->denied += repeats;
	if (ref && ref->kind == CHANGE_NONE)
		count_denial(summary, ref->item, repeats);
	else
		summary->unknown_repeats += repeats;
}

/* An allowed act that failed changed nothing. */
static void add_outcome(struct summary *summary,
			const struct audit_record *record)
{
	const struct ref *ref = find_ref(summary, record->of);

	if (ref && ref->kind != CHANGE_NONE &&
	    summary->files.items[ref->item].counts[ref->kind])
		summary->files.items[ref->item].counts[ref->kind]--;
}

static void add_error(struct summary *summary,
		      const struct audit_record *record)
{
	const char *const texts[3] = {or_unknown(record->what), record->error};
	uint32_t item = tally_find(&summary->errors, texts, 0);

	if (item != TALLY_NONE)
		summary->errors.items[item].counts[0]++;
}

static void print_line(FILE *out, const char *label, const char *text)
{
	if (!text)
		return;
	(void)fprintf(out, "%-11s ", label);
	audit_print_text(out, text);
	(void)fputc('\n', out);
}

static void print_session(FILE *out, const struct audit_record *record)
{
	print_line(out, "Session", record->id);
	(void)fprintf(out, "%-11s ", "Command");
	audit_print_argv(out, record);
	(void)fputc('\n', out);
	(void)fprintf(out, "%-11s ", "Mode");
	audit_print_text(out, record->mode);
	(void)fputs(", network ", out);
	audit_print_text(out, record->net);
	(void)fputs(record->log_only ? ", log only: nothing is refused\n"
				     : "\n",
		    out);
	print_line(out, "Workspace", record->workspace);
	(void)fprintf(out, "%-11s ", "Protection");
	audit_print_text(out, record->level);
	(void)fprintf(out, ", Landlock ABI %" PRIu64, record->landlock_abi);
	for (size_t i = 0; i < record->num_missing; i++) {
		(void)fputs(i ? ", " : ", missing ", out);
		audit_print_text(out, record->missing[i]);
	}
	(void)fputc('\n', out);
	print_line(out, "Started", record->time);
}

static void print_end(struct summary *summary,
		      const struct audit_record *record)
{
	FILE *out = summary->out;
	const char *name = sigabbrev_np((int)record->signal);

	print_line(out, "Ended", record->time);
	(void)fprintf(out, "%-11s ", "Exit status");
	if (record->signal)
		(void)fprintf(out, "signal %" PRIu64 " (SIG%s)\n",
			      record->signal, name ? name : "?");
	else
		(void)fprintf(out, "%" PRIu64 "\n", record->exit_code);
	summary->allowed = record->allowed;
	summary->denied = record->denied;
	summary->changes = record->changes;
	summary->execs = record->execs;
	summary->ended = true;
}

static void add_record(struct summary *summary,
		       const struct audit_record *record)
{
	if (!summary->first_mono)
		summary->first_mono = record->mono;
	if (summary->last_mono < record->mono)
		summary->last_mono = record->mono;
	switch (record->type) {
	case RECORD_SESSION:
		print_session(summary->out, record);
		break;
	case RECORD_DECISION:
		if (record->verdict == VERDICT_ALLOW)
			add_allowed(summary, record);
		else
			add_denied(summary, record);
		break;
	case RECORD_FOLD:
		add_fold(summary, record);
		break;
	case RECORD_OUTCOME:
		add_outcome(summary, record);
		break;
	case RECORD_INTERNAL:
		add_error(summary, record);
		break;
	case RECORD_SUMMARY:
		print_end(summary, record);
		break;
	case RECORD_OTHER:
	case RECORD_NUM:
		break;
	}
}

static void print_rest(FILE *out, uint64_t left, uint64_t beyond)
{
	if (left)
		(void)fprintf(out, "  … and %" PRIu64 " more\n", left);
	if (beyond)
		(void)fprintf(out, "  … and others, met %" PRIu64 " times\n",
			      beyond);
}

static enum change change_of(const struct tally_item *item)
{
	static const enum change ranks[] = {
		CHANGE_DELETED, CHANGE_RENAMED,    CHANGE_CREATED,
		CHANGE_WRITTEN, CHANGE_ATTRIBUTES,
	};

	/* A temporary file is not worth a line. */
	if (item->counts[CHANGE_CREATED] && item->counts[CHANGE_DELETED])
		return CHANGE_NONE;
	for (size_t i = 0; i < ARRAY_SIZE(ranks); i++) {
		if (item->counts[ranks[i]])
			return ranks[i];
	}
	return CHANGE_NUM;
}

static void print_files(const struct summary *summary)
{
	const struct tally *files = &summary->files;
	uint64_t counts[CHANGE_NUM + 1] = {0};
	uint64_t all = 0;
	uint64_t lines = 0;

	for (uint32_t i = 0; i < files->num; i++)
		counts[change_of(&files->items[i])]++;
	for (size_t kind = 1; kind < CHANGE_NUM; kind++)
		all += counts[kind];
	(void)fprintf(summary->out, "\nFiles changed: %" PRIu64 "\n", all);
	for (size_t kind = 1; kind < CHANGE_NUM; kind++) {
		for (uint32_t i = 0; i < files->num && lines < LINES_MAX; i++) {
			const struct tally_item *item = &files->items[i];

			if (change_of(item) != kind)
				continue;
			lines++;
			(void)fprintf(summary->out, "  %-10s ",
				      change_names[kind]);
			audit_print_text(summary->out, item->texts[0]);
			if (item->texts[1]) {
				(void)fputs(" -> ", summary->out);
				audit_print_text(summary->out, item->texts[1]);
			}
			(void)fputc('\n', summary->out);
		}
	}
	print_rest(summary->out, all - lines, files->beyond);
	if (counts[CHANGE_NONE])
		(void)fprintf(summary->out,
			      "  %" PRIu64 " created and deleted again\n",
			      counts[CHANGE_NONE]);
}

static void print_tally(FILE *out, const char *title, struct tally *tally)
{
	uint32_t order[TALLY_MAX];
	uint32_t i;

	tally_order(tally, order);
	(void)fprintf(out, "\n%s: %" PRIu32 "\n", title, tally->num);
	for (i = 0; i < tally->num && i < LINES_MAX; i++) {
		const struct tally_item *item = &tally->items[order[i]];

		(void)fprintf(out, "  %7" PRIu64 "  ", tally_count(item));
		audit_print_text(out, item->texts[0]);
		if (item->texts[1]) {
			(void)fputs(": ", out);
			audit_print_text(out, item->texts[1]);
		}
		(void)fputc('\n', out);
	}
	print_rest(out, tally->num - i, tally->beyond);
}

static void print_objects(const struct summary *summary, uint32_t rule,
			  const uint32_t *order)
{
	uint64_t left = 0;
	size_t lines = 0;

	for (uint32_t i = 0; i < summary->refusals.num; i++) {
		const struct tally_item *item =
			&summary->refusals.items[order[i]];

		if (item->parent != rule)
			continue;
		if (lines == OBJECTS_MAX) {
			left++;
			continue;
		}
		lines++;
		(void)fprintf(summary->out, "           %" PRIu64 "  ",
			      tally_count(item));
		audit_print_text(summary->out, item->texts[0]);
		(void)fputc(' ', summary->out);
		audit_print_text(summary->out, item->texts[1]);
		if (item->texts[2]) {
			(void)fputs(" -> ", summary->out);
			audit_print_text(summary->out, item->texts[2]);
		}
		(void)fputc('\n', summary->out);
	}
	if (left)
		(void)fprintf(summary->out,
			      "           … and %" PRIu64 " more\n", left);
}

static void print_denials(struct summary *summary)
{
	uint32_t rules[TALLY_MAX];
	uint32_t objects[TALLY_MAX];
	uint32_t i;

	tally_order(&summary->rules, rules);
	tally_order(&summary->refusals, objects);
	(void)fprintf(summary->out, "\nDenials: %" PRIu64 "\n",
		      summary->denied);
	for (i = 0; i < summary->rules.num && i < LINES_MAX; i++) {
		const struct tally_item *rule = &summary->rules.items[rules[i]];

		(void)fprintf(summary->out, "  %7" PRIu64 "  ",
			      tally_count(rule));
		audit_print_text(summary->out, rule->texts[0]);
		(void)fputs(": ", summary->out);
		audit_print_text(summary->out, rule->texts[1]);
		(void)fputs(" (", summary->out);
		audit_print_text(summary->out, rule->texts[2]);
		(void)fputs(")\n", summary->out);
		print_objects(summary, rules[i], objects);
	}
	print_rest(summary->out, summary->rules.num - i,
		   summary->rules.beyond + summary->unknown_repeats);
}

static void print_page(struct summary *summary, const char *path)
{
	FILE *out = summary->out;

	if (!summary->ended)
		print_line(out, "Ended",
			   "not recorded: still running, or killed");
	(void)fprintf(out, "%-11s ", "Duration");
	audit_print_duration(out, summary->last_mono - summary->first_mono);
	(void)fprintf(out,
		      "\n%-11s %" PRIu64 " allowed, %" PRIu64
		      " denied, %" PRIu64 " changes, %" PRIu64
		      " programs run\n",
		      "Decisions", summary->allowed, summary->denied,
		      summary->changes, summary->execs);
	print_files(summary);
	print_tally(out, "Programs run", &summary->programs);
	print_tally(out, "Hosts contacted", &summary->hosts);
	print_denials(summary);
	if (summary->errors.num)
		print_tally(out, "Internal errors", &summary->errors);
	(void)fputc('\n', out);
	print_line(out, "Log", path);
}

static void summary_free(struct summary *summary)
{
	tally_free(&summary->files);
	tally_free(&summary->programs);
	tally_free(&summary->hosts);
	tally_free(&summary->errors);
	tally_free(&summary->rules);
	tally_free(&summary->refusals);
	free(summary);
}

int audit_summary_print(struct audit_reader *reader, const char *path,
			FILE *out)
{
	struct summary *summary = calloc(1, sizeof(*summary));
	const struct audit_record *record;
	int r;

	if (!summary)
		return -ENOMEM;
	summary->out = out;
	r = siphash_key_random(&summary->files.key);
	summary->programs.key = summary->files.key;
	summary->hosts.key = summary->files.key;
	summary->errors.key = summary->files.key;
	summary->rules.key = summary->files.key;
	summary->refusals.key = summary->files.key;
	while (r == 0) {
		r = audit_reader_next(reader, &record);
		if (r <= 0)
			break;
		add_record(summary, record);
		r = 0;
	}
	if (r == 0)
		print_page(summary, path);
	summary_free(summary);
	return r;
}
