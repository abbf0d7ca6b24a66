/* SPDX-License-Identifier: MIT */
/*
 * int80 OPERATION PATH: a 64-bit process that enters the kernel through the
 * 32-bit door, where the numbers mean other calls. Operations: create, mkdir,
 * unlink, chmod. Prints "ok" or an errno name, or "unsupported" with status 77
 * where the kernel has no such door.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "probe.h"

#define EXIT_SKIP 77

#ifdef __x86_64__

enum i386_call {
	I386_OPEN = 5,
	I386_UNLINK = 10,
	I386_CHMOD = 15,
	I386_MKDIR = 39,
};

static const struct {
	const char *name;
	enum i386_call call;
	int second;
	int third;
} operations[] = {
	{"create", I386_OPEN, O_WRONLY | O_CREAT, 0644},
	{"unlink", I386_UNLINK, 0, 0},
	{"chmod", I386_CHMOD, 0600, 0},
	{"mkdir", I386_MKDIR, 0755, 0},
};

static long int80(enum i386_call call, const char *path, int second, int third)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"((long)call), "b"(path), "c"((long)second),
			   "d"((long)third)
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)result;
}

static void no_such_door(int signal)
{
	static const char text[] = "unsupported\n";

	(void)signal;
	(void)!write(STDOUT_FILENO, text, sizeof(text) - 1);
	_exit(EXIT_SKIP);
}

/* The 32-bit door takes 32-bit pointers. */
static char *low_copy(const char *path)
{
	char *low = mmap(NULL, PATH_MAX, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	if (low == MAP_FAILED)
		return NULL;
	probe_copy(low, path);
	return low;
}

int main(int argc, char **argv)
{
	char *path = argc == 3 ? low_copy(argv[2]) : NULL;

	if (!path)
		return 2;
	signal(SIGSEGV, no_such_door);
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		if (!strcmp(operations[i].name, argv[1])) {
			long result = int80(operations[i].call, path,
					    operations[i].second,
					    operations[i].third);

			puts(probe_errno_name(result < 0 ? (int)result : 0));
			return 0;
		}
	return 2;
}

#else

int main(void)
{
	puts("unsupported");
	return EXIT_SKIP;
}

#endif
