#!/bin/bash
# SPDX-License-Identifier: MIT
# What reviewers once got out of a session, or lost in one: files, processes,
# the supervisor itself. attacks_net.sh has sockets and terminals.
# What is in single quotes is for the session to expand.
# shellcheck disable=SC2016
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

export CALLS=$PROBES/attack_calls
export SBX_RACE_SECONDS=${SBX_RACE_SECONDS:-2}
is_root() {
	[ "$(id -u)" -eq 0 ]
}
# The answers of a script, on one line.
words() {
	xargs <<<"$OUT"
}

# --- limits and priorities of other processes -------------------------------

SETTINGS='limit priority affinity ioprio scheduler'
settings='for op in $0; do "$CALLS" $op $1; done'
sleep 300 &
victim=$!
started
run bash -c "$settings" "$SETTINGS" "$victim"
eq "native: settings of another process" "ok ok ok ok ok" "$(words)"

sup -q -- bash -c "$settings"'
	'"${settings/\$1/\$PPID}"'
	"$CALLS" limit-get $1; "$CALLS" limit-get $PPID; echo $PPID' \
	"$SETTINGS" "$victim"
broker=${OUT##*$'\n'}
refused=$(printf 'EPERM %.0s' {1..10})
eq "settings of others" "${refused}ok ok $broker" "$(words)"
for pid in "$victim" "$broker"; do
	log_has "settings of others" deny process "process $pid" EPERM
	eq "settings of others: each is recorded" 5 \
		"$(decisions | grep -c "^deny.process.EPERM.process $pid")"
done
sup -q -- bash -c "${settings/\$1/0}; sleep 60 & ${settings/\$1/\$!}; kill \$!" \
	"$SETTINGS"
eq "settings of one's own" "ok ok ok ok ok ok ok ok ok ok" "$(words)"

# --- the private TMPDIR -----------------------------------------------------

# The first session makes something and waits; the second one gets at it.
first='mkdir "$TMPDIR/d"; echo kept > "$TMPDIR/d/f"; echo "$TMPDIR" > where.new
	mv where.new where; while [ ! -e go-on ]; do sleep 0.1; done
	cat "$TMPDIR/d/f"; ls "$TMPDIR"'
second='cat "$0/d/f"; chmod 777 "$0"; mv "$0/d" "$0/e"; ln -s /etc "$0/l"
	echo x > "$0/d/f"; rm -rf "$0/d"; mv "$0" "$0.x"'
mkdir "$T/plain" && (TMPDIR=$T/plain && mkdir "$T/plain/d" &&
	echo kept >"$T/plain/d/f")
run sh -c "$second" "$T/plain"
eq "native: another's directory" "777 /etc" \
	"$(stat -c %a "$T/plain.x") $(readlink "$T/plain.x/l")"
"$SBXSUP" -q -- sh -c "$first" >"$T/first" 2>&1 </dev/null &
started
pid=$!
within 100 test -e where || fail "no first session"
sup -q -- sh -c "$second" "$(cat where)"
eq "TMPDIR of another session: nothing is read" "" "$OUT"
log_has "TMPDIR of another session" deny "fs.(write|create|truncate)" \
	"$(cat where)/d/f" EACCES
eq "TMPDIR of another session: mode" 700 "$(stat -c %a "$(cat where)")"
touch go-on
within 50 gone "$pid" || fail "the first session does not end"
eq "TMPDIR of another session: content" "kept
d" "$(cat "$T/first")"
no "TMPDIR of another session: gone in the end" [ -e "$(cat where)" ]

# A large tree with what is hard to remove or must not be followed.
mkdir "$WS/target" && echo kept >"$WS/target/f"
fill='cd "$TMPDIR" && mkdir -p a/b/c locked/in && ln -s "$0" a/dir &&
	ln -s "$0/f" a/b/file && ln -s "$0" locked/in/dir && ln -s . a/self &&
	ln "$0/f" hard 2>/dev/null; (cd a/b/c && seq 3000 | xargs touch) &&
	echo "$TMPDIR $(ls a/b/c | wc -l)" && chmod 0 locked/in locked a'
for mode in workspace-write read-only; do
	sup -q -m $mode -- sh -c "$fill" "$WS/target"
	eq "$mode: TMPDIR is filled" 3000 "${OUT#* }"
	no "$mode: TMPDIR is gone" [ -e "${OUT% *}" ]
	eq "$mode: TMPDIR: targets of links" "kept 644 755" \
		"$(cat target/f) $(stat -c %a target/f target | xargs)"
done

# --- standard descriptors that are closed at the start ----------------------

job='closed=; for fd in 0 1 2; do [ -e /proc/self/fd/$fd ] || closed=$closed$fd
	done; echo "closed $closed" > inside; echo x > ../out.txt; exit 7'
for closed in "" 0 1 2 01 02 12 012; do
	rm -f "$AUDIT" inside
	(
		[[ $closed != *0* ]] || exec 0<&-
		[[ $closed != *1* ]] || exec 1>&-
		[[ $closed != *2* ]] || exec 2>&-
		exec timeout -k 5 20 "$SBXSUP" --audit "$AUDIT" -- \
			bash -c "$job"
	) </dev/null >"$T/stdout" 2>"$T/stderr"
	eq "closed '$closed': status" 7 $?
	eq "closed '$closed': the command" "closed $closed" "$(cat inside)"
	no "closed '$closed': outside" [ -e ../out.txt ]
	ok "closed '$closed': log" jq -e . "$AUDIT" >"$T/jq"
	log_has "closed '$closed'" allow "fs.(create|write)" "$WS/inside"
	log_has "closed '$closed'" deny "fs.(create|write)" "$T/out.txt" EROFS
	eq "closed '$closed': the log ends well" summary \
		"$(tail -1 "$AUDIT" | jq -r .type)"
done

# --- what the caller ignores, limits and passes on --------------------------

look='grep SigIgn /proc/self/status; exit 5'
run env --ignore-signal=SIGCHLD bash -c "$look"
native=$OUT
run timeout -k 5 20 env --ignore-signal=SIGCHLD \
	"$SBXSUP" -q -- bash -c "$look"
eq "SIGCHLD ignored: status" 5 "$RC"
eq "SIGCHLD ignored: for the command, too" "$native" "$OUT"

(
	FAILURES=0
	ulimit -S -f 8
	sup -q -- bash -c 'head -c 20000 /dev/zero > big; stat -c %s big
		ulimit -S -f; for i in {1..100}; do : > ../out-$i; done'
	eq "ulimit -f: the command has it" "8192 8" "$(words)"
	exit $FAILURES
) 2>/dev/null || fail "ulimit -f"
eq "ulimit -f: all refusals are recorded" 100 \
	"$(decisions | grep -c "^deny.*$T/out-")"
more "ulimit -f: the log is longer" "$(stat -c %s "$AUDIT")" 8192
eq "ulimit -f: the log ends well" summary "$(tail -1 "$AUDIT" | jq -r .type)"

few='n=0; for i in {1..400}; do /bin/true && n=$((n + 1)); done
	echo $n $(ulimit -n)'
OUT=$(ulimit -S -n 256 &&
	timeout -k 5 60 "$SBXSUP" -q -- bash -c "$few" 2>&1)
eq "ulimit -n: processes" "400 256" "$OUT"
OUT=$(ulimit -n 256 &&
	timeout -k 5 60 "$SBXSUP" -q -- bash -c "$few" 2>&1)
eq "ulimit -n, hard: processes" "400 256" "$OUT"

run "$PROBES/attack_calls" connect-fd
eq "native: a socket without a name" ECONNREFUSED "$OUT"
sup -q -- "$PROBES/attack_calls" connect-fd
eq "a socket without a name" ECONNREFUSED "$OUT"
eq "a socket without a name: the session lives" 0 "$RC"

cat >many.py <<'END'
import os, sys
env = {**os.environ, **{f"V{i}": "x" for i in range(60000)}}
os.execve(sys.argv[1], sys.argv[1:], env)
END
SECONDS=0
run timeout -k 5 60 "$PYTHON" many.py "$SBXSUP" -q -- env
eq "many variables: all arrive" 60000 "$(grep -c '^V[0-9]*=x$' <<<"$OUT")"
ok "many variables: at once ($SECONDS s)" [ "$SECONDS" -lt 5 ]

# --- the supervisor's own entries in /proc ----------------------------------

below='for name in $0; do for pair in "/ proc/$1/" "/proc $1/" "/proc/$1 "; do
	"$CALLS" below "${pair% *}" "${pair#* }$name"; done; done
	cd /proc/$1 && for name in $0; do "$CALLS" below . "$name"; done'
NAMES='environ maps mem fd/0'
sleep 300 &
started
run bash -c "$below" "$NAMES" $!
eq "native: another process by directories" \
	"$(printf 'ok %.0s' {1..16} | xargs)" "$(words)"
NAMES+=$(printf ' fd/%d' {1..20})
sup -q -- bash -c "echo \$PPID; ${below//\$1/\$PPID}" "$NAMES"
broker=${OUT%%$'\n'*}
answers=$(tail -n +2 <<<"$OUT" | sort | uniq -c | xargs)
eq "the broker by directories" "96 EACCES" "$answers"
eq "the broker by directories: each is recorded" 96 \
	"$(decisions | grep -c '^deny.fs.read.EACCES')"
for name in "proc/$broker/mem" "$broker/mem" mem environ; do
	ok "the broker: $name" grep -qP \
		"^deny\tfs.read\tEACCES\t(.*/)?$name\t" <(decisions)
done

# A pipe that sbxsup was started with. The shell in between keeps it.
steal='for fd in 9 {3..30}; do timeout 1 cat /proc/$PPID/fd/$fd 9<&-; done'
run bash -c 'exec 9< <(echo PIPED; sleep 5); bash -c "$0" 9<&-; :' "$steal"
has "native: a pipe of the parent's" PIPED "$OUT"
run bash -c 'exec 9< <(echo PIPED; sleep 5); timeout -k 5 60 "$0" -q -- \
	bash -c "$1"' "$SBXSUP" "$steal"
hasnt "a pipe of the caller's" PIPED "$OUT"

if is_root && unshare -m true; then
	mkdir -p "$WS/mnt/bind" "$WS/mnt/new"
	mounts='mount --bind /proc mnt/bind && mount -t proc proc mnt/new || exit 9
		"$CALLS" below mnt/bind $$/environ; "$CALLS" below mnt/new $$/mem
		exec timeout -k 5 60 "$0" -q --audit "$2" -- bash -c "$1"'
	others='for dir in mnt/bind mnt/new mnt/bind/$PPID mnt/new/$PPID; do
		for name in $PPID/ ""; do for file in environ maps mem; do
		"$CALLS" below $dir $name$file; done; done; done; "$CALLS" below / \
		proc/self/environ; "$CALLS" below / proc/self/root/proc/uptime'
	rm -f "$AUDIT"
	run unshare -m bash -c "$mounts" "$SBXSUP" "$others" "$AUDIT"
	if [ "$RC" -eq 9 ]; then
		note "no mounts here"
	else
		eq "native: other mounts of /proc" "ok ok" \
			"$(head -2 <<<"$OUT" | xargs)"
		eq "other mounts of /proc" "EACCES ok" "$(tail -n +3 <<<"$OUT" |
			grep -v ENOENT | uniq | xargs)"
		more "other mounts of /proc: records" \
			"$(decisions | grep -c '^deny.fs.read.EACCES')" 11
	fi
