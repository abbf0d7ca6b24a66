#!/bin/bash
# SPDX-License-Identifier: MIT
# What reviewers once got out of a session, or lost in one: addresses, messages
# between sockets, terminals. attacks.sh has the rest.
# What is in single quotes is for the session to expand.
# shellcheck disable=SC2016
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

export CALLS=$PROBES/attack_calls
# The answers of a script, on one line.
words() {
	xargs <<<"$OUT"
}

# --- the unspecified address ------------------------------------------------

# Two services of the host. Which loopback address the unspecified one means,
# the kernel takes from the address that the socket is bound to.
cat >"$T/host.py" <<'END'
import socket, sys, threading
def listen(address):
    listener = socket.create_server((address, 0))
    print(listener.getsockname()[1], flush=True)
    return listener
def serve(listener):
    while True:
        connection, _ = listener.accept()
        print("reached", file=sys.stderr, flush=True)
        connection.send(b"host")
        connection.close()
listeners = [listen(address) for address in ("127.0.0.1", "127.0.0.5")]
for listener in listeners:
    threading.Thread(target=serve, args=(listener,), daemon=True).start()
sys.stdin.read()
END
cat >"$T/unspecified.py" <<'END'
import socket, sys
first, second = map(int, sys.argv[1:])
V6ONLY = (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)
def attempt(family, port, address, bound=None, listen=None):
    try:
        own = listen and socket.create_server((listen, port), family=family)
        client = socket.socket(family)
        client.settimeout(5)
        if bound:
            if family == socket.AF_INET6:
                client.setsockopt(*V6ONLY, 0)
            client.bind((bound, 0))
        client.connect((address, port))
        if own:
            own.settimeout(0.3)
            try:
                own.accept()[0].send(b"own")
            except TimeoutError:
                pass
        client.settimeout(1)
        print(client.recv(10).decode())
    except OSError as error:
        print("error", type(error).__name__)
attempt(socket.AF_INET, first, "127.0.0.1")
attempt(socket.AF_INET, second, "127.0.0.5")
if socket.has_ipv6:
    attempt(socket.AF_INET6, first, "::", "::ffff:127.0.0.1", "::1")
attempt(socket.AF_INET, second, "0.0.0.0", "127.0.0.5", "127.0.0.1")
mine = socket.create_server(("127.0.0.1", 0))
mine.settimeout(1)
client = socket.create_connection(("0.0.0.0", mine.getsockname()[1]), 1)
mine.accept()[0].send(b"mine")
print(client.recv(10).decode())
END
coproc HOST { exec "$PYTHON" "$T/host.py" 2>"$T/reached"; }
HOST_IN=${HOST[0]}
read -r first <&"$HOST_IN"
read -r second <&"$HOST_IN"
run "$PYTHON" "$T/unspecified.py" "$first" "$second"
eq "native: direct" "host host" "$(head -2 <<<"$OUT" | xargs)"
more "native: the host's services are reached in roundabout ways" \
	"$(tail -n +3 <<<"$OUT" | grep -c host)" 0
eq "native: one's own port" mine "$(tail -1 <<<"$OUT")"
sleep 0.2
: >"$T/reached"
for net in allowlist none; do
	sup -q -n $net -- "$PYTHON" "$T/unspecified.py" "$first" "$second"
	hasnt "$net: the host's services answer" host "$OUT"
	eq "$net: direct" "error error" \
		"$(head -2 <<<"$OUT" | cut -d' ' -f1 | xargs)"
	eq "$net: one's own port" mine "$(tail -1 <<<"$OUT")"
done
sleep 0.2
eq "the host's services are not reached" "" "$(cat "$T/reached")"

# --- options that lead packets elsewhere ------------------------------------

