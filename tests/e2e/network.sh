#!/bin/bash
# SPDX-License-Identifier: MIT
# What a session reaches: natively everything here, under supervision what a
# rule names, and what is its own.
# shellcheck disable=SC2016
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# Names in capitals stand for ports and paths, see expand. The columns: the
# probe with its operands (joined by commas), the server that it reaches (- for
# none), the answers with --net allowlist and a rule for V4A, and with
# --net none. "any" means: anything, as long as the server is not reached.
ROWS='
connect-tcp,127.0.0.1,V4A             v4a              ok      ENETUNREACH
connect-tcp,127.0.0.1,V4B             v4b              EACCES  ENETUNREACH
connect-tcp,::ffff:127.0.0.1,V4B      v4b              EACCES  ENETUNREACH
connect-tcp,0.0.0.0,V4B               v4b              EACCES  ENETUNREACH
connect-tcp,::1,V6                    v6               EACCES  ENETUNREACH
connect-tcp,::,V6                     v6               EACCES  ENETUNREACH
connect-mptcp,127.0.0.1,V4B           v4b              any     any
fastopen-sendto,127.0.0.1,V4B         v4b              any     any
fastopen-sendmsg,127.0.0.1,V4B        v4b              any     any
fastopen-sendmmsg,127.0.0.1,V4B       v4b              any     any
bind-connect,127.0.0.2,V4B,127.0.0.1  v4b              EACCES  ENETUNREACH
bind-connect,::1,V4B,127.0.0.1        v4b              EACCES  ENETUNREACH
connect-udp,127.0.0.1,UDP             -                EACCES  ENETUNREACH
udp-sendto,127.0.0.1,UDP              udp              EACCES  ENETUNREACH
udp-sendmsg,127.0.0.1,UDP             udp              EACCES  ENETUNREACH
udp-sendmmsg,127.0.0.1,UDP            udp              EACCES  ENETUNREACH
connect-unix,INSIDE/stream            inside-stream    ok      ok
unix-sendto,INSIDE/dgram              inside-dgram     ok      ok
unix-sendmsg,INSIDE/dgram             inside-dgram     ok      ok
unix-sendmmsg,INSIDE/dgram            inside-dgram     ok      ok
connect-unix,OUTSIDE/stream           outside-stream   EACCES  EACCES
connect-unix,INSIDE/link              outside-stream   EACCES  EACCES
connect-unix-dgram,OUTSIDE/dgram      -                EACCES  EACCES
unix-sendto,OUTSIDE/dgram             outside-dgram    EACCES  EACCES
unix-sendmsg,OUTSIDE/dgram            outside-dgram    EACCES  EACCES
unix-sendmmsg,OUTSIDE/dgram           outside-dgram    EACCES  EACCES
pair-sendto,OUTSIDE/dgram             outside-dgram    EACCES  EACCES
pair-sendmsg,OUTSIDE/dgram            outside-dgram    EACCES  EACCES
pair-connect,OUTSIDE/dgram            -                EACCES  EACCES
connect-unix,@OUTSIDE/stream          abstract-stream  EPERM|EACCES  EPERM|EACCES
unix-sendto,@OUTSIDE/dgram            abstract-dgram   EPERM|EACCES  EPERM|EACCES
unix-sendmsg,@OUTSIDE/dgram           abstract-dgram   EPERM|EACCES  EPERM|EACCES
bind-tcp,127.0.0.1,0                  -                ok      ok
bind-tcp,::1,0                        -                ok      ok
bind-tcp,0.0.0.0,0                    -                EACCES  EACCES
bind-tcp,::,0                         -                EACCES  EACCES
listen-unbound                        -                EACCES  EACCES
socket,2,2,0                          -                EACCES  ENETUNREACH
socket,10,2,0                         -                EACCES  ENETUNREACH
socket,1,1,0                          -                ok      ok
socket,16,3,0                         -                ok      ok
socket,2,1,262                        -                EPROTONOSUPPORT  EPROTONOSUPPORT
socket,2,1,132                        -                EPROTONOSUPPORT  EPROTONOSUPPORT
socket,2,3,1                          -                EPERM|EACCES  EPERM|EACCES
socket,2,3,255                        -                EPERM|EACCES  EPERM|EACCES
socket,17,3,0                         -                EPERM|EACCES  EPERM|EACCES
socket,17,2,768                       -                EPERM|EACCES  EPERM|EACCES
socket,40,1,0                         -                EAFNOSUPPORT  EAFNOSUPPORT
socket,38,5,0                         -                EAFNOSUPPORT  EAFNOSUPPORT
socket,16,3,16                        -                EPROTONOSUPPORT  EPROTONOSUPPORT
'

