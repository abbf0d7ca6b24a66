#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what is missing of Debian's packages: install.sh build|test
# As an ordinary user it only says what is missing.
set -eu

build="gcc libc6-dev cmake ninja-build pkg-config libseccomp-dev libinih-dev
libbsd-dev libjansson-dev git"
test="$build check libsubunit-dev jq curl python3 procps netcat-openbsd
musl-tools attr acl mandoc clang libclang-rt-dev clang-tidy cppcheck
shellcheck util-linux iproute2 sqlite3"

case "${1:-}" in
build) wanted=$build ;;
test) wanted=$test ;;
*)
	echo "usage: install.sh build|test" >&2
	exit 2
	;;
esac

missing=
for package in $wanted; do
	status=$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null || true)
	case "$status" in
	*" installed") ;;
	*) missing="$missing $package" ;;
	esac
done
# Another source of Node.js than Debian's serves as well.
if [ "$1" = test ] && ! command -v npm >/dev/null; then
	missing="$missing nodejs npm"
fi
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
	echo "These Debian packages are missing; as root, run:" >&2
	echo "  apt-get install$missing" >&2
	exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086 # a list of names
apt-get install -y -qq --no-install-recommends $missing >/dev/null
