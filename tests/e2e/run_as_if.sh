#!/bin/bash
# SPDX-License-Identifier: MIT
# A program runs as if sbxsup were not there: exit status, signals, standard
# streams, working directory, umask; and nothing that it started outlives it.
# What is in single quotes is for the session to expand.
# shellcheck disable=SC2016
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# --- exit status -----------------------------------------------------------

printf '#!/bin/sh\necho hello\n' >not-executable
status() {
	local want=$1

	shift
	sup -q "$@"
	eq "exit status of $*" "$want" "$RC"
}

status 0 -- true
status 7 -- sh -c 'exit 7'
status 255 -- sh -c 'exit 255'
status 127 -- no-such-command-anywhere
status 127 -- ./no-such-file
status 126 -- ./not-executable
status 126 -- "$WS"
for pair in TERM:143 KILL:137 HUP:129 USR1:138 SEGV:139 PIPE:141; do
	status "${pair#*:}" -- sh -c 'ulimit -c 0; kill -'"${pair%:*}"' $$'
done
for bad in "--no-such-option" "-m no-such-mode" "-n no-such-net" \
	"-m read-only" "-a nonsense:port:1" "-C /no/such/directory" \
	"-n none -a 127.0.0.1:80" "-w relative/../../.."; do
	# shellcheck disable=SC2086 # words
	case $bad in
	"-m read-only") run "$SBXSUP" $bad ;;
	"-w "*) continue ;;
	*) run "$SBXSUP" $bad -- touch "$WS/ran" ;;
	esac
	eq "exit status of $bad" 125 "$RC"
	no "$bad: nothing was run" [ -e "$WS/ran" ]
	has "$bad: says so" sbxsup "$ERR"
done
sup -q true
eq "without --" 0 "$RC"
sup -q sh -c 'exit 9'
eq "options after the command are its own" 9 "$RC"

# --- streams, directory, umask ---------------------------------------------

head -c 3000000 /dev/urandom >"$T/bytes"
timeout 60 "$SBXSUP" -q -- cat <"$T/bytes" >"$T/copy" 2>"$T/stderr"
ok "bytes pass through" cmp "$T/bytes" "$T/copy"
timeout 60 "$SBXSUP" -q -- sh -c 'cat >&2' <"$T/bytes" 2>"$T/copy"
ok "bytes pass through stderr" cmp "$T/bytes" "$T/copy"
timeout 60 "$SBXSUP" -q -- sh -c 'echo out; echo err >&2' >"$T/o" 2>"$T/e"
eq "stdout" out "$(cat "$T/o")"
eq "stderr, and nothing else" err "$(cat "$T/e")"
eq "a pipeline" 3 "$(seq 5 | timeout 60 "$SBXSUP" -q -- sed -n 3p)"
eq "a reader that leaves" y "$(timeout 60 "$SBXSUP" -q -- yes | head -1)"
timeout 60 "$SBXSUP" -q -- sh -c 'true' <&- >&- 2>&-
eq "closed streams" 0 "$?"

mkdir -p "sub dir"
cd "sub dir" || exit 1
sup -q -- pwd
eq "working directory" "$WS/sub dir" "$OUT"
cd .. || exit 1
(
	umask 027
	sup -q -- sh -c 'umask; echo x > masked; mkdir masked-dir; mkfifo masked-fifo'
	echo "$OUT" >"$T/umask"
)
eq "umask" 0027 "$(cat "$T/umask")"
eq "umask of a file" 640 "$(stat -c %a masked)"
eq "umask of a directory" 750 "$(stat -c %a masked-dir)"
eq "umask of a pipe" 640 "$(stat -c %a masked-fifo)"
sup -q -- sh -c 'umask 0; echo x > open-file; ln -s x link; chmod 4711 masked'
eq "umask of the session's own" 666 "$(stat -c %a open-file)"
eq "chmod" 4711 "$(stat -c %a masked)"
eq "owner" "$(id -u):$(id -g)" "$(stat -c %u:%g open-file)"

# --- descendants -----------------------------------------------------------

# In a few seconds, not at once; and not left behind where it is.
must_go() {
	[ "$2" -gt 1 ] || return
	ok "$1 $2 is gone" within 50 gone "$2" || kill -KILL "$2" 2>/dev/null
}

