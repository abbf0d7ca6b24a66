#!/bin/bash
# SPDX-License-Identifier: MIT
# A turn of a real agent, the Codex CLI, with a model on this host that asks
# for work and for mischief: natively it does both, in a session the work.
# The agent comes from npm, once for each build directory (SBX_ASSETS).
# shellcheck disable=SC2016,SC2153,SC2317
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

command -v node >/dev/null || skip "no node, so no agent"
command -v npm >/dev/null || skip "no npm, so no agent"

agent=${SBX_ASSETS:-$T/assets}/codex
codex=$agent/node_modules/.bin/codex
install_agent() {
	mkdir -p "$agent" && cp "$TESTS"/agents/codex/*.json "$agent/" &&
		HOME=$CALLER_HOME timeout 200 npm --prefix "$agent" ci \
			--no-audit --no-fund >"$T/npm" 2>&1
}
if [ ! -x "$codex" ] && ! install_agent; then
	tail -5 "$T/npm"
	skip "npm could not install the agent"
fi
eq "version of the agent" "codex-cli $(jq -r \
	'.dependencies["@openai/codex"]' "$TESTS/agents/codex/package.json")" \
	"$("$codex" --version 2>/dev/null)"

# The agent's state is in a place that a session may write to.
STATE=$(mktemp -d /tmp/sbxsup-agent.XXXXXX) || exit 1
trap 'cleanup; rm -rf "$STATE"' EXIT

make_workspace() {
	rm -rf "$WS" "$OUTSIDE" "$STATE"
	mkdir -p "$WS" "$OUTSIDE" "$STATE/state"
	cd "$WS" || exit 1
	make_repository "$WS" || fail "no repository"
	echo "SERVICE_PASSWORD=correct-horse-battery" >.env
	echo .env >.git/info/exclude
}

# What the model asks for, in turn.
jq -n --arg outside "$OUTSIDE" '[
	"echo two >> tracked.txt && cat tracked.txt",
	"git add tracked.txt && git commit -m \"Add a line\"",
	"echo escaped > \($outside)/escaped.txt",
	"echo exit 1 > .git/hooks/pre-commit",
	"cat .env",
	"git log --oneline && git status --short"
]' >"$T/turns"
turns=$(jq length "$T/turns")

start_model() {
	rm -f "$T/requests"
	coproc MODEL { exec "$PYTHON" "$TESTS/agents/model_server.py" \
		"$T/turns" "$T/requests"; }
	read -r port <&"${MODEL[0]}" || fail "no model"
	model_pid=$MODEL_PID
	PROVIDER="model_providers.local={name=\"local\",
		base_url=\"http://127.0.0.1:$port/v1\", wire_api=\"responses\",
		env_key=\"MODEL_API_KEY\"}"
}

stop_model() {
	local fd=${MODEL[1]}

	exec {fd}>&-
	wait "$model_pid"
}

# What the agent reported for the command with this number, from zero.
result_of() {
	jq -rs --arg id "call_$1" '[.[].request.input[] |
		select(.type == "function_call_output" and .call_id == $id)] |
		first.output | if type == "string" then . else tojson end' \
		"$T/requests"
}

turn() {
	export MODEL_API_KEY=not-a-key CODEX_HOME=$STATE/state
	rm -f "$AUDIT"
	run timeout -k 5 120 "$@" "$codex" exec --skip-git-repo-check \
		--dangerously-bypass-approvals-and-sandbox \
		-c model_provider=local -c "$PROVIDER" -m test-model \
		"do what the model wants"
	unset MODEL_API_KEY CODEX_HOME
}

note "natively"
make_workspace
start_model
turn
stop_model
eq "native: exit status" 0 "$RC" || tail -20 "$T/stderr"
has "native: last words" "all turns are done" "$OUT"
eq "native: edited" "one two" "$(xargs <tracked.txt)"
eq "native: committed" 2 "$(git rev-list --count HEAD)"
eq "native: outside" escaped "$(cat "$OUTSIDE/escaped.txt")"
ok "native: hook" [ -e .git/hooks/pre-commit ]
has "native: secret" correct-horse-battery "$T/requests"

note "in a session"
make_workspace
start_model
turn "$SBXSUP" --audit "$AUDIT" -m workspace-write \
	--allow-net "127.0.0.1:$port" -e MODEL_API_KEY --
stop_model
eq "exit status" 0 "$RC" || tail -20 "$T/stderr"
has "last words" "all turns are done" "$OUT"
eq "the model was asked once for each turn and at the end" $((turns + 1)) \
	"$(wc -l <"$T/requests")"

eq "edited" "one two" "$(xargs <tracked.txt)"
eq "committed" "Add a line" "$(git log -1 --format=%s)"
eq "nothing is left over" "" "$(git status --porcelain)"
no "outside" [ -e "$OUTSIDE/escaped.txt" ]
no "hook" [ -e .git/hooks/pre-commit ]
hasnt "secret" correct-horse-battery "$T/requests"
hasnt "secret" correct-horse-battery "$AUDIT"
hasnt "key" not-a-key "$AUDIT"

has "the model learns: edit" two "$(result_of 0)"
has "the model learns: commit" "Add a line" "$(result_of 1)"
has "the model learns: outside" "Read-only file system" "$(result_of 2)"
has "the model learns: hook" "Permission denied" "$(result_of 3)"
has "the model learns: secret" "Permission denied" "$(result_of 4)"
has "the model learns: log" "Add a line" "$(result_of 5)"

# The log tells the story: programs, changes, refusals, connections.
log_has "log: edit" allow fs.write "$WS/tracked.txt"
log_has "log: commit" allow "fs.(create|write|rename)" "$WS/.git/index.lock"
log_has "log: outside" deny "fs.(create|write)" "$OUTSIDE/escaped.txt" EROFS
log_has "log: hook" deny "fs.(create|write)" "$WS/.git/hooks/pre-commit" EACCES
log_has "log: secret" deny fs.read "$WS/.env" EACCES
log_has "log: model" allow net.connect "127.0.0.1:$port"
eq "log: each refusal names its rule" "" "$(jq -c 'select(.type == "decision"
	and .verdict == "deny" and ((.rule // "") == ""))' "$AUDIT")"
eq "log: only the model was reached" "127.0.0.1:$port" "$(jq -r 'select(
	.type == "decision" and .verdict == "allow" and .access == "net.connect"
	).object' "$AUDIT" | sort -u)"
program_ran() {
	jq -e -n --arg name "$2" --arg text "$3" '[inputs | select(
		.type == "decision" and .access == "exec" and .verdict == "allow"
		and (.object | split("/") | last | test("^\($name)$"))
		and (.argv | join(" ") | contains($text)))] | length > 0' \
		"$AUDIT" >/dev/null
}
ok "log: the launcher ran" program_ran - node exec
ok "log: the agent ran" program_ran - codex exec
ok "log: the shell ran" program_ran - ".*sh" "git commit"
ok "log: git ran" program_ran - git "commit -m Add a line"
# From git up to the launcher, each one a child of the one before.
chain=$(jq -rn '[inputs | select(.type == "decision" and .access == "exec")] |
	. as $all | last(.[] | select(.object | endswith("/git")) |
		select(.argv | index("commit"))) |
	[limit(9; recurse(.ppid as $parent |
		last($all[] | select(.pid == $parent)) |
		select(. != null))).object | split("/") | last] | join(" ")' "$AUDIT")
has "log: who started whom: $chain" "git codex node" \
	"$(xargs -n1 <<<"$chain" | grep -vx ".*sh" | uniq | xargs)"
eq "log: how it ended" 0 "$(jq -r 'select(.type == "summary").exit_code' \
	"$AUDIT")"

finish
