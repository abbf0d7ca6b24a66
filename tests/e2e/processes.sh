#!/bin/bash
# SPDX-License-Identifier: MIT
# Other processes of the user, and system calls that nobody in a session gets:
# natively they work, under supervision they fail, by whatever program.
# What is in single quotes is for the session to expand.
# shellcheck disable=SC2016
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# operation | operand | answers under supervision | record | marks
# Operand: PID is a fresh process outside of the session, which must live on.
# Record: the log holds a denial of that access; - where the kernel itself
# (Landlock, or an answer that programs fall back on) refuses.
# Marks: root  natively for root only
#        opt   natively not possible everywhere
ROWS='
kill              PID  EPERM         -
tgkill            PID  EPERM         -
sigqueue          PID  EPERM         -
pidfd-signal      PID  EPERM         -
ptrace            PID  EPERM         -         opt
vm-readv          PID  EPERM         syscall   opt
proc-mem          PID  EACCES        fs.read_write  opt
proc-environ      PID  EPERM|EACCES  -
pidfd-getfd       PID  EPERM         -         opt
prlimit           PID  EPERM         syscall
seccomp-listener  -    EPERM         syscall
io-uring          -    ENOSYS        -         opt
clone3-user       -    ENOSYS        -         opt
clone-user        -    EPERM         syscall   opt
unshare-user      -    EPERM         syscall   opt
userfaultfd       -    EPERM         syscall   opt
perf              -    EPERM         syscall   opt
bpf               -    EPERM         syscall   root,opt
add-key           -    EPERM         syscall   opt
kcmp              -    EPERM         syscall   opt
mount             DIR  EPERM         syscall   root,opt
chroot            DIR  EPERM         syscall   root,opt
open-by-handle    DIR  EPERM         syscall   root,opt
tiocsti           -    EPERM         syscall   root,opt
set-dumpable      -    EAGAIN        -
'

# Runs in a session or natively; prints operation and answer.
cat >"$T/run-rows" <<'SCRIPT'
while read -r op operand rest; do
	read -r answer <<<"$("$1" "$op" "$operand")"
	echo "$op $answer"
done <"$2"
SCRIPT

# A fresh process for each row that wants one.
number_rows() {
	local op operand rest

	while read -r op operand rest; do
		[ -n "$op" ] || continue
		[ "$(id -u)" -eq 0 ] || [[ $rest != *root* ]] || continue
		case $operand in
		PID)
			sleep 300 &
			operand=$!
			started
			;;
		DIR) operand=$WS/dir ;;
		esac
		echo "$op $operand $rest"
	done <<<"$ROWS" >"$T/rows"
}

native() {
	local op operand rest answer

	number_rows
	: >"$T/impossible"
	bash "$T/run-rows" "$1" "$T/rows" >"$T/native"
	while read -r op operand _ _ rest; do
		answer=$(sed -n "s/^$op //p" "$T/native")
		if [ "$answer" != ok ] && [[ $rest == *opt* ]]; then
			note "not possible here: $op ($answer)"
			echo "$op" >>"$T/impossible"
			continue
		fi
		eq "native: $op" ok "$answer"
		case $op in
		kill | tgkill | sigqueue | pidfd-signal)
			ok "native: $op" within 20 gone "$operand"
			;;
		esac
	done <"$T/rows"
}

confined() {
	local program=$1 op operand want record answer what

	shift
	number_rows
	sup -q "$@" bash "$T/run-rows" "$program" "$T/rows"
	cp "$T/stdout" "$T/confined"
	eq "the session ends" 0 "$RC"
	decisions >"$T/decisions"
	while read -r op operand want record _; do
		what="$(basename "$program") $*: $op"
		answer=$(sed -n "s/^$op //p" "$T/confined")
		CHECKS=$((CHECKS + 1))
		if grep -qx "$op" "$T/impossible"; then
			[ "$answer" != ok ] || fail "$what: not refused"
			continue
		fi
		[[ "|$want|" == *"|$answer|"* ]] ||
			fail "$what: wanted $want, got $answer"
		[[ $operand == [0-9]* ]] && ok "$what: lives" alive "$operand"
		[ "$record" = - ] && continue
		ok "$what: record" grep -q "^deny.$record.$want" "$T/decisions"
	done <"$T/rows"
}

