#!/bin/bash
# SPDX-License-Identifier: MIT
# Every way to change or read what a session may not: each row of the table is
# run natively, where it has to take effect, and then under supervision, where
# it has to fail with its errno, leave no trace and leave a record. All of that
# for several kinds of objects, and for programs that the shim is not in.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# operation | how the object is named | object | access in the log | marks
# Objects: FILE exists, NEW does not, DIR is an empty directory.
# Marks: opt   natively not possible everywhere
#        enosys  answered ENOSYS without a record
#        eacces  answered EACCES, as every refused unix socket
#        notsecret  means something else for a secret: its parent directory
#               may be moved, it cannot be opened for reading
ROWS='
open:w         path           FILE  fs.write
open:rw        path           FILE  fs.read_write
open:t         path           FILE  fs.(write|truncate)
open:rt        path           FILE  fs.read_write
open:c         path           NEW   fs.(create|write)
open:rc        path           NEW   fs.(create|read)
openat:w       path           FILE  fs.write
openat:w       dirfd          FILE  fs.write
openat:w       opath-dirfd    FILE  fs.write
openat:w       cwd            FILE  fs.write
openat:w       dotdot         FILE  fs.write
openat:w       relative       FILE  fs.write
openat:w       slashes        FILE  fs.write
openat:w       proc-cwd       FILE  fs.write
openat:w       pid-cwd        FILE  fs.write
openat:w       proc-root      FILE  fs.write
openat:w       proc-fd-dir    FILE  fs.write
openat:w       thread-fd-dir  FILE  fs.write
openat:w       dev-fd-dir     FILE  fs.write
openat:w       opath-fd       FILE  fs.write
openat:w       read-fd        FILE  fs.(write|read)
openat:w       symlink        FILE  fs.write
openat:w       dir-symlink    FILE  fs.write
openat:rw      path           FILE  fs.read_write
openat:t       path           FILE  fs.(write|truncate)
openat:a       path           FILE  fs.write
openat:rt      opath-fd       FILE  fs.read_write
openat:c       path           NEW   fs.(create|write)
openat:c       dirfd          NEW   fs.(create|write)
openat:c       relative       NEW   fs.(create|write)
openat:c       symlink        NEW   fs.(create|write)
openat:c       dir-symlink    NEW   fs.(create|write)
openat:c       proc-fd-dir    NEW   fs.(create|write)
openat:x       path           NEW   fs.(create|write)
openat:rc      path           NEW   fs.(create|read)
openat2:w      path           FILE  fs.write
openat2:w      opath-fd       FILE  fs.write
openat2:t      dirfd          FILE  fs.(write|truncate|read_write)
openat2:c      path           NEW   fs.(create|write)
creat          path           NEW   fs.(create|write)
creat          path           FILE  fs.(create|write|truncate)
tmpfile-there  path           NEW   fs.*
tmpfile-here   path           NEW   fs.*
truncate       path           FILE  fs.truncate
truncate       opath-fd       FILE  fs.truncate
truncate       symlink        FILE  fs.truncate
unlink         path           FILE  fs.unlink
unlink         dir-symlink    FILE  fs.unlink
unlinkat       path           FILE  fs.unlink
unlinkat       dirfd          FILE  fs.unlink
unlinkat       proc-fd-dir    FILE  fs.unlink
rmdir          path           DIR   fs.rmdir
unlinkat-dir   dirfd          DIR   fs.rmdir
mkdir          path           NEW   fs.mkdir
mkdirat        dirfd          NEW   fs.mkdir
mkdirat        dir-symlink    NEW   fs.mkdir
mkfifo         path           NEW   fs.mknod
mkfifoat       dirfd          NEW   fs.mknod
mknod-file     path           NEW   fs.(mknod|create)
symlink        path           NEW   fs.symlink
symlinkat      dirfd          NEW   fs.symlink
rename-from    path           FILE  fs.rename
rename-from    path           DIR   fs.rename
rename-to      path           FILE  fs.rename
rename-to      path           NEW   fs.rename
renameat-from  dirfd          FILE  fs.rename
renameat-to    dirfd          NEW   fs.rename
rename-noreplace path         NEW   fs.rename
rename-exchange path          FILE  fs.rename
rename-parent  path           FILE  fs.rename  notsecret
link-from      path           FILE  fs.link
link-to        path           NEW   fs.link
linkat-from    dirfd          FILE  fs.link
linkat-follow  symlink        FILE  fs.link
linkat-follow  opath-fd       FILE  fs.link
linkat-to      dirfd          NEW   fs.link
linkat-empty   path           FILE  fs.link  opt
bind-unix      path           NEW   unix.bind  eacces
chmod          path           FILE  fs.chmod
chmod          opath-fd       FILE  fs.chmod
chmod          symlink        FILE  fs.chmod
fchmodat       path           FILE  fs.chmod
fchmodat       dirfd          FILE  fs.chmod
fchmodat2      path           FILE  fs.chmod  opt
fchmodat2-empty path          FILE  fs.chmod  opt
fchmod         path           FILE  fs.(chmod|read)
fchmod         path           DIR   fs.(chmod|read)
chown          path           FILE  fs.chown
lchown         path           FILE  fs.chown
fchownat       dirfd          FILE  fs.chown
fchownat-empty path           FILE  fs.chown
fchown         path           FILE  fs.(chown|read)
utime          path           FILE  fs.utime
utimes         path           FILE  fs.utime
futimesat      dirfd          FILE  fs.utime
utimensat      path           FILE  fs.utime
utimensat      opath-fd       FILE  fs.utime
utimensat-now  path           FILE  fs.utime
futimens       path           FILE  fs.(utime|read)
futimens-empty path           FILE  fs.utime  opt
setxattr       path           FILE  fs.setxattr  opt
setxattr       opath-fd       FILE  fs.setxattr  opt
lsetxattr      path           FILE  fs.setxattr  opt
fsetxattr      path           FILE  fs.(setxattr|read)  opt
setxattrat     path           FILE  -  opt,enosys
setxattrat-empty path         FILE  -  opt,enosys,notsecret
removexattr    path           FILE  fs.removexattr  opt
lremovexattr   path           FILE  fs.removexattr  opt
fremovexattr   path           FILE  fs.(removexattr|read)  opt
removexattrat  path           FILE  -  opt,enosys
setflags       path           FILE  fs.(setflags|read)  opt
fssetxattr     path           FILE  fs.(setflags|read)  opt
file-setattr   path           FILE  -  opt,enosys
'

