# SPDX-License-Identifier: MIT
"""What a program may do, it does as ever.

parity.py: does odd but allowed things in the current directory, which must be
empty, and prints one line for each: its name and what came of it, the name of
an errno or some words. The test runs it natively and in a session, and the
lines must be the same.
"""
import errno
import fcntl
import os
import resource
import signal
import socket
import stat
import sys
import threading
import time

LONG = "x" * 256
CASES = []


def case(function):
    CASES.append((function.__name__.replace("_", " "), function))
    return function


def answer(function, *arguments, **keywords):
    """Result of a call, or the name of its errno."""
    try:
        return function(*arguments, **keywords)
    except OSError as error:
        return errno.errorcode[error.errno]


def put(path, text="text"):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def get(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def opened(path, flags, mode=0o644, **keywords):
    """Opens and says what the descriptor is like."""
    fd = answer(os.open, path, flags, mode, **keywords)
    if isinstance(fd, str):
        return fd
    status = os.fstat(fd)
    # Without what only tells how it was opened: O_LARGEFILE, O_NOFOLLOW.
    kind = fcntl.fcntl(fd, fcntl.F_GETFL) & ~0o500000
    inherits = os.get_inheritable(fd)
    os.close(fd)
    return (f"{stat.S_IFMT(status.st_mode):o} {stat.S_IMODE(status.st_mode):o}"
            f" flags {kind:o} inherits {inherits} size {status.st_size}")


@case
def opens():
    put("file")
    os.mkdir("dir")
    os.symlink("file", "link")
    os.symlink("nowhere", "dangling")
    os.symlink("loop", "loop")
    os.mkfifo("fifo")
    for path in ("file", "dir", "link", "dangling", "loop", "missing",
                 "file/", "link/", "dir/", "dir/.", "dir/..", "./file", "",
                 "file/below", "missing/below", LONG, "/".join(["d"] * 2050),
                 "dir/../file", "dir//..//file", "/dev/null", "/dev/zero"):
        for flags in (os.O_RDONLY, os.O_WRONLY, os.O_RDWR,
                      os.O_RDONLY | os.O_DIRECTORY,
                      os.O_RDONLY | os.O_NOFOLLOW,
                      os.O_WRONLY | os.O_NOFOLLOW,
                      os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC,
                      os.O_PATH, os.O_WRONLY | os.O_CREAT | os.O_EXCL):
            name = path if len(path) < 40 else f"{path[:5]}…"
            yield f"{name!r} {flags:o}: {opened(path, flags)}"
    yield f"fifo: {opened('fifo', os.O_WRONLY | os.O_NONBLOCK)}"
    yield f"fifo: {opened('fifo', os.O_RDONLY | os.O_NONBLOCK)}"
    yield f"truncated: {opened('file', os.O_WRONLY | os.O_TRUNC)}"
    yield f"through a dangling link: {opened('dangling', os.O_CREAT)}"
    yield f"what that made: {sorted(os.listdir('.'))}"


@case
def creation():
    os.umask(0o027)
    for mode in (0o777, 0o666, 0o600, 0o4755, 0):
        name = f"m{mode:o}"
        yield f"{mode:o}: {opened(name, os.O_RDWR | os.O_CREAT, mode)}"
        os.mkdir(name + "d", mode)
        yield f"{mode:o}: directory {os.stat(name + 'd').st_mode:o}"
    os.mkfifo("fifo", 0o666)
    yield f"fifo {os.stat('fifo').st_mode:o}"
    os.mkdir("group")
    os.chmod("group", 0o2775)
    os.mkdir("group/sub")
    yield f"inherited {os.stat('group/sub').st_mode:o}"
    os.mkdir("trailing/")
    yield f"trailing slash {os.path.isdir('trailing')}"
    yield f"again {answer(os.mkdir, 'trailing')}"
    yield f"file/ {opened('new/', os.O_CREAT | os.O_WRONLY)}"
    yield f"owner {os.stat('group/sub').st_uid == os.getuid()}"
    yield f"tmpfile {opened('.', os.O_TMPFILE | os.O_RDWR)}"
    fd = os.open(".", os.O_TMPFILE | os.O_WRONLY, 0o600)
    os.write(fd, b"late")
    here = os.open(".", os.O_RDONLY)
    yield answer(os.link, f"/proc/self/fd/{fd}", "linked", src_dir_fd=here,
                 follow_symlinks=True)
    yield get("linked")


@case
def removal():
    os.makedirs("full/sub")
    put("file")
    os.symlink("full", "link")
    for path in ("full", "file", "link", "missing", "file/", "link/", "full/.",
                 "full/..", "", LONG):
        yield f"unlink {path[:9]!r} {answer(os.unlink, path)}"
    put("file")
    for path in ("full", "file", "link", "missing", "full/sub/", "full/.", ""):
        yield f"rmdir {path!r} {answer(os.rmdir, path)}"
    yield sorted(os.listdir("."))


@case
def renames():
    os.makedirs("a/sub")
    os.makedirs("b/sub")
    put("file")
    put("other", "other")
    os.symlink("file", "link")
    for old, new in (("file", "other"), ("missing", "x"), ("a", "b"),
                     ("a", "a/sub/a"), ("other", "a"), ("a", "other"),
                     ("other", "other"), ("link", "renamed-link"), ("a", "c"),
                     ("c", "c/"), ("other", "new/"), (".", "dot"),
                     ("other", LONG), ("b/sub", "b2"), ("b2", "b")):
        yield f"{old} -> {new[:9]} {answer(os.rename, old, new)}"
    yield sorted(os.listdir("."))
    yield os.readlink("renamed-link")


@case
def links():
    put("file")
    os.mkdir("dir")
    os.symlink("file", "link")
    yield answer(os.link, "file", "hard")
    yield answer(os.link, "file", "hard")
    yield answer(os.link, "dir", "hard-dir")
    yield answer(os.link, "missing", "hard-missing")
    yield answer(os.link, "link", "hard-link", follow_symlinks=False)
    here = os.open(".", os.O_RDONLY)
    yield answer(os.link, "link", "hard-target", src_dir_fd=here,
                 follow_symlinks=True)
    yield [os.lstat(name).st_nlink for name in ("file", "hard-link")]
    yield answer(os.symlink, "", "empty")
    yield answer(os.symlink, LONG * 20, "long")
    yield answer(os.symlink, "x", "link")
    yield answer(os.symlink, "../../../..", "up")
    yield os.readlink("up")


@case
def attributes():
    put("file")
    os.symlink("file", "link")
    os.symlink("nowhere", "dangling")
    for path in ("file", "link", "dangling", "missing", ""):
        yield f"chmod {path!r} {answer(os.chmod, path, 0o640)}"
        yield f"chown {path!r} {answer(os.chown, path, -1, os.getgid())}"
        yield f"lchown {path!r} {answer(os.lchown, path, -1, os.getgid())}"
        yield f"truncate {path!r} {answer(os.truncate, path, 2)}"
        yield f"utime {path!r} {answer(os.utime, path, ns=(1, 2))}"
    yield answer(os.utime, "link", ns=(3, 4), follow_symlinks=False)
    yield [os.lstat(name).st_mtime_ns for name in ("file", "link")]
    yield [oct(os.stat("file").st_mode), os.stat("file").st_size]
    yield answer(os.truncate, "file", -1)
    yield answer(os.truncate, ".", 1)
    yield answer(os.setxattr, "file", "user.a", b"1")
    yield answer(os.setxattr, "file", "user.a", b"2", os.XATTR_CREATE)
    yield answer(os.setxattr, "file", "user.b", b"2", os.XATTR_REPLACE)
    yield answer(os.getxattr, "file", "user.a")
    yield answer(os.removexattr, "file", "user.b")
    yield answer(os.removexattr, "file", "user.a")
    yield answer(os.setxattr, "file", "nospace", b"1")
    with open("file", "r+b") as file:
        yield answer(os.fchmod, file.fileno(), 0o600)
        yield answer(os.setxattr, file.fileno(), "user.c", b"3")
        yield answer(os.ftruncate, file.fileno(), 1)
        yield answer(os.utime, file.fileno(), ns=(5, 6))
    yield answer(os.fchmod, 99, 0o600)
    yield os.stat("file").st_mtime_ns


@case
def directory_descriptors():
    os.mkdir("dir")
    put("file")
    fd = os.open("dir", os.O_RDONLY | os.O_DIRECTORY)
    path_fd = os.open("dir", os.O_PATH)
    file_fd = os.open("file", os.O_RDONLY)
    for number in (fd, path_fd, file_fd, 99, -1):
        which = "fd" if number in (fd, path_fd, file_fd) else number
        yield f"{which} {opened('x', os.O_CREAT | os.O_RDWR, dir_fd=number)}"
        yield f"{which} {answer(os.mkdir, 'd', dir_fd=number)}"
        yield f"{which} {answer(os.rmdir, 'd', dir_fd=number)}"
        yield f"{which} {answer(os.unlink, 'x', dir_fd=number)}"
    os.rename("dir", "moved")
    yield opened("after", os.O_CREAT | os.O_RDWR, dir_fd=fd)
    yield os.listdir("moved")
    os.chdir("moved")
    os.rename("../moved", "../again")
    put("relative")
    yield sorted(os.listdir("../again"))
    os.unlink("after")
    os.unlink("relative")
    os.rmdir("../again")
    yield opened("ghost", os.O_CREAT | os.O_RDWR)
    yield answer(os.mkdir, "ghost")


@case
def descriptors():
    put("file", "0123456789")
    first = os.open("file", os.O_RDONLY)
    second = os.open("file", os.O_RDONLY)
    os.close(first)
    third = os.open("file", os.O_RDWR | os.O_APPEND)
    yield ["lowest number", third == first, second - first]
    os.write(third, b"end")
    yield [os.lseek(third, 0, os.SEEK_CUR), os.lseek(second, 0, os.SEEK_CUR)]
    again = os.open(f"/proc/self/fd/{second}", os.O_RDWR)
    os.pwrite(again, b"Z", 0)
    yield get("file")
    yield os.readlink(f"/proc/self/fd/{again}").rsplit("/", 1)[1]
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (again + 1, limit[1]))
    yield opened("file", os.O_RDONLY)
    yield opened("unborn", os.O_CREAT | os.O_RDWR)
    yield answer(os.mkdir, "born")
    resource.setrlimit(resource.RLIMIT_NOFILE, limit)
    yield os.path.exists("unborn")
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4, old[1]))
    too_long = answer(os.truncate, "file", 100)
    resource.setrlimit(resource.RLIMIT_FSIZE, old)
    yield too_long
    reader, writer = os.pipe()
    fd = os.open(f"/dev/fd/{writer}", os.O_WRONLY)
    os.write(fd, b"piped")
    yield os.read(reader, 9)
    yield os.stat("/dev/stdin").st_mode == os.fstat(0).st_mode


