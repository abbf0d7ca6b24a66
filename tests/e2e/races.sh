#!/bin/bash
# SPDX-License-Identifier: MIT
# Arguments that change while they are looked at. Natively each race is won
# within its time, or the test says so; under supervision it is never won.
# shellcheck disable=SC2153
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

export SBX_RACE_SECONDS=${SBX_RACE_SECONDS:-2}
LIMIT=$((SBX_RACE_SECONDS + 30))
# A race that nobody runs is not lost: each kind of call must have been both
# granted and refused.
both_happened() {
	local name _ ok refused

	while read -r name _ ok _ refused; do
		more "$1: $name was granted" "$ok" 0
		more "$1: $name was refused" "$refused" 0
	done < <(grep " refused " <<<"$OUT")
}

# --- paths -----------------------------------------------------------------

A=$T/flip-a B=$T/flip-b
fresh() {
	rm -rf "$A" "$B"
	mkdir -p "$A" "$B/later"
	rmdir "$B/later"
	local name
	for name in open-trunc openat2 unlink rename-from rename-to chmod \
		truncate; do
		echo keep >"$B/$name"
		echo keep >"$A/$name"
	done
	echo SECRET >"$A/.env"
	echo plain >"$A/.enx"
}

fresh
snapshot "$B" >"$T/before"
run "$PROBES/race_path" "$A" "$B" "$A/.env"
eq "native: race_path ends" 0 "$RC"
more "native: forbidden files are reached" \
	"$(sed -n 's/^reached //p' <<<"$OUT")" 0
more "native: the secret is read" "$(sed -n 's/^secret //p' <<<"$OUT")" 0
eq "native: names and content are changed" \
	"link-to mkdir open open-trunc openat2 rename-from rename-to symlink truncate unlink" \
	"$(cd "$B" && {
		find . -mindepth 1 ! -type f
		find . -type f -size -5c
		find . -type f -size +5c
		for name in unlink rename-from; do
			[ -e "$name" ] || echo "./$name"
		done
	} | cut -c3- | sort -u | xargs)"

for variant in "" --no-preload; do
	fresh
	snapshot "$B" >"$T/before"
	# shellcheck disable=SC2086 # none or one
	sup -q $variant -C "$A" -- "$PROBES/race_path" "$A" "$B" "$A/.env"
	what="race_path $variant"
	eq "$what ends" 0 "$RC" || echo "$ERR"
	eq "$what: forbidden files are not reached" "reached 0" \
		"$(grep ^reached <<<"$OUT")"
	eq "$what: the secret is not read" "secret 0" \
		"$(grep ^secret <<<"$OUT")"
	eq "$what: nothing changed" "" \
		"$(snapshot "$B" | diff "$T/before" -)"
	OUT=$(grep -v ^openat2 <<<"$OUT")
	both_happened "$what"
done

# --- descriptors and the working directory -----------------------------------

A=$WS/fd B=$OUTSIDE/fd S=$HOME/.ssh
fresh_fd() {
	local dir

	rm -rf "$A" "$B" "$S"
	mkdir -p "$A" "$B" "$S"
	for dir in "$A" "$B" "$S"; do
		echo plain | tee "$dir/data" "$dir/attributes" >/dev/null
	done
	echo keep | tee "$B/unlink" "$B/rename" >/dev/null
	echo SECRET >"$S/data"
}

fresh_fd
run "$PROBES/race_fd" "$A" "$B" "$S"
eq "native: race_fd ends" 0 "$RC"
more "native: forbidden files are reached" \
	"$(sed -n 's/^reached //p' <<<"$OUT")" 0
more "native: the secret is read" "$(sed -n 's/^secret //p' <<<"$OUT")" 0
eq "native: names are changed" "attributes create create-here data mkdir" \
	"$(find "$B" -mindepth 1 -printf '%f\n' | sort | xargs)"
eq "native: attributes are changed" "600 1" \
	"$(stat -c '%a %Y' "$B/attributes")"
fresh_fd
snapshot "$B" "$S" >"$T/before"
sup -q -- "$PROBES/race_fd" "$A" "$B" "$S"
eq "race_fd ends" 0 "$RC" || echo "$ERR"
eq "race_fd: forbidden files are not reached" "reached 0" \
	"$(grep ^reached <<<"$OUT")"
eq "race_fd: the secret is not read" "secret 0" "$(grep ^secret <<<"$OUT")"
eq "race_fd: nothing changed" "" "$(snapshot "$B" "$S" | diff "$T/before" -)"
both_happened "race_fd"

# --- directories that turn into links --------------------------------------

fresh_link() {
	rm -rf "$WS/swap" "$OUTSIDE/swap"
	mkdir -p "$WS/swap/real" "$OUTSIDE/swap"
	echo keep | tee "$OUTSIDE/swap/append" "$OUTSIDE/swap/unlink" \
		"$OUTSIDE/swap/chmod" "$OUTSIDE/swap/rename-to" \
		"$WS/swap/real/append" "$WS/swap/real/chmod" >/dev/null
}
fresh_link
snapshot "$OUTSIDE/swap" >"$T/before"
run "$PROBES/race_link" "$WS/swap" "$OUTSIDE/swap"
eq "native: race_link ends" 0 "$RC"
more "native: race_link changes what is outside" \
	"$(snapshot "$OUTSIDE/swap" | diff "$T/before" - | wc -l)" 5
fresh_link
snapshot "$OUTSIDE/swap" >"$T/before"
sup -q -- "$PROBES/race_link" "$WS/swap" "$OUTSIDE/swap"
eq "race_link ends" 0 "$RC" || echo "$ERR"
eq "race_link: nothing changed" "" \
	"$(snapshot "$OUTSIDE/swap" | diff "$T/before" -)"
more "race_link: swaps" "$(sed -n 's/^swaps //p' <<<"$OUT")" 10
both_happened "race_link"

# --- addresses -------------------------------------------------------------

# Two listeners outside of the session. Ports in $allowed and $forbidden.
listeners() {
	coproc LISTEN { exec "$PROBES/listen" 2; }
	read -r allowed forbidden <&"${LISTEN[0]}"
	listen_pid=$LISTEN_PID
}
# How many came: first to the allowed one, then to the forbidden one.
counts() {
	local fd=${LISTEN[1]}

	exec {fd}>&-
	read -r came refused_came <&"${LISTEN[0]}"
	wait "$listen_pid"
}

listeners
run "$PROBES/race_connect" 127.0.0.1 "$allowed" "$forbidden" "$WS/none"
eq "native: race_connect ends" 0 "$RC"
counts
more "native: the allowed listener is reached" "$came" 0
more "native: the forbidden listener is reached" "$refused_came" 0

for variant in "" --no-preload; do
	listeners
	# shellcheck disable=SC2086 # none or one
	sup -q $variant -n allowlist --allow-net "127.0.0.1:$allowed" -- \
		"$PROBES/race_connect" 127.0.0.1 "$allowed" "$forbidden" \
		"$WS/none"
	what="race_connect $variant"
	eq "$what ends" 0 "$RC" || echo "$ERR"
	counts
	more "$what: the allowed listener is reached" "$came" 0
	eq "$what: the forbidden listener is not reached" 0 "$refused_came"
	OUT=$(grep '^connect ' <<<"$OUT")
	both_happened "$what"
done

finish
