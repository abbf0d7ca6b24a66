#!/bin/bash
# SPDX-License-Identifier: MIT
# git in the workspace works as natively, and nothing that makes the user's git
# run a program later gets into a repository: neither by git nor around it.
# What is in single quotes is for the session to expand; some functions are
# called by the assertions.
# shellcheck disable=SC2016,SC2317
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

export GIT_AUTHOR_DATE='2020-02-02T02:02:02Z'
export GIT_COMMITTER_DATE=$GIT_AUTHOR_DATE

# --- what has to work ------------------------------------------------------

# Runs in a directory that has remote.git. Prints what each step ended with.
cat >"$T/work" <<'SCRIPT'
step() {
	local name=$1

	shift
	"$@" >>steps.log 2>&1
	echo "$name $?"
}
commit() {
	echo "$1" >>"$1.txt" && git add "$1.txt" && git commit -q -m "$1"
}
cd "$1" || exit 1
step init git init -q -b main new
cd new || exit 1
echo "filemode $(git config --local core.filemode)"
step commit commit one
step commit commit two
echo change >>one.txt
step stash git stash push -q
step pop git stash pop -q
step restore git checkout -q one.txt
step branch git checkout -q -b side HEAD~1
step commit commit three
step rebase git rebase -q main
step tag git tag -a v1 -m v1
step name git config user.name Somebody
step unset git config --unset user.name
step section git config --rename-section core core
step remote git remote add fork ../remote.git
step fetch git fetch -q fork
cd .. || exit 1
step clone git clone -q "$PWD/remote.git" clone
cd clone || exit 1
step topic git checkout -q -b topic
step commit commit four
step push git push -q -u origin topic
step rename git branch -m topic subject
step describe git config branch.subject.description "two
lines"
step track git checkout -q --track origin/other
step set-upstream git branch -q --set-upstream-to=origin/main main
step main git checkout -q main
step pull git pull -q --ff-only
step merge git merge -q --no-edit subject
step delete git branch -q -D subject
step repack git gc -q
step fsck git fsck
step push git push -q
step name git config user.email somebody@example.invalid
cd .. || exit 1
step reinit git init -q clone
step bare git clone -q --bare remote.git other.git
step partial git clone -q --no-local --filter=blob:none "$PWD/remote.git" \
	partial
SCRIPT

# What is the same after the same work.
cat >"$T/outcome" <<'SCRIPT'
cd "$1" || exit 1
for repository in new clone partial; do
	git -C "$repository" config --local --list
	git -C "$repository" log --all --format='%T %s %D'
	git -C "$repository" status --short --branch
	git -C "$repository" for-each-ref
	stat -c '%a %n' "$repository/.git/config"
	find "$repository/.git" -maxdepth 2 -name 'config*' -o \
		-maxdepth 2 -path '*/hooks/*' | sort
done
git -C remote.git for-each-ref
SCRIPT

# The same path for both, because git writes it into configurations.
work_directory() {
	rm -rf "$WS/work" && mkdir "$WS/work" && cd "$WS/work" &&
		git init -q --bare -b main remote.git &&
		git -C remote.git config uploadpack.allowFilter true &&
		git clone -q remote.git seed 2>/dev/null && (
		cd seed && mkdir dir && echo x >dir/x && git add dir &&
			git commit -q -m seed && git push -q origin main \
			main:other
	) && rm -rf seed
	cd "$WS" || exit 1
}

work_directory
run bash "$T/work" "$WS/work"
cp "$T/stdout" "$T/native"
eq "native: all steps work" "" "$(grep -v ' 0$\|^filemode true$' "$T/native")"
bash "$T/outcome" "$WS/work" >"$T/native-outcome"
more "native: there is an outcome" "$(wc -l <"$T/native-outcome")" 30

