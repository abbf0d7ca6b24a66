/* SPDX-License-Identifier: MIT */
/*
 * shim_exec FORM [NAME=VALUE...]: executes itself through one of the functions
 * of the exec family, with exactly the environment given, and prints the
 * environment that arrived. FORM "list" prints the forms; "many N FORM" adds N
 * further variables.
 *
 * Builds against glibc and musl.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SELF "/proc/self/exe"
#define ENTRY_ROOM 24

static char self_name[] = "shim_exec";
static char show_word[] = "show";
static char *const show[] = {self_name, show_word, NULL};

static int by_execve(char *envp[])
{
	return execve(SELF, show, envp);
}

static int by_execv(char *envp[])
{
	environ = envp;
	return execv(SELF, show);
}

static int by_execvp(char *envp[])
{
	environ = envp;
	return execvp(SELF, show);
}

static int by_execvpe(char *envp[])
{
	return execvpe(SELF, show, envp);
}

static int by_execl(char *envp[])
{
	environ = envp;
	return execl(SELF, self_name, show_word, NULL);
}

static int by_execlp(char *envp[])
{
	environ = envp;
	return execlp(SELF, self_name, show_word, NULL);
}

static int by_execle(char *envp[])
{
	return execle(SELF, self_name, show_word, NULL, envp);
}

static int by_fexecve(char *envp[])
{
	return fexecve(open(SELF, O_RDONLY | O_CLOEXEC), show, envp);
}

static int wait_for(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

static int by_vfork(char *envp[])
{
	pid_t pid = vfork();

	if (pid == 0) {
		(void)execve(SELF, show, envp);
		_exit(1);
	}
	return wait_for(pid);
}

static int by_posix_spawn(char *envp[])
{
	pid_t pid = -1;

	errno = posix_spawn(&pid, SELF, NULL, NULL, show, envp);
	return errno ? -1 : wait_for(pid);
}

static int by_posix_spawnp(char *envp[])
{
	pid_t pid = -1;

	errno = posix_spawnp(&pid, SELF, NULL, NULL, show, envp);
	return errno ? -1 : wait_for(pid);
}

#ifdef __GLIBC__
static int by_execveat(char *envp[])
{
	return execveat(open(SELF, O_PATH | O_CLOEXEC), "", show, envp,
			AT_EMPTY_PATH);
}
#endif

static const struct form {
	const char *name;
	int (*run)(char *envp[]);
} forms[] = {
	{"execve", by_execve},
	{"execv", by_execv},
	{"execvp", by_execvp},
	{"execvpe", by_execvpe},
	{"execl", by_execl},
	{"execlp", by_execlp},
	{"execle", by_execle},
	{"fexecve", by_fexecve},
	{"vfork", by_vfork},
	{"posix_spawn", by_posix_spawn},
	{"posix_spawnp", by_posix_spawnp},
#ifdef __GLIBC__
	{"execveat", by_execveat},
#endif
};
#define FORMS (sizeof(forms) / sizeof(*forms))

static int run_form(const char *name, char *envp[])
{
	for (size_t i = 0; i < FORMS; i++) {
		if (strcmp(forms[i].name, name) != 0)
			continue;
		(void)forms[i].run(envp);
		printf("%s: errno %d\n", name, errno);
		return 1;
	}
	return 2;
}

static int run_many(unsigned long count, const char *name)
{
	char **envp = calloc(count + 1, sizeof(*envp));
	char *text = calloc(count, ENTRY_ROOM);

	if (!envp || !text)
		return 2;
	for (unsigned long i = 0; i < count; i++) {
		envp[i] = text + i * ENTRY_ROOM;
		(void)snprintf(envp[i], ENTRY_ROOM, "V%lu=", i);
	}
	return run_form(name, envp);
}

int main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "list") == 0) {
		for (size_t i = 0; i < FORMS; i++)
			printf("%s\n", forms[i].name);
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "show") == 0) {
		for (char **entry = environ; entry && *entry; entry++)
			printf("%s\n", *entry);
		return 0;
	}
	if (argc == 4 && strcmp(argv[1], "many") == 0)
		return run_many(strtoul(argv[2], NULL, 10), argv[3]);
	return argc < 2 ? 2 : run_form(argv[1], argv + 2);
}