mkdir -p "$T/log"
ln -s "$OUTSIDE/stream" "$WS/link"
coproc SERVERS { exec "$PYTHON" "$TESTS/e2e/servers.py" "$T/log" "$WS" "$OUTSIDE"; }
read -r ports <&"${SERVERS[0]}" || fail "no servers"
: >"$T/log/reached"
port() {
	sed -n "s/.*$1=\([0-9]*\).*/\1/p" <<<"$ports"
}
V4A=$(port v4a) V4B=$(port v4b) V6=$(port v6) UDP=$(port udp)

# The operands of a row, one on each line.
expand() {
	sed -e "s,\bV4A\b,$V4A,; s,\bV4B\b,$V4B,; s,\bV6\b,$V6,; s,\bUDP\b,$UDP,
		s,OUTSIDE,$OUTSIDE,; s,INSIDE,$WS," <<<"$1" | tr , '\n'
}

# Runs each row, natively or in a session; prints its number and the answer.
cat >"$T/run-rows" <<'SCRIPT'
while IFS=$'\t' read -r number operands; do
	IFS=, read -ra words <<<"$operands"
	read -r answer <<<"$(timeout 5 "$1" "${words[@]}")"
	echo "$number $answer"
done <"$2"
SCRIPT

# The rows of this host, numbered: $T/rows; for the script: $T/operands
number=0
while read -r operands server allowlist none; do
	[ -n "$operands" ] || continue
	[[ $operands == *V6* ]] && [ -z "$V6" ] && continue
	number=$((number + 1))
	echo "$number $operands $server $allowlist $none" >>"$T/rows"
	printf '%d\t%s\n' "$number" "$(expand "$operands" | paste -sd,)" \
		>>"$T/operands"
done <<<"$ROWS"

answer_of() {
	sed -n "s/^$1 //p" "$T/answers"
}

# How often a server was reached, once it has had the time to say so.
reached() {
	grep -cx "$1" "$T/log/reached"
}

natively() {
	local number operands server answer

	: >"$T/log/reached"
	bash "$T/run-rows" "$1" "$T/operands" >"$T/answers"
	sleep 0.3
	: >"$T/impossible"
	while read -r number operands server _; do
		answer=$(answer_of "$number")
		case $operands in
		socket,* | bind-connect,::1* | connect-mptcp*)
			# Modules and rights that a host need not have.
			if [ "$answer" != ok ]; then
				note "not possible here: $operands ($answer)"
				echo "$number" >>"$T/impossible"
				continue
			fi
			;;
		fastopen-*)
			[ "$answer" = EINPROGRESS ] && continue
			;;
		esac
		eq "native: $operands" ok "$answer"
		[ "$server" = - ] && continue
		more "native: $operands reaches $server" "$(reached "$server")" 0
	done <"$T/rows"
}

# confined COLUMN PROGRAM OPTIONS…
confined() {
	local column=$1 program=$2 number operands server allowlist none want
	local answer what

	shift 2
	: >"$T/log/reached"
	sup -q "$@" -- bash "$T/run-rows" "$program" "$T/operands"
	cp "$T/stdout" "$T/answers"
	sleep 0.3
	eq "the session ends" 0 "$RC" || echo "$ERR"
	while read -r number operands server allowlist none; do
		want=${!column}
		answer=$(answer_of "$number")
		what="--net $column, $(basename "$program"): $operands"
		CHECKS=$((CHECKS + 1))
		if grep -qx "$number" "$T/impossible"; then
			[ "$answer" != ok ] || [ "$want" = ok ] ||
				fail "$what: not refused"
		elif [ "$want" != any ]; then
			[[ "|$want|" == *"|$answer|"* ]] ||
				fail "$what: wanted $want, got $answer"
		fi
	done <"$T/rows"
	for server in v4a v4b v6 udp {outside,abstract}-{stream,dgram}; do
		want=0
		[ "$server,$column" = v4a,allowlist ] && want=1
		eq "--net $column: how often $server is reached" "$want" \
			"$(reached "$server")"
	done
	more "--net $column: inside is reached" "$(reached inside-stream)" 0
}

for program in refused refused-static; do
	natively "$PROBES/$program"
	confined allowlist "$PROBES/$program" -n allowlist \
		--allow-net "127.0.0.1:$V4A"
	log_has "allowed connection" allow net.connect "127.0.0.1:$V4A"
	log_has "refused connection" deny net.connect "127.0.0.1:$V4B" EACCES
	log_has "refused unix socket" deny unix.connect "$OUTSIDE/stream" EACCES
	log_has "refused datagram" deny unix.send "$OUTSIDE/dgram" EACCES
	confined none "$PROBES/$program" --net none
	log_has "no network" deny net.connect "127.0.0.1:$V4A" ENETUNREACH
