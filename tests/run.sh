#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs all tests: the development build with gcc, the sanitized build, static
# analysis on a build with clang, a release build, and a short run of each
# fuzzer.
#   run.sh [dev|sanitize|analyse|release|fuzz ...]   only these parts
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top"
sh tests/install.sh test
jobs=$(nproc)

build() {
	cmake --preset "$@" >/dev/null
	cmake --build "build/$1" -j "$jobs"
}

run_dev() {
	build dev
	ctest --test-dir build/dev --output-on-failure --no-tests=error
}

run_sanitize() {
	build asan-ubsan
	UBSAN_OPTIONS=print_stacktrace=1 ctest --test-dir build/asan-ubsan \
		--output-on-failure --no-tests=error -LE e2e
	# A process that ends by _exit(2) leaks nothing, and LeakSanitizer
	# wants to trace what the supervisor must not let be traced.
	ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 \
		ctest --test-dir build/asan-ubsan --output-on-failure \
		--no-tests=error -L e2e
}

# clang-tidy wants to know the flags of a build with clang.
run_analyse() {
	build clang
	sh tests/analyse.sh build/clang
}

run_release() {
	cmake --preset release -DSBX_WERROR=ON -DBUILD_TESTING=ON >/dev/null
	cmake --build build/release -j "$jobs"
}

run_fuzz() {
	build fuzz
	for fuzzer in build/fuzz/tests/fuzz-*; do
		[ -x "$fuzzer" ] || continue
		echo "fuzzing with ${fuzzer##*/}"
		"$fuzzer" -max_total_time="${SBX_FUZZ_SECONDS:-20}" \
			-print_final_stats=0 -verbosity=0 -close_fd_mask=3
	done
}

[ $# -gt 0 ] || set -- dev sanitize analyse release fuzz
for part in "$@"; do
	echo "== $part"
	"run_$part"
done
echo "== all parts passed: $*"
