/* SPDX-License-Identifier: MIT */
#include "audit.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "audit_fold.h"
#include "audit_sink.h"
#include "jsonline.h"
#include "redact.h"
#include "utc.h"
#include "util.h"

#define FORMAT_VERSION 1

/*
 * Most bytes that a value takes in a line. Paths without anything to escape
 * always fit whole; names are ours; words come from policy files.
 */
#define PATH_BYTES 4096
#define WORDS_BYTES 512
#define NAME_BYTES 64
#define DIGEST_BYTES 128
#define ARG_BYTES 1024
/* Arguments have at least so much room, whatever else is in the line. */
#define ARGV_BYTES 2048
/* What surrounds a value: comma, quotes, colon and a short key. */
#define MEMBER_BYTES ((size_t)16)
#define NUMBER_BYTES 20
/* Small members after the objects, and after the arguments. */
#define VERDICT_BYTES ((size_t)2 * WORDS_BYTES + 128)
#define EXEC_BYTES (PATH_BYTES + 3 * MEMBER_BYTES + NUMBER_BYTES)

struct audit {
	pthread_mutex_t lock;
	struct sink sinks[2];
	uint64_t serial;
	struct audit_totals totals;
	time_t second;
	char stamp[UTC_LEN + sizeof(".123456789Z")];
	char path[PATH_MAX];
	/* The line starts at [1]; [0] is the newline that ends a torn one. */
	char buf[1 + AUDIT_LINE_MAX];
	struct fold fold;
};

/* UTC; the calendar is worked out once a second only. */
static const char *stamp_of(struct audit *audit, const struct timespec *now)
{
	char *fraction = audit->stamp + UTC_LEN;

	if (audit->second != now->tv_sec || audit->stamp[0] == '\0') {
		utc_format(now->tv_sec, audit->stamp);
		memcpy(fraction, ".000000000Z", sizeof(".000000000Z"));
		audit->second = now->tv_sec;
	}
	utc_digits(fraction + 1, (unsigned long)now->tv_nsec, 9);
	return audit->stamp;
}

/* Starts a record with a new serial. A record that cannot be written leaves
 * a gap in the serials. */
static void begin_record(struct audit *audit, struct jsonline *line,
			 const char *type)
{
	struct timespec now;
	struct timespec mono;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)clock_gettime(CLOCK_MONOTONIC, &mono);
	jsonline_begin(line, audit->buf + 1, AUDIT_LINE_MAX);
	jsonline_string(line, "type", type, NAME_BYTES);
	jsonline_unsigned(line, "serial", ++audit->serial);
	jsonline_string(line, "time", stamp_of(audit, &now), NAME_BYTES);
	jsonline_unsigned(line, "mono",
			  (uint64_t)mono.tv_sec * 1000000000u +
				  (uint64_t)mono.tv_nsec);
}

static bool is_finished(const struct audit *audit)
{
	return audit->sinks[0].fd < 0;
}

static int end_record(struct audit *audit, struct jsonline *line)
{
	size_t len = 1 + jsonline_end(line);

	if (is_finished(audit))
		return -EBADF;
	for (size_t i = 0; i < ARRAY_SIZE(audit->sinks); i++) {
		int r;

		if (audit->sinks[i].fd < 0)
			continue;
		r = sink_write(&audit->sinks[i], audit->buf, len);
		if (r < 0)
			return r;
	}
	return 0;
}

static void put_errno(struct jsonline *line, int error)
{
	const char *name = strerrorname_np(error);
	char number[16];

	if (!name) {
		(void)snprintf(number, sizeof(number), "%d", error);
		name = number;
	}
	jsonline_string(line, "errno", name, NAME_BYTES);
}

static void put_list(struct jsonline *line, const char *key,
		     const char *const *list)
{
	if (!jsonline_array(line, key))
		return;
	for (; list && *list; list++)
		jsonline_string(line, NULL, *list, NAME_BYTES);
	jsonline_array_end(line);
}

/*
 * Puts redacted arguments, up to the first one that has no room, and keeps
 * @leave bytes for what comes after them.
 */
