/* SPDX-License-Identifier: MIT */
/* Operations on other processes, and system calls that nobody gets. */
#include "refused.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Numbers that all architectures share, for old headers and musl. */
#define NR_PIDFD_SEND_SIGNAL 424
#define NR_IO_URING_SETUP 425
#define NR_PIDFD_OPEN 434
#define NR_CLONE3 435
#define NR_PIDFD_GETFD 438

#ifndef CLONE_NEWUSER
#define CLONE_NEWUSER 0x10000000
#endif
#define SECCOMP_SET_FILTER 1
#define SECCOMP_NEW_LISTENER (1UL << 3)
#define UFFD_USER_ONLY 1
#define PERF_SOFTWARE 1
#define PERF_TASK_CLOCK 1
#define PERF_EXCLUDE_KERNEL_HV (3UL << 5)

struct bpf_insn {
	uint16_t code;
	uint8_t jt;
	uint8_t jf;
	uint32_t k;
};

struct bpf_prog {
	unsigned short length;
	const struct bpf_insn *insns;
};

static pid_t pid_of(const char *text)
{
	return (pid_t)probe_number(text);
}

static int run_kill(char **args)
{
	return probe_result(kill(pid_of(args[0]), SIGKILL));
}

static int run_tgkill(char **args)
{
	pid_t pid = pid_of(args[0]);

	return probe_result(syscall(SYS_tgkill, pid, pid, SIGKILL));
}

static int run_sigqueue(char **args)
{
	const union sigval value = {.sival_int = 0};

	return probe_result(sigqueue(pid_of(args[0]), SIGKILL, value));
}

static int run_pidfd_signal(char **args)
{
	long fd = syscall(NR_PIDFD_OPEN, pid_of(args[0]), 0);

	if (fd < 0)
		return -errno;
	return probe_result(syscall(NR_PIDFD_SEND_SIGNAL, fd, SIGKILL, NULL,
				    0));
}

static int run_ptrace(char **args)
{
	pid_t pid = pid_of(args[0]);

	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL))
		return -errno;
	return 0;
}

/* Where our own variable lies, a foreign process of any kind has nothing. */
static int run_vm_readv(char **args)
{
	char byte;
	struct iovec local = {.iov_base = &byte, .iov_len = 1};
	struct iovec remote = {.iov_base = (void *)(uintptr_t)4096,
			       .iov_len = 1};
	long got = syscall(SYS_process_vm_readv, pid_of(args[0]), &local, 1L,
			   &remote, 1L, 0L);

	return got == -1 && errno == EFAULT ? 0 : probe_result(got);
}

static int open_proc(const char *pid, const char *name, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid_of(pid), name);
	return open(path, flags | O_CLOEXEC);
}

static int run_proc_mem(char **args)
{
	return probe_result(open_proc(args[0], "mem", O_RDWR));
}

static int run_proc_environ(char **args)
{
	char byte;
	int fd = open_proc(args[0], "environ", O_RDONLY);

	return fd < 0 ? -errno : probe_result(read(fd, &byte, 1));
}

static int run_pidfd_getfd(char **args)
{
	long fd = syscall(NR_PIDFD_OPEN, pid_of(args[0]), 0);

	if (fd < 0)
		return -errno;
	return probe_result(syscall(NR_PIDFD_GETFD, fd, 0, 0));
}

static int run_prlimit(char **args)
{
	const struct rlimit limit = {.rlim_cur = 0, .rlim_max = 0};

	return probe_result(syscall(SYS_prlimit64, pid_of(args[0]),
				    RLIMIT_CORE, &limit, NULL));
}

static int run_seccomp_listener(char **args)
{
	const struct bpf_insn allow = {.code = 6, .k = 0x7fff0000};
	const struct bpf_prog prog = {.length = 1, .insns = &allow};

	(void)args;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	return probe_result(syscall(SYS_seccomp, SECCOMP_SET_FILTER,
				    SECCOMP_NEW_LISTENER, &prog));
}

static int run_io_uring(char **args)
{
	uint32_t params[30] = {0};

	(void)args;
	return probe_result(syscall(NR_IO_URING_SETUP, 1, params));
}

static int reap(long pid)
{
	if (pid == 0)
		_exit(0);
	if (pid > 0)
		waitpid((pid_t)pid, NULL, 0);
	return probe_result(pid);
}

static int run_clone3_user(char **args)
{
	uint64_t clone_args[8] = {CLONE_NEWUSER, 0, 0, 0, SIGCHLD};

	(void)args;
	return reap(syscall(NR_CLONE3, clone_args, sizeof(clone_args)));
}

