# SPDX-License-Identifier: MIT
# Sourced by the shim's tests. From the environment: SHIM (the library), PROBES
# (the directory of the compiled probes), SBXSUP (the program). Sets $dir, an
# empty directory that is current, and $test_shim, the build of the shim that
# asks the file sbxsup-reason in the current directory.

failures=0
sources=$(cd "$(dirname "$0")/../probe" && pwd) || exit 1

skip() {
	echo "SKIP: $*"
	exit 77
}

# check WHAT EXPECTED ACTUAL
check() {
	if [ "$2" = "$3" ]; then
		echo "good: $1"
	else
		echo "FAIL: $1"
		printf '  expected: %s\n' "$2"
		printf '  found:    %s\n' "$3"
		failures=$((failures + 1))
	fi
}

# need PROBE...
need() {
	for probe; do
		[ -x "$PROBES/$probe" ] || skip "no probe $probe in PROBES"
	done
}

# How many lines of the text in $1 are hints.
hints() {
	printf '%s\n' "$1" | grep -c '^sbxsup: '
}

finish() {
	[ "$failures" -eq 0 ] || echo "$failures checks failed"
	[ "$failures" -eq 0 ]
	exit
}

[ -f "${SHIM:-}" ] || skip "SHIM does not name the library"
[ -d "${PROBES:-}" ] || skip "PROBES does not name a directory"
SHIM=$(cd "$(dirname "$SHIM")" && pwd)/$(basename "$SHIM")
PROBES=$(cd "$PROBES" && pwd)
test_shim=${SHIM%.so}-test.so
unset LD_PRELOAD SBXSUP_PRELOAD SBXSUP_HINTS

dir=$(mktemp -d) || exit 1
trap 'cd / && rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir" || exit 1

# For tests without a supervisor.
reason='sbxsup: refused write to edge: outside the write roots'
need_test_shim() {
	[ -f "$test_shim" ] || skip "the test build of the shim is not there"
	printf '%s\n' "$reason" >sbxsup-reason
}
