/* SPDX-License-Identifier: MIT */
#include "landlock_abi.h"

#include <sys/syscall.h>
#include <unistd.h>

#include "util.h"

#define LANDLOCK_CREATE_RULESET_VERSION_FLAG (1U << 0)
#define FS_ABI_1 ((LL_FS_MAKE_SYM << 1) - 1)
#define FS_ABI_2 (FS_ABI_1 | LL_FS_REFER)
#define FS_ABI_3 (FS_ABI_2 | LL_FS_TRUNCATE)
#define FS_ABI_5 (FS_ABI_3 | LL_FS_IOCTL_DEV)
#define NET_ABI_4 (LL_NET_BIND_TCP | LL_NET_CONNECT_TCP)
#define SCOPE_ABI_6 (LL_SCOPE_ABSTRACT_UNIX | LL_SCOPE_SIGNAL)

static const struct landlock_abi abis[] = {
	{0, 0, 0, "landlock"},
	{FS_ABI_1, 0, 0, "landlock-refer"},
	{FS_ABI_2, 0, 0, "landlock-truncate"},
	{FS_ABI_3, 0, 0, "landlock-tcp"},
	{FS_ABI_3, NET_ABI_4, 0, "landlock-ioctl-dev"},
	{FS_ABI_5, NET_ABI_4, 0, "landlock-scope"},
	{FS_ABI_5, NET_ABI_4, SCOPE_ABI_6, NULL},
};
#define NEWEST ((int)ARRAY_SIZE(abis) - 1)

int landlock_abi_version(void)
{
	long version = syscall(__NR_landlock_create_ruleset, NULL, 0,
			       LANDLOCK_CREATE_RULESET_VERSION_FLAG);

	return version < 0 ? 0 : (int)version;
}

const struct landlock_abi *landlock_abi_get(int version)
{
	if (version < 0)
		version = 0;
	return &abis[version > NEWEST ? NEWEST : version];
}

const char *landlock_abi_missing(int version, int index)
{
	if (version < 0)
		version = 0;
	if (version + index >= NEWEST)
		return NULL;
	return abis[version + index].lacks;
}
