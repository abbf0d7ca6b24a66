#!/bin/sh
# SPDX-License-Identifier: MIT
# A program with the dynamic runtime of AddressSanitizer insists on being loaded
# first. With the shim it starts, finds its bugs, and gets its hints.
. "$(dirname "$0")/shim_lib.sh"
need_test_shim
command -v gcc >/dev/null || skip "no gcc"

cat >bug.c <<'END'
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	char *bytes = malloc(8);

	/* A directory has one name: refused to everyone. */
	if (link("/", "name") == 0 || errno != EPERM)
		return 3;
	if (argc > 1)
		bytes[atoi(argv[1])] = 1;
	free(bytes);
	return 0;
}
END
gcc -O0 -fsanitize=address -o bug bug.c 2>/dev/null ||
	skip "gcc has no AddressSanitizer"
./bug || skip "AddressSanitizer does not run here"
./bug 8 2>/dev/null && skip "AddressSanitizer finds nothing here"

gcc -shared -fPIC -x c -o other.so - </dev/null
text=$(LD_PRELOAD=$dir/other.so ./bug 2>&1) && skip "any library may come first"

text=$(LD_PRELOAD=$test_shim ./bug 2>&1)
check "starts" "0 $reason" "$? $text"
text=$(LD_PRELOAD=$test_shim ./bug 8 2>&1)
check "finds the overflow" 1 \
	"$(printf '%s\n' "$text" | grep -c 'ERROR: .*heap-buffer-overflow')"
finish