# Reading, for secrets only; nothing changes, so only the answer counts.
READS='
open:r         path           FILE  fs.read
openat:r       path           FILE  fs.read
openat:r       dirfd          FILE  fs.read
openat:r       cwd            FILE  fs.read
openat:r       dotdot         FILE  fs.read
openat:r       relative       FILE  fs.read
openat:r       proc-cwd       FILE  fs.read
openat:r       proc-root      FILE  fs.read
openat:r       proc-fd-dir    FILE  fs.read
openat:r       opath-fd       FILE  fs.read
openat:r       symlink        FILE  fs.read
openat:r       dir-symlink    FILE  fs.read
openat2:r      path           FILE  fs.read
openat2:r      opath-fd       FILE  fs.read
'

# What the objects of each kind are called below the directory of a row.
declare -A FILE_OF=([outside]=file [protected]=.git/config [secret]=.env
	[readonly]=file)
declare -A NEW_OF=([outside]=new [protected]=.git/hooks/new [secret]=.env.new
	[readonly]=new)
declare -A DIR_OF=([outside]=dir [protected]=.git/hooks/dir [secret]=.env.d
	[readonly]=dir)
declare -A PLACE=([outside]=$OUTSIDE [protected]=$WS/protected
	[secret]=$WS/secret [readonly]=$WS/readonly)
declare -A ERRNO_OF=([outside]=EROFS [protected]=EACCES [secret]=EACCES
	[readonly]=EROFS)

# Writes numbered rows of a kind to $T/rows: directory, operation, how, path,
# access, errno, marks.
number_rows() {
	local kind=$1 table=$2 op how object access marks path errno n=0

	while read -r op how object access marks; do
		[ -n "$op" ] || continue
		[[ $kind == secret && $marks == *notsecret* ]] && continue
		case $object in
		FILE) path=${FILE_OF[$kind]} ;;
		NEW) path=${NEW_OF[$kind]} ;;
		*) path=${DIR_OF[$kind]} ;;
		esac
		errno=${ERRNO_OF[$kind]}
		[[ ,$marks, == *,enosys,* ]] && errno=ENOSYS
		[[ ,$marks, == *,eacces,* ]] && errno=EACCES
		printf 'r%03d %s %s %s %s %s %s\n' "$n" "$op" "$how" "$path" \
			"$access" "$errno" "${marks:-must}"
		n=$((n + 1))
	done <<<"$table" >"$T/rows"
}

# Fresh objects for all rows, with few commands.
make_objects() {
	local kind=$1 place=${PLACE[$1]} row op rest
	local -a dirs=() files=() scratches=() attributes=()

	while read -r row op rest; do
		dirs+=("$place/$row/${DIR_OF[$kind]}")
		files+=("$place/$row/${FILE_OF[$kind]}")
		scratches+=("$WS/scratch/$row")
		[[ $op == *removexattr* ]] && attributes+=("${files[-1]}")
	done <"$T/rows"
	rm -rf "$place" "$WS/scratch"
	mkdir -p "${dirs[@]}" "${scratches[@]}"
	printf 'content\n' | tee "${files[@]}" >/dev/null
	for row in "${attributes[@]}"; do
		"$PROBES/refused" setxattr path "$row" >/dev/null
	done
}