@case
def own_process():
    with open("/proc/self/status", encoding="utf-8") as file:
        pid = next(line for line in file if line.startswith("Pid:"))
    yield int(pid.split()[1]) == os.getpid()
    with open("/proc/thread-self/comm", encoding="utf-8") as file:
        yield file.read().startswith("python")
    yield os.path.basename(get("/proc/self/cmdline").split("\0")[1])
    yield os.path.samefile(os.readlink("/proc/self/exe"), sys.executable)
    put("/proc/self/comm", "renamed")
    yield get("/proc/self/comm").strip()
    put("/proc/self/oom_score_adj", "500")
    yield get("/proc/self/oom_score_adj").strip()
    yield get(f"/proc/{os.getpid()}/cmdline") == get("/proc/self/cmdline")
    yield os.path.samefile("/proc/self/cwd", ".")
    yield opened("/dev/null", os.O_RDWR)
    yield opened("/dev/tty", os.O_RDWR)


@case
def blocking():
    """A pipe without a peer holds up its opener and nobody else."""
    os.mkfifo("fifo")
    got = []

    def read():
        with open("fifo", encoding="utf-8") as file:
            got.append(file.read())

    readers = [threading.Thread(target=read) for _ in range(50)]
    for reader in readers:
        reader.start()
    begin = time.monotonic()
    put("meanwhile")
    yield time.monotonic() - begin < 1
    with open("fifo", "w", encoding="utf-8"):
        time.sleep(0.3)
    for reader in readers:
        reader.join(10)
    yield len(got)


