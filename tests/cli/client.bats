#!/usr/bin/env bats

# SPDX-License-Identifier: Apache-2.0
# The client's contract: arguments, exit codes, stdout and stderr.

bats_require_minimum_version 1.5.0

setup() {
    bin=${MW_BIN:-$BATS_TEST_DIRNAME/../../build/release/bin}
    packs=$BATS_TEST_DIRNAME/../../rules/packs
    cd "$BATS_TEST_TMPDIR"
}

minewarden() { "$bin/minewarden" "$@"; }

@test "help goes to stdout with exit code 0 and names every command" {
    run --separate-stderr minewarden --help
    [ "$status" -eq 0 ]
    [ -z "$stderr" ]
    for command in findings status rules keys demo; do [[ $output == *"$command"* ]]; done
}

@test "every command has its own help" {
    for command in findings status rules keys demo; do
        run minewarden $command --help
        [ "$status" -eq 0 ]
        [[ $output == "usage: minewarden $command"* ]]
    done
}

@test "no command, an unknown command and an unknown flag are usage errors" {
    run --separate-stderr minewarden
    [ "$status" -eq 64 ]
    [ -z "$output" ]
    run --separate-stderr minewarden finding
    [ "$status" -eq 64 ]
    [[ $stderr == *'did you mean "findings"?'* ]]
    run minewarden findings --nonsense
    [ "$status" -eq 64 ]
}

@test "terminal escapes in an unknown command are escaped" {
    run minewarden $'\x1b[31mred'
    [ "$status" -eq 64 ]
    [[ $output != *$'\x1b'* ]]
}

@test "without a collector: an error with a hint, 69" {
    run --separate-stderr minewarden findings --socket "$PWD/none.sock"
    [ "$status" -eq 69 ]
    [ -z "$output" ]
    [[ $stderr == *"is minewarden-collector running?"* ]]
}

@test "invalid values of options are usage errors that name the option" {
    for option in "--since yesterdayish" "--activity mining.pwo" "--certainty sure" "-o xml" "--lang fr"; do
        run --separate-stderr minewarden findings $option --socket "$PWD/none.sock"
        [ "$status" -eq 64 ]
        [[ $stderr == *"${option%% *}"* || $stderr == *"${option#* }"* ]]
    done
    run minewarden findings --activity mining.pow.cpuu --socket "$PWD/none.sock"
    [[ $output == *'did you mean "mining.pow.cpu"?'* ]]
    run minewarden findings "../../etc" --socket "$PWD/none.sock"
    [ "$status" -eq 64 ]
}

@test "the shipped rules are valid, in both outputs" {
    run minewarden rules check
    [ "$status" -eq 0 ]
    run minewarden rules list -o json
    [ "$status" -eq 0 ]
    echo "$output" | jq -e 'length > 5 and all(.[]; .title.zh != "" and (.weights | length) > 0)'
    run minewarden rules fields -o json
    echo "$output" | jq -e 'any(.[]; .observation == "thread.window")'
}

@test "an invalid rule file is refused with file:line:column and a suggestion: 78" {
    cp "$packs"/mining.yaml bad.yaml
    sed -i '0,/max(fp_modes over/s//max(fp_mode over/' bad.yaml
    run --separate-stderr minewarden rules check bad.yaml
    [ "$status" -eq 78 ]
    [ -z "$output" ]
    [[ $stderr =~ bad\.yaml:[0-9]+:[0-9]+: ]]
    [[ $stderr == *'did you mean "fp_modes"?'* ]]
    line=$(grep -n 'fp_mode over' bad.yaml | head -1 | cut -d: -f1)
    [[ $stderr == *"bad.yaml:$line:"* ]]
}

@test "hostile rule files are refused quickly" {
    { printf 'a: &x [%s]\n' "$(printf 'y,%.0s' {1..50})"; for i in {1..9}; do echo "b$i: *x"; done; } >alias.yaml
    printf '%*s' 20000 '' | tr ' ' '[' >deep.yaml
    { printf 'pack: "'; head -c 1000000 /dev/zero | tr '\0' 'x'; printf '"\n'; } >line.yaml
    head -c 3000000 /dev/zero | tr '\0' 'x' >huge.yaml
    printf 'pack: {id: a}\npack: {id: b}\n' >twice.yaml
    head -c 3000 /dev/urandom >random.yaml
    for file in alias deep line huge twice random; do
        run timeout 10 "$bin/minewarden" rules check $file.yaml
        [ "$status" -eq 78 ]
        [ "${#output}" -lt 20000 ]
    done
    run minewarden rules check none.yaml
    [ "$status" -eq 78 ]
}

@test "files without rules are refused: 65" {
    mkdir empty packonly
    : >empty/notes.txt
    run minewarden rules check empty
    [ "$status" -eq 65 ]
    [[ $output == *"no rule file (*.yaml) in empty"* ]]
    printf 'pack: {id: a, version: "1", title: {en: a, zh: 一}}\nrules: []\n' >packonly/a.yaml
    run minewarden rules check packonly
    [ "$status" -eq 65 ]
    [[ $output != *good* ]]
}

@test "keys: generate, enroll, list, revoke" {
    run minewarden keys generate agent.key
    [ "$status" -eq 0 ]
    [ "$(stat -c %a agent.key)" = 600 ]
    run minewarden keys generate agent.key # never overwrites
    [ "$status" -eq 69 ]
    run minewarden keys enroll agent.pub --name web-1 --enrolled enrolled
    [ "$status" -eq 0 ]
    run minewarden keys list --enrolled enrolled -o json
    echo "$output" | jq -e '.[0].name == "web-1" and (.[0] | has("revoked_at") | not)'
    run minewarden keys revoke web-1 --enrolled enrolled
    [ "$status" -eq 0 ]
    run minewarden keys list --enrolled enrolled
    [[ $output == *revoked* ]]
    run minewarden keys revoke nobody --enrolled enrolled
    [ "$status" -eq 65 ]
}

@test "keys: refuses an invalid key file, and a secret key instead of a public one" {
    echo hello >wrong.pub
    run minewarden keys enroll wrong.pub --enrolled enrolled
    [ "$status" -eq 78 ]
    [[ $output == *"is not a key file"* ]]
    minewarden keys generate agent.key
    run minewarden keys enroll agent.key --enrolled enrolled
    [ "$status" -eq 78 ]
    minewarden keys enroll agent.pub --name web-1 --enrolled enrolled
    run ! grep -r "$(sed -n 's/minewarden-secret-key //p' agent.key)" enrolled
    run minewarden keys enroll agent.key --enrolled enrolled
    [[ $output != *"$(sed -n 's/minewarden-secret-key //p' agent.key)"* ]]
}

@test "the client is one static file" {
    run ldd "$bin/minewarden"
    [[ $output == *"statically linked"* ]]
}

@test "a full disk under stdout is an error, not silence" {
    [ -w /dev/full ] || skip "no /dev/full"
    run bash -c "'$bin/minewarden' rules fields >/dev/full"
    [ "$status" -eq 69 ]
}
