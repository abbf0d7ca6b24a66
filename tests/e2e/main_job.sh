#!/bin/bash
# SPDX-License-Identifier: MIT
# The main job: an ordinary command in each of the three modes, what it may
# write and read, and what the log says of it.
# What is in single quotes is for the session to expand.
# shellcheck disable=SC2016
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

make_repository "$WS" || fail "no repository"

# --- inside and outside ----------------------------------------------------

job='echo in > in.txt; echo out > ../out.txt'
run sh -c "$job"
eq "native: exit status" 0 "$RC"
eq "native: outside is written" out "$(cat ../out.txt)"
rm in.txt ../out.txt

sup -m workspace-write -- sh -c "$job"
no "workspace-write: exit status" [ "$RC" -eq 0 ]
eq "workspace-write: inside" in "$(cat in.txt)"
no "workspace-write: outside" [ -e ../out.txt ]
has "workspace-write: message" "Read-only file system" "$ERR"
log_has "workspace-write: inside" allow "fs.(create|write)" "$WS/in.txt"
log_has "workspace-write: outside" deny "fs.(create|write)" "$T/out.txt" EROFS
rm in.txt

sup -- sh -c "$job"
eq "the default mode writes inside" in "$(cat in.txt)"
no "the default mode does not write outside" [ -e ../out.txt ]
rm in.txt

sup -m read-only -- sh -c "$job; cat tracked.txt"
no "read-only: inside" [ -e in.txt ]
no "read-only: outside" [ -e ../out.txt ]
eq "read-only: reading" one "$OUT"
has "read-only: message" "Read-only file system" "$ERR"
log_has "read-only: inside" deny "fs.(create|write)" "$WS/in.txt" EROFS
log_has "read-only: outside" deny "fs.(create|write)" "$T/out.txt" EROFS

for mode in full-access danger-full-access; do
	sup -m "$mode" -- sh -c "$job"
	eq "$mode: exit status" 0 "$RC"
	eq "$mode: inside" in "$(cat in.txt)"
	eq "$mode: outside" out "$(cat ../out.txt)"
	log_has "$mode: inside" allow "fs.(create|write)" "$WS/in.txt"
	log_has "$mode: outside" allow "fs.(create|write)" "$T/out.txt"
	rm -f in.txt ../out.txt
done

sup --log-only -- sh -c "$job"
eq "log-only: exit status" 0 "$RC"
eq "log-only: outside is written" out "$(cat ../out.txt)"
ok "log-only: the log knows" grep -qF "\"$T/out.txt\"" "$AUDIT"
rm -f in.txt ../out.txt

# --- roots on the command line ---------------------------------------------

mkdir -p "$OUTSIDE/a" "$OUTSIDE/b" "$WS/frozen" "$WS/hidden"
echo old >"$WS/frozen/f"
echo hush >"$WS/hidden/f"
for i in a b c; do echo key >"$WS/$i.key"; done

sup --write "$OUTSIDE/a" -w "$OUTSIDE/b" -- \
	sh -c "echo 1 > $OUTSIDE/a/f; echo 2 > $OUTSIDE/b/f; echo 3 > $OUTSIDE/f"
eq "--write: first" 1 "$(cat "$OUTSIDE/a/f")"
eq "--write: second" 2 "$(cat "$OUTSIDE/b/f")"
no "--write: beside" [ -e "$OUTSIDE/f" ]

run sh -c 'echo new > frozen/f && cat hidden/f b.key && echo old > frozen/f'
eq "native: frozen and hidden are ordinary" 0 "$RC"
sup --read-only "$WS/frozen" --deny "$WS/hidden" -d "$WS/**/b.key" -- sh -c '
	echo new > frozen/f; cat frozen/f; echo new > frozen/g
	cat hidden/f; echo x > hidden/g; cat a.key; cat b.key'
eq "--read-only and --deny: what could be read" "old
key" "$OUT"
eq "--read-only: not written" old "$(cat frozen/f)"
no "--read-only: not created" [ -e frozen/g ]
no "--deny: not created" [ -e hidden/g ]
log_has "--read-only" deny "fs.(write|create|truncate)" "$WS/frozen/f" EROFS
log_has "--deny: reading" deny fs.read "$WS/hidden/f" EACCES
log_has "--deny: creating" deny "fs.(write|create)" "$WS/hidden/g" EACCES
log_has "--deny: a pattern" deny fs.read "$WS/b.key" EACCES

mkdir -p "$T/other"
for flag in -C --workspace; do
	sup $flag "$T/other" -- sh -c "pwd; echo x > here; echo y > $WS/there"
	eq "$flag: working directory" "$T/other" "$OUT"
	ok "$flag: inside" [ -e "$T/other/here" ]
	no "$flag: the old directory is outside" [ -e "$WS/there" ]
	rm "$T/other/here"
done

