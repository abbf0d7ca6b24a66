#!/bin/bash
# SPDX-License-Identifier: MIT
# What is allowed behaves as natively: the same answers, errors, modes, flags
# and blocking, in a session with and without the shim.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

script=$TESTS/e2e/parity.py
in_fresh_directory() {
	chmod -R u+rwx "$WS/fresh" 2>/dev/null
	rm -rf "$WS/fresh"
	mkdir "$WS/fresh"
	cd "$WS/fresh" || exit 1
	umask 022
	"$@"
	cd "$WS" || exit 1
}

in_fresh_directory run timeout 60 "$PYTHON" "$script"
cp "$T/stdout" "$T/native"
eq "native: ends" 0 "$RC" || echo "$ERR"
eq "native: no case breaks" "" \
	"$(grep 'ends with' "$T/native" | grep -v 'ends with 0')" || echo "$ERR"
more "native: lines" "$(wc -l <"$T/native")" 300

for options in "" --no-preload "-m full-access" --log-only; do
	# shellcheck disable=SC2086 # words
	in_fresh_directory sup -q $options -- "$PYTHON" "$script"
	eq "in a session $options: ends" 0 "$RC" || echo "$ERR"
	eq "in a session $options" "" "$(diff "$T/native" "$T/stdout")"
done

finish