# domain level option: SO_BINDTODEVICE, SO_BINDTOIFINDEX, IP_OPTIONS,
# IP_UNICAST_IF, IPV6_RTHDR, IPV6_2292RTHDR, IPV6_2292PKTOPTIONS,
# IPV6_UNICAST_IF
OPTIONS='2 1 25
2 1 62
2 0 4
2 0 50
10 41 57
10 41 5
10 41 6
10 41 76'
while read -r option; do
	# shellcheck disable=SC2086 # three operands
	run "$CALLS" option $option
	no "native: option $option ($OUT)" [ "$OUT" = EPERM ]
	# shellcheck disable=SC2086
	sup -q -- "$CALLS" option $option
	eq "option $option" EPERM "$OUT"
	eq "option $option: record" 1 \
		"$(decisions | grep -c '^deny.syscall.EPERM.*setsockopt')"
done <<<"$OPTIONS"
# SO_REUSEADDR, TCP_NODELAY
sup -q -- bash -c '"$CALLS" option 2 1 2; "$CALLS" option 2 6 1'
eq "other options" "ok ok" "$(words)"

# --- messages ---------------------------------------------------------------

echo x >file
for op in stream "rights $WS/file"; do
	# shellcheck disable=SC2086 # operands
	for variant in "" "timeout -k 5 60 $SBXSUP -q --" \
		"timeout -k 5 60 $SBXSUP -q --no-preload --"; do
		run $variant "$CALLS" $op
		eq "${variant:+session: }${op% *}" ok "$OUT"
	done
done

# --- terminals of others, and one's own -------------------------------------

cat >"$T/another.py" <<'END'
import os, pty, subprocess, sys
master, slave = pty.openpty()
os.write(master, b"typed\n")
print(subprocess.run(sys.argv[1:] + [os.ttyname(slave)], stdout=-1, text=True,
                     stdin=subprocess.DEVNULL).stdout, end="")
END
# Only the program's own end of it is open, and a child uses it by name.
cat >"$T/own.py" <<'END'
import os, pty, select, subprocess
master, slave = pty.openpty()
name = os.ttyname(slave)
os.write(master, b"typed\n")
print(subprocess.run(["head", "-1", name], stdout=-1, text=True).stdout, end="")
subprocess.run(["sh", "-c", f"echo drawn > {name}"])
seen = b""
while b"drawn" not in seen and select.select([master], [], [], 2)[0]:
    seen += os.read(master, 100)
print(seen.decode().split()[-1])
END
for mode in workspace-write read-only; do
	for op in openat:w openat:rw openat:r; do
		run timeout 5 "$PYTHON" "$T/another.py" \
			"$PROBES/refused" $op path
		eq "native: another terminal: $op" ok "$OUT"
		rm -f "$AUDIT"
		run "$PYTHON" "$T/another.py" timeout -k 5 20 "$SBXSUP" -q \
			--audit "$AUDIT" -m $mode -- "$PROBES/refused" $op path
		eq "$mode: another terminal: $op" EACCES "$OUT"
		ok "$mode: another terminal: record" grep -qP \
			"^deny\tfs\..*\tEACCES\t/dev/pts/" <(decisions)
	done
	sup -q -m $mode -- "$PYTHON" "$T/own.py"
	eq "$mode: one's own terminal" "typed drawn" "$(words)"
done

own='cd "$TMPDIR" && script -qec "tty; echo drawn > /dev/tty" out >log 2>&1
	tr -d "\r" <log | sed "s,/[0-9]*$,/N," | xargs'
if command -v script >/dev/null; then
	run env TMPDIR="$WS" sh -c "$own"
	eq "native: script" "/dev/pts/N drawn" "$OUT"
	for mode in workspace-write read-only; do
		sup -q -m $mode -- sh -c "$own"
		eq "$mode: script" "/dev/pts/N drawn" "$OUT"
	done
fi
own='cd "$TMPDIR" && tmux -S "$TMPDIR/s" -f /dev/null new-session -d \
	"{ tty && echo drawn > \$(tty) && echo drawn; } > out 2>&1; mv out done"
	for i in $(seq 100); do [ -e done ] && break; sleep 0.1; done
	sed "s,/[0-9]*$,/N," done | xargs'
