/* SPDX-License-Identifier: MIT */
#include "filter.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "mediated.h"
#include "syscall_nr.h"
#include "util.h"

#define X32_SYSCALL_BIT 0x40000000u
#define SOCK_KIND_MASK 0xf

/* Answered without a record: a program falls back on an older call, nothing
 * is taken from it. clone3 keeps its flags in memory; io_uring would act
 * without any further system call; the three others are new forms of calls
 * that are mediated in their old form. */
static const int fallback_calls[] = {
	__NR_clone3,		__NR_io_uring_setup, __NR_io_uring_enter,
	__NR_io_uring_register, __NR_setxattrat,	  __NR_removexattrat,
	__NR_file_setattr,
};

static int add_when(scmp_filter_ctx ctx, int nr, const struct when *when)
{
	unsigned int arg = when->arg;
	uint64_t value = when->value;

	switch (when->kind) {
	case WHEN_ALWAYS:
		return seccomp_rule_add(ctx, SCMP_ACT_NOTIFY, nr, 0);
	case WHEN_UNLESS_BITS:
		return seccomp_rule_add(
			ctx, SCMP_ACT_NOTIFY, nr, 1,
			SCMP_CMP64(arg, SCMP_CMP_MASKED_EQ, value, 0));
	case WHEN_IF_BITS:
		return seccomp_rule_add(
			ctx, SCMP_ACT_NOTIFY, nr, 1,
			SCMP_CMP64(arg, SCMP_CMP_MASKED_EQ, value, value));
	case WHEN_IF_NONZERO:
		return seccomp_rule_add(ctx, SCMP_ACT_NOTIFY, nr, 1,
					SCMP_CMP64(arg, SCMP_CMP_NE, 0));
	case WHEN_IF_LOW32:
		return seccomp_rule_add(
			ctx, SCMP_ACT_NOTIFY, nr, 1,
			SCMP_CMP64(arg, SCMP_CMP_MASKED_EQ, UINT32_MAX, value));
	case WHEN_IF_TYPE:
		return seccomp_rule_add(
			ctx, SCMP_ACT_NOTIFY, nr, 1,
			SCMP_CMP64(arg, SCMP_CMP_MASKED_EQ, 0xff00, value));
	case WHEN_IF_OPTION:
		return seccomp_rule_add(
			ctx, SCMP_ACT_NOTIFY, nr, 2,
			SCMP_A1_64(SCMP_CMP_MASKED_EQ, UINT32_MAX, value >> 32),
			SCMP_A2_64(SCMP_CMP_MASKED_EQ, UINT32_MAX,
				   value & UINT32_MAX));
	case WHEN_UNLESS_STREAM:
		break;
	}
	return -EINVAL;
}

/* Notifies TCP-family sockets of any kind but SOCK_STREAM with protocol 0 or
 * IPPROTO_TCP. libseccomp takes one comparison per argument and rule, so the
 * complement is spelled out. */
static int add_inet_socket(scmp_filter_ctx ctx, uint64_t family)
{
	for (uint64_t kind = 0; kind <= SOCK_KIND_MASK; kind++) {
		int err;

		if (kind == SOCK_STREAM)
			continue;
		err = seccomp_rule_add(ctx, SCMP_ACT_NOTIFY, __NR_socket, 2,
				       SCMP_A0_64(SCMP_CMP_EQ, family),
				       SCMP_A1_64(SCMP_CMP_MASKED_EQ,
						  SOCK_KIND_MASK, kind));
		if (err < 0)
			return err;
	}
	for (uint64_t protocol = 1; protocol <= IPPROTO_TCP; protocol++) {
		int err;

		if (protocol == IPPROTO_TCP)
			err = seccomp_rule_add(
				ctx, SCMP_ACT_NOTIFY, __NR_socket, 2,
				SCMP_A0_64(SCMP_CMP_EQ, family),
				SCMP_A2_64(SCMP_CMP_GT, IPPROTO_TCP));
		else
			err = seccomp_rule_add(
				ctx, SCMP_ACT_NOTIFY, __NR_socket, 2,
				SCMP_A0_64(SCMP_CMP_EQ, family),
				SCMP_A2_64(SCMP_CMP_EQ, protocol));
		if (err < 0)
			return err;
	}
	return 0;
}

/* The complement of what mediated.c calls a plain socket. */
static int add_socket(scmp_filter_ctx ctx)
{
	int err = 0;

	for (uint64_t family = 0; family < AF_NETLINK && err == 0; family++) {
		if (family == AF_UNIX)
			continue;
		if (family == AF_INET || family == AF_INET6)
			err = add_inet_socket(ctx, family);
		else
			err = seccomp_rule_add(ctx, SCMP_ACT_NOTIFY,
					       __NR_socket, 1,
					       SCMP_A0_64(SCMP_CMP_EQ, family));
	}
	if (err == 0)
		err = seccomp_rule_add(ctx, SCMP_ACT_NOTIFY, __NR_socket, 2,
				       SCMP_A0_64(SCMP_CMP_EQ, AF_NETLINK),
				       SCMP_A2_64(SCMP_CMP_GT, 0));
	if (err == 0)
		err = seccomp_rule_add(ctx, SCMP_ACT_NOTIFY, __NR_socket, 1,
				       SCMP_A0_64(SCMP_CMP_GT, AF_NETLINK));
	return err;
}

