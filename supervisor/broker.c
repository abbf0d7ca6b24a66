/* SPDX-License-Identifier: MIT */
#include "broker.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "act.h"
#include "hint.h"
#include "ownports.h"
#include "request.h"
#include "util.h"

#ifdef __x86_64__
#include <linux/audit.h>
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#include <linux/audit.h>
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#else
#error "the mediated calls have not been checked for this architecture"
#endif

/* Tells the kernel to restart the call as if a handler had interrupted it. */
#define ERESTARTSYS 512

struct answer answer_error(int error)
{
	return (struct answer){.kind = ANSWER_ERROR, .error = -error, .fd = -1};
}

struct answer answer_value(int64_t value)
{
	return (struct answer){.kind = ANSWER_VALUE, .value = value, .fd = -1};
}

struct answer answer_fd(int fd, bool cloexec)
{
	return (struct answer){.kind = ANSWER_FD, .fd = fd, .cloexec = cloexec};
}

struct answer answer_continue(void)
{
	return (struct answer){.kind = ANSWER_CONTINUE, .fd = -1};
}

struct answer answer_result(long result)
{
	return result == -1 ? answer_error(-errno) : answer_value(result);
}

bool broker_is_waiting(const struct worker *worker)
{
	return notify_is_valid(worker->broker->listener,
			       worker->notification.notif.id);
}

/* Keeps the reason for the shim. Of an exec that fails in a child made for it,
 * the parent asks: posix_spawn(3). */
static void explain(struct worker *worker, const struct audit_event *event)
{
	const struct target *target = worker->target;
	struct hints *hints = worker->broker->hints;
	const char *object = event->object ? event->object : "";

	worker->denied = true;
	hints_set(hints, target->pid, target->tid, event->access, object,
		  &event->decision);
	if (event->access == ACCESS_EXEC)
		hints_set(hints, target->ppid, target->ppid, event->access,
			  object, &event->decision);
}

bool broker_permit_event(struct worker *worker, struct audit_event *event,
			 struct answer *ret_answer)
{
	struct broker *broker = worker->broker;
	const struct target *target = worker->target;
	int err;

	/* All that was copied came from this thread only if it waits still. */
	if (!broker_is_waiting(worker)) {
		*ret_answer = answer_error(-ESRCH);
		return false;
	}
	event->pid = target->pid;
	event->tid = target->tid;
	event->ppid = target->ppid;
	event->exe = target->exe[0] ? target->exe : NULL;
	event->syscall = worker->row->name;
	err = audit_write_decision(broker->audit, event, &worker->serial);
	if (broker->passive) {
		/* CONTINUE: nothing is refused in this mode, so whatever a
		 * lost race lets through would have been let through. */
		*ret_answer = answer_continue();
		return false;
	}
	if (event->decision.verdict == VERDICT_ALLOW && err < 0) {
		event->decision = policy_deny(EIO, "audit",
					      "the audit log cannot be written");
	}
	if (event->decision.verdict != VERDICT_ALLOW) {
		explain(worker, event);
		*ret_answer = answer_error(-event->decision.error);
		return false;
	}
	worker->permitted = true;
	return true;
}

bool broker_permit(struct worker *worker, enum access access,
		   const char *object, const char *object2,
		   struct decision decision, struct answer *ret_answer)
{
	struct audit_event event = {
		.access = access,
		.object = object,
		.object2 = object2,
		.decision = decision,
	};

	return broker_permit_event(worker, &event, ret_answer);
}

bool broker_block_begin(struct worker *worker)
{
	if (!pool_detach(worker->broker->pool))
		return false;
	pool_watch(worker->broker->pool);
	return true;
}

struct answer broker_block_end(struct worker *worker, long result)
{
	int error = errno;
	bool own = false;

	pool_unwatch(worker->broker->pool);
	errno = error;
	if (result != -1 || error != EINTR)
		return answer_result(result);
	/* With a signal of its own waiting the kernel decides by SA_RESTART
	 * whether to restart the call. A signal that another thread may take
	 * first could leave this one without any, and then the program would
	 * see the kernel's private number: it gets EINTR. */
	if (target_has_signal(worker->target, &own) && own)
		return answer_error(-ERESTARTSYS);
	return answer_error(-EINTR);
}

