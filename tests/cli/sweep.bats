# SPDX-License-Identifier: GPL-3.0-or-later
# ufm sweep: grids, records, resuming, workers, refusals.

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  cat >s.json <<'JSON'
{"format": 1, "note": "small",
 "problem": {"loss": "ce", "lambda_W": "1/200", "lambda_H": "1/2000"},
 "solve": {"verify": true, "digits": 20},
 "grid": {"profile": {"in": "exp:4:100:{}", "values": [1, 10, "100/3"]},
          "bias": ["none", "free"],
          "seed": {"from": 1, "to": 5, "n": 3}}}
JSON
  # a second or so a point
  cat >slow.json <<'JSON'
{"format": 1,
 "problem": {"loss": "ce", "lambda_W": "1/2000", "lambda_H": "1/100000"},
 "solve": {"verify": true, "digits": 200},
 "grid": {"profile": ["exp:24:500:100"], "seed": {"from": 1, "to": 12, "n": 12}}}
JSON
}

# What must not depend on when and by whom it was computed.
bare() {
  sed -E 's/"seconds":[-0-9.e+]+//g' "$1"
}

# refused WORD ARGUMENT...: exit 2, one line with WORD, no file out.jsonl.
refused() {
  word=$1
  shift
  run "$UFM" sweep "$@"
  [ "$status" -eq 2 ] || { echo "status $status: $*"; return 1; }
  [ "${#lines[@]}" -eq 1 ] || { echo "$output"; return 1; }
  [[ $output == "ufm"*"$word"* ]] || { echo "$output, want $word"; return 1; }
  [ ! -e out.jsonl ]
}

@test "the last axis varies fastest, records are whole and reproduce themselves" {
  run "$UFM" sweep s.json -o out.jsonl
  [ "$status" -eq 0 ]
  [ "$(jq -r '[.index, .options.profile, .options.bias, .options.seed] | join(" ")' out.jsonl | sed -n '1p;2p;4p;7p;18p')" = \
"0 exp:4:100:1 none 1
1 exp:4:100:1 none 3
3 exp:4:100:1 free 1
6 exp:4:100:10 none 1
17 exp:4:100:100/3 free 5" ]
  jq -es 'length == 18 and all(.status == "done" and
    .certificate.status == "proved" and .format == "ufm-record-1" and
    .axes == ["profile", "bias", "seed"])' out.jsonl
  sed -n 11p out.jsonl | jq .options >point.json
  "$UFM" solve point.json --json >again.json
  [ "$(jq -c '[.problem, .geometry, .certificate]' again.json)" = \
    "$(sed -n 11p out.jsonl | jq -c '[.problem, .geometry, .certificate]')" ]
}

@test "records do not depend on the number of workers" {
  "$UFM" sweep s.json -o one.jsonl -q
  "$UFM" sweep s.json -o three.jsonl -q -j 3
  cmp <(bare one.jsonl) <(bare three.jsonl)
}

@test "resuming drops a torn line, fills gaps, sorts; a complete file is left alone" {
  "$UFM" sweep s.json -o all.jsonl -q
  sed -n '1p;2p;9p;10p;4p' all.jsonl >out.jsonl
  sed -n 5p all.jsonl | head -c 700 >>out.jsonl
  run "$UFM" sweep s.json -o out.jsonl --resume -j 2
  [ "$status" -eq 0 ]
  [[ $output == *"5 kept, 13 done"* ]]
  cmp <(bare all.jsonl) <(bare out.jsonl)
  cp out.jsonl before.jsonl
  "$UFM" sweep s.json -o out.jsonl --resume -q
  cmp out.jsonl before.jsonl
}

@test "shards put together are the whole" {
  "$UFM" sweep s.json -o all.jsonl -q
  for i in 1 2 3 4; do
    "$UFM" sweep s.json -o "$i.jsonl" --shard "$i/4" -q
  done
  [ "$(wc -l <4.jsonl)" -eq 4 ]
  cat 4.jsonl 2.jsonl 1.jsonl 3.jsonl >out.jsonl
  run "$UFM" sweep s.json -o out.jsonl --resume
  [[ $output == *"18 kept, 0 done"* ]]
  cmp <(bare all.jsonl) <(bare out.jsonl)
}