if command -v tmux >/dev/null; then
	run env TMPDIR="$WS" TERM=xterm sh -c "$own"
	if [ "$OUT" = "/dev/pts/N drawn" ]; then
		for mode in workspace-write read-only; do
			sup -q -m $mode -- env TERM=xterm sh -c "$own"
			eq "$mode: tmux" "/dev/pts/N drawn" "$OUT"
		done
	else
		note "tmux does not work here: $OUT $ERR"
	fi
fi

# --- hangup -----------------------------------------------------------------

# The terminal's window is closed; the program leads the terminal's session.
cat >"$T/hangup.py" <<'END'
import os, pty, sys, time
pid, master = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
end = time.monotonic() + 10
while not os.path.exists("started") and time.monotonic() < end:
    time.sleep(0.05)
time.sleep(0.3)
os.close(master)
end = time.monotonic() + 8
while time.monotonic() < end:
    ended, status = os.waitpid(pid, os.WNOHANG)
    if ended:
        code = os.waitstatus_to_exitcode(status)
        print("hangup" if code in (-1, 129) else f"ended with {code}")
        break
    time.sleep(0.05)
else:
    print("still running")
    os.kill(pid, 9)
END
sleeper='echo $$ > started.new; mv started.new started; exec sleep 300'
caught='trap "echo caught > caught; exit 3" HUP; '${sleeper/exec sleep 300/
	while :; do sleep 0.1; done}
for variant in "" "$SBXSUP -q --"; do
	what=${variant:+in a session: }
	rm -f started
	# shellcheck disable=SC2086 # words
	run "$PYTHON" "$T/hangup.py" $variant sh -c "$sleeper"
	eq "hangup ${what:-natively: }" hangup "$OUT"
	ok "hangup $what: the command ends" gone "$(cat started)"
	rm -f started caught
	# shellcheck disable=SC2086
	run "$PYTHON" "$T/hangup.py" $variant sh -c "$caught"
	eq "hangup ${what:-natively: } is caught" "ended with 3 caught" \
		"$OUT $(cat caught)"
done

# --- Ctrl-Z while the broker waits in place of the command ------------------

cat >"$T/stop.py" <<'END'
import os, pty, signal, sys, time
def wait(pid, flags, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        ended, status = os.waitpid(pid, flags | os.WNOHANG)
        if ended:
            return status
        time.sleep(0.02)
    return None
def lead(report, output):
    """Like a shell: the command in a group of its own, in the foreground."""
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpgrp())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        os.dup2(output, 1)
        os.execvp(sys.argv[2], [*sys.argv[2:], sys.argv[1]])
    status = wait(pid, os.WUNTRACED, 8)
    stopped = status is not None and os.WIFSTOPPED(status)
    os.write(report, b"stopped\n" if stopped else b"not stopped\n")
    if stopped:
        os.killpg(pid, signal.SIGCONT)
        time.sleep(0.5)
        with open(sys.argv[1], "w") as fifo:
            fifo.write("arrived\n")
        status = wait(pid, 0, 8)
        os.write(report, f"status {status}\n".encode())
    if status is None or os.WIFSTOPPED(status):
        os.kill(pid, signal.SIGKILL)
    os._exit(0)
read_end, write_end = os.pipe()
leader, master = pty.fork()
if leader == 0:
    signal.alarm(30)
    lead(write_end, write_end)
os.close(write_end)
time.sleep(1)
os.write(master, b"\x1a")
with os.fdopen(read_end) as report:
    print(report.read(), end="")
END
mkfifo fifo
for variant in "" "$SBXSUP -q --"; do
	# shellcheck disable=SC2086 # words
	run timeout -k 5 60 "$PYTHON" "$T/stop.py" fifo $variant cat
	eq "Ctrl-Z ${variant:+in a session}" "stopped arrived status 0" \
		"$(words)"
done

finish
