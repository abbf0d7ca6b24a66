#!/bin/bash
# SPDX-License-Identifier: MIT
# A program with the dynamic runtime of AddressSanitizer insists on being loaded
# first. With the shim it starts, finds its bugs, and gets its hints.
# shellcheck source-path=SCRIPTDIR source=shim_lib.sh
. "$(dirname "$0")/shim_lib.sh"
need_test_shim
command -v gcc >/dev/null || skip "no gcc"
unset ASAN_OPTIONS

cat >bug.c <<'END'
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	char *bytes = malloc(8);

	/* A directory has one name: refused to everyone. */
	if (link(".", "name") == 0 || errno != EPERM)
		return 3;
	if (argc > 1)
		bytes[atoi(argv[1])] = 1;
	free(bytes);
	return 0;
}
END
gcc -O0 -fsanitize=address -o bug bug.c 2>/dev/null ||
	skip "gcc has no AddressSanitizer"
run ./bug
eq "runs without the shim" 0 "$RC"
run ./bug 8
has "finds the overflow without the shim" heap-buffer-overflow "$ERR"

gcc -shared -fPIC -x c -o other.so - </dev/null
run env LD_PRELOAD="$PWD/other.so" ./bug
has "does not start after another library" "does not come first" "$ERR"

text=$(LD_PRELOAD=$SHIM_TEST ./bug 2>&1)
eq "runs with the shim" "0 $REASON" "$? $text"
run env LD_PRELOAD="$SHIM_TEST" ./bug 8
has "finds the overflow with the shim" heap-buffer-overflow "$ERR"
finish
