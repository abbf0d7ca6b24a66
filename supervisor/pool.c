/* SPDX-License-Identifier: MIT */
#include "pool.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "util.h"

#define STACK_BYTES (512 * 1024)
/* Ticks without any notification after which the watchdog sleeps. */
#define IDLE_TICKS 100

/**
 * struct thread - one thread of the pool
 * @pool: its pool
 * @id: for pthread_kill(3)
 * @worker: the state that worker_new made
 * @wake: signalled when the thread is given the receiver's role
 * @next: in the list of standby threads
 * @watched_next: in the list of watched threads
 */
struct thread {
	struct pool *pool;
	pthread_t id;
	void *worker;
	pthread_cond_t wake;
	struct thread *next;
	struct thread *watched_next;
};

/**
 * struct pool - the threads
 * @receiver: the thread that has the role; changed under @lock
 * @standby: threads without work, under @lock
 * @watched: threads that block on behalf of a target, under @lock
 * @num: threads that exist, under @lock
 * @busy: serial of the notification being served by the receiver, 0 if none
 * @serial: notifications received so far
 * @asleep: the watchdog waits on @rouse
 */
struct pool {
	const struct pool_ops *ops;
	void *context;
	pthread_mutex_t lock;
	pthread_cond_t rouse;
	_Atomic(struct thread *) receiver;
	struct thread *standby;
	struct thread *watched;
	unsigned int num;
	atomic_ullong busy;
	atomic_ullong serial;
	atomic_bool asleep;
};

static _Thread_local struct thread *current_thread;

/* Only interrupts a blocking call. */
static void on_interrupt(int signal)
{
	(void)signal;
}

static void wait_for_role(struct thread *thread)
{
	struct pool *pool = thread->pool;

	if (atomic_load(&pool->receiver) == thread)
		return;
	pthread_mutex_lock(&pool->lock);
	if (!atomic_load(&pool->receiver))
		atomic_store(&pool->receiver, thread);
	if (atomic_load(&pool->receiver) != thread) {
		thread->next = pool->standby;
		pool->standby = thread;
		while (atomic_load(&pool->receiver) != thread)
			pthread_cond_wait(&thread->wake, &pool->lock);
	}
	pthread_mutex_unlock(&pool->lock);
}

static void *thread_main(void *arg)
{
	struct thread *thread = arg;
	struct pool *pool = thread->pool;

	current_thread = thread;
	/* Own umask and working directory: acts on behalf need both. */
	if (unshare(CLONE_FS) < 0)
		abort();
	thread->worker = pool->ops->worker_new(pool->context);
	if (!thread->worker)
		abort();
	do {
		wait_for_role(thread);
	} while (pool->ops->serve(thread->worker));
	pool->ops->worker_free(thread->worker);
	return NULL;
}

/* Makes a thread; it starts with the receiver's role. Called with the lock
 * held, or before there are threads. */
static int add_thread(struct pool *pool)
{
	struct thread *thread;
	pthread_attr_t attr;
	int err;

	if (pool->num >= POOL_THREADS_MAX)
		return -EAGAIN;
	thread = calloc(1, sizeof(*thread));
	if (!thread)
		return -ENOMEM;
	thread->pool = pool;
	pthread_cond_init(&thread->wake, NULL);
	atomic_store(&pool->receiver, thread);
	pthread_attr_init(&attr);
	(void)pthread_attr_setstacksize(&attr, STACK_BYTES);
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	err = pthread_create(&thread->id, &attr, thread_main, thread);
	pthread_attr_destroy(&attr);
	if (err != 0) {
		pthread_cond_destroy(&thread->wake);
		free(thread);
		return -err;
	}
	pool->num++;
	return 0;
}

/* Gives the role of @from to another thread; with the lock held. */
static void hand_over(struct pool *pool, const struct thread *from)
{
	struct thread *next = pool->standby;

	if (atomic_load(&pool->receiver) != from)
		return;
	if (next) {
		pool->standby = next->next;
		next->next = NULL;
		atomic_store(&pool->receiver, next);
		pthread_cond_signal(&next->wake);
	} else if (add_thread(pool) < 0) {
		/* The first thread that becomes free takes the role, or one
		 * that the watchdog can make later. */
		atomic_store(&pool->receiver, NULL);
	}
}

/* Interrupts watched threads whose targets no longer wait. The signal may
 * come just before the call blocks; the next tick sends it again. */
static void interrupt_cancelled(struct pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	for (struct thread *thread = pool->watched; thread;
	     thread = thread->watched_next)
		if (pool->ops->is_cancelled(thread->worker))
			(void)pthread_kill(thread->id, SIGUSR1);
	pthread_mutex_unlock(&pool->lock);
}