@test "files that are not to be touched" {
  "$UFM" sweep s.json -o old.jsonl -q --shard 1/6
  cp old.jsonl before.jsonl
  refused "--resume" s.json -o old.jsonl
  sed 's/1, 10/1, 11/' s.json >t.json
  refused "another specification" t.json -o old.jsonl --resume
  refused "one of them" s.json -o old.jsonl --resume --force
  cmp old.jsonl before.jsonl
  { sed -n 1p old.jsonl; echo '{"half'; sed -n 2p old.jsonl; } >bad.jsonl
  refused "bad.jsonl:2" s.json -o bad.jsonl --resume
  echo '{"index": 1}' >bad.jsonl
  refused "bad.jsonl:1" s.json -o bad.jsonl --resume
  refused "regular file" s.json -o /dev/null
  run "$UFM" sweep s.json -o old.jsonl --force -q --shard 2/6
  [ "$status" -eq 0 ]
  [ "$(jq -r .index old.jsonl | tr '\n' ' ')" = "1 7 13 " ]
}

@test "grids that make no sense" {
  grid() {
    printf '{"format": 1, "problem": {"lambda_W": 1, "lambda_H": 1},\n "grid": %s}' "$1" >g.json
  }
  try() {
    grid "$2"
    refused "$1" g.json -o out.jsonl
  }
  try "empty" '{}'
  try "empty axis" '{"seed": []}'
  try "did you mean 'seed'" '{"sede": [1]}'
  try "g.json:2:" '{"sede": [1]}'
  try "twice" '{"seed": [1, 2, 1]}'
  try "stands in problem and in grid" '{"lambda_W": [1, 2]}'
  try "not an option of sweeps" '{"bracket": [1]}'
  try "missing 'n'" '{"seed": {"from": 1, "to": 2}}'
  try "did you mean 'log'" '{"seed": {"from": 1, "to": 2, "n": 2, "scale": "lob"}}'
  try "above 0" '{"tol": {"from": 0, "to": 2, "n": 2, "scale": "log"}}'
  try "{}" '{"profile": {"in": "exp:3:10", "values": [1]}}'
  try "a list or a range" '{"seed": {"values": [1], "from": 1}}'
  try "{index}" '{"certificate": ["a", "b"]}'
  try "point 2: classes" '{"classes": [3, 4, "x"]}'
  try "point 0: counts: got 2 of" '{"counts": ["5,3"], "classes": [2]}'
  printf '{"format": 2, "grid": {"seed": [1]}}' >g.json
  refused "format" g.json -o out.jsonl
  printf '{"format": 1, "gird": {"seed": [1]}}' >g.json
  refused "did you mean 'grid'" g.json -o out.jsonl
  printf '{"format": 1, "solve": {"loss": "ce"}, "grid": {"seed": [1]}}' >g.json
  refused "want it in problem" g.json -o out.jsonl
  printf '{"format": 1, "solve": {"certificate": "c"}, "grid": {"seed": [1, 2]}}' >g.json
  refused "{index}" g.json -o out.jsonl
  refused "missing.json" missing.json -o out.jsonl
  refused "-o FILE" s.json
  refused "a file with a grid" -o out.jsonl
  refused "jobs" s.json -o out.jsonl -j 0
  refused "shard" s.json -o out.jsonl --shard 0/3
  refused "shard" s.json -o out.jsonl --shard 4/3
  refused "time-budget" s.json -o out.jsonl --time-budget -1
  refused "did you mean '--resume'" s.json -o out.jsonl --resum3
}

