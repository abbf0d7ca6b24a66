/* SPDX-License-Identifier: MIT */
#include "audit_cli.h"

#include <dirent.h>
#include <fnmatch.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "audit_print.h"
#include "audit_read.h"
#include "audit_sink.h"
#include "audit_summary.h"
#include "jsonline.h"
#include "util.h"

#define COLUMN_ID 33
#define COLUMN_MODE 15

enum status {
	STATUS_DONE = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
};

/**
 * struct request - what the command line asks for
 * @dir: directory of sessions
 * @session: id or "latest"
 * @path: of the session's log, once it is known
 * @verdict: only this one; VERDICT_NUM for any
 * @access: only this one; ACCESS_NUM for any
 * @glob: only objects that match, or NULL
 * @pid: only this process; 0 for any
 * @json: lines as they stand in the log
 * @filtered: one of the filters is set
 */
struct request {
	char dir[PATH_MAX];
	const char *session;
	char path[PATH_MAX];
	enum verdict verdict;
	enum access access;
	const char *glob;
	uint64_t pid;
	bool json;
	bool filtered;
};

static const char help[] =
	"usage: sbxsup audit list [--dir DIR]\n"
	"       sbxsup audit show [SESSION] [--verdict allow|deny]\n"
	"                    [--access NAME] [--path GLOB] [--pid N] [--json]\n"
	"       sbxsup audit summary [SESSION]\n"
	"       sbxsup audit path [SESSION]\n"
	"\n"
	"SESSION is an id from the list, or \"latest\", which is the default.\n"
	"  --verdict allow|deny  decisions with this verdict only\n"
	"  --access NAME         this access only, such as fs.write or exec\n"
	"  --path GLOB           objects that match, or lie below a match\n"
	"  --pid N               this process only\n"
	"  --json                lines as they stand in the log\n"
	"  --dir DIR             where sessions are kept\n"
	"  --help                this text\n";

static enum status fail(const char *what, int error)
{
	(void)fputs("sbxsup audit: ", stderr);
	audit_print_text(stderr, what);
	(void)fprintf(stderr, ": %s\n", strerror(error));
	return STATUS_FAILED;
}

static enum status complain(const char *text, const char *value)
{
	(void)fprintf(stderr, "sbxsup audit: %s", text);
	if (value) {
		(void)fputs(": ", stderr);
		audit_print_text(stderr, value);
	}
	(void)fputs("\nTry \"sbxsup audit --help\".\n", stderr);
	return STATUS_USAGE;
}

static int join(char *buf, size_t size, const char *dir, const char *rest)
{
	int len = snprintf(buf, size, "%s/%s", dir, rest);

	return len < 0 || (size_t)len >= size ? -ENAMETOOLONG : 0;
}

static int default_dir(char *buf, size_t size)
{
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");

	/* The specification wants a relative one ignored. */
	if (state && state[0] == '/')
		return join(buf, size, state, "sbxsup/sessions");
	if (!home || home[0] != '/')
		return -ENOENT;
	return join(buf, size, home, ".local/state/sbxsup/sessions");
}

static int log_path(const char *dir, const char *session, char *buf,
		    size_t size)
{
	int len = snprintf(buf, size, "%s/%s/%s", dir, session, AUDIT_LOG_NAME);

	return len < 0 || (size_t)len >= size ? -ENAMETOOLONG : 0;
}

static bool has_log(const char *dir, const char *session)
{
	char path[PATH_MAX];

	return session[0] != '.' &&
	       log_path(dir, session, path, sizeof(path)) == 0 &&
	       access(path, F_OK) == 0;
}

static int find_latest(const char *dir, char *buf, size_t size)
{
	char latest[NAME_MAX + 1] = "";
	struct dirent *entry;
	DIR *stream = opendir(dir);

	if (!stream)
		return -errno;
	while ((entry = readdir(stream))) {
		if (strcmp(entry->d_name, latest) > 0 &&
		    has_log(dir, entry->d_name))
			(void)snprintf(latest, sizeof(latest), "%s",
				       entry->d_name);
	}
	(void)closedir(stream);
	return latest[0] ? log_path(dir, latest, buf, size) : -ENOENT;
}

static enum status open_session(struct request *request,
				struct audit_reader **ret_reader)
{
	int r;

	if (strcmp(request->session, "latest") == 0) {
		r = find_latest(request->dir, request->path,
				sizeof(request->path));
		if (r == -ENOENT) {
			(void)fputs("sbxsup audit: no sessions in ", stderr);
			audit_print_text(stderr, request->dir);
			(void)fputc('\n', stderr);
			return STATUS_FAILED;
		}
	} else if (strchr(request->session, '/') ||
		   request->session[0] == '.' || !request->session[0]) {
		return complain("not a session id", request->session);
	} else {
		r = log_path(request->dir, request->session, request->path,
			     sizeof(request->path));
	}
	if (r < 0)
		return fail(request->dir, -r);
	r = audit_reader_open(request->path, ret_reader);
	return r < 0 ? fail(request->path, -r) : STATUS_DONE;
}

