# SPDX-License-Identifier: GPL-3.0-or-later
# Multi-start where minima compete: the reference values, levels, processes.

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  cell="--loss ce --classes 24 --width 4 --lambda-W 1/1024 --lambda-H 1/1024"
  seven="--loss ce --classes 7 --width 3 --lambda-W 1/1024 --lambda-H 1/1024"
  tail="--loss ce --profile zipf:10:100 --width 4 --lambda-W 1/2048 --lambda-H 1/2048"
}

# Value of a jq expression in the last output.
field() {
  printf '%s\n' "${lines[0]}" | jq -r "$1"
}

# finds VALUE OPTION...: the objective is VALUE to 1e-13.
finds() {
  value=$1
  shift
  run "$UFM" solve "$@" --json
  [ "$status" -eq 0 ]
  [ "$(field ".solve.objective / $value - 1 | fabs < 1e-13")" = true ]
}

@test "24 classes in 4 dimensions: the 24-cell, and its competitors" {
  finds 0.286898664857915 $cell --starts 12
  [ "$(field '.solve.levels[0].origin')" = "codes: 24-cell" ]
  [ "$(field .solve.start)" = auto ]
  [ "$(field '.solve.best_start > 0')" = true ]
  [ "$(field '.solve.levels | map(.objective * 1e6 | floor) | join(" ")')" = "286898 287472 288290" ]
  [ "$(field '.solve.levels | map(.count) | add')" = 12 ]
  [ "$(field '.solve.hits == .solve.levels[0].count')" = true ]
  [ "$(field '.geometry.cos_w.max | . - 0.5 | fabs < 1e-9')" = true ]
  finds 0.286898664857915 $cell --starts 16 --start homotopy --seed 3
}

@test "7 classes in 3 dimensions" {
  finds 0.0599808084027445 $seven --starts 12
  finds 0.0599808084027445 $seven --starts 6 --start codes --seed 1
}

@test "Zipf counts: the best assignment of classes to vectors" {
  finds 0.178811657746305 $tail --starts 12
  [ "$(field '.solve.runs | map(select(.origin | startswith("homotopy"))) | map(.swaps) | add > 0')" = true ]
  [ "$(field '.solve.runs[0] | .origin + ": " + (.swaps | tostring)')" = "random: 0" ]
  [ "$(field '.solve.runs[4] | .origin == "random" and .swaps > 0')" = true ]
  finds 0.178811657746305 $tail --starts 12 --start random --swaps 200 --seed 5
}

@test "results do not depend on -j" {
  same='del(.solve.seconds, .solve.runs[].seconds)'
  for problem in "$cell" "$tail" "--loss ce --classes 6 --depth 2 --lambda-W 1/100 --lambda-H 1/100"; do
    "$UFM" solve $problem --starts 9 --seed 4 --json | jq "$same" >one
    for j in 2 4; do
      "$UFM" solve $problem --starts 9 --seed 4 -j $j --json | jq "$same" >several
      cmp one several
    done
  done
}

@test "a narrow width is bracketed: convex lower bound, value found" {
  run "$UFM" solve $cell --starts 4 --verify --json
  [ "$status" -eq 0 ]
  [ "$(field .certificate.status)" = bracketed ]
  [ "$(field '.certificate.upper | tonumber / 0.286898664857915 - 1 | fabs < 1e-13')" = true ]
  lower=$(field .certificate.lower)
  # the bound is the optimum at full width
  run "$UFM" theory --loss ce --classes 24 --lambda-W 1/1024 --lambda-H 1/1024 --json
  [ "$(field ".theory.objective | tonumber / $lower - 1 | fabs < 1e-13")" = true ]
}

@test "the text names levels and origins" {
  run "$UFM" solve $cell --starts 12
  [ "$status" -eq 0 ]
  [[ "$output" == *"first from codes: 24-cell"* ]]
  [[ "$output" == *"3 distinct values among converged starts:"* ]]
  [[ "$output" == *"first from random"* ]]
  run "$UFM" list --json
  [ "$(field '.starts | map(.name) | join(" ")')" = "auto random spectral theory codes homotopy file" ]
}

@test "bad numbers of processes and swaps" {
  for bad in "--jobs 0" "-j 1025" "-j x" "-j" "--swaps -1" "--swaps many" "--start code"; do
    run "$UFM" solve $tail $bad
    [ "$status" -eq 2 ]
    [ "${#lines[@]}" -eq 1 ]
  done
}