# --- the private TMPDIR ----------------------------------------------------
look='echo "$TMPDIR"; stat -c "%a %u" "$TMPDIR"; echo x > "$TMPDIR/f" &&
	f=$(mktemp) && cat "$TMPDIR/f" && case $f in "$TMPDIR"/*) echo in;; esac'
for mode in workspace-write read-only; do
	sup -m "$mode" -- sh -c "$look"
	private=${OUT%%$'\n'*}
	eq "$mode: TMPDIR" "$private
700 $(id -u)
x
in" "$OUT"
	no "$mode: TMPDIR is gone at the end" [ -e "$private" ]
	ok "$mode: TMPDIR is a path" [ -n "$private" ]
done
sup -- sh -c "$look"
no "TMPDIR is fresh" [ "${OUT%%$'\n'*}" = "$private" ]
# Removing it must not follow what the session left in it.
mkdir "$OUTSIDE/kept"
echo kept >"$OUTSIDE/kept/f"
sup -- sh -c 'ln -s "$1" "$TMPDIR/link"; mkdir -p "$TMPDIR/a/b"
	chmod 0 "$TMPDIR/a/b"; chmod 500 "$TMPDIR/a"; echo "$TMPDIR"' - \
	"$OUTSIDE/kept"
eq "what a link in TMPDIR leads to stays" kept "$(cat "$OUTSIDE/kept/f")"
no "TMPDIR is gone in spite of modes" [ -e "$OUT" ]

# --- secrets ---------------------------------------------------------------

echo "KEY=hush" >.env
echo "KEY=hush" >.env.local
echo "KEY=" >.env.example
mkdir -p sub
echo "KEY=hush" >sub/.env
echo "hush" >"$HOME/.ssh/id_ed25519"
echo "machine host password hush" >"$HOME/.netrc"
ln -s .env innocent
ln "$HOME/.netrc" innocent-too
for file in .env .env.local sub/.env "$HOME/.ssh/id_ed25519" \
	"$HOME/.netrc" innocent innocent-too; do
	run cat "$file"
	has "native: $file" hush "$OUT"
	for mode in workspace-write read-only; do
		sup -m $mode -- cat "$file"
		no "$mode: $file: exit status" [ "$RC" -eq 0 ]
		eq "$mode: $file" "" "$OUT"
		has "$mode: $file" "Permission denied" "$ERR"
	done
done
sup -- sh -c "cat .env.example; cat .env; cat $HOME/.ssh/id_ed25519"
eq "the example may be read" "KEY=" "$OUT"
log_has ".env" deny fs.read "$WS/.env" EACCES
log_has ".ssh" deny fs.read "$HOME/.ssh/id_ed25519" EACCES
sup -m full-access -- cat .env
eq "full-access: .env" "KEY=hush" "$OUT"

# --- git -------------------------------------------------------------------

poison='echo "#!/bin/sh" > .git/hooks/pre-commit
	git config core.hooksPath /tmp/evil; echo x >> .git/config'
cp -r .git "$T/git-before"
run sh -c "$poison"
ok "native: the hook is written" [ -e .git/hooks/pre-commit ]
has "native: the configuration is written" hooksPath "$(cat .git/config)"
rm -rf .git && mv "$T/git-before" .git

work='set -e; git status --short; echo two > new.txt; git add new.txt
	git commit -q -m second; git diff HEAD~1 --stat; git log --oneline | wc -l
	git stash list; git branch side; git switch -q side; git switch -q main'
sup -- sh -c "$work"
eq "git: exit status" 0 "$RC" || echo "$ERR"
eq "git: commits" 2 "$(git rev-list --count HEAD)"
eq "git: what was committed" two "$(git show HEAD:new.txt)"
has "git: log" 2 "$OUT"
run git init -q fresh
eq "native: git init" 0 "$RC"
rm -rf fresh
sup -- sh -c 'git init -q fresh && cd fresh && echo x > x && git add x &&
	git -c user.name=me -c user.email=me@example.invalid commit -q -m x'
eq "git init: exit status" 0 "$RC" || echo "$ERR"
[ -d fresh/.git/hooks ] || {
	rm -rf fresh
	git init -q fresh
	mkdir -p fresh/.git/hooks
}
sha=$(sha256sum .git/config)
sup -- sh -c "$poison; echo x > fresh/.git/hooks/post-checkout; mkdir -p .husky"
no "git: the hook" [ -e .git/hooks/pre-commit ]
eq "git: the configuration" "$sha" "$(sha256sum .git/config)"
no "git: the hook of a repository made in a session" \
	[ -e fresh/.git/hooks/post-checkout ]
log_has "git: the hook" deny "fs.(create|write)" \
	"$WS/.git/hooks/pre-commit" EACCES
log_has "git: the configuration" deny "fs.(write|create)" "$WS/.git/config" \
	EACCES
# A hooks directory of one's own must not slip into place.
sup -- sh -c 'mkdir evil; echo x > evil/pre-commit; mv .git/hooks old
	mv evil .git/hooks; mv .git other; ln -s /tmp .git/hooks2'
no "git: hooks moved into place" [ -e .git/hooks/pre-commit ]
ok "git: still there" [ -d .git/hooks ]

# --- the log itself --------------------------------------------------------

sup -- sh -c 'echo a > f1; true'
ok "log: every line is JSON" jq -e . "$AUDIT" >/dev/null
eq "log: first record" session "$(head -1 "$AUDIT" | jq -r .type)"
eq "log: a summary" summary "$(jq -r 'select(.type == "summary").type' "$AUDIT")"
eq "log: the mode" workspace-write "$(head -1 "$AUDIT" | jq -r .mode)"
ok "log: the shell" jq -e -n '[inputs | select(.access == "exec" and
	(.argv // [] | index("echo a > f1; true")))] | length > 0' "$AUDIT" \
	>/dev/null
state=$(find "$HOME/.local/state/sbxsup/sessions" -name audit.jsonl | wc -l)
more "log: sessions are kept" "$state" 10
eq "log: nobody else can read them" 700 \
	"$(stat -c %a "$HOME/.local/state/sbxsup/sessions")"
sup -- sh -c "echo forged >> $AUDIT; for f in \$(find \
	$HOME/.local/state/sbxsup -name audit.jsonl); do echo forged >> \$f
	rm -f \$f; done"
no "log: not to be written by the session" grep -qx forged "$AUDIT"
ok "log: not to be removed" [ "$(find "$HOME/.local/state/sbxsup/sessions" \
	-name audit.jsonl | wc -l)" -gt "$state" ]

finish