for variant in "" --no-preload; do
	work_directory
	# shellcheck disable=SC2086 # none or one
	sup -q $variant -- bash "$T/work" "$WS/work"
	eq "session $variant: steps as natively" "" \
		"$(diff "$T/native" "$T/stdout")" ||
		cat "$WS"/work/steps.log "$WS"/work/*/steps.log
	bash "$T/outcome" "$WS/work" >"$T/outcome.now"
	eq "session $variant: outcome as natively" "" \
		"$(diff "$T/native-outcome" "$T/outcome.now")"
	log_has "session $variant: configuration replaced" allow fs.rename \
		"$WS/work/new/.git/config.lock"
done
eq "no lock and no file of the supervisor is left" "" \
	"$(find "$WS/work" -name 'config.lock' -o -name '*.sbxsup')"

# --- what must not work ----------------------------------------------------

# A repository with a hook, a sample and a remote; below it one without hooks
# (sub), an empty directory (d), one of a worktree (wt), and evil things.
EVIL='[core]
	fsmonitor = ./evil
'
export EVIL
TEMPLATE=$T/template
make_template() {
	git init -q -b main "$TEMPLATE" && cd "$TEMPLATE" || exit 1
	git init -q -b main sub
	rm -rf .git/hooks sub/.git/hooks
	mkdir -p .git/hooks .git/modules/m/hooks d wt evil/hooks
	printf '#!/bin/sh\n' | tee .git/hooks/pre-commit evil/hooks/x \
		.git/hooks/x.sample evil/hook >/dev/null
	chmod +x .git/hooks/* evil/hook evil/hooks/x
	git remote add origin https://host.example/a.git
	git config branch.main.remote origin
	cp .git/config .git/modules/m/config
	printf '%s' "$EVIL" | cat .git/config - >evil/config
	printf '[user]\n\tname = x\n' | cat .git/config - >evil/harmless
	cp evil/config evil/HEAD
	mkdir -p .git/worktrees/w
	echo "gitdir: ../.git/worktrees/w" >wt/.git
	echo "gitdir: ../evil" >evil/gitdir
	cd "$WS" || exit 1
}
make_template

fresh_repository() {
	rm -rf "${1:?}" && cp -a "$TEMPLATE" "$1"
}

# What git looks at before it runs something. A directory itself runs nothing.
state() {
	(
		cd "$1" || exit 1
		find . \( -name .git -o -path '*/.git/hooks' -o \
			-path '*/.git/hooks/*' -o -path '*/.git/config' -o \
			-path '*/.git/config.worktree' -o \
			-path '*/.git/config.sbxsup' -o \
			-path '*/.git/modules/*' -o -path '*/.git/commondir' \
			-o -path '*/.git/info/attributes' \) \
			! -path '*.sample' ! -path '*.lock' \
			! \( -type d \( -name .git -o -name hooks \) \) \
			-printf '%y %m %p %l\n' \
			\( ! -type f -o -exec cksum {} \; \) | sort
	)
}

