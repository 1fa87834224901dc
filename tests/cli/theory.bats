# SPDX-License-Identifier: GPL-3.0-or-later
# ufm theory and ufm list through the command line.

field() {
  printf '%s\n' "${lines[0]}" | jq -r "$1"
}

@test "an exact closed form, to 40 digits" {
  run "$UFM" theory --classes 4 --per-class 100 --lambda-W 5e-4 --lambda-H 5e-4 \
    --depth 3 --digits 40 --json
  [ "$status" -eq 0 ]
  [[ "$(field .theory.objective)" == 0.0126290469917675793767381171* ]]
  [ "$(field .theory.status)" = unique ]
  [ "$(field .theory.digits)" = 40 ]
  [ "$(field '.theory.singular_values.W2 | length')" = 4 ]
  [ "$(field .solve)" = null ]
}

@test "a collapsed class, the zero solution, a tie and a rank cut are named" {
  run "$UFM" theory --counts 10,5,2,1 --width 5 --lambda-W 7/100 --lambda-H 2/25 --json
  [ "$status" -eq 0 ]
  [ "$(field '[.theory.directions[].status] | any(. == "collapsed")')" = true ]
  run "$UFM" theory --loss ce --classes 4 --per-class 2 --lambda-W 1/5 --lambda-H 1/5 --json
  [ "$(field .theory.status)" = zero ]
  run "$UFM" theory --classes 4 --per-class 4 --depth 2 --lambda-W 1/16 --lambda-H 1/16 --json
  [ "$(field .theory.status)" = tie ]
  run "$UFM" theory --classes 4 --per-class 3 --width 2 --lambda-W 1/100 --lambda-H 1/100 --json
  [ "$(field .theory.status)" = degenerate ]
  [ "$(field .theory.norm_w)" = null ]
}

@test "no theorem: exit 1, and why" {
  run "$UFM" theory --loss ce --counts 3,2 --lambda-W 1 --lambda-H 1
  [ "$status" -eq 1 ]
  [[ "$output" == *imbalanced* ]]
}

@test "the ETF is only a candidate at depth 2" {
  run "$UFM" theory --loss ce --classes 4 --per-class 2 --depth 2 --lambda-W 1/100 \
    --lambda-H 1/100 --json
  [ "$status" -eq 0 ]
  [ "$(field .theory.status)" = candidate ]
  [ "$(field '.theory.candidates | map(.family) | index("etf") > 0')" = true ]
}

@test "a million classes in two groups" {
  run timeout 60 "$UFM" theory --profile step:1000000:100:10:500000 --lambda-W 1e-9 \
    --lambda-H 1e-9 --bias free
  [ "$status" -eq 0 ]
}

@test "list names losses, methods and theorems" {
  run "$UFM" list
  [ "$status" -eq 0 ]
  for word in mse ce lbfgs vector_bfgs2 conjugate_fr steepest_descent theorems; do
    [[ "$output" == *"$word"* ]]
  done
  run "$UFM" list --json
  [ "$(field '.theorems | length >= 3')" = true ]
}

@test "every command has help that names its options" {
  for command in solve theory; do
    run "$UFM" "$command" --help
    [ "$status" -eq 0 ]
    for option in loss counts classes per-class profile depth width widths bias \
      lambda-W lambda-H lambda-b targets unmerged digits json; do
      [[ "$output" == *"--$option"* ]]
    done
  done
  run "$UFM" solve --help
  for option in method tol max-iter starts seed start save; do
    [[ "$output" == *"--$option"* ]]
  done
  run "$UFM" list --help
  [ "$status" -eq 0 ]
}
