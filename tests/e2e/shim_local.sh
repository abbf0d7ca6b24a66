#!/bin/sh
# SPDX-License-Identifier: MIT
# The shim without a supervisor: its test build reads the reason from a file,
# and a filter in the probes refuses. VARIANT names other builds of the probes
# ("-musl").
. "$(dirname "$0")/shim_lib.sh"
variant=${VARIANT:-}
need "shim_hooks$variant" "shim_edges$variant" "shim_exec$variant"
need_test_shim

# edge CASE LINES: what the probe says, and how many hints come with it.
edge() {
	text=$(LD_PRELOAD=$test_shim "$PROBES/shim_edges$variant" "$1" 2>&1)
	status=$?
	[ "$status" -eq 77 ] && skip "$text"
	check "$1" "0 $2 hints" "$status $(hints "$text") hints"
}

library() {
	command -v readelf >/dev/null || return
	check "needs no library" 0 \
		"$(readelf -dW "$SHIM" | grep -c NEEDED)"
	check "needs no symbol version" 0 \
		"$(readelf -VW "$SHIM" | grep -c Name:)"
	symbols=$sources/../../preload/symbols.def
	check "exports what symbols.def lists" \
		"$(sed -n 's/^[A-Z_]*(\([a-z0-9_]*\)[,)].*/\1/p' "$symbols" |
			sort)" \
		"$(readelf --dyn-syms -W "$SHIM" |
			awk '$5 == "GLOBAL" && $7 != "UND" { print $8 }' |
			sort)"
}

hooks() {
	mkdir hooks && cd hooks || exit 1
	cp ../sbxsup-reason .
	text=$(LD_PRELOAD=$test_shim "$PROBES/shim_hooks$variant" 2>&1)
	check "every hook" 0 $?
	printf '%s\n' "$text" | grep -v good
	cd ..
}

edges() {
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
}

# A reader that keeps up or not: every line is whole.
threads() {
	text=$(LD_PRELOAD=$test_shim "$PROBES/shim_edges$variant" threads 2>&1)
	check "threads: result" "good threads" \
		"$(printf '%s\n' "$text" | grep -v '^sbxsup: ')"
	check "threads: only whole lines" "$reason" \
		"$(printf '%s\n' "$text" | grep '^sbxsup: ' | sort -u)"
}

where() {
	LD_PRELOAD=$test_shim "$PROBES/shim_edges$variant" plain >out 2>err
	check "stderr is a file" "0 0" "$? $(wc -c <err)"
	check "stdout is untouched" "good refused" "$(cat out)"
	LD_PRELOAD=$test_shim "$PROBES/shim_edges$variant" plain 2>/dev/null \
		>out
	check "stderr is /dev/null" 0 $?
	command -v script >/dev/null || return
	text=$(script -qec "LD_PRELOAD=$test_shim \
		$PROBES/shim_edges$variant plain" /dev/null </dev/null)
	check "stderr is a terminal" 1 "$(hints "$text")"
}

silent() {
	check "$1" "good refused" \
		"$(LD_PRELOAD=$test_shim "$PROBES/shim_edges$variant" plain \
			2>&1)"
}

texts() {
	export SBXSUP_HINTS=off
	silent "SBXSUP_HINTS=off"
	unset SBXSUP_HINTS
	: >sbxsup-reason
	silent "nothing to say"
	printf '%s' "$reason" >sbxsup-reason
	silent "a line without an end"
	echo "somebody else's file" >sbxsup-reason
	silent "another file"
	rm sbxsup-reason
	silent "outside sbxsup"
	long=$(printf 'sbxsup: %01015d' 0)
	printf '%s\n' "$long" >sbxsup-reason
	text=$(LD_PRELOAD=$test_shim "$PROBES/shim_edges$variant" plain 2>&1)
	check "a line of 1024 bytes" "$long" \
		"$(printf '%s\n' "$text" | grep '^sbxsup: ')"
}

# arrives FORM [NAME=VALUE...]: what the executed program has in its environment
arrives() {
	LD_PRELOAD=$test_shim SBXSUP_PRELOAD=$test_shim \
		"$PROBES/shim_exec$variant" "$@" | sort
}

keeps() {
	both=$(printf 'LD_PRELOAD=%s\nSBXSUP_PRELOAD=%s' "$test_shim" \
		"$test_shim")
	for form in $("$PROBES/shim_exec$variant" list); do
		check "$form without the shim" "A=1" \
			"$("$PROBES/shim_exec$variant" "$form" A=1)"
		check "$form with an empty environment" "$both" \
			"$(arrives "$form")"
		check "$form with all there" "$both" \
			"$(arrives "$form" "LD_PRELOAD=$test_shim" \
				"SBXSUP_PRELOAD=$test_shim")"
	done
	check "a library of the program's own" \
		"LD_PRELOAD=$test_shim:$SHIM" \
		"$(arrives execve "LD_PRELOAD=$SHIM" | grep '^LD_')"
	check "an empty LD_PRELOAD" "$both" "$(arrives execve LD_PRELOAD=)"
	check "ours among others" "LD_PRELOAD=$SHIM $test_shim" \
		"$(arrives execve "LD_PRELOAD=$SHIM $test_shim" | grep '^LD_')"
	check "hints that are off stay off" "SBXSUP_HINTS=off" \
		"$(export SBXSUP_HINTS=off && arrives execve | grep HINTS)"
	check "the largest environment" "4096 2" \
		"$(arrives many 4096 vfork | awk '/^V/ { v++ } !/^V/ { o++ }
			END { print v + 0, o + 0 }')"
	check "an environment too large" "4097 0" \
		"$(arrives many 4097 vfork | awk '/^V/ { v++ } !/^V/ { o++ }
			END { print v + 0, o + 0 }')"
	check "nothing without SBXSUP_PRELOAD" "" \
		"$(LD_PRELOAD=$test_shim "$PROBES/shim_exec$variant" execve)"
}

library
hooks
edges
threads
where
texts
keeps
finish