fi

# --- devices and requests to file systems -----------------------------------

tried=0
for device in /dev/loop0 /dev/vda /dev/sda /dev/kmsg /dev/fuse /dev/net/tun \
	/dev/kvm /dev/loop-control /dev/autofs "$T/block"; do
	[ "$device" != "$T/block" ] || mknod "$device" b 7 0 2>/dev/null
	[ "$("$PROBES/refused" openat:r path "$device" 2>&1)" = ok ] || continue
	tried=$((tried + 1))
	for mode in workspace-write read-only; do
		sup -q -m $mode -- "$PROBES/refused" openat:r path "$device"
		eq "$mode: a device that is not listed: $device" EACCES "$OUT"
		log_has "$mode: $device" deny fs.read "$device" EACCES
	done
done
[ "$tried" -gt 0 ] || note "no device to try"
sup -q -- bash -c 'for name in null zero urandom; do
	"$0" openat:r path /dev/$name; done' "$PROBES/refused"
eq "devices that are listed" "ok ok ok" "$(words)"

echo x >requests
# SETVERSION, EXT4_IOC_MIGRATE, EXT4_IOC_ALLOC_DA_BLKS, BTRFS_IOC_DEFRAG
requests='for request in 40086604 6609 660c 50009402 80086601; do
	"$CALLS" ioctl requests $request; done'
