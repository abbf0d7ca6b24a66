#!/bin/sh
# SPDX-License-Identifier: MIT
# What the documents say is there is there: options, files, functions, tests.
# SBXSUP is the program. Says what is wrong, and ends with 1 if anything is.
set -u

: "${SBXSUP:?is to be the path of the program}"
top=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
cd "$top" || exit 1
table=supervisor/options.def
page=docs/man/sbxsup.1
failures=0
checks=0

fail() {
	echo "FAIL: $*"
	failures=$((failures + 1))
}

# ok WHAT COMMAND...: the command succeeds, or WHAT is wrong.
ok() {
	what=$1
	shift
	checks=$((checks + 1))
	"$@" >/dev/null 2>&1 || fail "$what"
}

# --- options ---------------------------------------------------------------

# Lines "long short" of the table; a short one that is not there is "0".
options() {
	sed -n "s/^OPTION([A-Z_]*, \"\([a-z-]*\)\", '\{0,1\}\([a-zA-Z0]\)'\{0,1\},.*/\1 \2/p" \
		"$table"
}

help=$("$SBXSUP" --help) || fail "$SBXSUP --help"
in_help() {
	printf '%s\n' "$help" | grep -qE -- "$1"
}

rows=$(grep -c '^OPTION(' "$table")
ok "$table has rows" [ "$rows" -gt 0 ]
ok "every row of $table is understood" [ "$(options | wc -l)" -eq "$rows" ]
while read -r long short; do
	ok "--$long is not in $page" \
		grep -qE "^\\.It .*Fl \\\\&-$long( |\$)" "$page"
	ok "--$long is not in --help" in_help "(^| )--$long( |\$)"
	[ "$short" = 0 ] && continue
	ok "-$short is not in $page" \
		grep -qE "^\\.It .*Fl $short( |\$)" "$page"
	ok "-$short is not in --help" in_help "^ *-$short, --$long( |\$)"
done <<END
$(options)
END
while read -r long; do
	ok "$page has --$long, which is not in $table" \
		grep -q "^OPTION([A-Z_]*, \"$long\"," "$table"
done <<END
$(sed -n 's/.*Fl \\&-\([a-z][a-z-]*\).*/\1/p' "$page")
END

# --- files and functions ---------------------------------------------------

# The code spans of a document, one on each line.
spans() {
	awk '/^```/ { fenced = !fenced; next }
		fenced { next }
		{ n = split($0, part, "`")
		  if (n > 0 && n % 2 == 0) print "UNBALANCED line " NR
		  for (i = 2; i <= n; i += 2) print part[i] }' "$1"
}

has_file() {
	case $1 in
	*/*) [ -n "$(find . -path './build*' -prune -o -path "./$1" -print)" ] ;;
	*) [ -n "$(find supervisor preload tests bench cmake policies \
		-name "$1" -print)" ] ;;
	esac
}

# A definition starts in the first column; a call does not. In headers only
# inline functions are defined.
has_function() {
	find supervisor preload tests \
		-name '*.c' -exec grep -lE "^([a-z_].*[ *])?$1\(" {} + -o \
		-name '*.h' -exec grep -lE "^static inline .*[ *]$1\(" {} + |
		grep -q .
}

check_span() {
	case $2 in
	UNBALANCED*) fail "$1: a code span does not end on its line: $2" ;;
	*[!A-Za-z0-9_]*'()') ;;
	*'()') ok "$1: there is no $2" has_function "${2%??}" ;;
	*[!A-Za-z0-9_./*-]*) ;;
	*.c | *.h | *.def | *.sh | *.py) ok "$1: there is no $2" has_file "$2" ;;
	esac
}

for document in docs/*.md; do
	while read -r span; do
		check_span "$document" "$span"
	done <<END
$(spans "$document")
END
done

# --- links -----------------------------------------------------------------

# Lines "target text" of the links of a document.
links() {
	tr '\n' ' ' <"$1" | awk '{
		while (match($0, /\[[^][]*\]\([^()]*\)/)) {
			link = substr($0, RSTART + 1, RLENGTH - 2)
			$0 = substr($0, RSTART + RLENGTH)
			at = index(link, "](")
			print substr(link, at + 2) " " substr(link, 1, at - 1)
		} }'
}

# A link "file: words" also says that these words are in that file.
check_link() {
	case $2 in
	*://* | '#'*) return ;;
	esac
	ok "$1: there is no $2" [ -e "docs/${2%%#*}" ]
	case $3 in
	*': '*) ok "$1: '${3#*: }' is not in $2" \
		grep -qF -- "${3#*: }" "docs/$2" ;;
	esac
}

for document in docs/*.md; do
	while read -r target text; do
		[ -n "$target" ] && check_link "$document" "$target" "$text"
	done <<END
$(links "$document")
END
done
while read -r path; do
	ok "docs/THREAT-MODEL.md: there is no $path" [ -e "$path" ]
done <<END
$(tr -cs 'A-Za-z0-9_./-' '\n' <docs/THREAT-MODEL.md |
	sed -n 's,^\(\.\./\)*\(tests/.*[A-Za-z0-9_]\)[./-]*$,\2,p' | sort -u)
END

# --- manual pages ----------------------------------------------------------

if command -v mandoc >/dev/null; then
	for manual in docs/man/*.[1-9]; do
		checks=$((checks + 1))
		text=$(mandoc -Tlint -Wwarning "$manual" 2>/dev/null) ||
			fail "$manual: $text"
	done
else
	echo "no mandoc: the manual pages are not checked"
fi

echo "$checks checks, $failures failures"
[ "$failures" -eq 0 ]
