/* SPDX-License-Identifier: MIT */
/*
 * Threads that serve notifications.
 *
 * Theory of operation
 *
 * One thread at a time is the receiver: it receives a notification and serves
 * it itself, so that in the ordinary case target and receiver hand the
 * processor to each other and no third thread is woken. The role moves on
 * when the receiver is about to block (pool_detach()), or when the watchdog
 * finds that it has been busy with one notification for a whole tick, for
 * example in a slow file system. So a blocked or slow call holds up nobody.
 *
 * A thread that blocks on behalf of a target registers with pool_watch(); the
 * watchdog interrupts it when the target has gone or a signal waits for it.
 */
#ifndef SBX_POOL_H
#define SBX_POOL_H

#include <stdbool.h>

/* Threads at most; beyond it, notifications wait for a thread. */
#define POOL_THREADS_MAX 1024
/* Interval of the watchdog, in milliseconds. */
#define POOL_TICK_MS 10

struct pool;

/**
 * struct pool_ops - what the threads do
 * @worker_new: makes a thread's own state, NULL on failure; called in the
 *              thread
 * @worker_free: frees it
 * @serve: receives one notification and answers it; false ends the pool
 * @is_cancelled: asked by the watchdog about a worker that is blocked: must
 *                the blocking call return?
 */
struct pool_ops {
	void *(*worker_new)(void *context);
	void (*worker_free)(void *worker);
	bool (*serve)(void *worker);
	bool (*is_cancelled)(void *worker);
};

/**
 * pool_start() - start the first thread and the watchdog.
 * @ops: must outlive the pool
 * @context: passed to worker_new
 * @ret_pool: receives the pool. There is no stop: a pool lives until the
 *            process exits.
 * Return: 0 or -errno.
 */
int pool_start(const struct pool_ops *ops, void *context,
	       struct pool **ret_pool);

/**
 * pool_received() - the receiver has a notification; starts the clock.
 * @pool: called by the receiver thread only
 */
void pool_received(struct pool *pool);

/**
 * pool_answered() - the notification has been answered; stops the clock.
 * @pool: called by the thread that called pool_received()
 */
void pool_answered(struct pool *pool);

/**
 * pool_detach() - give the receiver's role away before blocking.
 * @pool: nothing happens if the role has moved on already
 * Return: false if nobody can take it: the caller must not block.
 */
bool pool_detach(struct pool *pool);

/**
 * pool_watch() - have the calling thread interrupted (EINTR) as soon as
 * is_cancelled() holds for its worker, until pool_unwatch().
 * @pool: the pool
 */
void pool_watch(struct pool *pool);

/**
 * pool_unwatch() - the blocking call has returned.
 * @pool: the pool
 */
void pool_unwatch(struct pool *pool);

#endif /* SBX_POOL_H */