run bash -c "$requests"
hasnt "native: requests are not refused" EPERM "$OUT"
getflags=$(tail -1 <<<"$OUT")
sup -q -- bash -c "$requests"
eq "requests to file systems" "EPERM EPERM EPERM EPERM $getflags" "$(words)"
eq "requests to file systems: records" 4 \
	"$(decisions | grep -c '^deny.syscall.EPERM.ioctl 0x')"

# A domain of the program's own would not bind who acts for it.
run "$CALLS" ruleset
[ "$OUT" = ok ] || note "no Landlock here: $OUT"
sup -q -- "$CALLS" ruleset
eq "a Landlock ruleset of one's own" EOPNOTSUPP "$OUT"

# --- objects without a path, and names with a catch -------------------------

run "$CALLS" link-namespace ns
no "native: a name for a namespace" [ "$OUT" = ok ]
sup -q -- bash -c '"$CALLS" link-namespace ns; echo x > alive; cat alive'
eq "a name for a namespace: the session goes on" "0 x" "$RC ${OUT##*$'\n'}"
no "a name for a namespace" [ "${OUT%%$'\n'*}" = ok ]
eq "a name for a namespace: the log ends well" summary \
	"$(tail -1 "$AUDIT" | jq -r .type)"

mkdir -p dir unsearchable && echo x >file && echo x >unsearchable/f
chmod 600 unsearchable
ln -s file/ to-file && ln -s dir/ to-dir && ln -s "$OUTSIDE/" to-outside
names='"$0" openat:r path "$PWD/to-file"; "$0" openat:r path "$PWD/to-dir"
	"$0" openat:r path "$PWD/to-outside"
	for flags in 0 1 2 201 202 100 102; do "$CALLS" tmpfile . $flags; done
	for flags in 0 1 2 201 202; do "$CALLS" tmpfile file $flags; done'