static int run_clone_user(char **args)
{
	(void)args;
	return reap(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0L, 0L, 0L,
			    0L));
}

static int run_unshare_user(char **args)
{
	(void)args;
	return probe_result(syscall(SYS_unshare, CLONE_NEWUSER));
}

static int run_mount(char **args)
{
	if (mount("none", args[0], "tmpfs", 0, NULL))
		return -errno;
	return probe_result(umount(args[0]));
}

static int run_chroot(char **args)
{
	return probe_result(chroot(args[0]));
}

static int run_userfaultfd(char **args)
{
	(void)args;
	return probe_result(syscall(SYS_userfaultfd,
				    UFFD_USER_ONLY | O_CLOEXEC));
}

static int run_perf(char **args)
{
	uint64_t attr[16] = {[0] = PERF_SOFTWARE | ((uint64_t)sizeof(attr) << 32),
			     [1] = PERF_TASK_CLOCK,
			     [5] = PERF_EXCLUDE_KERNEL_HV};

	(void)args;
	return probe_result(syscall(SYS_perf_event_open, attr, 0, -1, -1, 0));
}

/* BPF_MAP_CREATE of an array with one element. */
static int run_bpf(char **args)
{
	uint32_t attr[18] = {2, 4, 4, 1};

	(void)args;
	return probe_result(syscall(SYS_bpf, 0, attr, sizeof(attr)));
}

static int run_add_key(char **args)
{
	(void)args;
	return probe_result(syscall(SYS_add_key, "user", "sbx-probe", "x", 1L,
				    -2L));
}

static int run_kcmp(char **args)
{
	(void)args;
	return probe_result(syscall(SYS_kcmp, getpid(), getpid(), 0, 0, 1));
}

/* name_to_handle_at() and back: a path that no rule has seen. */
static int run_open_by_handle(char **args)
{
	struct {
		uint32_t bytes;
		int32_t type;
		unsigned char data[128];
	} handle = {.bytes = sizeof(handle.data)};
	int mount_id;
	int fd = open("/", O_RDONLY | O_CLOEXEC);

	if (syscall(SYS_name_to_handle_at, AT_FDCWD, args[0], &handle,
		    &mount_id, 0))
		return -errno;
	return probe_result(syscall(SYS_open_by_handle_at, fd, &handle,
				    O_RDONLY));
}

/* Typing into a terminal, with bits set that the kernel throws away. */
static int tiocsti_child(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	const char *name;
	int slave;

	if (master < 0 || grantpt(master) || unlockpt(master))
		return -errno;
	name = ptsname(master);
	setsid();
	slave = name ? open(name, O_RDWR) : -1;
	if (slave < 0)
		return -errno;
	return probe_result(syscall(SYS_ioctl, slave, (1UL << 32) | TIOCSTI,
				    "x"));
}

static int run_tiocsti(char **args)
{
	int status = 0;
	pid_t pid = fork();

	(void)args;
	if (pid == 0)
		_exit(-tiocsti_child());
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -errno;
	return -WEXITSTATUS(status);
}

/* Answered as if done, but not done: "ok" means that it was. */
static int run_set_dumpable(char **args)
{
	(void)args;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return -errno;
	return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : -EAGAIN;
}

const struct probe_op ops_process[] = {
	{"kill", 1, run_kill},
	{"tgkill", 1, run_tgkill},
	{"sigqueue", 1, run_sigqueue},
	{"pidfd-signal", 1, run_pidfd_signal},
	{"ptrace", 1, run_ptrace},
	{"vm-readv", 1, run_vm_readv},
	{"proc-mem", 1, run_proc_mem},
	{"proc-environ", 1, run_proc_environ},
	{"pidfd-getfd", 1, run_pidfd_getfd},
	{"prlimit", 1, run_prlimit},
	{"seccomp-listener", 0, run_seccomp_listener},
	{"io-uring", 0, run_io_uring},
	{"clone3-user", 0, run_clone3_user},
	{"clone-user", 0, run_clone_user},
	{"unshare-user", 0, run_unshare_user},
	{"mount", 1, run_mount},
	{"chroot", 1, run_chroot},
	{"userfaultfd", 0, run_userfaultfd},
	{"perf", 0, run_perf},
	{"bpf", 0, run_bpf},
	{"add-key", 0, run_add_key},
	{"kcmp", 0, run_kcmp},
	{"open-by-handle", 1, run_open_by_handle},
	{"tiocsti", 0, run_tiocsti},
	{"set-dumpable", 0, run_set_dumpable},
	{NULL, 0, NULL},
};
