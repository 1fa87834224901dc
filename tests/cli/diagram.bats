# SPDX-License-Identifier: GPL-3.0-or-later
# ufm phase --diagram: columns, refinement, resuming, refusals.

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
}

# What must not depend on when and by whom it was computed.
bare() {
  sed -E 's/"seconds":[-0-9.e+]+//g' "$1"
}

@test "every column is what ufm phase says at its ratio" {
  "$UFM" phase --loss ce --profile step:6:1000:1:3 --bias free \
    --diagram 1:300 -o d.jsonl -q
  [ "$(wc -l <d.jsonl)" -ge 9 ]
  [ "$(jq -r .ratio d.jsonl | sort -g -u)" = "$(jq -r .ratio d.jsonl)" ]
  for line in 1 5 9; do
    sed -n "${line}p" d.jsonl | jq .options >column.json
    [ "$("$UFM" phase column.json --json | jq -c .phase)" = \
      "$(sed -n "${line}p" d.jsonl | jq -c .phase)" ]
  done
}

@test "neighbours are near each other, or have the same counts, or cannot be halved" {
  "$UFM" phase --profile exp:5:2000:1 --depth 2 --diagram 1:50 --step 0.2 \
    -o d.jsonl -q
  jq -es '[range(1; length) as $i | [.[$i - 1], .[$i]]] | all(
    (.[1].index - .[0].index < 2) or .[1].ratio < .[0].ratio * (1 + 0.2 / 64)
    or .[0].problem.counts == .[1].problem.counts
    or ([.[] | .phase.thresholds | map([.change, (.lower | tonumber)])] |
        transpose | all(.[0][0] == .[1][0] and
          .[0][1] < 1.2001 * .[1][1] and .[1][1] < 1.2001 * .[0][1])))' d.jsonl
  # and there was something to refine
  [ "$(wc -l <d.jsonl)" -gt 12 ]
}

@test "brackets are proved, workers and interruptions make no difference" {
  args=(--loss ce --profile step:6:100:1:3 --bracket 1e-2 --step 1 --diagram 1:20)
  "$UFM" phase "${args[@]}" -o one.jsonl -q
  jq -es 'all(.phase.rank_changes | length > 0 and
    all(.lower < .upper and .from > .to and .evidence == "proved"))' one.jsonl
  "$UFM" phase "${args[@]}" -o two.jsonl -q --workers 2
  cmp <(bare one.jsonl) <(bare two.jsonl)
  for _ in 1 2 3 4; do
    "$UFM" phase "${args[@]}" -o part.jsonl -q --resume --workers 2 3>&- &
    sleep "0.$((RANDOM % 4 + 1))"
    kill -9 $! || true
    wait $! || true
  done
  "$UFM" phase "${args[@]}" -o part.jsonl -q --resume
  cmp <(bare one.jsonl) <(bare part.jsonl)
}

@test "resuming with a smaller step or other ratios refines" {
  args=(--loss ce --profile step:4:1000:1:2)
  "$UFM" phase "${args[@]}" --diagram 1:10 --step 1 -o d.jsonl -q
  "$UFM" phase "${args[@]}" --diagram 1:10 --step 0.1 -o d.jsonl -q --resume
  "$UFM" phase "${args[@]}" --diagram 5:100 --step 0.5 -o d.jsonl -q --resume
  run "$UFM" phase "${args[@]}" --diagram 1:10 --step 0.1 -o d.jsonl --resume
  [ "$status" -eq 0 ]
  [[ $output == *" kept, 0 done"* ]]
  [ "$(tail -n 1 d.jsonl | jq .ratio)" = 100 ] || [ "$(tail -n 1 d.jsonl | jq .ratio)" = 100.0 ]
  run "$UFM" phase "${args[@]}" --bias free --diagram 1:10 -o d.jsonl --resume
  [ "$status" -eq 2 ]
  [[ $output == *"another specification"* ]]
}

@test "ratios at which a class is empty are records that say so" {
  run "$UFM" phase --loss ce --profile exp:4:10:1 --diagram 1:30 -o d.jsonl
  [ "$status" -eq 1 ]
  jq -es '.[0].status == "done" and .[-1].status == "failed" and
    (.[-1].reason | test("0 samples"))' d.jsonl
}

# refused WORD ARGUMENT...: exit 2, one line with WORD, no file.
refused() {
  word=$1
  shift
  run "$UFM" phase --loss ce "$@"
  [ "$status" -eq 2 ] || { echo "status $status: $*"; return 1; }
  [ "${#lines[@]}" -eq 1 ]
  [[ $output == "ufm"*"$word"* ]] || { echo "$output, want $word"; return 1; }
  [ ! -e d.jsonl ]
}

@test "bad input" {
  p=(--profile step:4:1000:1:2)
  refused "1 <= FROM < TO" "${p[@]}" -o d.jsonl --diagram 2:2
  refused "1 <= FROM < TO" "${p[@]}" -o d.jsonl --diagram 0.5:2
  refused "FROM:TO" "${p[@]}" -o d.jsonl --diagram 2
  refused "FROM:TO" "${p[@]}" -o d.jsonl --diagram 2:x
  refused "step" "${p[@]}" -o d.jsonl --diagram 1:2 --step 0
  refused "step" "${p[@]}" -o d.jsonl --diagram 1:2 --step x
  refused "workers" "${p[@]}" -o d.jsonl --diagram 1:2 --workers 0
  refused "only with --diagram" "${p[@]}" --step 1
  refused "-o FILE" "${p[@]}" --diagram 1:2
  refused "whose RATIO can vary" --counts 3,3 -o d.jsonl --diagram 1:2
  refused "whose RATIO can vary" --profile zipf:3:9 -o d.jsonl --diagram 1:2
}
