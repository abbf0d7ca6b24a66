/* SPDX-License-Identifier: MIT */
/*
 * The seccomp filter: made from mediated.def with libseccomp, installed with
 * the flags that libseccomp 2.5 does not know.
 */
#ifndef SBX_FILTER_H
#define SBX_FILTER_H

#include <linux/filter.h>
#include <stdbool.h>

/**
 * struct filter - two programs, ready to be installed without allocation
 * @mediation: sends mediated calls to the listener
 * @newer: answers ENOSYS to calls newer than SBX_NR_NEWEST
 * @passive: nothing is refused (full-access, log-only)
 */
struct filter {
	struct sock_fprog mediation;
	struct sock_fprog newer;
	bool passive;
};

/**
 * filter_build() - make the programs.
 * @passive: leave out what refuses (full-access and log-only): only what is
 *           decided and logged is notified
 * @ret_filter: receives them; freed by filter_done()
 * Return: 0 or -errno.
 *
 * The architecture is checked first, then the x32 bit, then numbers; a call of
 * a foreign ABI is notified, so that it leaves a record, and refused there.
 * See seccomp_export_bpf(3).
 */
int filter_build(bool passive, struct filter *ret_filter);

/**
 * filter_done() - free the programs.
 * @filter: zeroed or built
 */
void filter_done(struct filter *filter);

/**
 * filter_install() - install both programs on the calling thread.
 * @filter: built
 * @flags: SECCOMP_FILTER_FLAG_ bits besides NEW_LISTENER
 * Return: the listener, or -errno: -EBUSY (-EPERM inside another sbxsup) when
 * a listener exists further out, -EINVAL for a flag the kernel does not know,
 * -EACCES without no_new_privs.
 *
 * Async-signal-safe: for use between fork and exec. Linux 5.0, seccomp(2).
 */
int filter_install(const struct filter *filter, unsigned int flags);

/**
 * filter_probe_flags() - which listener flags the kernel knows.
 * Return: SECCOMP_FILTER_FLAG_ bits to pass to filter_install().
 *
 * WAIT_KILLABLE_RECV is Linux 5.19. Asked with a NULL program, which fails
 * with EFAULT for known and EINVAL for unknown flags, and installs nothing.
 */
unsigned int filter_probe_flags(void);

#endif /* SBX_FILTER_H */