begin=$SECONDS
sup -q -- sh -c 'sleep 1234 & echo $! > pid; exit 5'
eq "a background child: status" 5 "$RC"
ok "a background child: at once" [ $((SECONDS - begin)) -lt 5 ]
must_go "a background child" "$(cat pid)"

run "$PROBES/daemon" "$WS/result" "$OUTSIDE/daemon" 0
within 50 [ -e result ]
eq "native: a daemon writes" ok "$(cut -d' ' -f1 result)"
ok "native: a daemon writes" [ -e "$OUTSIDE/daemon" ]
rm -f result "$OUTSIDE/daemon"
sup -q -- sh -c '"$1" "$2/result" "$3/daemon" 1234; while [ ! -e result ]
	do sleep 0.05; done' - "$PROBES/daemon" "$WS" "$OUTSIDE"
read -r answer daemon _ <result
eq "a daemon is refused, too" EROFS "$answer"
no "a daemon leaves nothing" [ -e "$OUTSIDE/daemon" ]
log_has "a daemon is in the log" deny "fs.(create|write)" "$OUTSIDE/daemon" \
	EROFS
must_go "a daemon" "$daemon"
sup -q -- sh -c 'for i in 1 2 3 4 5 6 7 8; do (trap "" TERM HUP INT
	setsid sh -c "trap \"\" TERM HUP; sleep 1234 & echo \$! >> pids
	sleep 1234" & echo $! >> pids) & done; while [ "$(wc -l < pids)" -lt 16 ]
	do sleep 0.05; done'
while read -r pid; do
	must_go "a stubborn descendant" "$pid"
done <pids

# --- signals ---------------------------------------------------------------

# Starts a session in the background and waits until it says that it is ready.
# It has a process that is nobody's child any more.
prologue='echo $$ > pid; echo "$TMPDIR" > tmpdir; (setsid sleep 1234 & echo $! > stray); '
session() {
	rm -f ready stray pid
	timeout -k 5 60 "$SBXSUP" -q --audit "$AUDIT" -- \
		sh -c "$prologue $1" >"$T/session" 2>&1 </dev/null &
	job=$!
	within 100 [ -s ready ] || fail "session does not start: $1"
	front=$(children_of "$job")
	front=${front%% *}
	shell=$(cat pid)
	stray=$(cat stray)
}

# The session ends, with this status, and nothing stays.
session_ends() {
	ok "$1: front $front goes" within 50 gone "$front" || kill -KILL "$job"
	wait "$job"
	eq "$1: status" "$2" "$?"
	must_go "$1: command" "$shell"
	must_go "$1: stray" "$stray"
}

for signal in TERM USR1 HUP; do
	session "trap 'echo got $signal; exit 3' $signal; echo x > ready
		for i in \$(seq 300); do sleep 0.1; done"
	kill -"$signal" "$front"
	session_ends "$signal" 3
	eq "$signal reaches the command" "got $signal" "$(cat "$T/session")"
done
session "echo x > ready; exec sleep 1234"
kill -TERM "$front"
session_ends "TERM, not caught" 143

# What a process may not signal must not be reached by chance, either.
sup -q -- sh -c 'kill -KILL 0'
eq "kill 0 ends the command only" 137 "$RC"
eq "kill 0 leaves a summary" summary "$(tail -1 "$AUDIT" | jq -r .type)"

for victim in front broker; do
	session "echo x > ready; exec sleep 1234"
	broker=
	for child in $(children_of "$front"); do
		case " $(children_of "$child") " in
		*" $shell "*) broker=$child ;;
		esac
	done
	if ok "the broker is between front and command" [ -n "$broker" ]; then
		kill -KILL "${!victim}"
	else
		kill -KILL "$front"
	fi
	for other in "$front" "$broker" "$shell" "$stray"; do
		[ -n "$other" ] && must_go "death of $victim" "$other"
	done
	wait "$job"
	# Nobody is left to remove it when the front is killed.
	private=$(cat tmpdir)
	if [ "$victim" = front ]; then
		[[ $private == */sbxsup-* ]] && rm -rf "$private"
	else
		no "death of $victim: TMPDIR stays" [ -e "$private" ]
	fi
done

finish