# Runs in a session or natively; prints the row and the answer.
cat >"$T/run-rows" <<'SCRIPT'
while read -r row op how path rest; do
	read -r answer <<<"$(SBX_SCRATCH=$2/$row "$1" "$op" "$how" "$3/$row/$path")"
	echo "$row $answer"
done <"$4"
SCRIPT

# Reads the answers of the rows into ANSWER.
declare -A ANSWER DENIED IMPOSSIBLE
read_answers() {
	local row answer

	ANSWER=()
	while read -r row answer; do
		ANSWER[$row]=$answer
	done <"$1"
}

# Reads what the log says of each row into DENIED: "access errno " pairs.
read_denials() {
	local place=$1 verdict access errno object object2 row path

	DENIED=()
	while IFS=$'\t' read -r verdict access errno object object2; do
		[ "$verdict" = deny ] || continue
		for path in "$object" "$object2"; do
			[[ $path == "$place"/* ]] || continue
			row=${path#"$place"/}
			DENIED[${row%%/*}]+=" $access $errno "
		done
	done < <(decisions)
}

# Natively each row must work, and must show. Rows that cannot are put aside.
check_native() {
	local kind=$1 program=$2 place=${PLACE[$1]} row op how path rest
	local changes

	make_objects "$kind"
	snapshot "$place" >"$T/before"
	bash "$T/run-rows" "$program" "$WS/scratch" "$place" "$T/rows" \
		>"$T/native"
	changes=$(snapshot "$place" | diff "$T/before" -)
	read_answers "$T/native"
	IMPOSSIBLE=()
	while read -r row op how path _ _ rest; do
		if [ "${ANSWER[$row]:-nothing}" != ok ] && [[ $rest == *opt* ]]; then
			IMPOSSIBLE[$row]=1
			note "not possible here: $op $how $path (${ANSWER[$row]:-nothing})"
			continue
		fi
		eq "$kind, native: $op $how $path" ok "${ANSWER[$row]:-nothing}"
		[[ $op == *:r ]] && continue
		CHECKS=$((CHECKS + 1))
		[[ $changes == *"$place/$row"* ]] ||
			fail "$kind, native: $op $how $path: no trace"
	done <"$T/rows"
}

# Under supervision each row must fail, and must not show but in the log.
check_confined() {
	local kind=$1 program=$2 place=${PLACE[$1]} row op how path access errno
	local what

	shift 2
	make_objects "$kind"
	snapshot "$place" >"$T/before"
	sup -q "$@" bash "$T/run-rows" "$program" "$WS/scratch" "$place" \
		"$T/rows"
	read_answers "$T/stdout"
	eq "$kind: the session ends" 0 "$RC" || echo "$ERR"
	eq "$kind: nothing changed" "" \
		"$(snapshot "$place" | diff "$T/before" -)"
	read_denials "$place"
	while read -r row op how path access errno _; do
		what="$kind, ${program##*/} $*: $op $how $path"
		CHECKS=$((CHECKS + 1))
		if [ -n "${IMPOSSIBLE[$row]:-}" ]; then
			[ "${ANSWER[$row]:-nothing}" != ok ] || fail "$what: not refused"
			continue
		fi
		eq "$what" "$errno" "${ANSWER[$row]:-nothing}"
		[[ $access == - || ${DENIED[$row]:-} =~ \ $access\ $errno\  ]] ||
			fail "$what: no record of $access $errno"
	done <"$T/rows"
}

programs=("$PROBES/refused" "$PROBES/refused-static")
if [ -x "$PROBES/refused-musl" ]; then
	programs+=("$PROBES/refused-musl")
else
	note "no musl: that probe was not built"
fi

for kind in outside protected secret; do
	table=$ROWS
	[ "$kind" = secret ] && table+=$READS
	number_rows "$kind" "$table"
	for program in "${programs[@]}"; do
		check_native "$kind" "$program"
		check_confined "$kind" "$program" --
	done
	check_confined "$kind" "$PROBES/refused" --no-preload --
	check_confined "$kind" "$PROBES/refused" -- env -u LD_PRELOAD
done

# The workspace itself, in the mode that does not let it be written.
number_rows readonly "$ROWS"
check_native readonly "$PROBES/refused-static"
check_confined readonly "$PROBES/refused-static" -m read-only \
	--write "$WS/scratch" --

finish
