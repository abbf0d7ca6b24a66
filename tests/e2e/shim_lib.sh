# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
# What the shim's tests share, on top of lib.sh. SHIM_TEST is the build of the
# shim that asks the file sbxsup-reason in the current directory, so that it can
# be tested without a supervisor.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

SHIM=$(realpath "$SHIM")
SHIM_TEST=${SHIM%.so}-test.so
REASON='sbxsup: refused write to edge: outside the write roots'

need() {
	local probe

	for probe; do
		[ -x "$PROBES/$probe" ] || skip "no probe $probe in $PROBES"
	done
}

need_test_shim() {
	[ -f "$SHIM_TEST" ] || skip "the test build of the shim is not there"
	echo "$REASON" >sbxsup-reason
}

# How many lines of a text are hints; the summary at the end is none.
hints() {
	grep -c '^sbxsup: refused ' <<<"$1"
}