done

# --- rules -----------------------------------------------------------------

sup -q -n allowlist -a "127.0.0.1:$V4A" -a "[::1]:$V6" -- \
	"$PROBES/refused" connect-tcp ::1 "$V6"
[ -z "$V6" ] || eq "a rule for IPv6" ok "$OUT"
sup -q -n allowlist -a "127.0.0.0/8:$V4B" -- \
	"$PROBES/refused" connect-tcp 127.0.0.1 "$V4B"
eq "a rule for a network" ok "$OUT"
sup -q -n allowlist -a "127.0.0.1:$V4A" -- \
	"$PROBES/refused" connect-tcp ::ffff:127.0.0.1 "$V4A"
eq "a mapped address is the same address" ok "$OUT"
sup -q --allow-unix "$OUTSIDE/stream" -- \
	"$PROBES/refused" connect-unix "$OUTSIDE/stream"
eq "--allow-unix" ok "$OUT"
sup -q --allow-unix "$OUTSIDE/stream" -- \
	"$PROBES/refused" connect-unix-dgram "$OUTSIDE/dgram"
eq "--allow-unix: not the other one" EACCES "$OUT"
for row in "connect-tcp 127.0.0.1 $V4B" "udp-sendto 127.0.0.1 $UDP" \
	"bind-tcp 0.0.0.0 0"; do
	# shellcheck disable=SC2086 # words
	sup -q --net open -- "$PROBES/refused" $row
	eq "--net open: $row" ok "$OUT"
	# shellcheck disable=SC2086 # words
	sup -q -m full-access -- "$PROBES/refused" $row
	eq "full-access: $row" ok "$OUT"
done
sup -q --net open -- "$PROBES/refused" connect-unix "$OUTSIDE/stream"
eq "--net open is not for unix sockets" EACCES "$OUT"

# --- ordinary programs -----------------------------------------------------

# One script for each program that is there; it gets a port.
mkdir get
program() {
	command -v "$1" >/dev/null || return
	cat >"get/$(basename "$1")"
}
program curl <<<'curl -sS --max-time 5 "http://127.0.0.1:$1/"'
program wget <<<'wget -q -T 5 -t 1 -O - "http://127.0.0.1:$1/"'
program nc <<<'nc -N -w 2 127.0.0.1 "$1"'
program node <<<'node -e "fetch(\"http://127.0.0.1:$1/\")
	.then(r => r.text()).then(console.log)"'
program "$PYTHON" <<<"$PYTHON"' -c "import urllib.request as u
print(u.urlopen(\"http://127.0.0.1:$1/\").read())"'
program bash <<<'exec 3<>"/dev/tcp/127.0.0.1/$1"; echo >&3; cat <&3'

for script in get/*; do
	name=${script#get/}
	run bash "$script" "$V4B"
	has "native: $name" hello "$OUT" || echo "$ERR"
	sup -q -n allowlist -a "127.0.0.1:$V4A" -- bash "$script" "$V4B"
	hasnt "$name: refused" hello "$OUT"
	no "$name: refused, and knows it" [ "$RC" -eq 0 ]
	sup -q -n allowlist -a "127.0.0.1:$V4A" -- bash "$script" "$V4A"
	has "$name: allowed" hello "$OUT" || echo "$ERR"
done

# A server of the session's own is reached from inside and, unlike one on all
# addresses, from nowhere else than this host.
cat >server.py <<'END'
import os, socket, sys, threading
server = socket.create_server((sys.argv[1], 0))
port = server.getsockname()[1]
def answer():
    connection, _ = server.accept()
    connection.sendall(b"own")
    connection.close()
threading.Thread(target=answer).start()
print(socket.create_connection((sys.argv[2], port)).recv(9).decode())
END
for net in allowlist none; do
	sup -q -n $net -- "$PYTHON" server.py 127.0.0.1 127.0.0.1
	eq "--net $net: the session's own server" own "$OUT" || echo "$ERR"
done
sup -q -- "$PYTHON" -c 'import socket
a, b = socket.socketpair()
socket.send_fds(a, [b"x"], [0])
print(len(socket.recv_fds(b, 9, 1)[1]))'
eq "descriptors over a pair" 1 "$OUT"
sup -q -- "$PYTHON" -c 'import socket
s = socket.socket(socket.AF_UNIX); s.bind("\0sbx-test-own"); s.listen()
c = socket.socket(socket.AF_UNIX); c.connect("\0sbx-test-own"); print("own")'
eq "an abstract socket of the session" own "$OUT"

fd=${SERVERS[1]}
exec {fd}>&-
finish