static void sleep_until_roused(struct pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	atomic_store(&pool->asleep, true);
	while (atomic_load(&pool->asleep) && !pool->watched &&
	       atomic_load(&pool->receiver) && atomic_load(&pool->busy) == 0)
		pthread_cond_wait(&pool->rouse, &pool->lock);
	atomic_store(&pool->asleep, false);
	pthread_mutex_unlock(&pool->lock);
}

/* Finds a new receiver for a role that nobody has, or whose holder has been
 * busy with one notification for too long. */
static void relieve(struct pool *pool, unsigned long long stuck)
{
	pthread_mutex_lock(&pool->lock);
	if (!atomic_load(&pool->receiver))
		hand_over(pool, NULL);
	if (stuck != 0 &&
	    atomic_compare_exchange_strong(&pool->busy, &stuck, 0))
		hand_over(pool, atomic_load(&pool->receiver));
	pthread_mutex_unlock(&pool->lock);
}

static void *watchdog_main(void *arg)
{
	const struct timespec tick = {.tv_nsec = POOL_TICK_MS * 1000000L};
	struct pool *pool = arg;
	unsigned long long last_busy = 0, last_serial = 0;
	unsigned int idle = 0;

	for (;;) {
		unsigned long long busy, serial;

		(void)nanosleep(&tick, NULL);
		busy = atomic_load(&pool->busy);
		serial = atomic_load(&pool->serial);
		if ((busy != 0 && busy == last_busy) ||
		    !atomic_load(&pool->receiver))
			relieve(pool, busy == last_busy ? busy : 0);
		interrupt_cancelled(pool);
		idle = serial == last_serial ? idle + 1 : 0;
		last_busy = busy;
		last_serial = serial;
		if (idle >= IDLE_TICKS)
			sleep_until_roused(pool);
	}
	return NULL;
}

static int start_watchdog(struct pool *pool)
{
	pthread_attr_t attr;
	pthread_t id;
	int err;

	pthread_attr_init(&attr);
	(void)pthread_attr_setstacksize(&attr, STACK_BYTES);
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	err = pthread_create(&id, &attr, watchdog_main, pool);
	pthread_attr_destroy(&attr);
	return -err;
}

int pool_start(const struct pool_ops *ops, void *context,
	       struct pool **ret_pool)
{
	/* Without SA_RESTART: a blocking call must return. */
	const struct sigaction action = {.sa_handler = on_interrupt};
	struct pool *pool = calloc(1, sizeof(*pool));
	int err;

	if (!pool)
		return -ENOMEM;
	pool->ops = ops;
	pool->context = context;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->rouse, NULL);
	/* Threads read it through their context. */
	*ret_pool = pool;
	err = sigaction(SIGUSR1, &action, NULL) < 0 ? -errno : 0;
	if (err == 0)
		err = start_watchdog(pool);
	if (err == 0)
		err = add_thread(pool);
	return err;
}

void pool_received(struct pool *pool)
{
	atomic_store(&pool->busy, atomic_fetch_add(&pool->serial, 1) + 1);
	if (atomic_load(&pool->asleep)) {
		pthread_mutex_lock(&pool->lock);
		atomic_store(&pool->asleep, false);
		pthread_cond_signal(&pool->rouse);
		pthread_mutex_unlock(&pool->lock);
	}
}

void pool_answered(struct pool *pool)
{
	/* A thread that lost the role must not stop its successor's clock. */
	if (atomic_load(&pool->receiver) == current_thread)
		atomic_store(&pool->busy, 0);
}

bool pool_detach(struct pool *pool)
{
	bool moved = true;

	pthread_mutex_lock(&pool->lock);
	if (atomic_load(&pool->receiver) == current_thread) {
		unsigned long long busy = atomic_exchange(&pool->busy, 0);

		hand_over(pool, current_thread);
		moved = atomic_load(&pool->receiver) != NULL;
		if (!moved) {
			atomic_store(&pool->receiver, current_thread);
			atomic_store(&pool->busy, busy);
		}
	}
	pthread_mutex_unlock(&pool->lock);
	return moved;
}

void pool_watch(struct pool *pool)
{
	struct thread *thread = current_thread;

	pthread_mutex_lock(&pool->lock);
	thread->watched_next = pool->watched;
	pool->watched = thread;
	atomic_store(&pool->asleep, false);
	pthread_cond_signal(&pool->rouse);
	pthread_mutex_unlock(&pool->lock);
}

void pool_unwatch(struct pool *pool)
{
	struct thread **at = &pool->watched;

	pthread_mutex_lock(&pool->lock);
	while (*at && *at != current_thread)
		at = &(*at)->watched_next;
	if (*at)
		*at = (*at)->watched_next;
	pthread_mutex_unlock(&pool->lock);
}