run bash -c "$names" "$PROBES/refused"
native=$OUT
# The directories are opened, but there is nothing to read in them.
eq "native: links that end in a slash" "ENOTDIR EISDIR EISDIR" \
	"$(head -3 <<<"$native" | xargs)"
sup -q -- bash -c "$names" "$PROBES/refused"
eq "links that end in a slash, files without a name" "$native" "$OUT"
sup -q -- bash -c 'for flags in 1 2 201; do "$CALLS" tmpfile ../outside $flags
	done'
eq "files without a name outside" "EROFS EROFS EROFS" "$(words)"

if ! is_root; then
	run "$CALLS" unlink unsearchable/f
	eq "native: unlink where nothing can be searched" EACCES "$OUT"
fi
sup -q -- "$CALLS" unlink unsearchable/f
eq "unlink where nothing can be searched" EACCES "$OUT"
chmod 700 unsearchable
ok "unlink where nothing can be searched: stays" [ -e unsearchable/f ]

for runner in run "sup -q --"; do
	echo content >full
	$runner "$CALLS" full-table full
	eq "$runner: no free descriptor" EMFILE "$OUT"
	eq "$runner: no free descriptor: nothing is lost" content "$(cat full)"
done

mkfifo fifo
for number in 200 1100; do
	run timeout -k 5 30 "$CALLS" crowd fifo $number file
	eq "native: $number threads wait" ok "$OUT"
	LIMIT=30 sup -q -- "$CALLS" crowd fifo $number file
	eq "$number threads wait: another process goes on" ok "$OUT"
