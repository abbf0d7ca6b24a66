/* SPDX-License-Identifier: MIT */
/*
 * shim_edges CASE: makes calls that are refused, in a situation where a hint
 * could do harm, and prints what happened. The current directory holds the
 * file sbxsup-reason, which the test build of the shim reads.
 *
 * Builds against glibc and musl.
 */
#include "shim_filter.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#define THREADS 8
#define CALLS 400
#define STACK_SIZE 16384
#define CHUNK 4096

static int early_error = -1;

#if defined(__GLIBC__) && !defined(__clang_analyzer__)
/* Runs before the constructor of any library, and so before the shim's. */
static void early(void)
{
	early_error = mkdir("/proc/self/fd", 0700) == 0 ? 0 : errno;
}

__attribute__((section(".preinit_array"),
	       used)) static void (*early_entry)(void) = early;
#endif

static bool refused(void)
{
	errno = 0;
	return mkdir("edge", 0700) == -1 && errno == EROFS;
}

static int say(bool good, const char *text)
{
	printf("%s %s\n", good ? "good" : "BAD", text);
	return good ? 0 : 1;
}

static int run_plain(void)
{
	return say(refused(), "refused");
}

static int run_early(void)
{
	return say(early_error == EEXIST || early_error == -1,
		   "call before the constructor");
}

static int run_closed(void)
{
	(void)close(STDERR_FILENO);
	return say(refused(), "stderr closed");
}

static int run_socket(void)
{
	int pair[2];
	char text[8];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) != 0 ||
	    dup2(pair[1], STDERR_FILENO) < 0)
		return say(false, "no socket pair");
	return say(refused() && read(pair[0], text, sizeof(text)) == -1,
		   "stderr is a socket");
}

/* Whether a program that reads dlerror() later sees that we were there. */
static int run_dlerror(void)
{
	return say(!dlerror() && refused() && !dlerror(), "dlerror is clean");
}

static int run_no_reader(void)
{
	int sink[2];
	sigset_t pending;

	if (pipe(sink) != 0 || dup2(sink[1], STDERR_FILENO) < 0)
		return say(false, "no pipe");
	(void)close(sink[0]);
	(void)sigpending(&pending);
	return say(refused() && !sigismember(&pending, SIGPIPE),
		   "pipe without a reader");
}

static int run_full(void)
{
	static char chunk[CHUNK];
	int sink[2];

	if (pipe2(sink, O_NONBLOCK) != 0 || dup2(sink[1], STDERR_FILENO) < 0)
		return say(false, "no pipe");
	while (write(sink[1], chunk, sizeof(chunk)) > 0)
		continue;
	(void)fcntl(STDERR_FILENO, F_SETFL, 0);
	/* A blocking write would never return: nobody reads. */
	(void)alarm(5);
	return say(refused(), "full pipe");
}

static void *many_calls(void *good)
{
	for (int i = 0; i < CALLS; i++)
		if (!refused())
			__atomic_store_n((bool *)good, false, __ATOMIC_RELAXED);
	return NULL;
}

/* The stack of each thread is the smallest that there is. */
static int run_threads(void)
{
	pthread_t threads[THREADS];
	pthread_attr_t attributes;
	bool good = pthread_attr_init(&attributes) == 0 &&
		    pthread_attr_setstacksize(&attributes, STACK_SIZE) == 0;
	int started;

	for (started = 0; good && started < THREADS; started++)
		if (pthread_create(&threads[started], &attributes, many_calls,
				   &good) != 0)
			break;
	for (int i = 0; i < started; i++)
		(void)pthread_join(threads[i], NULL);
	return say(good && started == THREADS, "threads");
}

static volatile sig_atomic_t handled;

static void handler(int number)
{
	(void)number;
	handled = refused() ? 1 : 2;
}

static int run_signal(void)
{
	struct sigaction action = {.sa_handler = handler};

	(void)sigaction(SIGUSR1, &action, NULL);
	(void)raise(SIGUSR1);
	return say(handled == 1, "signal handler");
}

static int run_vfork(void)
{
	int status = 1;
	pid_t pid = vfork();

	if (pid == 0)
		_exit(refused() ? 0 : 1);
	(void)waitpid(pid, &status, 0);
	return say(status == 0 && refused(), "vfork");
}

static bool unwound;

static void unwind(void *unused)
{
	(void)unused;
	unwound = true;
}

static void *block(void *path)
{
	pthread_cleanup_push(unwind, NULL);
	(void)open(path, O_RDONLY | O_CLOEXEC);
	pthread_cleanup_pop(0);
	return NULL;
}

/* Cancellation unwinds through the wrapper. "fifo" is made by the caller. */
static int run_cancel(void)
{
	const struct timespec moment = {.tv_nsec = 50 * 1000 * 1000};
	static char path[] = "fifo";
	pthread_t thread;
	void *result = NULL;

	if (pthread_create(&thread, NULL, block, path) != 0)
		return say(false, "no thread");
	(void)nanosleep(&moment, NULL);
	(void)pthread_cancel(thread);
	(void)pthread_join(thread, &result);
	return say(result == PTHREAD_CANCELED && unwound, "cancellation");
}

static const struct edge {
	const char *name;
	int (*run)(void);
	bool unfiltered;
} edges[] = {
	{"plain", run_plain, false},     {"early", run_early, true},
	{"closed", run_closed, false},   {"socket", run_socket, false},
	{"dlerror", run_dlerror, false}, {"no-reader", run_no_reader, false},
	{"full", run_full, false},       {"threads", run_threads, false},
	{"signal", run_signal, false},   {"vfork", run_vfork, false},
	{"cancel", run_cancel, true},
};

int main(int argc, char *argv[])
{
	for (size_t i = 0; i < sizeof(edges) / sizeof(*edges); i++) {
		if (argc != 2 || strcmp(edges[i].name, argv[1]) != 0)
			continue;
		/* What is refused below would succeed without the filter. */
		if (mkdir("edge", 0700) != 0 || rmdir("edge") != 0)
			return say(false, "the directory is not writable");
		if (!edges[i].unfiltered && !filter_refuse_changes()) {
			printf("no seccomp filter: errno %d\n", errno);
			return 77;
		}
		return edges[i].run();
	}
	fprintf(stderr, "usage: shim_edges CASE\n");
	return 2;
}
