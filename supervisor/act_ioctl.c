/* SPDX-License-Identifier: MIT */
/*
 * Requests to file systems other than those for inode flags. Which one it is
 * stands in a register.
 */
#include "act.h"

#include <errno.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include "util.h"

#define FAT_GET_ATTRIBUTES 0x80047210u

/* They read, or change only what the descriptor is open for writing for. */
static const unsigned int harmless[] = {
	FS_IOC_GETFLAGS,   FS_IOC_GETVERSION, FS_IOC32_GETFLAGS,
	FS_IOC_FSGETXATTR, FS_IOC_FIEMAP,     FS_IOC_GETFSLABEL,
	FICLONE,	   FICLONERANGE,      FIDEDUPERANGE,
	FAT_GET_ATTRIBUTES,
};

struct answer act_ioctl(struct worker *worker)
{
	unsigned int request = (unsigned int)worker->args[1];
	struct answer answer;
	char text[64];

	for (size_t i = 0; i < ARRAY_SIZE(harmless); i++)
		if (request == harmless[i])
			/* CONTINUE: judged by a register. */
			return answer_continue();
	(void)snprintf(text, sizeof(text), "ioctl 0x%x", request);
	(void)broker_permit(worker, worker->row->access, text, NULL,
			    policy_deny(EPERM, "file system requests",
					"this request to a file system is not "
					"available"),
			    &answer);
	return answer;
}