uint8_t *broker_buffer(struct worker *worker)
{
	if (!worker->buffer) {
		void *memory = mmap(NULL, BROKER_BUFFER_SIZE,
				    PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		worker->buffer = memory == MAP_FAILED ? NULL : memory;
	}
	return worker->buffer;
}

/* What is not in the table is denied, with a record of its own. */
static struct answer refuse_unknown(struct worker *worker, const char *name)
{
	static const struct mediated unknown = {.name = "?"};
	struct answer answer;

	worker->row = &unknown;
	(void)broker_permit(worker, ACCESS_SYSCALL, name, NULL,
			    policy_deny(ENOSYS, "filter",
					"system calls of a foreign ABI are "
					"not available"),
			    &answer);
	return answer;
}

/* A process that we cannot look into: nothing that it asks for can be decided.
 * Or an object that is ours. */
static struct answer refuse_internal(struct worker *worker, int error)
{
	struct decision decision =
		error == -TARGET_UNREADABLE
			? policy_deny(EACCES, "unreadable process",
				      "a process that cannot be read cannot be "
				      "supervised")
			: policy_deny(EACCES, "supervisor",
				      "the supervisor's own, or a second /proc");
	struct answer answer;

	(void)broker_permit(worker, worker->row->access, worker->path, NULL,
			    decision, &answer);
	return answer;
}

static struct answer dispatch(struct worker *worker)
{
	const struct seccomp_notif *notif = &worker->notification.notif;

	for (size_t i = 0; i < ARRAY_SIZE(worker->args); i++)
		worker->args[i] = notif->data.args[i];
	if (notif->data.arch != NATIVE_ARCH)
		return refuse_unknown(worker, "foreign ABI");
	worker->row = mediated_find(notif->data.nr, worker->args);
	if (!worker->row)
		return refuse_unknown(worker, "unknown call");
	return act_on(worker);
}

/* Natively a full table is noticed before anything is created. */
static void take_back(const struct worker *worker, const struct answer *answer)
{
	const struct name *name = &worker->name;
	struct stat ours, there;

	if (answer->created && fstat(answer->fd, &ours) == 0 &&
	    fstatat(name->dir, name->last, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	    ours.st_dev == there.st_dev && ours.st_ino == there.st_ino)
		(void)unlinkat(name->dir, name->last, 0);
}

static int send_answer(struct worker *worker, const struct answer *answer)
{
	int listener = worker->broker->listener;
	uint64_t id = worker->notification.notif.id;
	int err;

	switch (answer->kind) {
	case ANSWER_CONTINUE:
		/* Whoever answers so says there why a lost race is harmless. */
		return notify_respond(listener, id, 0, 0,
				      SECCOMP_USER_NOTIF_FLAG_CONTINUE);
	case ANSWER_VALUE:
		return notify_respond(listener, id, answer->value, 0, 0);
	case ANSWER_FD:
		err = notify_inject(listener, id, answer->fd,
				    answer->cloexec ? O_CLOEXEC : 0);
		if (err < 0 && err != -ENOENT) {
			/* The target's table is full: not answered yet. */
			take_back(worker, answer);
			(void)audit_write_outcome(worker->broker->audit,
						  worker->serial, -err, false);
			err = notify_respond(listener, id, 0, err, 0);
		}
		(void)close(answer->fd);
		return err;
	case ANSWER_ERROR:
		break;
	}
	return notify_respond(listener, id, 0,
			      answer->error ? -answer->error : -EPERM, 0);
}

static void finish(struct worker *worker, const struct answer *answer)
{
	struct broker *broker = worker->broker;

	if (!worker->denied)
		hints_clear(broker->hints, worker->target->tid);
	if (worker->permitted && answer->kind == ANSWER_ERROR &&
	    answer->error != ERESTARTSYS)
		(void)audit_write_outcome(broker->audit, worker->serial,
					  answer->error, false);
	if (send_answer(worker, answer) == -ENOENT && worker->permitted)
		(void)audit_write_outcome(broker->audit, worker->serial, 0,
					  true);
}

static void handle(struct worker *worker)
{
	struct broker *broker = worker->broker;
	struct answer answer;
	int err;

	worker->row = NULL;
	worker->path[0] = '\0';
	worker->serial = 0;
	worker->permitted = false;
	worker->denied = false;
	err = target_get(broker->targets,
			 (pid_t)worker->notification.notif.pid,
			 &worker->target);
	if (err < 0) {
		/* Gone, or not to be looked at: no decision can be made. */
		if (broker_is_waiting(worker))
			(void)audit_write_internal(
				broker->audit, "a caller cannot be looked at",
				-err);
		/* CONTINUE only where nothing is refused. */
		answer = broker->passive ? answer_continue()
					 : answer_error(-EACCES);
		(void)send_answer(worker, &answer);
		return;
	}
	answer = dispatch(worker);
	if (answer.kind == ANSWER_ERROR &&
	    (answer.error == -TARGET_UNREADABLE ||
	     answer.error == -RESOLVE_REFUSED))
		answer = refuse_internal(worker, answer.error);
	if (broker->passive && answer.kind == ANSWER_ERROR)
		/* CONTINUE: as in broker_permit_event(). */
		answer = answer_continue();
	finish(worker, &answer);
	act_release(worker);
	request_done(worker);
	target_put(broker->targets, worker->target);
}

static void *worker_new(void *context)
{
	struct worker *worker = calloc(1, sizeof(*worker));

	if (!worker)
		return NULL;
	worker->broker = context;
	worker->object.fd = -1;
	worker->object2.fd = -1;
	worker->name.dir = -1;
	worker->name2.dir = -1;
	/* The target's umask is applied where something is created. */
	(void)umask(0);
	return worker;
}

static void worker_free(void *arg)
{
	struct worker *worker = arg;

	if (worker->buffer)
		(void)munmap(worker->buffer, BROKER_BUFFER_SIZE);
	free(worker);
}

static bool serve(void *arg)
{
	struct worker *worker = arg;
	struct broker *broker = worker->broker;
	int err = notify_receive(broker->listener, &worker->notification);

	/* ENOENT: the target was killed, or a signal came first. */
	if (err == -ENOENT || err == -EINTR)
		return true;
	if (err < 0)
		return false;
	pool_received(broker->pool);
	handle(worker);
	pool_answered(broker->pool);
	return true;
}

static bool is_cancelled(void *arg)
{
	const struct worker *worker = arg;
	bool own;

	return !broker_is_waiting(worker) ||
	       target_has_signal(worker->target, &own);
}

const struct pool_ops *broker_ops(void)
{
	static const struct pool_ops ops = {
		.worker_new = worker_new,
		.worker_free = worker_free,
		.serve = serve,
		.is_cancelled = is_cancelled,
	};

	return &ops;
}

int broker_init(struct broker *broker)
{
	int err = resolver_init(&broker->resolver);

	if (err == 0)
		err = target_table_new(&broker->targets);
	if (err == 0)
		err = ownports_new(&broker->ports);
	if (err == 0)
		err = notify_check_sizes();
	broker->session_id = getsid(0);
	return err;
}
