#!/bin/bash
# SPDX-License-Identifier: MIT
# The shim without a supervisor: its test build reads the reason from a file,
# and a filter in the probes refuses. VARIANT names other builds of the probes
# ("-musl").
# shellcheck source-path=SCRIPTDIR source=shim_lib.sh
. "$(dirname "$0")/shim_lib.sh"

HOOKS=$PROBES/shim_hooks${VARIANT:-}
EDGES=$PROBES/shim_edges${VARIANT:-}
EXEC=$PROBES/shim_exec${VARIANT:-}
need "$(basename "$HOOKS")" "$(basename "$EDGES")" "$(basename "$EXEC")"
need_test_shim

# --- the library -----------------------------------------------------------

if command -v readelf >/dev/null; then
	symbols=$TESTS/../preload/symbols.def
	eq "needs no library" 0 "$(readelf -dW "$SHIM" | grep -c NEEDED)"
	eq "needs no version" 0 "$(readelf -VW "$SHIM" | grep -c Name:)"
	eq "exports what symbols.def lists" \
		"$(sed -n 's/^[A-Z_]*(\([a-z0-9_]*\)[,)].*/\1/p' "$symbols" |
			sort)" \
		"$(readelf --dyn-syms -W "$SHIM" |
			awk '$5 == "GLOBAL" && $7 != "UND" { print $8 }' |
			sort)"
fi

# --- every hook ------------------------------------------------------------

mkdir hooks
cp sbxsup-reason hooks
run env -C hooks LD_PRELOAD="$SHIM_TEST" "$HOOKS"
[ "$RC" -eq 77 ] && skip "$OUT"
eq "every hook: exit status" 0 "$RC"
hasnt "every hook" FAIL "$OUT"

# --- situations in which a hint could do harm ------------------------------

# edge CASE LINES: the probe is content, and that many hints come with it.
edge() {
	local text status

	text=$(LD_PRELOAD=$SHIM_TEST "$EDGES" "$1" 2>&1)
	status=$?
	eq "$1: exit status" 0 "$status" || echo "$text"
	eq "$1: hints" "$2" "$(hints "$text")"
}

mkfifo fifo
edge plain 1
edge early 0
edge closed 0
edge socket 0
edge dlerror 1
edge no-reader 0
edge full 0
edge signal 1
edge vfork 2
edge cancel 0

# A reader that does not keep up loses lines, never parts of them.
text=$(LD_PRELOAD=$SHIM_TEST "$EDGES" threads 2>&1)
eq "threads: result" "good threads" "$(grep -v '^sbxsup: ' <<<"$text")"
eq "threads: whole lines only" "$REASON" \
	"$(grep '^sbxsup: ' <<<"$text" | sort -u)"

# --- where stderr goes -----------------------------------------------------

run env LD_PRELOAD="$SHIM_TEST" "$EDGES" plain
eq "stderr is a file: exit status" 0 "$RC"
eq "stderr is a file: it stays empty" "" "$ERR"
eq "stdout is untouched" "good refused" "$OUT"
eq "stderr is /dev/null" "good refused" \
	"$(LD_PRELOAD=$SHIM_TEST "$EDGES" plain 2>/dev/null)"
if command -v script >/dev/null; then
	text=$(script -qec "LD_PRELOAD=$SHIM_TEST $EDGES plain" /dev/null \
		</dev/null)
	eq "stderr is a terminal" 1 "$(hints "$text")"
fi

# --- what there is to say --------------------------------------------------

silent() {
	eq "$1" "good refused" "$(LD_PRELOAD=$SHIM_TEST "$EDGES" plain 2>&1)"
}

export SBXSUP_HINTS=off
silent "SBXSUP_HINTS=off"
unset SBXSUP_HINTS
: >sbxsup-reason
silent "nothing to say"
printf '%s' "$REASON" >sbxsup-reason
silent "a line without an end"
echo "somebody else's file" >sbxsup-reason
silent "another file"
rm sbxsup-reason
silent "outside sbxsup"
long=$(printf 'sbxsup: %01015d' 0)
echo "$long" >sbxsup-reason
eq "a line of 1024 bytes" "$long" \
	"$(LD_PRELOAD=$SHIM_TEST "$EDGES" plain 2>&1 | grep '^sbxsup: ')"

# --- kept across exec ------------------------------------------------------

# arrives FORM [NAME=VALUE...]: what the executed program has.
arrives() {
	LD_PRELOAD=$SHIM_TEST SBXSUP_PRELOAD=$SHIM_TEST "$EXEC" "$@" | sort
}

# How many variables the program set, and how many were added.
arrive_count() {
	arrives "$@" | awk '/^V/ { v++ } !/^V/ { o++ }
		END { print v + 0, o + 0 }'
}

both=$(printf 'LD_PRELOAD=%s\nSBXSUP_PRELOAD=%s' "$SHIM_TEST" "$SHIM_TEST")
more "forms of exec" "$("$EXEC" list | wc -l)" 10
for form in $("$EXEC" list); do
	eq "$form without the shim" "A=1" "$("$EXEC" "$form" A=1)"
	eq "$form with an empty environment" "$both" "$(arrives "$form")"
	eq "$form with all there" "$both" \
		"$(arrives "$form" "LD_PRELOAD=$SHIM_TEST" \
			"SBXSUP_PRELOAD=$SHIM_TEST")"
done
eq "a library of the program's own" "LD_PRELOAD=$SHIM_TEST:$SHIM" \
	"$(arrives execve "LD_PRELOAD=$SHIM" | grep '^LD_')"
eq "an empty LD_PRELOAD" "$both" "$(arrives execve LD_PRELOAD=)"
eq "ours among others" "LD_PRELOAD=$SHIM $SHIM_TEST" \
	"$(arrives execve "LD_PRELOAD=$SHIM $SHIM_TEST" | grep '^LD_')"
eq "hints that are off stay off" "SBXSUP_HINTS=off" \
	"$(export SBXSUP_HINTS=off && arrives execve | grep HINTS)"
eq "the largest environment" "4096 2" "$(arrive_count many 4096 vfork)"
eq "an environment too large" "4097 0" "$(arrive_count many 4097 vfork)"
eq "nothing without SBXSUP_PRELOAD" "" \
	"$(LD_PRELOAD=$SHIM_TEST "$EXEC" execve)"
finish
