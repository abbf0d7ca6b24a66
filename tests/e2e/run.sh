#!/bin/bash
# SPDX-License-Identifier: MIT
# run.sh SCRIPT [DIR…]: runs a test as the invoking user and, if that is root,
# once more as an ordinary user; see as-user.sh for DIR.
set -u

here=$(cd "$(dirname "$0")" && pwd)
script=$1
shift

SBX_ASSETS=${1:+$(dirname "$1")} "$script"
first=$?
if [ "$(id -u)" -ne 0 ]; then
	exit "$first"
fi
"$here/as-user.sh" "$script" "$@"
second=$?
for status in "$first" "$second"; do
	case $status in
	0 | 77) ;;
	*) exit 1 ;;
	esac
done
[ "$first" -eq 77 ] || [ "$second" -eq 77 ] && exit 77
exit 0