# name | what is run in the repository
ATTACKS='
fsmonitor       | git config core.fsmonitor ./evil
alias           | git config alias.st "!evil"
hooksPath       | git config core.hooksPath evil/hooks
editor          | git config core.editor evil
include         | git config include.path ../evil/config
includeIf       | git config includeIf.gitdir:/.path ../evil/config
filter          | git config filter.f.clean evil
insteadOf       | git config url.https://evil.example/.insteadOf https://
ext             | git remote add evil "ext::sh -c evil"
option-remote   | git config "remote.--upload-pack=evil;.url" /x
promisor        | git config extensions.partialClone --upload-pack=evil
set-url         | git remote set-url origin https://evil.example/a.git
add-url         | git remote set-url --add origin https://evil.example/a.git
push-url        | git remote set-url --push origin https://evil.example/a.git
remote-remove   | git config --remove-section remote.origin
remote-rename   | git remote rename origin other
branch-remote   | git config branch.main.remote https://evil.example
edit            | GIT_EDITOR="cp evil/config" git config --edit
submodule       | git config -f .git/modules/m/config core.fsmonitor evil
write           | cat evil/config >.git/config
write-harmless  | cat evil/harmless >.git/config
append          | printf "%s" "$EVIL" >>.git/config
read-write      | printf "%s" "$EVIL" 1<>.git/config
truncate        | truncate -s 0 .git/config
chmod-group     | chmod g+w .git/config
chmod-other     | chmod o+w .git/config
unlink          | rm -f .git/config
unlink-lock     | rm -f .git/config; cp evil/config .git/config.lock; mv -f .git/config.lock .git/config
rename-over     | mv -f evil/config .git/config
rename-harmless | mv -f evil/harmless .git/config
rename-away     | mv .git/config .git/config.old
rename-lock     | cp evil/config .git/config.lock; mv -f .git/config.lock .git/config
rename-dots     | cp evil/config .git/config.lock; mv -f d/../.git/config.lock .git/../.git/./config
other-lock      | cp evil/harmless evil/config.lock; mv -f evil/config.lock .git/config
case-lock       | cp evil/harmless .git/config.Lock; mv -f .git/config.Lock .git/config
link-over       | ln -f evil/config .git/config
symlink-over    | ln -sf ../evil/config .git/config
link-away       | ln .git/config evil/alias; cat evil/config >evil/alias
lock-symlink    | ln -s ../evil/harmless .git/config.lock; mv -f .git/config.lock .git/config
lock-fifo       | mkfifo .git/config.lock; mv -f .git/config.lock .git/config
lock-broken     | cat .git/config <(echo "[user") >.git/config.lock; mv -f .git/config.lock .git/config
lock-nul        | cat .git/config <(printf "[user]\nname = a\0b\n") >.git/config.lock; mv -f .git/config.lock .git/config
lock-cr         | sed "s/$/\r/" .git/config >.git/config.lock; mv -f .git/config.lock .git/config
lock-huge       | cat .git/config <(yes "# harmless" | head -c 300000) >.git/config.lock; mv -f .git/config.lock .git/config
lock-exchange   | cp evil/harmless .git/config.lock; "$PYTHON" "$T/tools.py" exchange .git/config.lock .git/config
lock-link       | cp evil/harmless sub/x; rm -f sub/.git/config; ln sub/x sub/.git/config
kept-open       | "$PYTHON" "$T/tools.py" kept-open .git/config
kept-mapped     | "$PYTHON" "$T/tools.py" kept-mapped .git/config
own-create      | cp evil/config .git/config.sbxsup
own-rename      | mv evil/config .git/config.sbxsup
own-link        | ln evil/config .git/config.sbxsup
own-symlink     | ln -s ../evil/config .git/config.sbxsup
own-mkdir       | mkdir .git/config.sbxsup
own-module      | cp evil/config .git/modules/m/config.sbxsup
hook-create     | cp evil/hook .git/hooks/post-commit
hook-write      | cat evil/hook >>.git/hooks/pre-commit
hook-rename     | mv evil/hook .git/hooks/post-commit
hook-link       | ln evil/hook .git/hooks/post-commit
hook-symlink    | ln -s ../../evil/hook .git/hooks/post-commit
hook-mkdir      | mkdir .git/hooks/post-commit
hook-mkfifo     | mkfifo .git/hooks/post-commit
hook-mknod      | "$PYTHON" "$T/tools.py" mknod .git/hooks/post-commit
hook-chmod      | chmod 600 .git/hooks/pre-commit
hook-remove     | rm -f .git/hooks/pre-commit
hook-away       | mv .git/hooks/pre-commit .git/hooks/pre-commit.sample
hook-sample     | mv .git/hooks/x.sample .git/hooks/post-commit
hook-sample-ln  | ln .git/hooks/x.sample .git/hooks/post-commit
hook-sample-ex  | cp evil/config .git/hooks/x.sample; "$PYTHON" "$T/tools.py" exchange .git/hooks/x.sample .git/hooks/pre-commit
hook-alias      | ln .git/hooks/pre-commit evil/alias; cat evil/config >evil/alias
hook-module     | cp evil/hook .git/modules/m/hooks/post-commit
hooks-rename    | mv .git/hooks .git/old; mv evil/hooks .git/hooks
hooks-rename-in | mv evil/hooks sub/.git/hooks
hooks-symlink   | ln -s ../../evil/hooks sub/.git/hooks
hooks-file      | echo x >sub/.git/hooks
hooks-copy      | cp -r evil/hooks sub/.git/hooks.sample; mv -T sub/.git/hooks.sample sub/.git/hooks
hooks-mkdir     | mkdir sub/.git/hooks; cd sub/.git/hooks; cp ../../../evil/hook post-commit
hooks-fd        | mkdir sub/h; "$PYTHON" "$T/tools.py" renamed-directory sub/h sub/.git/hooks
git-and-back    | mv .git g; cat evil/config >g/config; mv g .git
git-rename      | mv .git g
git-rename-in   | mkdir evil/objects evil/refs; mv evil d/.git
git-symlink     | ln -s ../evil d/.git
git-file        | cp evil/gitdir d/.git
git-file-rename | mv evil/gitdir d/.git
git-file-link   | ln evil/gitdir d/.git
git-file-fd     | "$PYTHON" "$T/tools.py" tmpfile d/.git
git-file-write  | cat evil/gitdir >wt/.git
git-file-over   | mv -f evil/gitdir wt/.git
git-copy        | mkdir d/.git; cp evil/config evil/HEAD d/.git/
attributes      | mkdir -p .git/info; echo "* filter=f" >.git/info/attributes
commondir       | echo ../evil >.git/commondir
config.worktree | cp evil/config .git/config.worktree
'

