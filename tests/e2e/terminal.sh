#!/bin/bash
# SPDX-License-Identifier: MIT
# Keys and windows: what a program does at a terminal, natively and in a
# session, is the same.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

want="terminal /dev/pts/N 24 80 +
then status 0
own terminal by name through tty
input some words
input status 0
ctrl-c status 130
caught ctrl-c status 4
ctrl-z True
fg status 0
resize status 6"

export SHELL=/bin/bash TERM=dumb
run timeout 60 "$PYTHON" "$TESTS/e2e/terminal.py"
eq "native" "$want" "$OUT" || echo "$ERR"
run timeout 60 "$PYTHON" "$TESTS/e2e/terminal.py" "$SBXSUP" -q --
eq "in a session" "$want" "$OUT" || echo "$ERR"
run timeout 60 "$PYTHON" "$TESTS/e2e/terminal.py" "$SBXSUP" -q -m full-access --
eq "in a session with full access" "$want" "$OUT" || echo "$ERR"

finish