static int add_refusals(scmp_filter_ctx ctx, bool passive)
{
	/* Answered 0 and not done: a process that turns non-dumpable could no
	 * longer be read by the broker, and everything it asks for would have
	 * to be denied. Programs that protect their memory this way go on. */
	int err = passive ? 0
			  : seccomp_rule_add(
				    ctx, SCMP_ACT_ERRNO(0), __NR_prctl, 2,
				    SCMP_A0_64(SCMP_CMP_MASKED_EQ, UINT32_MAX,
					       PR_SET_DUMPABLE),
				    SCMP_A1_64(SCMP_CMP_EQ, 0));

	/* In a passive session too: what goes around the mediated calls would
	 * be missing in the log. */
	for (size_t i = 0; i < ARRAY_SIZE(fallback_calls) && err == 0; i++)
		err = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS),
				       fallback_calls[i], 0);
	return err;
}

static bool is_wanted(const struct mediated *row, bool passive)
{
	/* A second listener would get EBUSY anyway; and once ours is gone it
	 * would let the target answer its own calls. */
	return !passive || row->op != OP_REFUSE || row->nr == __NR_seccomp;
}

static int add_rows(scmp_filter_ctx ctx, bool passive)
{
	for (size_t i = 0; i < mediated_num_rows; i++) {
		const struct mediated *row = &mediated_rows[i];
		int err;

		if (!is_wanted(row, passive))
			continue;
		if (row->when.kind == WHEN_UNLESS_STREAM)
			err = add_socket(ctx);
		else
			err = add_when(ctx, (int)row->nr, &row->when);
		if (err < 0)
			return err;
	}
	return add_refusals(ctx, passive);
}

/* libseccomp 2.5 exports only to a descriptor. */
static int export_program(scmp_filter_ctx ctx, struct sock_fprog *ret_program)
{
	cleanup_close int fd = memfd_create("sbxsup-filter", MFD_CLOEXEC);
	cleanup_free struct sock_filter *code = NULL;
	struct stat st;
	int err;

	if (fd < 0)
		return -errno;
	err = seccomp_export_bpf(ctx, fd);
	if (err < 0)
		return err;
	if (fstat(fd, &st) < 0)
		return -errno;
	code = malloc((size_t)st.st_size);
	if (!code)
		return -ENOMEM;
	if (pread(fd, code, (size_t)st.st_size, 0) != st.st_size)
		return -EIO;
	ret_program->len =
		(unsigned short)((size_t)st.st_size / sizeof(*code));
	ret_program->filter = TAKE_PTR(code);
	return 0;
}

/* ENOSYS above SBX_NR_NEWEST, for every ABI; x32 numbers belong to the other
 * program. */
static int build_newer(struct sock_fprog *ret_program)
{
	const struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_SYSCALL_BIT, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, SBX_NR_NEWEST, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
	};
	struct sock_filter *copy = malloc(sizeof(code));

	if (!copy)
		return -ENOMEM;
	memcpy(copy, code, sizeof(code));
	ret_program->len = ARRAY_SIZE(code);
	ret_program->filter = copy;
	return 0;
}

int filter_build(bool passive, struct filter *ret_filter)
{
	struct filter filter = {.passive = passive};
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	int err;

	if (!ctx)
		return -ENOMEM;
	err = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH,
			       SCMP_ACT_NOTIFY);
	/* A binary tree instead of a chain: libseccomp 2.5. */
	if (err == 0)
		err = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (err == 0)
		err = add_rows(ctx, passive);
	if (err == 0)
		err = export_program(ctx, &filter.mediation);
	seccomp_release(ctx);
	if (err == 0 && !passive)
		err = build_newer(&filter.newer);
	if (err < 0) {
		filter_done(&filter);
		return err;
	}
	*ret_filter = filter;
	return 0;
}

void filter_done(struct filter *filter)
{
	free(filter->mediation.filter);
	free(filter->newer.filter);
	*filter = (struct filter){0};
}

static int install(unsigned int flags, const struct sock_fprog *program)
{
	long result = syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, flags,
			      program);

	return result < 0 ? -errno : (int)result;
}

int filter_install(const struct filter *filter, unsigned int flags)
{
	if (filter->newer.filter) {
		int err = install(0, &filter->newer);

		if (err < 0)
			return err;
	}
	return install(SECCOMP_FILTER_FLAG_NEW_LISTENER | flags,
		       &filter->mediation);
}

unsigned int filter_probe_flags(void)
{
	unsigned int flags = SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	int err = install(SECCOMP_FILTER_FLAG_NEW_LISTENER | flags, NULL);

	return err == -EFAULT ? flags : 0;
}
