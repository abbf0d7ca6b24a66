/* SPDX-License-Identifier: MIT */
/*
 * Settings of processes that are named by id: limits, priorities, scheduling.
 * The kernel only asks whether the user is the same.
 */
#include "act.h"

#include <errno.h>
#include <linux/ioprio.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "request.h"
#include "util.h"
#include "walk.h"

/* Kinds of ids, as setpriority(2) and ioprio_set(2) number them. */
enum id_kind {
	ID_PROCESS,
	ID_GROUP,
	ID_USER,
};

static enum id_kind get_kind(const struct worker *worker)
{
	int which = request_int(worker, worker->row->size, PRIO_PROCESS);

	if (worker->row->nr == __NR_ioprio_set)
		return which == IOPRIO_WHO_PROCESS ? ID_PROCESS
		       : which == IOPRIO_WHO_PGRP  ? ID_GROUP
						   : ID_USER;
	return which == PRIO_PROCESS ? ID_PROCESS
	       : which == PRIO_PGRP  ? ID_GROUP
				     : ID_USER;
}

/* The kernel shows the program of a process only to those that may trace it,
 * and Landlock confines that to the session and the broker itself. */
static bool is_ours(const struct broker *broker, pid_t pid)
{
	char path[64], link[PATH_MAX];

	(void)snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	return !walk_is_own_task(broker->resolver.self, pid) &&
	       readlink(path, link, sizeof(link)) >= 0;
}

static struct decision decide(const struct worker *worker, enum id_kind kind,
			      pid_t id)
{
	/* Of groups only the caller's own: it holds the session, and sbxsup's
	 * front, which may be slowed down like the command that it runs. */
	if (kind == ID_GROUP ? id == 0 : kind == ID_PROCESS &&
			       (id == 0 || is_ours(worker->broker, id)))
		return policy_allow("own process");
	return policy_deny(EPERM, "processes",
			   "only processes of the session can be changed");
}

struct answer act_process(struct worker *worker)
{
	enum id_kind kind = get_kind(worker);
	pid_t id = request_int(worker, worker->row->data, 0);
	struct answer answer;
	char text[64];

	/* CONTINUE: reading a limit changes nothing, and that it is only read
	 * stands in a register. */
	if (worker->row->nr == __NR_prlimit64 && worker->args[2] == 0)
		return answer_continue();
	(void)snprintf(text, sizeof(text), "%s %d",
		       kind == ID_PROCESS ? "process"
		       : kind == ID_GROUP ? "process group"
					  : "user",
		       (int)id);
	if (worker->target->pid == id)
		id = 0;
	if (!broker_permit(worker, ACCESS_PROCESS, text, NULL,
			   decide(worker, kind, id), &answer))
		return answer;
	/* CONTINUE: what was judged is in registers. Between here and there
	 * the process could end and its id be given to another one; the id of
	 * a process that has just ended is the last that the kernel gives out
	 * again. */
	return answer_continue();
}
