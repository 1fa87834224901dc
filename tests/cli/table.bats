#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# ufm table: real records in, tables out; refusals.

setup_file() {
  cd "$BATS_FILE_TMPDIR" || return 1
  {
    "$UFM" solve --loss ce --counts 5,5,2 --width 3 --lambda-W 1/100 --lambda-H 1/100 --verify --json
    "$UFM" solve --loss ce --counts 5,5,2 --width 3 --lambda-W 1/100 --lambda-H 1/100 --bias free --verify --json
    "$UFM" solve --counts 20,10,5 --depth 2 --width 4 --lambda-W 1/500 --lambda-H 1/500 --json
    "$UFM" solve --counts 20,10,5 --depth 2 --width 4 --lambda-W 1/500 --lambda-H 1/500 --bias free --json
  } > records.jsonl
}

setup() {
  cd "$BATS_FILE_TMPDIR" || return 1
}

# refused WORD ARGUMENT...: exit 2, nothing on stdout, one line with WORD.
refused() {
  word=$1
  shift
  run bash -c '"$0" table "$@" 2>err' "$UFM" "$@"
  [ "$status" -eq 2 ] || { echo "status $status: $*"; return 1; }
  [ -z "$output" ] || { echo "stdout: $output"; return 1; }
  [ "$(wc -l <err)" -eq 1 ] || { cat err; return 1; }
  grep -qF -- "$word" err || { cat err; return 1; }
  grep -q '^ufm' err
}

@test "a table of proved optima: the bar covers the certificate" {
  run "$UFM" table records.jsonl --format csv --where problem.loss=ce --digits 12 \
    --columns 'problem.bias,certificate=optimum,certificate.lower:40,certificate.upper:40'
  [ "$status" -eq 0 ]
  [ "${#lines[@]}" -eq 3 ]
  for i in 1 2; do
    IFS=, read -r bias bar lower upper <<< "${lines[i]%$'\r'}"
    [ "$bias" = none ] || [ "$bias" = free ]
    # the twelve digits shown are those of the lower bound, up to the bar
    [[ $bar =~ ^(0\.[0-9]{12})\(1\)$ ]]
    awk -v a="${BASH_REMATCH[1]}" -v b="$lower" -v c="$upper" \
      'BEGIN { exit !(substr(b, 1, 12) == substr(a, 1, 12) && b <= c) }'
  done
}

@test "no bar without a proof" {
  run "$UFM" table records.jsonl --format csv --where problem.loss=mse --columns problem.bias,certificate,theory.objective:5,solve.objective:5
  [ "$status" -eq 0 ]
  [[ "$output" != *"("* ]]
  [[ "${lines[1]}" == none,,* ]]
  IFS=, read -r _ _ closed computed <<< "${lines[1]%$'\r'}"
  [ "$closed" = "$computed" ]
}

@test "standard input, several files, groups, -o" {
  run bash -c '"$0" table - records.jsonl --group-by problem.loss=loss --columns problem.bias=bias <records.jsonl' "$UFM"
  [ "$status" -eq 0 ]
  [[ "${lines[0]}" == *"8 records"* ]]
  [ "$(grep -c '^| ce ' <<< "$output")" -eq 1 ]
  "$UFM" table records.jsonl --format latex -o t.tex
  grep -q '^\\begin{tabular}{@{}lS' t.tex
  grep -q '^% ufm table: 4 records; ufm ' t.tex
}

@test "summary: theorem by theorem" {
  run "$UFM" table records.jsonl --summary --format csv
  [ "$status" -eq 0 ]
  [[ "${lines[1]}" == mse,2,2,0,0,*,0$'\r' ]]
  [[ "${lines[2]}" == '(none),2,0,0,0,,,,2'$'\r' ]]
}

@test "bad input" {
  head -c 500 records.jsonl > torn.jsonl
  printf '{"format": "ufm-bench-1"}\n' | cat records.jsonl - > mixed.jsonl
  refused "torn.jsonl:1: the line is torn" torn.jsonl
  refused "mixed.jsonl:5: got format 'ufm-bench-1'" mixed.jsonl
  refused "near it: 'certificate.lower'" records.jsonl --columns certificate.lowr
  refused "cannot open" nowhere.jsonl
  refused "no file given"
  refused "did you mean latex" records.jsonl --format latx
  refused "digits" records.jsonl --digits 0
  refused "at most one" records.jsonl --summary --claims
  refused "did you mean '--columns'" records.jsonl --colums problem.loss
  refused "no record" /dev/null
  refused "name one of them" records.jsonl --columns geometry.cos_w
  # a failed run leaves an existing file alone
  echo old > keep.tex
  refused "torn" torn.jsonl -o keep.tex
  [ "$(cat keep.tex)" = old ]
}
