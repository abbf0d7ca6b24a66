/* SPDX-License-Identifier: MIT */
/*
 * shim_static PATH: opens a file for writing. Linked statically, so that no
 * shim is in it: what is refused here is refused silently.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	int fd;

	if (argc != 2)
		return 2;
	fd = open(argv[1], O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		printf("%s\n", strerrorname_np(errno));
		return 1;
	}
	(void)close(fd);
	printf("OK\n");
	return 0;
}
