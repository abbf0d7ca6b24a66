#!/bin/bash
# SPDX-License-Identifier: MIT
# Git takes a directory with HEAD, objects and refs for a repository, whatever
# it is called, and runs what is configured in it. A session makes such a
# repository only in git's own way, and then nothing runs from it.
# shellcheck disable=SC2016,SC2317
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

command -v git >/dev/null || skip "no git"
cd "$WS" || exit 1
MARK=$T/ran
head='ref: refs/heads/main'
evil="[core]
	repositoryformatversion = 0
	bare = false
	worktree = $WS
	fsmonitor = touch $MARK; false"

# Each way makes directory $1 such that git would run the command: HEAD last or
# first, by creating, renaming, linking, exchanging.
cat >"$T/ways" <<SCRIPT
parts() {
	mkdir -p "\$1/objects" "\$1/refs"
}
config_first() {
	parts "\$1"; echo '$evil' >"\$1/config"; echo '$head' >"\$1/HEAD"
}
head_first() {
	parts "\$1"; echo '$head' >"\$1/HEAD"; echo '$evil' >"\$1/config"
}
rename_config() {
	parts "\$1"; echo '$head' >"\$1/HEAD"; echo '$evil' >"\$1/c"
	mv "\$1/c" "\$1/config"
}
rename_lock() {
	parts "\$1"; echo '$head' >"\$1/HEAD"; echo '$evil' >"\$1/config.lock"
	mv "\$1/config.lock" "\$1/config"
}
rename_head() {
	parts "\$1"; echo '$evil' >"\$1/config"; echo '$head' >"\$1/H"
	mv "\$1/H" "\$1/HEAD"
}
link_config() {
	parts "\$1"; echo '$head' >"\$1/HEAD"; echo '$evil' >"\$1/c"
	ln "\$1/c" "\$1/config"
}
link_head() {
	parts "\$1"; echo '$evil' >"\$1/config"; echo '$head' >"\$1/H"
	ln "\$1/H" "\$1/HEAD"
}
symlink_config() {
	parts "\$1"; echo '$head' >"\$1/HEAD"; echo '$evil' >"\$1/c"
	ln -s c "\$1/config"
}
append_config() {
	git init -q --bare "\$1"; echo '$evil' >>"\$1/config"
}
git_config() {
	git init -q --bare "\$1"; git -C "\$1" config core.bare false
	git -C "\$1" config core.worktree '$WS'
	git -C "\$1" config core.fsmonitor 'touch $MARK; false'
}
commondir() {
	mkdir -p "\$1/common/objects" "\$1/common/refs"
	echo '$evil' >"\$1/common/config"
	echo '$head' >"\$1/HEAD"; echo common >"\$1/commondir"
}
"\$1" "\$2" 2>/dev/null
true
SCRIPT

ways="config_first head_first rename_config rename_lock rename_head link_config
link_head symlink_config append_config git_config"

# Does the user's git run the command when it is started in there?
runs() {
	rm -f "$MARK"
	(cd "$1" && git status) >/dev/null 2>&1
	[ -e "$MARK" ]
}

for way in $ways; do
	bash "$T/ways" "$way" "native-$way"
	ok "natively git runs a program: $way" runs "native-$way"
	sup -q -- bash "$T/ways" "$way" "session-$way"
	no "after a session git runs nothing: $way" runs "session-$way"
	more "a record of the refusal: $way" "$(decisions | grep -c ^deny)" 0
done

note "a common directory"
bash "$T/ways" commondir native-commondir
has "natively git obeys the common directory" touch \
	"$(git -C native-commondir config core.fsmonitor)"
sup -q -- bash "$T/ways" commondir session-commondir
hasnt "after a session it does not" touch \
	"$(git -C session-commondir config core.fsmonitor)"

note "hooks"
sup -q -- sh -c 'git init -q --bare hooks.git && cd hooks.git &&
	echo ok > hooks/new.sample && ! echo x > hooks/pre-receive &&
	mkdir other && echo x > other/update && ! mv other hooks/update &&
	rm hooks/*.sample && rmdir hooks && ! mv other hooks' 2>/dev/null
eq "hooks: only samples" 0 "$RC"
no "hooks: none is there" [ -e hooks.git/hooks/pre-receive ]
no "hooks: none was moved" [ -e hooks.git/hooks/update ]

note "git's own way"
sup -q -- sh -c 'git init -q --bare good.git && git init -q work && cd work &&
	git config user.name A && git config user.email a@example.invalid &&
	echo x > x && git add x && git commit -q -m x &&
	git push -q ../good.git HEAD:refs/heads/main &&
	git -C ../good.git config gc.auto 0'
eq "a bare repository works" 0 "$RC"
eq "its configuration can be changed" 0 "$(git -C good.git config gc.auto)"

finish