cat >"$T/tools.py" <<'SCRIPT'
import ctypes
import mmap
import os
import stat
import sys

EVIL = b"[core]\n\tfsmonitor = ./evil\n"
AT_FDCWD, RENAME_EXCHANGE, AT_SYMLINK_FOLLOW = -100, 2, 0x400
libc = ctypes.CDLL(None, use_errno=True)


def lock_with_space(config):
    """A lock file with what config has and room for more, open."""
    with open(config, "rb") as file:
        text = file.read()
    fd = os.open(config + ".lock", os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
    os.write(fd, text + b"#" * 99 + b"\n")
    return fd, len(text)


def kept_open(config):
    fd, end = lock_with_space(config)
    os.rename(config + ".lock", config)
    # What the session may have was taken over; the state is to be as before.
    os.pwrite(fd, EVIL, end)
    os.ftruncate(fd, end + len(EVIL))
    with open(config, "rb") as file:
        text = file.read()
    if EVIL not in text:
        os.write(fd, text)
        with open(config + ".lock", "wb") as file:
            file.write(text[:end])
        os.rename(config + ".lock", config)
        # A record for the refused second way.
        os.open(config, os.O_WRONLY)


def kept_mapped(config):
    fd, end = lock_with_space(config)
    view = mmap.mmap(fd, 0)
    os.rename(config + ".lock", config)
    view[end:end + len(EVIL)] = EVIL
    with open(config, "rb") as file:
        text = file.read()
    if EVIL not in text:
        with open(config + ".lock", "wb") as file:
            file.write(text[:end])
        os.rename(config + ".lock", config)
        os.open(config, os.O_WRONLY)


def exchange(one, other):
    if libc.renameat2(AT_FDCWD, one.encode(), AT_FDCWD, other.encode(),
                      RENAME_EXCHANGE) < 0:
        sys.exit(os.strerror(ctypes.get_errno()))


def renamed_directory(source, to):
    """A file is made through a descriptor of a directory that moves."""
    fd = os.open(source, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.rename(source, to)
    finally:
        os.close(os.open("post-commit", os.O_WRONLY | os.O_CREAT, 0o755,
                         dir_fd=fd))


def tmpfile(name):
    fd = os.open(".", os.O_TMPFILE | os.O_WRONLY, 0o644)
    os.write(fd, b"gitdir: ../evil\n")
    if libc.linkat(AT_FDCWD, b"/proc/self/fd/%d" % fd, AT_FDCWD,
                   name.encode(), AT_SYMLINK_FOLLOW) < 0:
        sys.exit(os.strerror(ctypes.get_errno()))


def mknod(name):
    os.mknod(name, stat.S_IFREG | 0o755)


{"kept-open": kept_open, "kept-mapped": kept_mapped, "exchange": exchange,
 "renamed-directory": renamed_directory, "tmpfile": tmpfile,
 "mknod": mknod}[sys.argv[1]](*sys.argv[2:])
SCRIPT
export T PYTHON

# attack NAME COMMAND ARG…: runs an attack natively, where the state has
# to change, and then in a session, where it must not, but leave a record.
attack() {
	local name=$1 command=$2 before

	shift 2
	fresh_repository "$WS/r"
	before=$(state "$WS/r")
	(cd "$WS/r" && run bash -c "$command")
	no "native: $name shows" [ "$before" = "$(state "$WS/r")" ]
	fresh_repository "$WS/r"
	sup -q -C "$WS/r" "$@" -- bash -c "$command"
	eq "session: $name" "" "$(diff <(echo "$before") <(state "$WS/r"))"
	more "session: $name is in the log" \
		"$(decisions | grep -c ^deny)" 0
}

while IFS='|' read -r name command; do
	[ -n "$name" ] && attack "${name%% *}" "$command"
done <<<"$ATTACKS"

# --- one change, looked at closely -----------------------------------------

harmless='cat evil/harmless >.git/config.lock &&
	mv -f .git/config.lock .git/config'

fresh_repository "$WS/r"
chmod 640 "$WS/r/evil/harmless" "$WS/r/.git/config"
sup -C "$WS/r" -- bash -c "umask 027; $harmless"
eq "harmless: exit status" 0 "$RC"
eq "harmless: taken over" "" "$(diff "$WS/r/evil/harmless" "$WS/r/.git/config")"
eq "harmless: mode of the lock file" 640 "$(stat -c %a "$WS/r/.git/config")"
no "harmless: the lock file is gone" [ -e "$WS/r/.git/config.lock" ]
no "harmless: nothing is left" [ -e "$WS/r/.git/config.sbxsup" ]
log_has "harmless: logged" allow fs.rename "$WS/r/.git/config.lock"

# What a killed supervisor has left is in nobody's way, and read by nobody.
fresh_repository "$WS/r"
cp "$WS/r/evil/config" "$WS/r/.git/config.sbxsup"
sup -C "$WS/r" -- bash -c "$harmless"
eq "left over: exit status" 0 "$RC"
eq "left over: the new text" "" \
	"$(diff "$WS/r/evil/harmless" "$WS/r/.git/config")"
no "left over: gone" [ -e "$WS/r/.git/config.sbxsup" ]

fresh_repository "$WS/r"
sup -C "$WS/r" -- git config core.fsmonitor ./evil
no "fsmonitor: exit status" [ "$RC" -eq 0 ]
has "fsmonitor: git says why" "Permission denied" "$ERR"
log_has "fsmonitor: logged" deny fs.rename "$WS/r/.git/config.lock" EACCES
has "fsmonitor: the log names the variable" core.fsmonitor "$AUDIT"
no "fsmonitor: git cleans up" [ -e "$WS/r/.git/config.lock" ]

# What was there before may stay, and the session may change other things.
fresh_repository "$WS/r"
git -C "$WS/r" config alias.st '!evil'
sup -C "$WS/r" -- git config user.name "Some Body"
eq "with an old alias: exit status" 0 "$RC"
eq "with an old alias: changed" "Some Body" "$(git -C "$WS/r" config user.name)"
eq "with an old alias: kept" '!evil' "$(git -C "$WS/r" config alias.st)"
sup -C "$WS/r" -- git config alias.st '!evil2'
eq "with an old alias: not changed" '!evil' "$(git -C "$WS/r" config alias.st)"

# --- where the session may not write ---------------------------------------

# may_replace REPOSITORY ARG…: the lock file lies there already.
may_replace() {
	local repository=$1

	shift
	fresh_repository "$repository"
	cp "$repository/evil/harmless" "$repository/.git/config.lock"
	sup -q -C "$WS" "$@" -- mv -f "$repository/.git/config.lock" \
		"$repository/.git/config"
	cmp -s "$repository/evil/harmless" "$repository/.git/config"
}

ok "a write root" may_replace "$WS/r"
no "outside" may_replace "$OUTSIDE/r"
log_has "outside" deny fs.rename "$OUTSIDE/r/.git/config.lock" EROFS
ok "outside: the lock is there still" [ -e "$OUTSIDE/r/.git/config.lock" ]
ok "outside, made a write root" may_replace "$OUTSIDE/r" --write "$OUTSIDE"
no "read-only mode" may_replace "$WS/r" -m read-only
log_has "read-only mode" deny fs.rename "$WS/r/.git/config.lock" EROFS
no "a read-only directory" may_replace "$WS/r" --read-only "$WS/r/.git"
log_has "a read-only directory" deny fs.rename "$WS/r/.git/config.lock" EROFS
no "a read-only configuration" may_replace "$WS/r" \
	--read-only "$WS/r/.git/config"
no "a denied configuration" may_replace "$WS/r" --deny "$WS/r/.git/config"

# From a write root to a repository that is none.
fresh_repository "$OUTSIDE/r"
cp "$OUTSIDE/r/evil/harmless" "$WS/config.lock"
run mv -f "$WS/config.lock" "$OUTSIDE/r/.git/config"
eq "native: from elsewhere" 0 "$RC"
fresh_repository "$OUTSIDE/r"
cp "$OUTSIDE/r/evil/harmless" "$WS/config.lock"
sup -q -- mv -f "$WS/config.lock" "$OUTSIDE/r/.git/config"
no "from elsewhere" [ "$RC" -eq 0 ]
no "from elsewhere: nothing changed" \
	cmp -s "$OUTSIDE/r/evil/harmless" "$OUTSIDE/r/.git/config"

# --- a lock file that changes while it is looked at --------------------------

# One process writes a file over and over, the other makes it the lock file
# and renames that. Both texts have the same size.
cat >"$T/race.py" <<'SCRIPT'
import os
import signal
import sys
import time

FILL = b"# filling\n" * 400
GOOD = b"[core]\n" + FILL + b"\tfilemode  = true\n"
EVIL = b"[core]\n" + FILL + b"\tfsmonitor = evil\n"
config, seconds = sys.argv[1], float(sys.argv[2])
lock, shared = config + ".lock", config + ".shared"

fd = os.open(shared, os.O_RDWR | os.O_CREAT, 0o644)
os.pwrite(fd, GOOD, 0)
writer = os.fork()
if writer == 0:
    while True:
        for _ in range(20):
            os.pwrite(fd, GOOD, 0)
        os.pwrite(fd, EVIL, 0)
        os.pwrite(fd, EVIL[-20:], len(EVIL) - 20)

granted = refused = reached = 0
until = time.monotonic() + seconds
while time.monotonic() < until:
    try:
        os.link(shared, lock)
    except FileExistsError:
        pass
    try:
        os.rename(lock, config)
        granted += 1
    except PermissionError:
        refused += 1
    with open(config, "rb") as file:
        reached += b"fsmonitor" in file.read()
    try:
        os.unlink(config)
    except PermissionError:
        pass
os.kill(writer, signal.SIGKILL)
os.waitpid(writer, 0)
print("granted", granted)
print("refused", refused)
print("reached", reached)
SCRIPT

count() {
	sed -n "s/^$1 //p" <<<"$OUT"
}

seconds=${SBX_RACE_SECONDS:-2}
fresh_repository "$WS/r"
run "$PYTHON" "$T/race.py" "$WS/r/sub/.git/config" "$seconds"
more "native: the race is won" "$(count reached)" 0

fresh_repository "$WS/r"
sup -q -C "$WS/r" -- "$PYTHON" "$T/race.py" "$WS/r/sub/.git/config" "$seconds"
eq "the race ends" 0 "$RC" || echo "$ERR"
more "the race: granted" "$(count granted)" 0
more "the race: refused" "$(count refused)" 0
eq "the race is not won" 0 "$(count reached)"
note "race: $(count granted) granted, $(count refused) refused"

finish