static void put_argv(struct jsonline *line, const char *const *argv,
		     size_t leave)
{
	/* Longer than what is written, so that the cut is seen and marked. */
	char text[ARG_BYTES + 8];
	size_t redacted = 0;
	bool secret = false;

	jsonline_leave(line, leave + MEMBER_BYTES + NUMBER_BYTES);
	if (!jsonline_array(line, "argv"))
		return;
	for (size_t i = 0; i < AUDIT_ARGV_MAX && argv[i]; i++) {
		size_t before = line->len;

		if (secret) {
			(void)strcpy(text, "[redacted]");
			redacted++;
			secret = false;
		} else {
			redacted += redact_text(argv[i], text, sizeof(text));
			secret = redact_next_is_secret(argv[i]);
		}
		jsonline_string(line, NULL, text, ARG_BYTES);
		if (line->len == before)
			break;
	}
	jsonline_array_end(line);
	jsonline_leave(line, leave);
	if (redacted)
		jsonline_unsigned(line, "redacted", redacted);
}

static void put_exec(struct jsonline *line, const struct audit_event *event)
{
	if (event->argv) {
		put_argv(line, event->argv, EXEC_BYTES);
		jsonline_leave(line, 0);
		jsonline_unsigned(line, "argc", event->argc);
	}
	jsonline_bool(line, "argv_bound", false);
	jsonline_string(line, "cwd", event->cwd, PATH_BYTES);
}

static void put_objects(struct jsonline *line, const struct audit_event *event)
{
	size_t leave = VERDICT_BYTES;

	if (event->access == ACCESS_EXEC)
		leave += EXEC_BYTES + ARGV_BYTES;
	if (event->object2)
		leave += PATH_BYTES + MEMBER_BYTES;
	jsonline_leave(line, leave);
	jsonline_string(line, "object", event->object, AUDIT_LINE_MAX);
	if (event->object2)
		leave -= PATH_BYTES + MEMBER_BYTES;
	jsonline_leave(line, leave);
	jsonline_string(line, "object2", event->object2, AUDIT_LINE_MAX);
	jsonline_leave(line, 0);
}

static int write_decision(struct audit *audit, const struct audit_event *event)
{
	const struct decision *decision = &event->decision;
	struct jsonline line;

	begin_record(audit, &line, "decision");
	jsonline_int(&line, "pid", event->pid);
	jsonline_int(&line, "tid", event->tid);
	if (event->ppid)
		jsonline_int(&line, "ppid", event->ppid);
	jsonline_string(&line, "exe", event->exe, PATH_BYTES);
	jsonline_string(&line, "syscall", event->syscall, NAME_BYTES);
	jsonline_string(&line, "access", access_name(event->access),
			NAME_BYTES);
	put_objects(&line, event);
	jsonline_string(&line, "verdict", verdict_name(decision->verdict),
			NAME_BYTES);
	jsonline_string(&line, "rule", decision->rule, WORDS_BYTES);
	if (decision->verdict != VERDICT_ALLOW) {
		jsonline_string(&line, "reason", decision->reason, WORDS_BYTES);
		put_errno(&line, decision->error);
	}
	if (event->access == ACCESS_EXEC)
		put_exec(&line, event);
	return end_record(audit, &line);
}

static int write_fold(struct audit *audit, struct fold_entry *entry)
{
	struct jsonline line;
	int r;

	begin_record(audit, &line, "fold");
	jsonline_unsigned(&line, "of", entry->serial);
	jsonline_unsigned(&line, "count", entry->count);
	jsonline_string(&line, "verdict", verdict_name(entry->verdict),
			NAME_BYTES);
	r = end_record(audit, &line);
	if (r < 0)
		return r;
	entry->told = entry->count;
	return 0;
}

static bool is_foldable(const struct audit_event *event)
{
	if (event->decision.verdict != VERDICT_ALLOW)
		return true;
	return !(access_rights(event->access) & RIGHT_WRITE) &&
	       event->access != ACCESS_EXEC &&
	       event->access != ACCESS_NET_CONNECT;
}

static struct fold_id id_of(const struct audit *audit,
			    const struct audit_event *event)
{
	bool denied = event->decision.verdict != VERDICT_ALLOW;
	const struct fold_key key = {
		.verdict = event->decision.verdict,
		.access = event->access,
		.error = denied ? event->decision.error : 0,
		/* Who is refused matters more than who reads. */
		.pid = denied ? event->pid : 0,
		.texts = {event->decision.rule, event->object, event->object2,
			  event->exe},
		.argv = event->argv,
	};

	return fold_id(&audit->fold, &key);
}

