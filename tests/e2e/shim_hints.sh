#!/bin/bash
# SPDX-License-Identifier: MIT
# The shim with its supervisor: a refused call says why, once, where a person
# or a model reads it, and nowhere else.
# shellcheck source-path=SCRIPTDIR source=shim_lib.sh
. "$(dirname "$0")/shim_lib.sh"
need shim_static

DENIED=$OUTSIDE/denied

# As sup, but stderr is a pipe: a file gets no hints.
piped() {
	rm -f "$AUDIT"
	exec 3>"$T/stdout"
	ERR=$(timeout -k 5 "${LIMIT:-60}" "$SBXSUP" --audit "$AUDIT" "$@" \
		2>&1 >&3 </dev/null 3>&-)
	exec 3>&-
	OUT=$(<"$T/stdout")
}

# explained NAME COMMAND...: the command writes $DENIED. It does so unconfined,
# and is refused with one line that names the file.
explained() {
	local name=$1

	shift
	if ! command -v "$1" >/dev/null; then
		note "absent: $name"
		return
	fi
	rm -rf "$DENIED"
	run "$@"
	ok "$name: writes unconfined" [ -e "$DENIED" ]
	rm -rf "$DENIED"
	piped -m workspace-write -- "$@"
	no "$name: writes confined" [ -e "$DENIED" ]
	eq "$name: hints" 1 "$(hints "$ERR")" || echo "$ERR"
	has "$name: names the file" "$DENIED" "$(grep '^sbxsup: refused ' <<<"$ERR")"
	eq "$name: stdout is untouched" "" "$OUT"
}

explained sh sh -c "echo x >$DENIED"
explained bash bash -c "echo x >$DENIED"
explained mkdir mkdir "$DENIED"
explained python3 "$PYTHON" -c "open('$DENIED', 'w')"
explained perl perl -e "open(F, '>', '$DENIED') or die"
explained node node -e "require('fs').writeFileSync('$DENIED', '')"
explained "an empty environment" env -i "PATH=$PATH" sh -c "echo x >$DENIED"
explained "a cleaned environment" \
	env -u LD_PRELOAD -u SBXSUP_PRELOAD sh -c "echo x >$DENIED"

# --- what is said once -----------------------------------------------------

run sh -c "for i in 1 2 3; do echo x >>$DENIED; done"
eq "a loop writes unconfined" 3 "$(wc -l <"$DENIED")"
rm -rf "$DENIED"
piped -- sh -c "for i in 1 2 3; do echo x >>$DENIED; done; true"
eq "a loop says it once" 1 "$(hints "$ERR")" || echo "$ERR"
piped -- sh -c "cat /dev/null/x; cat absent; mkdir .; true"
eq "failures of other kinds say nothing" 0 "$(hints "$ERR")" || echo "$ERR"
echo hush >secret
chmod 000 secret
if [ "$(id -u)" -ne 0 ]; then
	piped -- sh -c 'cat secret; true'
	has "a natural refusal" "Permission denied" "$ERR"
	eq "a natural refusal is not explained" 0 "$(hints "$ERR")"
fi

# --- where it must not go --------------------------------------------------

sup -- sh -c "echo x >$DENIED"
eq "stderr is a file: hints" 0 "$(hints "$ERR")" || echo "$ERR"
has "stderr is a file: the shell's own message" "Read-only" "$ERR"
if command -v script >/dev/null; then
	text=$(timeout 60 script -qec "$SBXSUP -- sh -c 'echo x >$DENIED'" \
		/dev/null </dev/null)
	eq "a terminal: hints" 1 "$(hints "$text")" || echo "$text"
fi
piped -e SBXSUP_HINTS=off -- sh -c "echo x >$DENIED"
eq "SBXSUP_HINTS=off" 0 "$(hints "$ERR")" || echo "$ERR"
has "SBXSUP_HINTS=off: refused all the same" "Read-only" "$ERR"
piped -q -- sh -c "echo x >$DENIED"
eq "--quiet" 0 "$(hints "$ERR")" || echo "$ERR"
piped --no-preload -- sh -c "echo x >$DENIED"
eq "--no-preload" 0 "$(hints "$ERR")" || echo "$ERR"

# A program without the shim is refused just the same, and silently.
run "$PROBES/shim_static" "$DENIED"
eq "static: writes unconfined" OK "$OUT"
rm -rf "$DENIED"
piped -q -- "$PROBES/shim_static" "$DENIED"
eq "static: refused" EROFS "$OUT"
eq "static: hints" 0 "$(hints "$ERR")" || echo "$ERR"
log_has "static: recorded" deny "fs.(create|write)" "$DENIED" EROFS

# The file that the shim asks exists only for it, and only inside.
no "no file outside" [ -e /.sbxsup/reason ]
finish