mkdir dir
programs=("$PROBES/refused" "$PROBES/refused-static")
[ -x "$PROBES/refused-musl" ] && programs+=("$PROBES/refused-musl")
for program in "${programs[@]}"; do
	native "$program"
	confined "$program" --
	confined "$program" -m read-only --
done

# The supervisor itself is such a process. In a session the parent is the
# broker, and what it has open is not for the session to open.
sup -q -- bash -c 'for op in kill ptrace pidfd-getfd prlimit proc-mem; do
	"$1" $op $PPID; done; for fd in {0..30}; do for op in openat:w openat:r
	do "$1" $op path /proc/$PPID/fd/$fd; done; done' - "$PROBES/refused"
eq "the broker is out of reach" "EACCES EPERM" \
	"$(tr ' ' '\n' <<<"$OUT" | sort -u | xargs)"
eq "the broker is out of reach: all answers" 67 "$(wc -l <<<"$OUT")"

# A terminal of the user's that is not the session's: who can read it gets what
# is typed, who can write it draws what he likes. One of its own is fine.
cat >another.py <<'END'
import os, pty, subprocess, sys
master, slave = pty.openpty()
os.write(master, b"typed\n")
print(subprocess.run(sys.argv[1:] + [os.ttyname(slave)], stdout=-1, text=True,
                     stdin=subprocess.DEVNULL).stdout, end="")
END
for op in openat:w openat:rw openat:r; do
	run timeout 5 "$PYTHON" another.py "$PROBES/refused" $op path
	eq "native: another terminal: $op" ok "$OUT"
	run "$PYTHON" another.py timeout 5 "$SBXSUP" -q -- \
		"$PROBES/refused" $op path
	eq "another terminal: $op" EACCES "$OUT"
done
sup -q -- "$PYTHON" another.py "$PROBES/refused" openat:w path
eq "a terminal of the session's own" ok "$OUT"

# Inside, processes of a session may do with each other what they like.
sup -q -- bash -c 'sleep 300 & for op in prlimit ptrace proc-environ kill; do
	"$1" $op $!; done' - "$PROBES/refused"
eq "inside the session" "ok ok ok ok" "$(echo "$OUT" | xargs)"

# --- the 32-bit door -------------------------------------------------------

int80() {
	local want=$1

	shift
	: >change
	rm -rf made made-dir
	: >remove
	chmod 644 change
	run "$@" bash -c 'for pair in create:made mkdir:made-dir unlink:remove \
		chmod:change; do "$0" "${pair%:*}" "$PWD/${pair#*:}"; done' \
		"$PROBES/int80"
	eq "int80 ${1:-}" "$want $want $want $want" "$(echo "$OUT" | xargs)"
}
if [ "$("$PROBES/int80" chmod "$WS")" = unsupported ]; then
	note "no 32-bit system calls here"
else
	chmod 755 "$WS"
	int80 ok
	ok "native: int80 creates" [ -e made ]
	no "native: int80 removes" [ -e remove ]
	# In the workspace, too: what is not understood is not done.
	rm -f "$AUDIT"
	int80 ENOSYS "$SBXSUP" -q --audit "$AUDIT" --
	no "int80: nothing created" [ -e made ]
	no "int80: no directory" [ -e made-dir ]
	ok "int80: nothing removed" [ -e remove ]
	eq "int80: no mode changed" 644 "$(stat -c %a change)"
	ok "int80: record" grep -q "^deny.syscall.ENOSYS" <(decisions)
fi

