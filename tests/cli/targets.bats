# SPDX-License-Identifier: GPL-3.0-or-later
# Soft targets and the fixed classifier through the command line.

bats_require_minimum_version 1.5.0

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  check=${UFM%/*}/ufm-check
}

field() {
  printf '%s\n' "${lines[0]}" | jq -r "$1"
}

@test "the record states the law so that it can be solved again" {
  run "$UFM" solve --loss ce --classes 4 --lambda-W 1/100 --lambda-H 1/100 --targets mixup:beta=3/2,nodes=6 --json
  [ "$status" -eq 0 ]
  targets=$(field .problem.targets)
  [ "$targets" = mixup:beta=3/2,nodes=6,rule=tanh-sinh,same=1/4 ]
  [ "$(field .problem.mixing.columns)" = 76 ]
  objective=$(field .solve.objective)
  run "$UFM" solve --loss ce --classes 4 --lambda-W 1/100 --lambda-H 1/100 --targets "$targets" --json
  [ "$(field .solve.objective)" = "$objective" ]
  run "$UFM" solve --loss ce --classes 3 --lambda-W 1/100 --lambda-H 1/100 --targets 'mixup:grid=0.2;1/2;0.2' --json
  [ "$(field .problem.targets)" = "mixup:grid=1/5@2/3;1/2@1/3,same=1/3" ]
}

@test "certificates of mixup and of given targets are verified" {
  run "$UFM" solve --loss ce --counts 8,3,3,1 --lambda-W 1/50 --lambda-H 1/50 --targets mixup:beta=1,nodes=4 \
    --bias free --digits 30 --certificate c.json --json
  [ "$status" -eq 0 ]
  [ "$(field .certificate.status)" = proved ]
  run "$check" c.json
  [ "$status" -eq 0 ]
  jq '.problem.columns[5].weight = "7"' c.json >t.json
  run "$check" t.json
  [ "$status" -eq 1 ]
}

@test "the same targets from a file and from a law have the same optimum" {
  run "$UFM" solve --loss ce --classes 3 --lambda-W 1/50 --lambda-H 1/50 --targets mixup:grid=1/2,same=0 --json
  objective=$(field .solve.objective)
  npy 3 3 0.5 0.5 0 0.5 0 0.5 0 0.5 0.5 >T.npy
  run "$UFM" solve --loss ce --lambda-W 1/50 --lambda-H 1/50 --targets file:T.npy --certificate c.json --json
  [ "$status" -eq 0 ]
  [ "$(field ".solve.objective - $objective | fabs < 1e-14")" = true ]
  run "$check" c.json
  [ "$status" -eq 0 ]
  npy 3 0 1 1 2 >w.npy
  run "$UFM" solve --loss ce --lambda-W 1/50 --lambda-H 1/50 --targets file:T.npy,w.npy --json
  [ "$status" -eq 0 ]
}

@test "a fixed simplex ETF classifier" {
  run "$UFM" solve --loss ce --classes 10 --fix-W etf:1 --lambda-H 5e-4 --targets mixup:grid=0.5,same=0 --json
  [ "$status" -eq 0 ]
  [ "$(field '.solve.objective - 0.71599648310185745 | fabs < 1e-14')" = true ]
  [ "$(field .problem.fix_W.multiplier)" = 1 ]
  [ "$(field '.problem.fix_W.row_norm * .problem.fix_W.row_norm - 0.9 | fabs < 1e-15')" = true ]
  [ "$(field '.problem.lambda_W[0]')" = null ]
  # given, lambda_W adds its constant: 1/8 * M^2 (K - 1)/2
  run "$UFM" solve --loss ce --classes 10 --fix-W etf:1 --lambda-W 1/8 --lambda-H 5e-4 \
    --targets mixup:grid=0.5,same=0 --json
  [ "$(field '.solve.objective - 0.71599648310185745 - 9/16 | fabs < 1e-14')" = true ]
}

@test "a fixed classifier is certified; what is not implied is rejected" {
  run "$UFM" solve --loss ce --counts 5,3,1 --width 2 --fix-W etf:3/2 --lambda-W 1/7 --lambda-H 1/90 --bias free \
    --targets mixup:beta=1,nodes=3 --digits 30 --certificate c.json --json
  [ "$status" -eq 0 ]
  [ "$(field .certificate.status)" = proved ]
  [ "$(field .certificate.bound)" = frame ]
  run "$check" c.json
  [ "$status" -eq 0 ]
  while IFS= read -r change; do
    jq "$change" c.json >t.json
    run "$check" t.json
    [ "$status" -ne 0 ] || { echo "$change"; false; }
  done <<'LIST'
.problem.fixed_W.multiplier = "7/5"
.problem.lambda_W = null
.problem.lambda_H = "1/91"
.problem.d = 4
del(.problem.fixed_W)
.kind = "dual"
.primal.W = ["1", "0", "0", "0", "1", "0", "0", "0", "1"]
.dual.M[0] = "1"
.claim.lower = .claim.upper
.problem.columns[0].multiplicity = "2"
LIST
}

# npy ROWS COLS NUMBER...: a float64 array, a vector when COLS is 0
npy() {
  local shape="($1, $2)" header
  [ "$2" -gt 0 ] || shape="($1,)"
  header="{'descr': '<f8', 'fortran_order': False, 'shape': $shape, }"
  shift 2
  printf '\x93NUMPY\x01\x00\x76\x00%-117s\n' "$header"
  perl -e 'print pack("d<*", @ARGV)' "$@"
}

@test "bad targets: exit 2 and one line that says what is wanted" {
  while IFS='|' read -r targets message; do
    run --separate-stderr "$UFM" solve --classes 3 --lambda-W 1 --lambda-H 1 --targets "$targets"
    [ "$status" -eq 2 ]
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ "$stderr" == *"$message"* ]] || { echo "$targets: $stderr"; false; }
    [ -z "$output" ]
  done <<'LIST'
mixup:grid=1.2|mixing value 1: got 6/5, want 0 to 1
mixup:grid=0.5@-1|weight of mixing value 1: got -1
mixup:grid=0.5@0;0.2@0|sum to 0
mixup:grid=0.5@1;0.2|all or none
mixup:beta=0|got alpha 0
mixup:beta=x|targets: beta
mixup:beta=1,nodes=0|nodes
mixup:beta=1,rule=simpson|want jacobi or tanh-sinh
mixup:beta=1,grid=0.5|two laws
mixup:grid=0.5,nodes=3|only with beta
mixup:same=1|want beta=ALPHA or grid
mixup:beta=1,same=2|same: got 2
mixup:bet=1|did you mean 'beta'
mixup|want onehot
file:none.npy|none.npy
LIST
}

@test "bad target matrices and fixed classifiers" {
  npy 3 2 0.5 0 0.5 0 0.1 1 >T.npy
  run "$UFM" solve --lambda-W 1 --lambda-H 1 --targets file:T.npy
  [ "$status" -eq 2 ]
  [[ "$output" == *"column 0: got the sum 1.1, want 1 within 1e-09"* ]]
  npy 3 2 0.5 -1 0.5 1 0 1 >T.npy
  run "$UFM" solve --lambda-W 1 --lambda-H 1 --targets file:T.npy
  [ "$status" -eq 2 ]
  [[ "$output" == *"column 1, class 0: got -1"* ]]
  npy 3 2 0.5 0 0.5 0 0 1 >T.npy
  run "$UFM" solve --classes 4 --lambda-W 1 --lambda-H 1 --targets file:T.npy
  [ "$status" -eq 2 ]
  run "$UFM" solve --lambda-W 1 --lambda-H 1 --targets file:T.npy,T.npy
  [ "$status" -eq 2 ]
  [[ "$output" == *"want a vector of 2 weights"* ]]
  run "$UFM" solve --classes 5 --width 3 --lambda-H 1 --fix-W etf:1
  [ "$status" -eq 2 ]
  [[ "$output" == *"want at least K - 1 = 4"* ]]
  run "$UFM" solve --classes 5 --lambda-H 1 --fix-W etf:0
  [ "$status" -eq 2 ]
  run "$UFM" solve --classes 1000 --reduce none --lambda-W 1 --lambda-H 1 --targets mixup:beta=1
  [ "$status" -eq 2 ]
  [[ "$output" == *"more than 4000000 columns"* ]]
}

@test "a fixed classifier: the published theorem, pair by pair" {
  run "$UFM" theory --fix-W etf:1 --classes 10 --loss ce --lambda-H 5e-4 \
    --targets mixup:grid=0.9 --digits 40 --json
  [ "$status" -eq 0 ]
  jq -e '.theory.theorem == "ce-fixed-etf" and .theory.kappa == "0.0005" and
    (.theory.pairs | length) == 2 and
    .theory.pairs[0].coef_wi == "7.281175876573071699379738234037258625029" and
    .theory.pairs[1].same and .theory.pairs[1].coef_wj == "0" and
    .theory.row_norm == "0.9486832980505137995996680633298155601159"' \
    <<< "$output"
}

@test "mixup of a million classes has a closed form" {
  run "$UFM" theory --classes 1000000 --loss ce --lambda-W 1e-8 \
    --lambda-H 1e-8 --targets mixup:beta=1,nodes=33
  [ "$status" -eq 0 ]
  grep -q 'ce-mixup (unique)' <<< "$output"
}

@test "theory agrees with the solver on every kind of soft target" {
  for problem in "--loss ce --lambda-W .01 --targets mixup:beta=1/2,nodes=5" \
    "--loss ce --lambda-W 1 --targets mixup:grid=.4" \
    "--loss ce --fix-W etf:2 --bias free --targets smooth:.1" \
    "--loss mse --fix-W etf:2 --bias ridge --lambda-b .1 --targets mixup:grid=.4" \
    "--loss mse --lambda-W .01 --bias ridge --lambda-b .1 --targets mixup:grid=.4"; do
    # shellcheck disable=SC2086 # a list of options
    run "$UFM" solve --classes 4 --lambda-H .02 $problem --json
    [ "$status" -eq 0 ]
    jq -e '.comparison.verdict == "agrees" and
      (.comparison.objective_error | fabs) < 1e-12' <<< "$output"
  done
}

@test "given columns and a fixed classifier: every column" {
  npy 3 2 .5 0 .3 1 .2 0 >T.npy
  run "$UFM" solve --classes 3 --loss ce --fix-W etf:1 --lambda-H .05 \
    --targets file:T.npy --json
  [ "$status" -eq 0 ]
  jq -e '.comparison.verdict == "agrees" and (.theory.columns | length) == 2 and
    (.theory.columns[0].p | map(tonumber) | add - 1 | fabs) < 1e-15' \
    <<< "$output"
}