static int count_repeat(struct audit *audit, struct fold_entry *entry)
{
	int r;

	entry->count++;
	if (entry->count & (entry->count - 1))
		return 0;
	r = write_fold(audit, entry);
	/* The caller denies: so this one did not happen. */
	if (r < 0)
		entry->count--;
	return r;
}

static int write_or_fold(struct audit *audit, const struct audit_event *event,
			 uint64_t *ret_serial)
{
	struct fold_entry *slot = NULL;
	struct fold_id id = {{0}};
	int r;

	if (is_finished(audit))
		return -EBADF;
	if (is_foldable(event)) {
		struct fold_entry *entry;

		id = id_of(audit, event);
		entry = fold_find(&audit->fold, &id, &slot);
		if (entry) {
			r = count_repeat(audit, entry);
			if (r == 0)
				*ret_serial = 0;
			return r;
		}
		if (slot->told < slot->count) {
			r = write_fold(audit, slot);
			if (r < 0)
				return r;
		}
	}
	r = write_decision(audit, event);
	if (r < 0)
		return r;
	*ret_serial = audit->serial;
	if (slot)
		*slot = (struct fold_entry){
			.id = id,
			.serial = audit->serial,
			.count = 1,
			.told = 1,
			.used = audit->fold.clock,
			.verdict = event->decision.verdict,
		};
	return 0;
}

static void count_decision(struct audit_totals *totals,
			   const struct audit_event *event, bool written)
{
	/* A decision that cannot be written becomes a denial. */
	if (!written || event->decision.verdict != VERDICT_ALLOW) {
		totals->denied++;
		return;
	}
	totals->allowed++;
	if (access_rights(event->access) & RIGHT_WRITE)
		totals->changes++;
	if (event->access == ACCESS_EXEC)
		totals->execs++;
}

int audit_write_decision(struct audit *audit, const struct audit_event *event,
			 uint64_t *ret_serial)
{
	int r;

	(void)pthread_mutex_lock(&audit->lock);
	r = write_or_fold(audit, event, ret_serial);
	count_decision(&audit->totals, event, r == 0);
	(void)pthread_mutex_unlock(&audit->lock);
	return r;
}

int audit_write_session(struct audit *audit,
			const struct audit_session *session)
{
	const char *const *argv = (const char *const *)session->argv;
	struct jsonline line;
	size_t argc = 0;
	int r;

	while (argv[argc])
		argc++;
	(void)pthread_mutex_lock(&audit->lock);
	begin_record(audit, &line, "session");
	jsonline_unsigned(&line, "v", FORMAT_VERSION);
	jsonline_string(&line, "id", session->id, NAME_BYTES);
	jsonline_string(&line, "mode", session->mode, NAME_BYTES);
	jsonline_string(&line, "net", session->net, NAME_BYTES);
	jsonline_bool(&line, "log_only", session->log_only);
	jsonline_string(&line, "workspace", session->workspace, PATH_BYTES);
	jsonline_string(&line, "tmpdir", session->tmpdir, PATH_BYTES);
	jsonline_string(&line, "level", session->level, NAME_BYTES);
	jsonline_int(&line, "landlock_abi", session->landlock_abi);
	put_list(&line, "features", session->features);
	put_list(&line, "missing", session->missing);
	jsonline_string(&line, "policy_digest", session->policy_digest,
			DIGEST_BYTES);
	jsonline_unsigned(&line, "argc", argc);
	put_argv(&line, argv, 0);
	r = end_record(audit, &line);
	(void)pthread_mutex_unlock(&audit->lock);
	return r;
}

int audit_write_outcome(struct audit *audit, uint64_t serial, int error,
			bool gone)
{
	struct jsonline line;
	int r;

	if (serial == 0)
		return 0;
	(void)pthread_mutex_lock(&audit->lock);
	begin_record(audit, &line, "outcome");
	jsonline_unsigned(&line, "of", serial);
	if (gone)
		jsonline_bool(&line, "gone", true);
	else
		put_errno(&line, error);
	r = end_record(audit, &line);
	(void)pthread_mutex_unlock(&audit->lock);
	return r;
}

int audit_write_internal(struct audit *audit, const char *what, int error)
{
	struct jsonline line;
	int r;

	(void)pthread_mutex_lock(&audit->lock);
	begin_record(audit, &line, "internal");
	jsonline_string(&line, "what", what, WORDS_BYTES);
	if (error)
		put_errno(&line, error);
	r = end_record(audit, &line);
	(void)pthread_mutex_unlock(&audit->lock);
	return r;
}

