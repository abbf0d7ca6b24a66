/* SPDX-License-Identifier: MIT */
#include "reap.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "procstat.h"
#include "util.h"

#define PROCESSES_MAX 65536
#define ROUNDS_MAX 2000
#define ROUND_NS 2000000L

struct process {
	pid_t pid;
	pid_t parent;
	bool ours;
};

static pid_t parent_of(pid_t pid)
{
	char path[64], text[512];
	cleanup_close int fd = -1;
	struct procstat stat;
	ssize_t len;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	len = read(fd, text, sizeof(text) - 1);
	if (len <= 0)
		return -1;
	text[len] = '\0';
	return procstat_parse(text, &stat) < 0 ? -1 : stat.parent;
}

static size_t list_processes(struct process *processes)
{
	DIR *proc = opendir("/proc");
	size_t num = 0;

	if (!proc)
		return 0;
	for (const struct dirent *entry;
	     num < PROCESSES_MAX && (entry = readdir(proc));) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid > 0)
			processes[num++] = (struct process){
				.pid = pid,
				.parent = parent_of(pid),
			};
	}
	(void)closedir(proc);
	return num;
}

/* Marks descendants until nothing new is found. */
static void mark_descendants(struct process *processes, size_t num, pid_t self)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < num; i++) {
			bool ours = processes[i].parent == self;

			for (size_t j = 0; j < num && !ours; j++)
				ours = processes[j].ours &&
				       processes[j].pid == processes[i].parent;
			if (ours && !processes[i].ours) {
				processes[i].ours = true;
				changed = true;
			}
		}
	}
}

static void kill_descendants(struct process *processes)
{
	size_t num = list_processes(processes);

	mark_descendants(processes, num, getpid());
	for (size_t i = 0; i < num; i++)
		if (processes[i].ours)
			(void)kill(processes[i].pid, SIGKILL);
}

/* Collects what has ended. Returns true when no child is left. */
static bool collect(void)
{
	pid_t pid;

	do {
		pid = waitpid(-1, NULL, WNOHANG);
	} while (pid > 0);
	return pid < 0 && errno == ECHILD;
}

int reap_all(void)
{
	const struct timespec pause = {.tv_nsec = ROUND_NS};
	cleanup_free struct process *processes =
		calloc(PROCESSES_MAX, sizeof(*processes));

	if (!processes)
		return -ENOMEM;
	for (int round = 0; round < ROUNDS_MAX; round++) {
		if (collect())
			return 0;
		kill_descendants(processes);
		if (collect())
			return 0;
		(void)nanosleep(&pause, NULL);
	}
	return -ETIMEDOUT;
}
