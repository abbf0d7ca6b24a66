#!/bin/bash
# SPDX-License-Identifier: MIT
# Interpreters and tools with the shim, without a supervisor: each does the same
# as without it, and a refused write explains itself.
# shellcheck source-path=SCRIPTDIR source=shim_lib.sh
. "$(dirname "$0")/shim_lib.sh"
need shim_refuse
need_test_shim

# program NAME COMMAND...: the command writes the file "made"
program() {
	local name=$1 text

	shift
	if ! command -v "$1" >/dev/null; then
		note "absent: $name"
		return
	fi
	rm -rf made
	run "$@"
	eq "$name without the shim: exit status" 0 "$RC"
	ok "$name without the shim: writes" [ -e made ]
	rm -rf made
	text=$(LD_PRELOAD=$SHIM_TEST "$@" 2>&1)
	eq "$name with the shim: exit status" 0 $?
	ok "$name with the shim: writes" [ -e made ]
	eq "$name with the shim: says nothing" 0 "$(hints "$text")"
	rm -rf made
	text=$(SHIM_REFUSE_PRELOAD=$SHIM_TEST "$PROBES/shim_refuse" "$@" 2>&1 \
		>/dev/null)
	no "$name refused: writes" [ -e made ]
	# Once for each call: only the supervisor knows what it has said.
	more "$name refused: hints" "$(hints "$text")" 0
}

cat >Made.java <<'END'
class Made {
	public static void main(String[] arguments) throws Exception {
		new java.io.FileOutputStream("made").close();
	}
}
END

program sh sh -c 'echo x >made'
program bash bash -c 'echo x >made'
program busybox busybox sh -c 'echo x >made'
program touch touch made
program cp cp sbxsup-reason made
program mkdir mkdir made
program ln ln -s sbxsup-reason made
program python3 "$PYTHON" -c 'open("made", "w")'
program perl perl -e 'open(F, ">", "made") or die'
program node node -e 'require("fs").writeFileSync("made", "")'
program env-i env -i "PATH=$PATH" sh -c 'echo x >made'
if command -v javac >/dev/null && javac Made.java 2>/dev/null; then
	program java java -XX:-UsePerfData Made
else
	note "absent: java"
fi
finish
