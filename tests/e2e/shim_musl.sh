#!/bin/bash
# SPDX-License-Identifier: MIT
# The same library in programs of another libc: shim_local.sh with probes that
# are linked dynamically against musl.
# shellcheck source-path=SCRIPTDIR source=shim_lib.sh
. "$(dirname "$0")/shim_lib.sh"
need_test_shim
command -v musl-gcc >/dev/null || skip "no musl-gcc"

# musl-gcc hides the kernel's headers, which the filter of the probes needs.
machine=$(gcc -print-multiarch 2>/dev/null)
for probe in shim_hooks shim_edges shim_exec; do
	run musl-gcc -std=gnu17 -D_GNU_SOURCE -D_LARGEFILE64_SOURCE -O2 \
		-idirafter /usr/include -idirafter "/usr/include/$machine" \
		-o "$T/$probe-musl" "$TESTS/probe/$probe.c"
	eq "musl-gcc builds $probe" "0 " "$RC $ERR" || finish
done
"$T/shim_exec-musl" list >/dev/null || skip "no dynamic loader of musl"

VARIANT=-musl PROBES=$T "$TESTS/e2e/shim_local.sh"
eq "shim_local.sh with musl" 0 $?
finish
