/* SPDX-License-Identifier: MIT */
#include "mediated.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <linux/in6.h>
#include <netinet/in.h>

#include "syscall_nr.h"
#include "util.h"

#define ARG(n) ((n) + 1)
#define ALWAYS                                                                 \
	{                                                                      \
		.kind = WHEN_ALWAYS                                            \
	}
#define UNLESS_BITS(n, bits)                                                   \
	{                                                                      \
		.kind = WHEN_UNLESS_BITS, .arg = (n), .value = (bits)          \
	}
#define IF_BITS(n, bits)                                                       \
	{                                                                      \
		.kind = WHEN_IF_BITS, .arg = (n), .value = (bits)              \
	}
#define IF_NONZERO(n)                                                          \
	{                                                                      \
		.kind = WHEN_IF_NONZERO, .arg = (n)                            \
	}
#define IF_LOW32(n, cmd)                                                       \
	{                                                                      \
		.kind = WHEN_IF_LOW32, .arg = (n), .value = (uint32_t)(cmd)    \
	}
/* The level is in argument 1, the option in argument 2; both are ints. */
#define IF_OPTION(level, option)                                               \
	{                                                                      \
		.kind = WHEN_IF_OPTION,                                        \
		.value = (uint64_t)(level) << 32 | (option)                    \
	}
#define IF_TYPE(n, type)                                                       \
	{                                                                      \
		.kind = WHEN_IF_TYPE, .arg = (n), .value = (uint64_t)(type)    \
							   << 8                \
	}
#define UNLESS_STREAM                                                          \
	{                                                                      \
		.kind = WHEN_UNLESS_STREAM                                     \
	}

const struct mediated mediated_rows[] = {
#define ROW(syscall, operation, wanted, condition, ...)                        \
	{.name = #syscall,                                                     \
	 .nr = __NR_##syscall,                                                 \
	 .op = OP_##operation,                                                 \
	 .access = ACCESS_##wanted,                                            \
	 .when = condition,                                                    \
	 __VA_ARGS__},
#include "mediated.def"
#undef ROW
};
const size_t mediated_num_rows = ARRAY_SIZE(mediated_rows);

/* The socket kinds that carry nothing out by themselves: unix, TCP over IPv4
 * and IPv6, and the kernel's routing netlink. The kernel reads ints. */
static bool is_plain_socket(const uint64_t args[6])
{
	uint64_t type = args[1] & 0xf;

	switch (args[0]) {
	case AF_UNIX:
		return true;
	case AF_INET:
	case AF_INET6:
		return type == SOCK_STREAM &&
		       (args[2] == 0 || args[2] == IPPROTO_TCP);
	case AF_NETLINK:
		return args[2] == 0;
	default:
		return false;
	}
}

bool mediated_applies(const struct when *when, const uint64_t args[6])
{
	switch (when->kind) {
	case WHEN_ALWAYS:
		return true;
	case WHEN_UNLESS_BITS:
		return (args[when->arg] & when->value) == 0;
	case WHEN_IF_BITS:
		return (args[when->arg] & when->value) == when->value;
	case WHEN_IF_NONZERO:
		return args[when->arg] != 0;
	case WHEN_IF_LOW32:
		return (uint32_t)args[when->arg] == when->value;
	case WHEN_UNLESS_STREAM:
		return !is_plain_socket(args);
	case WHEN_IF_TYPE:
		return (args[when->arg] & 0xff00) == when->value;
	case WHEN_IF_OPTION:
		return (uint32_t)args[1] == when->value >> 32 &&
		       (uint32_t)args[2] == (uint32_t)when->value;
	}
	return true;
}

const struct mediated *mediated_find(long nr, const uint64_t args[6])
{
	for (size_t i = 0; i < mediated_num_rows; i++) {
		const struct mediated *row = &mediated_rows[i];

		if (row->nr == nr && mediated_applies(&row->when, args))
			return row;
	}
	return NULL;
}