/* Says what is wrong with a log that was read to its end. */
static enum status report_faults(const struct audit_reader *reader)
{
	struct audit_faults faults = audit_reader_faults(reader);

	if (faults.bad)
		(void)fprintf(stderr,
			      "sbxsup audit: %" PRIu64
			      " lines are not records\n",
			      faults.bad);
	if (faults.missing)
		(void)fprintf(stderr,
			      "sbxsup audit: %" PRIu64 " records are missing\n",
			      faults.missing);
	if (faults.disorder)
		(void)fprintf(stderr,
			      "sbxsup audit: %" PRIu64
			      " records are out of order\n",
			      faults.disorder);
	if (faults.unfinished)
		(void)fputs("sbxsup audit: the last line is not finished\n",
			    stderr);
	return faults.bad || faults.missing || faults.disorder ? STATUS_FAILED
							       : STATUS_DONE;
}

static enum status run_path(struct request *request)
{
	struct audit_reader *reader;
	enum status status = open_session(request, &reader);

	if (status != STATUS_DONE)
		return status;
	audit_reader_close(reader);
	(void)printf("%s\n", request->path);
	return STATUS_DONE;
}

static enum status run_summary(struct request *request)
{
	struct audit_reader *reader;
	enum status status = open_session(request, &reader);
	int r;

	if (status != STATUS_DONE)
		return status;
	r = audit_summary_print(reader, request->path, stdout);
	status = r < 0 ? fail(request->path, -r) : report_faults(reader);
	audit_reader_close(reader);
	return status;
}

static bool object_matches(const char *glob, const char *object)
{
	return object && fnmatch(glob, object, FNM_LEADING_DIR) == 0;
}

static bool is_wanted(const struct request *request,
		      const struct audit_record *record)
{
	if (record->type != RECORD_DECISION)
		return request->json && !request->filtered;
	if (request->verdict != VERDICT_NUM &&
	    request->verdict != record->verdict)
		return false;
	if (request->access != ACCESS_NUM &&
	    request->access != audit_access(record->access))
		return false;
	if (request->pid && request->pid != record->pid)
		return false;
	return !request->glob ||
	       object_matches(request->glob, record->object) ||
	       object_matches(request->glob, record->object2);
}

static enum status run_show(struct request *request)
{
	const struct audit_record *record;
	struct audit_reader *reader;
	enum status status = open_session(request, &reader);
	int r;

	if (status != STATUS_DONE)
		return status;
	while ((r = audit_reader_next(reader, &record)) > 0) {
		if (!is_wanted(request, record))
			continue;
		if (request->json)
			(void)printf("%.*s\n", (int)record->len, record->line);
		else
			audit_print_decision(stdout, record);
	}
	status = r < 0 ? fail(request->path, -r) : report_faults(reader);
	audit_reader_close(reader);
	return status;
}

static void print_column(const char *text, int width)
{
	char buf[AUDIT_LINE_MAX];

	(void)jsonline_escape(text ? text : "?", buf, sizeof(buf));
	(void)printf("%-*s ", width, buf);
}

/* "0", "SIG9", or "-" for a session without an end. */
static void print_end(const struct audit_record *end)
{
	char text[32] = "-";
	char denied[32] = "-";

	if (end->type == RECORD_SUMMARY) {
		(void)snprintf(text, sizeof(text), "%s%" PRIu64,
			       end->signal ? "SIG" : "",
			       end->signal ? end->signal : end->exit_code);
		(void)snprintf(denied, sizeof(denied), "%" PRIu64, end->denied);
	}
	(void)printf("%5s %7s ", text, denied);
}

/* Only the numbers of the record outlive the reader. */
static int read_last(const char *path, struct audit_record *ret_last)
{
	const struct audit_record *record;
	struct audit_reader *reader;
	int r = audit_reader_open(path, &reader);

	if (r < 0)
		return r;
	r = audit_reader_tail(reader);
	while (r == 0) {
		r = audit_reader_next(reader, &record);
		if (r <= 0)
			break;
		*ret_last = *record;
		r = 0;
	}
	audit_reader_close(reader);
	return r;
}

static int list_session(const char *dir, const char *id)
{
	struct audit_record last = {.type = RECORD_OTHER};
	const struct audit_record *first;
	struct audit_reader *reader = NULL;
	char path[PATH_MAX];
	int r = log_path(dir, id, path, sizeof(path));

	if (r == 0)
		r = read_last(path, &last);
	if (r == 0)
		r = audit_reader_open(path, &reader);
	if (r < 0)
		return r;
	r = audit_reader_next(reader, &first);
	print_column(id, COLUMN_ID);
	print_end(&last);
	if (r > 0 && first->type == RECORD_SESSION) {
		print_column(first->mode, COLUMN_MODE);
		audit_print_argv(stdout, first);
	}
	(void)putchar('\n');
	audit_reader_close(reader);
	return r < 0 ? r : 0;
}

