#!/bin/sh
# SPDX-License-Identifier: MIT
# clang-tidy and cppcheck over the sources: analyse.sh BUILD-DIR
# Exemptions stand in .clang-tidy, in tests/cppcheck.supp, or at the line, each
# with its reason.
set -eu

build=$1
cd "$(dirname "$0")/.."
find supervisor preload -name '*.c' -print0 |
	xargs -0 -n 8 -P "$(nproc)" clang-tidy --quiet -p "$build"
cppcheck --quiet --enable=warning,style,performance,portability \
	--inconclusive --inline-suppr --error-exitcode=1 --std=c11 \
	--suppressions-list=tests/cppcheck.supp -D_GNU_SOURCE \
	-D__x86_64__ -DSBX_VERSION='"0"' -DSBX_PRELOAD_INSTALLED='"/"' \
	-I supervisor supervisor preload
shellcheck -x .ci/run tests/*.sh tests/e2e/*.sh tests/docs/*.sh
