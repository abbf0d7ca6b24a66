# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
# What the end-to-end tests share. A test is a bash script that sources this
# file, makes assertions (each prints what was wanted and what came), and ends
# with finish. It gets from its caller:
#   SBXSUP  the program            SHIM  the preload library
#   PROBES  directory of probes
# Everything happens below $T, in the home directory, because the places for
# temporary files are writable in a session. HOME is $T/home.
set -u

: "${SBXSUP:?}" "${SHIM:?}" "${PROBES:?}"
TESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# What comes with a version manager is slow to start and may need its HOME.
PYTHON=/usr/bin/python3
[ -x "$PYTHON" ] || PYTHON=$(command -v python3)

EXIT_SKIP=77
FAILURES=0
CHECKS=0
STARTED=()
OUT=
ERR=
RC=0

# Ends what this test started, by pid, and removes what it made.
cleanup() {
	local pid

	for pid in "${STARTED[@]}"; do
		kill -KILL "$pid" 2>/dev/null
	done
	chmod -R u+rwX "$T" 2>/dev/null
	rm -rf "$T"
}

skip() {
	echo "SKIP: $*"
	exit "$EXIT_SKIP"
}

# A background process that cleanup ends. Its pid is in $!.
started() {
	STARTED+=("$!")
	disown "$!"
}

fail() {
	FAILURES=$((FAILURES + 1))
	echo "FAIL: $*"
}

note() {
	echo "-- $*"
}

eq() {
	CHECKS=$((CHECKS + 1))
	[ "$2" = "$3" ] && return 0
	fail "$1: wanted '${2:0:1000}', got '${3:0:3000}'"
	return 1
}

# The third argument, a file or a text, holds the second.
has() {
	CHECKS=$((CHECKS + 1))
	if [ -f "$3" ]; then
		grep -qF -- "$2" "$3" && return 0
		fail "$1: wanted '$2' in $3, got: $(head -c 1000 "$3")"
	else
		grep -qF -- "$2" <<<"$3" && return 0
		fail "$1: wanted '$2' in: $(head -c 1000 <<<"$3")"
	fi
	return 1
}

hasnt() {
	CHECKS=$((CHECKS + 1))
	if [ -f "$3" ]; then
		grep -qF -- "$2" "$3" || return 0
	else
		grep -qF -- "$2" <<<"$3" || return 0
	fi
	fail "$1: did not want '$2'"
	return 1
}

ok() {
	local what=$1

	shift
	CHECKS=$((CHECKS + 1))
	"$@" && return 0
	fail "$what: '$*' failed with $?"
	return 1
}

no() {
	local what=$1

	shift
	CHECKS=$((CHECKS + 1))
	"$@" || return 0
	fail "$what: '$*' succeeded"
	return 1
}

more() {
	CHECKS=$((CHECKS + 1))
	[ "$2" -gt "$3" ] 2>/dev/null && return 0
	fail "$1: wanted more than $3, got '$2'"
	return 1
}

# Runs a command and keeps its answer in OUT, ERR and RC.
run() {
	"$@" >"$T/stdout" 2>"$T/stderr" </dev/null
	RC=$?
	OUT=$(tr -d '\0' <"$T/stdout")
	ERR=$(tr -d '\0' <"$T/stderr")
}

# The same under supervision, with a fresh audit log in $AUDIT.
sup() {
	rm -f "$AUDIT"
	run timeout -k 5 "${LIMIT:-60}" "$SBXSUP" --audit "$AUDIT" "$@"
}

# Waits until a command succeeds, for a number of tenths of a second.
within() {
	local tenths=$1 i

	shift
	for ((i = 0; i < tenths; i++)); do
		"$@" && return 0
		sleep 0.1
	done
	return 1
}

alive() {
	kill -0 "$1" 2>/dev/null && [ "$(ps -o stat= -p "$1" | cut -c1)" != Z ]
}

gone() {
	! alive "$1"
}

children_of() {
	cat /proc/"$1"/task/*/children 2>/dev/null
}

# All decisions of the log as lines: verdict access errno object object2
decisions() {
	jq -r 'select(.type == "decision") |
		[.verdict, .access, .errno // "-", .object // "-",
		 .object2 // "-"] | join("\t")' "$AUDIT"
}

# log_has WHAT VERDICT ACCESS OBJECT [ERRNO]; ACCESS may be a pattern of jq.
log_has() {
	CHECKS=$((CHECKS + 1))
	jq -e -n --arg verdict "$2" --arg access "^($3)\$" --arg object "$4" \
		--arg errno "${5:-}" '
		[inputs | select(.type == "decision" and .verdict == $verdict
			and (.access | test($access)) and .object == $object
			and ($errno == "" or .errno == $errno))] |
		length > 0' "$AUDIT" >/dev/null 2>&1 && return 0
	fail "$1: wanted $2 $3 $4 ${5:-} in the log, which has:"
	decisions | grep -F -- "$(basename "$4")" | head -20
	return 1
}

log_hasnt() {
	CHECKS=$((CHECKS + 1))
	jq -e -n --arg verdict "$2" --arg access "^($3)\$" --arg object "$4" '
		[inputs | select(.type == "decision" and .verdict == $verdict
			and (.access | test($access)) and .object == $object)] |
		length == 0' "$AUDIT" >/dev/null 2>&1 && return 0
	fail "$1: did not want $2 $3 $4 in the log"
	return 1
}

# Everything about a tree that a refused call might have changed.
snapshot() {
	find "$@" -printf '%i %y %m %U:%G %s %n %T@ %C@ %p %l\n' | sort
	find "$@" -type f -print0 | sort -z | xargs -0r cksum
}

# A repository with one commit, a hook directory and something to change.
make_repository() {
	git -C "$1" init -q -b main &&
		mkdir -p "$1/.git/hooks" &&
		echo one >"$1/tracked.txt" &&
		git -C "$1" add tracked.txt &&
		git -C "$1" commit -q -m first
}

finish() {
	echo "$CHECKS checks, $FAILURES failures, as $(id -un)"
	[ "$FAILURES" -eq 0 ]
	exit
}

for tool in jq git python3 timeout; do
	command -v "$tool" >/dev/null || skip "no $tool"
done

case $(realpath "$HOME") in
/tmp* | /var/tmp* | /dev/shm*) skip "the home directory $HOME is temporary" ;;
esac
CALLER_HOME=$HOME
T=$(mktemp -d "$(realpath "$HOME")/sbxsup-e2e.XXXXXX") || exit 1
trap cleanup EXIT
trap 'exit 1' INT TERM HUP
AUDIT=$T/audit.jsonl
WS=$T/ws OUTSIDE=$T/outside
for variable in ${!XDG_*} ${!GIT_*} ${!SBXSUP_*} LD_PRELOAD TMPDIR; do
	unset "$variable"
done
export HOME=$T/home GIT_CONFIG_NOSYSTEM=1 LC_ALL=C
umask 022
mkdir -p "$HOME/.ssh" "$WS" "$OUTSIDE" && cd "$WS" || exit 1
git config --global user.name "Test User"
git config --global user.email "test@example.invalid"
