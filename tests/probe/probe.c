/* SPDX-License-Identifier: MIT */
#include "probe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	int error;
	const char *name;
} errors[] = {
	{0, "ok"},
	{EPERM, "EPERM"},
	{ENOENT, "ENOENT"},
	{ESRCH, "ESRCH"},
	{EINTR, "EINTR"},
	{EIO, "EIO"},
	{EBADF, "EBADF"},
	{EAGAIN, "EAGAIN"},
	{ENOMEM, "ENOMEM"},
	{EACCES, "EACCES"},
	{EFAULT, "EFAULT"},
	{EBUSY, "EBUSY"},
	{EEXIST, "EEXIST"},
	{EXDEV, "EXDEV"},
	{ENOTDIR, "ENOTDIR"},
	{EISDIR, "EISDIR"},
	{EINVAL, "EINVAL"},
	{EMFILE, "EMFILE"},
	{ENOTTY, "ENOTTY"},
	{EROFS, "EROFS"},
	{EPIPE, "EPIPE"},
	{ENAMETOOLONG, "ENAMETOOLONG"},
	{ENOSYS, "ENOSYS"},
	{ENOTEMPTY, "ENOTEMPTY"},
	{ELOOP, "ELOOP"},
	{ENODATA, "ENODATA"},
	{EPROTONOSUPPORT, "EPROTONOSUPPORT"},
	{ESOCKTNOSUPPORT, "ESOCKTNOSUPPORT"},
	{EOPNOTSUPP, "EOPNOTSUPP"},
	{EAFNOSUPPORT, "EAFNOSUPPORT"},
	{EADDRINUSE, "EADDRINUSE"},
	{EADDRNOTAVAIL, "EADDRNOTAVAIL"},
	{ENETUNREACH, "ENETUNREACH"},
	{ECONNRESET, "ECONNRESET"},
	{EISCONN, "EISCONN"},
	{ENOTCONN, "ENOTCONN"},
	{ETIMEDOUT, "ETIMEDOUT"},
	{ECONNREFUSED, "ECONNREFUSED"},
	{EINPROGRESS, "EINPROGRESS"},
};

const char *probe_errno_name(int error)
{
	static char unknown[32];

	if (error < 0)
		error = -error;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].error == error)
			return errors[i].name;
	snprintf(unknown, sizeof(unknown), "errno %d", error);
	return unknown;
}

int probe_result(long result)
{
	return result == -1 ? -errno : 0;
}

static _Noreturn void probe_usage(const char *what, const char *text)
{
	fprintf(stderr, "probe: %s: %s\n", what, text);
	exit(2);
}

long probe_number(const char *text)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(text, &end, 10);
	if (errno || end == text || *end)
		probe_usage("not a number", text);
	return number;
}

long probe_seconds(void)
{
	const char *text = getenv("SBX_RACE_SECONDS");

	return text ? probe_number(text) : 2;
}

void probe_copy(char to[PATH_MAX], const char *from)
{
	size_t length = strlen(from);

	if (length >= PATH_MAX)
		probe_usage("path too long", from);
	memcpy(to, from, length + 1);
}

void probe_join(char to[PATH_MAX], const char *dir, const char *name)
{
	int length = snprintf(to, PATH_MAX, "%s/%s", dir, name);

	if (length < 0 || length >= PATH_MAX)
		probe_usage("path too long", name);
}
