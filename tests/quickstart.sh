#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what is missing, builds, and shows one session: a script that works
# in its workspace, commits, and tries what it should not.
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
sh "$top/tests/install.sh" build
cd "$top"
cmake --preset release -DBUILD_TESTING=OFF >/dev/null
cmake --build --preset release

sbxsup=$top/build/release/sbxsup
place=$(mktemp -d "${HOME:-/var/tmp}/sbxsup-quickstart.XXXXXX")
trap 'rm -rf "$place"' EXIT
mkdir "$place/project"
cd "$place/project"
git init -q -b main .
git config user.name "Quick Start"
git config user.email "quickstart@example.invalid"
echo "TOKEN=not-for-agents" >.env

echo
echo "\$ sbxsup -m workspace-write -- sh work.sh"
cat >"$place/work.sh" <<'WORK'
echo 'hello from the session' > hello.txt
git add hello.txt && git commit -q -m 'Say hello' && git log --oneline
echo 'not here' > ../outside.txt
echo 'run me later' > .git/hooks/pre-commit
cat .env
exit 0
WORK
"$sbxsup" -m workspace-write -- sh "$place/work.sh"

echo
echo "\$ sbxsup audit summary latest"
"$sbxsup" audit summary latest
