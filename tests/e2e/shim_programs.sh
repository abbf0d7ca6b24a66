#!/bin/sh
# SPDX-License-Identifier: MIT
# Interpreters and tools with the shim, without a supervisor: each does the same
# as without it, and a refused write explains itself.
. "$(dirname "$0")/shim_lib.sh"
need shim_refuse
need_test_shim

# program NAME COMMAND...: the command writes the file "made"
program() {
	name=$1
	shift
	if ! command -v "$1" >/dev/null; then
		echo "absent: $name"
		return
	fi
	rm -rf made
	"$@" >out 2>&1
	check "$name writes without the shim" "0 yes" \
		"$? $([ -e made ] && echo yes)"
	rm -rf made
	text=$(LD_PRELOAD=$test_shim "$@" 2>&1)
	check "$name writes with the shim" "0 yes 0 hints" \
		"$? $([ -e made ] && echo yes) $(hints "$text") hints"
	rm -rf made
	text=$(SHIM_REFUSE_PRELOAD=$test_shim "$PROBES/shim_refuse" "$@" 2>&1 \
		>out)
	# Once for each call: only the supervisor knows what it has said.
	check "$name is refused" "no explained" \
		"$([ -e made ] && echo yes || echo no) $([ "$(hints "$text")" \
			-gt 0 ] && echo explained)"
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
program python3 python3 -c 'open("made", "w")'
program perl perl -e 'open(F, ">", "made") or die'
program node node -e 'require("fs").writeFileSync("made", "")'
program env-i env -i "PATH=$PATH" sh -c 'echo x >made'
if command -v javac >/dev/null && javac Made.java 2>/dev/null; then
	program java java -Xshare:auto -XX:-UsePerfData Made
else
	echo "absent: javac"
fi
finish