static int compare_names(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static enum status run_list(struct request *request)
{
	enum status status = STATUS_DONE;
	struct dirent **names;
	int num = scandir(request->dir, &names, NULL, compare_names);

	if (num < 0)
		return fail(request->dir, errno);
	(void)printf("%-*s %5s %7s %-*s %s\n", COLUMN_ID, "SESSION", "EXIT",
		     "DENIED", COLUMN_MODE, "MODE", "COMMAND");
	for (int i = 0; i < num; i++) {
		if (has_log(request->dir, names[i]->d_name)) {
			int r = list_session(request->dir, names[i]->d_name);

			if (r < 0)
				status = fail(names[i]->d_name, -r);
		}
		free(names[i]);
	}
	free(names);
	return status;
}

enum option_id {
	OPTION_DIR = 'd',
	OPTION_HELP = 'h',
	OPTION_VERDICT = 'v',
	OPTION_ACCESS = 'a',
	OPTION_PATH = 'p',
	OPTION_PID = 'n',
	OPTION_JSON = 'j',
};

static const struct option options[] = {
	{"dir", required_argument, NULL, OPTION_DIR},
	{"help", no_argument, NULL, OPTION_HELP},
	{"verdict", required_argument, NULL, OPTION_VERDICT},
	{"access", required_argument, NULL, OPTION_ACCESS},
	{"path", required_argument, NULL, OPTION_PATH},
	{"pid", required_argument, NULL, OPTION_PID},
	{"json", no_argument, NULL, OPTION_JSON},
	{NULL, 0, NULL, 0},
};

/**
 * struct command - a sub-command
 * @name: of the command
 * @run: does it
 * @session: takes a session
 * @show: takes the options of "show"
 */
static const struct command {
	const char *name;
	enum status (*run)(struct request *request);
	bool session;
	bool show;
} commands[] = {
	{"list", run_list, false, false},
	{"show", run_show, true, true},
	{"summary", run_summary, true, false},
	{"path", run_path, true, false},
};

static int parse_verdict(const char *text, enum verdict *ret_verdict)
{
	for (size_t i = 0; i < VERDICT_NUM; i++) {
		if (strcmp(text, verdict_name((enum verdict)i)) == 0) {
			*ret_verdict = (enum verdict)i;
			return 0;
		}
	}
	return -EINVAL;
}

static int parse_pid(const char *text, uint64_t *ret_pid)
{
	char *end;
	unsigned long pid;

	/* strtoul() would take a sign. */
	if (text[0] < '0' || text[0] > '9')
		return -EINVAL;
	errno = 0;
	pid = strtoul(text, &end, 10);
	if (errno || *end || pid == 0)
		return -EINVAL;
	*ret_pid = pid;
	return 0;
}

static enum status take_option(struct request *request, int option,
			       const char *value)
{
	request->filtered |= option == OPTION_VERDICT ||
			     option == OPTION_ACCESS || option == OPTION_PATH ||
			     option == OPTION_PID;
	switch (option) {
	case OPTION_DIR:
		if (strlen(value) >= sizeof(request->dir))
			return complain("directory name too long", NULL);
		memcpy(request->dir, value, strlen(value) + 1);
		return STATUS_DONE;
	case OPTION_VERDICT:
		if (parse_verdict(value, &request->verdict) < 0)
			return complain("verdict is neither allow nor deny",
					value);
		return STATUS_DONE;
	case OPTION_ACCESS:
		request->access = audit_access(value);
		if (request->access == ACCESS_NUM)
			return complain("no such access", value);
		return STATUS_DONE;
	case OPTION_PATH:
		request->glob = value;
		return STATUS_DONE;
	case OPTION_PID:
		if (parse_pid(value, &request->pid) < 0)
			return complain("not a process id", value);
		return STATUS_DONE;
	default:
		request->json = true;
		return STATUS_DONE;
	}
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	}
	return NULL;
}

static enum status run_command(struct request *request, int argc, char **argv)
{
	const struct command *command;

	if (argc == 0)
		return complain("list, show, summary or path?", NULL);
	command = find_command(argv[0]);
	if (!command)
		return complain("no such command", argv[0]);
	if (argc > (command->session ? 2 : 1))
		return complain("one argument too many", argv[argc - 1]);
	if ((request->filtered || request->json) && !command->show)
		return complain("only \"show\" can filter", NULL);
	if (argc == 2)
		request->session = argv[1];
	if (!request->dir[0] &&
	    default_dir(request->dir, sizeof(request->dir)) < 0)
		return complain("HOME is not set: use --dir", NULL);
	return command->run(request);
}

int audit_main(int argc, char **argv)
{
	struct request request = {
		.session = "latest",
		.verdict = VERDICT_NUM,
		.access = ACCESS_NUM,
	};
	enum status status = STATUS_DONE;
	int option;

	optind = 0;
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if (option == '?')
			return complain("no such option", argv[optind - 1]);
		if (option == ':')
			return complain("needs a value", argv[optind - 1]);
		if (option == OPTION_HELP) {
			(void)fputs(help, stdout);
			return STATUS_DONE;
		}
		status = take_option(&request, option, optarg);
		if (status != STATUS_DONE)
			return status;
	}
	status = run_command(&request, argc - optind, argv + optind);
	if ((fflush(stdout) != 0 || ferror(stdout)) && status == STATUS_DONE)
		return fail("standard output", errno);
	return status;
}