@test "a point that cannot be done is a record with its reason" {
  sed -i 's/"digits": 20/"start": "theory"/; s/"values": \[1, /"values": [1, 1.5, /' s.json
  run "$UFM" sweep s.json -o out.jsonl
  [ "$status" -eq 1 ]
  [ "$(jq -r 'select(.index == 6) | .status' out.jsonl)" = failed ]
  jq -es '.[6] | .solve == null and .problem.loss == "ce"
    and (.reason | test("theorem|theory"))' out.jsonl
  [ "$(jq -r 'select(.index < 6) | .status' out.jsonl | sort -u)" = done ]
  # failures are answers: they are not tried again
  run "$UFM" sweep s.json -o out.jsonl --resume
  [ "$status" -eq 1 ]
  [[ $output == *"24 kept, 0 done"* ]]
}

@test "a file size limit is reported, and nothing is lost" {
  run bash -c 'ulimit -f 12; "$UFM" sweep s.json -o out.jsonl -j 2'
  [ "$status" -eq 3 ]
  [ "${#lines[@]}" -eq 1 ]
  [[ $output == *"out.jsonl: cannot write"* ]]
  n=$(wc -l <out.jsonl)
  [ "$n" -ge 1 ]
  [ "$(jq -r .status out.jsonl | grep -c done)" -eq "$n" ]
  [ -z "$(tail -c 1 out.jsonl)" ]
  run "$UFM" sweep s.json -o out.jsonl --resume
  [ "$status" -eq 0 ]
  [[ $output == *"$n kept"* ]]
  "$UFM" sweep s.json -o all.jsonl -q
  cmp <(bare all.jsonl) <(bare out.jsonl)
}

# Waits until out.jsonl has a record.
first_record() {
  for _ in $(seq 600); do
    [ ! -s out.jsonl ] || return 0
    sleep 0.05
  done
  return 1
}

@test "an interrupt keeps what is finished and exits 130" {
  # background jobs ignore SIGINT unless a shell of their own says otherwise
  "$UFM" sweep slow.json -o out.jsonl -j 2 2>err 3>&- &
  pid=$!
  first_record
  kill -TERM "$pid"
  code=0
  wait "$pid" || code=$?
  [ "$code" -eq 130 ]
  grep -q "interrupted, --resume" err
  n=$(wc -l <out.jsonl)
  [ "$n" -ge 1 ] && [ "$n" -lt 12 ]
  [ "$(jq -r .status out.jsonl | grep -c done)" -eq "$n" ]
}

@test "a time budget ends the sweep between points" {
  run "$UFM" sweep slow.json -o out.jsonl --time-budget 0.01
  [ "$status" -eq 130 ]
  [[ $output == *"1 of 12 records"*"out of time"* ]]
  [ "$(jq -r .status out.jsonl)" = done ]
}

@test "two sweeps do not share a file" {
  "$UFM" sweep slow.json -o out.jsonl 2>err 3>&- &
  pid=$!
  first_record
  run "$UFM" sweep slow.json -o out.jsonl --resume
  kill -TERM "$pid"
  wait "$pid" || true
  [ "$status" -eq 3 ]
  [[ $output == *"in use by another sweep"* ]]
}

@test "a worker that is killed is a record, and the sweep goes on" {
  sed -i 's/"n": 12/"n": 3/; s/"to": 12/"to": 3/' slow.json
  "$UFM" sweep slow.json -o out.jsonl 2>err 3>&- &
  pid=$!
  first_record
  worker=$(ps -o pid= --ppid "$pid")
  kill -KILL "${worker// /}"
  code=0
  wait "$pid" || code=$?
  [ "$code" -eq 1 ]
  [ "$(jq -r .status out.jsonl | tr '\n' ' ')" = "done crashed done " ]
  jq -es '.[1].reason | test("signal 9 ")' out.jsonl
  run "$UFM" sweep slow.json -o out.jsonl --resume
  [ "$status" -eq 0 ]
  [[ $output == *"2 kept, 1 done"* ]]
  [ "$(jq -r '[.index, .status] | join(" ")' out.jsonl | tr '\n' ' ')" = "0 done 1 done 2 done " ]
}