# --- a thread with a table and a directory of its own ------------------------

private() {
	rm -rf "$WS/private" "$OUTSIDE/private" "$HOME/.ssh"
	mkdir -p "$WS/private" "$OUTSIDE/private" "$HOME/.ssh"
	echo x | tee "$WS/private/data" "$OUTSIDE/private/data" \
		"$HOME/.ssh/data" >/dev/null
	"$@" "$PROBES/private" "$WS/private" "$OUTSIDE/private" "$HOME/.ssh"
}
all_ok=$(printf '%s ok\n' prepare create-by-descriptor create-by-directory \
	mkdir chmod secret-by-descriptor secret-by-directory)
private run
eq "native: private" "$all_ok
$all_ok" "$OUT"
private sup -q --
eq "private" "prepare ok
create-by-descriptor EROFS
create-by-directory EROFS
mkdir EROFS
chmod EROFS
secret-by-descriptor EACCES
secret-by-directory EACCES
$all_ok" "$OUT"
eq "private: nothing outside" "data 644" \
	"$(cd "$OUTSIDE/private" && stat -c "%n %a" ./* | cut -c3-)"

# --- a program that cannot be looked into -----------------------------------

# Whoever may not read a program may not read its memory either, so it is not
# run; and should it be run, because its mode changed at the right moment, then
# what it asks for is refused.
cp "$PROBES/refused-static" unreadable
chmod 111 unreadable
run ./unreadable openat:c path "$WS/new"
eq "native: an unreadable program runs" ok "$OUT"
rm -f new
sup -q -- ./unreadable openat:c path "$WS/new"
eq "an unreadable program" 126 "$RC"
log_has "an unreadable program" deny exec "$WS/unreadable" EACCES
sup -q -- bash -c 'while chmod 111 "$0" && chmod 755 "$0"; do :; done &
	for i in {1..200}; do "$0" openat:c path "$1"; done; kill $!' \
	./unreadable "$OUTSIDE/new" 2>/dev/null
hasnt "an unreadable program gets nothing" ok "$OUT"
no "an unreadable program changes nothing" [ -e "$OUTSIDE/new" ]

# --- processes that are killed in the middle of it -----------------------------

mkdir -p storm "$OUTSIDE/storm"
sup -q -- "$PROBES/storm" "$WS/storm" "$OUTSIDE/storm"
eq "storm: who answers survives" "inside ok
outside EROFS" "$(tail -2 <<<"$OUT")" || echo "$ERR"
more "storm: killed" "$(sed -n 's/^killed //p' <<<"$OUT")" 20
eq "storm: nothing outside" "" "$(ls "$OUTSIDE/storm")"
eq "storm: the log ends well" summary "$(tail -1 "$AUDIT" | jq -r .type)"

# --- 64 threads at once ----------------------------------------------------

mkdir -p many "$OUTSIDE/many"
echo "KEY=hush" >.env
threads() {
	rm -f many/*
	run "$@" "$PROBES/threads" "$WS/many" "$OUTSIDE/many" "$WS/.env"
}
threads
eq "native: threads" "inside ok 1600
outside ok 1600
secret ok 1600" "$OUT"
rm -f "$OUTSIDE"/many/*
rm -f "$AUDIT"
threads timeout 60 "$SBXSUP" -q --audit "$AUDIT" --
eq "threads" "inside ok 1600
outside EROFS 1600
secret EACCES 1600" "$OUT"
eq "threads: nothing outside" "" "$(ls "$OUTSIDE/many")"
eq "threads: all changes are in the log" 1600 "$(decisions |
	grep -c "^allow.fs.create.*$WS/many/")"
eq "threads: all denials are in the log" 1600 "$(decisions |
	grep -c "^deny.fs.create.*$OUTSIDE/many/")"
eq "threads: serials are distinct" "" "$(jq -r '.serial // empty' "$AUDIT" |
	sort | uniq -d | head -3)"

finish