class Interrupted(Exception):
    pass


@case
def interruption():
    def interrupt(*_):
        raise Interrupted

    os.mkfifo("fifo")
    signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        os.open("fifo", os.O_RDONLY)
    except Interrupted:
        yield "interrupted"
    # Timers that go off all the time must not break calls or do them twice.
    # With SA_RESTART: without it, a call that waits for its turn at the
    # supervisor may be interrupted, as one that waits for a slow disk.
    ticks = []
    signal.signal(signal.SIGALRM, lambda *_: ticks.append(1))
    signal.siginterrupt(signal.SIGALRM, False)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    made = [answer(os.mkdir, f"d{i}") for i in range(500)]
    signal.setitimer(signal.ITIMER_REAL, 0)
    yield [len(ticks) > 0, sorted(set(map(str, made)))]


@case
def local_sockets():
    server = socket.socket(socket.AF_UNIX)
    yield answer(server.bind, "sock")
    yield f"{os.stat('sock').st_mode:o}"
    yield answer(socket.socket(socket.AF_UNIX).bind, "sock")
    server.listen()
    client = socket.socket(socket.AF_UNIX)
    yield answer(client.connect, "sock")
    peer, _ = server.accept()
    yield [client.getpeername(), peer.getsockname()]
    client.sendmsg([b"one", b"two"])
    yield peer.recv(10)
    yield answer(socket.socket(socket.AF_UNIX).connect, "missing")
    put("file")
    yield answer(socket.socket(socket.AF_UNIX).connect, "file")
    yield answer(socket.socket(socket.AF_UNIX).connect, "/" + "x" * 106)
    tcp = socket.socket()
    yield answer(tcp.bind, ("127.0.0.1", 0))
    port = tcp.getsockname()[1]
    tcp.listen()
    yield answer(socket.socket().bind, ("127.0.0.1", port))
    waiting = socket.socket()
    waiting.setblocking(False)
    yield waiting.connect_ex(("127.0.0.1", port)) in (0, errno.EINPROGRESS)
    yield socket.socket().connect_ex(("127.0.0.1", port))
    left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    left.sendmsg([b"x" * 1000])
    yield len(right.recv(2000))
    right.close()
    yield answer(left.sendmsg, [b"x"])
    left, right = socket.socketpair()
    right.close()
    yield answer(left.sendmsg, [b"x"])
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        left.sendmsg([b"x"])
        os._exit(0)
    yield os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@case
def running():
    put("script", "#!/bin/sh\necho ran $0 $1\nexit 3\n")
    read_fd, write_fd = os.pipe()
    for path, mode in (("script", 0o644), ("script", 0o755), ("missing", 0),
                       (".", 0o755)):
        if mode:
            os.chmod(path, mode)
        pid = os.fork()
        if pid == 0:
            os.dup2(write_fd, 1)
            failed = answer(os.execv, "./" + path, ["name", "argument"])
            os._exit(100 if failed == "EACCES" else 101)
        yield os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(write_fd)
    yield os.read(read_fd, 100)
    yield os.waitstatus_to_exitcode(os.system("kill -9 $$"))


def main():
    top = os.getcwd()
    for name, function in CASES:
        os.chdir(top)
        directory = name.replace(" ", "-")
        os.mkdir(directory)
        os.chdir(directory)
        pid = os.fork()
        if pid == 0:
            for number, line in enumerate(function()):
                print(f"{name} {number}: {line}", flush=True)
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        print(f"{name}: ends with {status}", flush=True)


main()
