/* SPDX-License-Identifier: MIT */
#include "audit_print.h"

#include <inttypes.h>
#include <string.h>

#include "jsonline.h"

void audit_print_text(FILE *out, const char *text)
{
	char buf[AUDIT_LINE_MAX];

	if (!text) {
		(void)fputs("?", out);
		return;
	}
	(void)jsonline_escape(text, buf, sizeof(buf));
	(void)fputs(buf, out);
}

void audit_print_argv(FILE *out, const struct audit_record *record)
{
	for (size_t i = 0; i < record->num_argv; i++) {
		const char *arg = record->argv[i];
		bool plain = *arg && !strpbrk(arg, " \t\n'\"\\");

		if (i)
			(void)fputc(' ', out);
		if (!plain)
			(void)fputc('"', out);
		audit_print_text(out, arg);
		if (!plain)
			(void)fputc('"', out);
	}
	if (record->num_argv < record->argc)
		(void)fprintf(out, " ... (%" PRIu64 " arguments)",
			      record->argc);
}

void audit_print_duration(FILE *out, uint64_t nanoseconds)
{
	uint64_t seconds = nanoseconds / 1000000000u;

	if (seconds < 60) {
		(void)fprintf(out, "%" PRIu64 ".%" PRIu64 " s", seconds,
			      nanoseconds / 100000000u % 10);
		return;
	}
	if (seconds >= 3600)
		(void)fprintf(out, "%" PRIu64 " h ", seconds / 3600);
	(void)fprintf(out, "%" PRIu64 " min %" PRIu64 " s", seconds / 60 % 60,
		      seconds % 60);
}

static const char *basename_of(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash ? slash + 1 : path;
}

void audit_print_decision(FILE *out, const struct audit_record *record)
{
	audit_print_text(out, record->time);
	(void)fprintf(out, " %" PRIu64 " ", record->pid);
	audit_print_text(out, basename_of(record->exe));
	(void)fputc(' ', out);
	audit_print_text(out, record->access);
	(void)fprintf(out, " %s ", verdict_name(record->verdict));
	audit_print_text(out, record->object);
	if (record->object2) {
		(void)fputs(" -> ", out);
		audit_print_text(out, record->object2);
	}
	if (record->num_argv) {
		(void)fputs(" [", out);
		audit_print_argv(out, record);
		(void)fputc(']', out);
	}
	(void)fputs("  (", out);
	audit_print_text(out, record->rule);
	(void)fputs(")\n", out);
}
