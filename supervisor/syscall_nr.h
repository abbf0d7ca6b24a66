/* SPDX-License-Identifier: MIT */
/*
 * Numbers of system calls that are newer than the distribution's headers.
 * From 424 on a number is the same on every architecture (except alpha).
 */
#ifndef SBX_SYSCALL_NR_H
#define SBX_SYSCALL_NR_H

#include <sys/syscall.h>

#ifndef __NR_fchmodat2
#define __NR_fchmodat2 452
#endif
#ifndef __NR_setxattrat
#define __NR_setxattrat 463
#endif
#ifndef __NR_removexattrat
#define __NR_removexattrat 466
#endif
#ifndef __NR_open_tree_attr
#define __NR_open_tree_attr 467
#endif
#ifndef __NR_file_setattr
#define __NR_file_setattr 469
#endif

/* The newest call that has been read and judged (listns, Linux 6.19). What is
 * newer is answered ENOSYS, as an older kernel would. */
#define SBX_NR_NEWEST 470

#endif /* SBX_SYSCALL_NR_H */