struct audit_totals audit_totals(struct audit *audit)
{
	struct audit_totals totals;

	(void)pthread_mutex_lock(&audit->lock);
	totals = audit->totals;
	(void)pthread_mutex_unlock(&audit->lock);
	return totals;
}

void audit_session_id(char buf[AUDIT_ID_MAX])
{
	struct timespec now;
	unsigned int noise;
	char utc[UTC_LEN + 1];

	(void)clock_gettime(CLOCK_REALTIME, &now);
	/* Only to tell apart sessions of one second and pid. */
	if (getrandom(&noise, sizeof(noise), 0) != sizeof(noise))
		noise = (unsigned int)now.tv_nsec;
	utc_format(now.tv_sec, utc);
	(void)snprintf(buf, AUDIT_ID_MAX, "%.4s%.2s%.5s%.2s%.2sZ-%d-%08x", utc,
		       utc + 5, utc + 8, utc + 14, utc + 17, getpid(), noise);
}

static int set_path(struct audit *audit, const char *dir, const char *id)
{
	int len = snprintf(audit->path, sizeof(audit->path), "%s/%s/%s", dir,
			   id, AUDIT_LOG_NAME);

	return len < 0 || (size_t)len >= sizeof(audit->path) ? -ENAMETOOLONG
							     : 0;
}

int audit_open(const char *dir, const char *id, const char *extra,
	       struct audit **ret_audit)
{
	cleanup_free struct audit *audit = calloc(1, sizeof(*audit));
	int r;

	assert(!strchr(id, '/'));
	if (!audit)
		return -ENOMEM;
	audit->sinks[0].fd = -1;
	audit->sinks[1].fd = -1;
	audit->buf[0] = '\n';
	r = set_path(audit, dir, id);
	if (r == 0)
		r = fold_init(&audit->fold);
	if (r < 0)
		return r;
	/* The copy first: if it fails, no empty session is left behind. */
	if (extra) {
		r = sink_append(extra, &audit->sinks[1]);
		if (r < 0)
			return r;
	}
	r = sink_create(dir, id, &audit->sinks[0]);
	if (r < 0) {
		(void)sink_close(&audit->sinks[1]);
		return r;
	}
	(void)pthread_mutex_init(&audit->lock, NULL);
	*ret_audit = TAKE_PTR(audit);
	return 0;
}

const char *audit_path(const struct audit *audit)
{
	return audit->path;
}

static int write_counts(struct audit *audit)
{
	int first = 0;

	for (size_t i = 0; i < FOLD_ENTRIES; i++) {
		struct fold_entry *entry = &audit->fold.entries[i];
		int r;

		if (entry->told == entry->count)
			continue;
		r = write_fold(audit, entry);
		if (first == 0)
			first = r;
	}
	return first;
}

static int write_summary(struct audit *audit, int exit_code, int signal)
{
	struct jsonline line;

	begin_record(audit, &line, "summary");
	jsonline_int(&line, "exit_code", exit_code);
	jsonline_int(&line, "signal", signal);
	jsonline_unsigned(&line, "allowed", audit->totals.allowed);
	jsonline_unsigned(&line, "denied", audit->totals.denied);
	jsonline_unsigned(&line, "changes", audit->totals.changes);
	jsonline_unsigned(&line, "execs", audit->totals.execs);
	return end_record(audit, &line);
}

int audit_finish(struct audit *audit, int exit_code, int signal)
{
	int results[4];
	int first = 0;

	(void)pthread_mutex_lock(&audit->lock);
	results[0] = write_counts(audit);
	results[1] = write_summary(audit, exit_code, signal);
	results[2] = sink_close(&audit->sinks[0]);
	results[3] = sink_close(&audit->sinks[1]);
	(void)pthread_mutex_unlock(&audit->lock);
	for (size_t i = 0; i < ARRAY_SIZE(results) && first == 0; i++)
		first = results[i];
	return first;
}

void audit_free(struct audit *audit)
{
	if (!audit)
		return;
	(void)sink_close(&audit->sinks[0]);
	(void)sink_close(&audit->sinks[1]);
	(void)pthread_mutex_destroy(&audit->lock);
	free(audit);
}