done

# --- a log inside of the workspace ------------------------------------------

meddle='echo forged >> "$0"; echo forged > "$0"; : > "$0"; rm -f "$0"
	mv "$0" "$0.old"; ln "$0" hard-log; echo forged >> hard-log
	truncate -s 0 "$0"; chmod 777 "$0"; mv logs logs2
	for f in logs*/*; do echo forged >> "$f"; rm -f "$f"; done; true'
mkdir logs && echo x >logs/log && echo x >logs/other
run sh -c "$meddle" logs/log
no "native: a log is changed" [ -e logs/log ]
rm -rf logs logs2 hard-log && mkdir logs
(
	FAILURES=0
	AUDIT=$WS/logs/log
	sup -q -- sh -c "$meddle" "$AUDIT"
	AUDIT=$(find "$WS" -path '*logs*/log')
	ok "a log in the workspace: all is JSON" jq -e . "$AUDIT" >"$T/jq"
	no "a log in the workspace: forged" grep -qx forged "$AUDIT"
	eq "a log in the workspace: from the first line to the last" \
		"session summary" \
		"$(sed -n '1p;$p' "$AUDIT" | jq -r .type | xargs)"
	ok "a log in the workspace: mode" [ "$(stat -c %a "$AUDIT")" != 777 ]
	exit $FAILURES
) || fail "a log in the workspace"

# --- .git that is not a directory -------------------------------------------

# In a directory each, so that the forms do not meet.
plant='mkdir -p p1 p2 p3 p4 p5; echo "gitdir: ../bare" > pointer
	echo "gitdir: ../bare" > p1/.git; cp pointer p2/x; mv p2/x p2/.git
	ln pointer p3/.git; mknod p4/.git p; ln -s ../bare p5/.git
	mkdir -p p6/.git/modules/x; echo ../../evil > p6/.git/modules/x/commondir
	mkdir -p bare/hooks'
planted() {
	for name in p{1..5}/.git p6/.git/modules/x/commondir; do
		[ ! -e "$name" ] && [ ! -L "$name" ] || echo "$name"
	done | xargs
}
run sh -c "$plant"
eq "native: .git is planted" \
	"p1/.git p2/.git p3/.git p4/.git p5/.git p6/.git/modules/x/commondir" \
	"$(planted)"
rm -rf p? bare pointer
sup -q -- sh -c "$plant"
eq ".git is not planted" "" "$(planted)"
for name in p{1..5}; do
	ok ".git in $name: record" grep -qP \
		"^deny\tfs\..*\tEACCES\t(.*\t)?$WS/$name/.git(\t-)?$" \
		<(decisions)
done
log_has "commondir of a module" deny "fs.(create|write)" \
	"$WS/p6/.git/modules/x/commondir" EACCES

# --- a race for a controlling terminal --------------------------------------

echo "KEY=hush" >.env
for form in openat openat2; do
	run "$PROBES/attack_ctty" $form "$WS/.env"
	more "native: $form: the secret is opened" \
		"$(sed -n 's/^secret //p' <<<"$OUT")" 0
	sup -q -- "$PROBES/attack_ctty" $form "$WS/.env"
	eq "$form: the secret is not opened" "secret 0" "$(tail -1 <<<"$OUT")"
	for what in granted refused; do
		more "$form: $what" "$(sed -n "s/^$what //p" <<<"$OUT")" 0
	done
done

finish
