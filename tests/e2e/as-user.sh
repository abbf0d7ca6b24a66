#!/bin/bash
# SPDX-License-Identifier: MIT
# as-user.sh SCRIPT [DIR…]: runs a test as an ordinary user, made for this.
# That user may not be able to read the source and build directories, so what
# the test needs is copied to where anyone can: the program, the shim, the
# probes, the tests, and each DIR (hard links where that is possible), which
# the test finds in SBX_ASSETS.
set -eu

user=sbxtest
script=$(realpath "$1")
shift
: "${SBXSUP:?}" "${SHIM:?}" "${PROBES:?}"

if [ "$(id -u)" -ne 0 ]; then
	echo "SKIP: only root can become another user"
	exit 77
fi

(
	flock 9
	id "$user" >/dev/null 2>&1 || useradd -m "$user"
) 9>/run/lock/sbxsup-test-user.lock

copy=$(mktemp -d /var/tmp/sbxsup-user.XXXXXX)
trap 'rm -rf "$copy"' EXIT
umask 022
chmod 755 "$copy"

# The program finds the shim relative to itself.
bin=$(dirname "$(realpath "$SBXSUP")")
shim=$(realpath --relative-to="$bin" "$(realpath "$SHIM")")
mkdir -p "$copy/bin/$(dirname "$shim")" "$copy/probes" "$copy/assets"
cp "$SBXSUP" "$copy/bin/sbxsup"
cp "$(dirname "$SHIM")"/*.so "$copy/bin/$(dirname "$shim")"
find "$PROBES" -maxdepth 1 -type f -perm /111 -exec cp -t "$copy/probes" {} +
source=$(realpath "$(dirname "$script")/../..")
mkdir "$copy/source"
cp -r "$source/tests" "$source/preload" "$copy/source/"
for dir in "$@"; do
	if [ -d "$dir" ]; then
		cp -al "$dir" "$copy/assets/" 2>/dev/null ||
			cp -a "$dir" "$copy/assets/"
	fi
done
chmod -R a+rX "$copy"

status=0
setpriv --reuid="$user" --regid="$user" --init-groups --inh-caps=-all \
	env -i \
	HOME="$(getent passwd "$user" | cut -d: -f6)" USER="$user" \
	LOGNAME="$user" SHELL=/bin/bash \
	PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin \
	SBXSUP="$copy/bin/sbxsup" SHIM="$copy/bin/$shim" \
	PROBES="$copy/probes" SBX_ASSETS="$copy/assets" \
	${SBX_RACE_SECONDS:+SBX_RACE_SECONDS="$SBX_RACE_SECONDS"} \
	${ASAN_OPTIONS:+ASAN_OPTIONS="$ASAN_OPTIONS"} \
	${UBSAN_OPTIONS:+UBSAN_OPTIONS="$UBSAN_OPTIONS"} \
	"$copy/source/tests/e2e/$(basename "$script")" || status=$?
exit "$status"
