# SPDX-License-Identifier: GPL-3.0-or-later
# ufm solve by groups of interchangeable classes.

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  ten="--profile step:10:50:10:4 --loss ce --lambda-W 1/200 --lambda-H 1/20000"
}

# Value of a jq expression in the last output.
field() {
  printf '%s\n' "${lines[0]}" | jq -r "$1"
}

@test "groups and classes have the same minimum" {
  run "$UFM" solve $ten --reduce orbits --json
  [ "$status" -eq 0 ]
  reduced=$(field .solve.objective)
  [ "$(field .orbits.unknowns)" = 8 ]
  [ "$(field '.orbits.groups | map([.classes, .count]) | tostring')" = "[[6,50],[4,5]]" ]
  [ "$(field '.geometry.norm_w | length')" = 10 ]
  run "$UFM" solve $ten --reduce none --json
  [ "$(field .orbits)" = null ]
  [ "$(field ".solve.objective / $reduced - 1 | fabs < 1e-13")" = true ]
}

@test "many classes are reduced without being told, few are not" {
  run "$UFM" solve --profile step:200:50:10:80 --loss ce --lambda-W 1e-4 --lambda-H 1e-5 --json
  [ "$status" -eq 0 ]
  [ "$(field .orbits.unknowns)" = 8 ]
  run "$UFM" solve $ten --json
  [ "$(field .orbits)" = null ]
  run "$UFM" solve --profile step:200:50:10:80 --loss mse --lambda-W 1e-4 --lambda-H 1e-5 --starts 2 --max-iter 1 --json
  [ "$(field .orbits)" = null ]
}

@test "a million classes" {
  run "$UFM" solve --profile step:1000000:500:100:500000 --lambda-W 1e-9 --lambda-H 1e-9 --json
  [ "$status" -eq 0 ]
  [ "$(field .comparison.verdict)" = agrees ]
  [ "$(field '.comparison.gram_error < 1e-9')" = true ]
  [ "$(field .geometry.rank)" = 1000000 ]
  [ "$(field .geometry.norm_w)" = null ]
  [ "$(field '.orbits.singular_values.Z | map(.[1]) | add')" = 1000000 ]
  [ "$(field '.problem.groups | tostring')" = "[[500,500000],[5,500000]]" ]
}

@test "the expanded point is an optimum of the full problem" {
  run "$UFM" solve $ten --bias free --reduce orbits --save point --json
  [ "$status" -eq 0 ]
  value=$(field .solve.objective)
  run "$UFM" solve $ten --bias free --start point --json
  [ "$status" -eq 0 ]
  [ "$(field .solve.iterations)" -le 1 ]
  [ "$(field ".solve.objective / $value - 1 | fabs < 1e-14")" = true ]
}

@test "reductions that would not be exact are refused" {
  for bad in "--depth 2" "--width 8" "--unmerged" "--fix-W etf:1" "--starts 2" "--method lbfgs"; do
    run "$UFM" solve $ten --reduce orbits $bad
    [ "$status" -eq 2 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ "$output" == "ufm: "* ]]
  done
  run "$UFM" solve $ten --reduce orbit
  [ "$status" -eq 2 ]
  [[ "$output" == *"did you mean 'orbits'"* ]]
}

@test "a point too large to save is refused, nothing is written" {
  run "$UFM" solve --profile step:1000000:500:100:500000 --lambda-W 1e-9 --lambda-H 1e-9 --save point
  [ "$status" -eq 2 ]
  [[ "$output" == *"GB"* ]]
  [ ! -e point.W1.npy ]
}

@test "a million classes, proved and checked" {
  run "$UFM" solve --profile step:1000000:500:100:500000 --loss ce --bias free --lambda-W 1e-9 --lambda-H 1e-11 --certificate c.json --json
  [ "$status" -eq 0 ]
  [ "$(field .certificate.status)" = proved ]
  [ "$(field .certificate.bound)" = orbits ]
  [ "$(field '.certificate.rank | tostring')" = "[999999,999999]" ]
  [ "$(field .certificate.collapsed)" = null ]
  [ "$(stat -c %s c.json)" -lt 10000 ]
  [ "$(jq -c '[.cosines[].what]' c.json)" = '["w0.w0","h0.h0","w0.w1","h0.h1","w1.w1","h1.h1"]' ]
  run "$UFM_CHECK" c.json
  [ "$status" -eq 0 ]
  [[ "$output" == *"VERIFIED lower=0.02580799558715019"* ]]
}

@test "orbits of mixup's columns and all columns have the same minimum" {
  mixed="--counts 9,9,9,4,4,4,1 --loss ce --bias free --lambda-W 1/200 --lambda-H 1/50 --targets mixup:beta=1,nodes=5"
  run "$UFM" solve $mixed --reduce orbits --save point --json
  [ "$status" -eq 0 ]
  reduced=$(field .solve.objective)
  [ "$(field .orbits.columns)" = "$(field .problem.mixing.columns)" ]
  [ "$(field '.orbits.columns == ([.orbits.column_orbits[].columns] | add)')" = true ]
  [ "$(field '[.orbits.column_orbits[].weight] | add - 1 | fabs < 1e-14')" = true ]
  geometry=$(field '.geometry | [.nc2.etf, .nc3.etf, .cos_w.mean, .norm_h[0]] | map(. * 1e6 | round) | tostring')
  run "$UFM" solve $mixed --start point --json
  [ "$(field .orbits)" = null ]
  [ "$(field .solve.iterations)" -le 1 ]
  [ "$(field ".solve.objective / $reduced - 1 | fabs < 1e-14")" = true ]
  run "$UFM" solve $mixed --json
  [ "$(field .orbits)" = null ]
  [ "$(field ".solve.objective / $reduced - 1 | fabs < 1e-13")" = true ]
  [ "$(field '.geometry | [.nc2.etf, .nc3.etf, .cos_w.mean, .norm_h[0]] | map(. * 1e6 | round) | tostring')" = "$geometry" ]
}

@test "mixup of a million classes, against its closed forms" {
  million="--classes 1000000 --per-class 50 --lambda-W 1e-6 --lambda-H 1e-7"
  for case in "mse beta=1,nodes=33" "ce beta=1,nodes=17"; do
    set -- $case
    run "$UFM" solve $million --loss "$1" --targets "mixup:$2" --json
    [ "$status" -eq 0 ]
    [ "$(field .comparison.verdict)" = agrees ]
    [ "$(field '.comparison.gram_error < 1e-9')" = true ]
    [ "$(field '.orbits.columns > 1e12')" = true ]
    [ "$(field .problem.mixing.columns)" = null ]
    [ "$(field '.orbits.column_orbits | length')" = 18 ]
    [ "$(field '.orbits.singular_values.W1 | map(.[1]) | add')" = 1000000 ]
  done
  run "$UFM" solve $million --loss ce --targets mixup:beta=1,nodes=17 --save point
  [ "$status" -eq 2 ]
  [[ "$output" == *"more than 4000000 columns"* ]]
  [ ! -e point.W1.npy ]
}

@test "a sweep of mixup is by orbits where that pays" {
  cat >sweep.json <<'EOF'
{"format": 1, "problem": {"loss": "ce", "lambda_W": "1e-6", "lambda_H": "1e-7", "targets": "mixup:beta=1,nodes=9"},
 "solve": {"verify": true}, "grid": {"profile": ["step:6:50:10:2", "step:1000:50:10:300", "step:100000:50:10:30000"]}}
EOF
  run "$UFM" sweep sweep.json -o out.jsonl -j 2
  [ "$status" -eq 0 ]
  [ "$(jq -s 'map(.orbits != null) | tostring' out.jsonl)" = '"[false,true,true]"' ]
  [ "$(jq -s 'map(.certificate.status == "proved") | all' out.jsonl)" = true ]
}

# tampered SED_SCRIPT: the verdict on a changed copy of c.json that differs
tampered() {
  sed "$1" c.json > changed.json
  ! cmp -s c.json changed.json
  run "$UFM_CHECK" changed.json
}

@test "what a certificate of groups does not prove is rejected" {
  run "$UFM" solve --counts 9,9,9,2,2,1 --loss ce --bias free --lambda-W 1/40 --lambda-H 1/100 --reduce orbits --certificate c.json
  [ "$status" -eq 0 ]
  tampered 's/"s": "0x[^"]*"/"s": "1"/'
  [ "$status" -eq 1 ]
  [[ "$output" == *"REJECTED: spectral norm"* ]]
  tampered 's/"K": 6/"K": 7/'
  [ "$status" -eq 2 ]
  [[ "$output" == *"MALFORMED: problem.groups: want 7 classes"* ]]
  tampered 's/"weight": 2/"weight": 3/'
  [ "$status" -eq 1 ]
  tampered 's/"lambda_H": "1\/100"/"lambda_H": "1\/101"/'
  [ "$status" -eq 1 ]
  tampered 's/"d": 6/"d": 4/'
  [ "$status" -eq 1 ]
  [[ "$output" == *"REJECTED: width"* ]]
  tampered 's/"background": "0"/"background": "1\/1000"/'
  [ "$status" -eq 2 ]
  [[ "$output" == *"MALFORMED: problem.columns[0]: want probabilities with sum 1"* ]]
  tampered 's/"kind": "orbits"/"kind": "dual"/'
  [ "$status" -eq 2 ]
  tampered 's/"collapsed": \[\]/"collapsed": [0]/'
  [ "$status" -eq 1 ]
  [[ "$output" == *"REJECTED: collapsed not implied (group 0)"* ]]
  tampered 's/"collapsed": \[\]/"collapsed": [3]/'
  [ "$status" -eq 2 ]
  tampered 's/"what": "w0.w1"/"what": "w0.w0"/'
  [ "$status" -eq 1 ]
  [[ "$output" == *"REJECTED: cosines not implied (w0.w0)"* ]]
  tampered 's/"what": "w2/"what": "w3/; s/"what": "w0.w2"/"what": "w0.w3"/'
  [ "$status" -eq 2 ]
  tampered 's/"collapsed": \[\]/"rank": [1, 5]/'
  [ "$status" -eq 2 ]
}

# A change of c.json by a jq program.
edited() {
  jq "$1" c.json > changed.json
  run "$UFM_CHECK" changed.json
}

@test "what a certificate of orbits of mixup columns does not prove is rejected" {
  run "$UFM" solve --counts 9,9,2,2 --loss ce --bias free --targets 'mixup:grid=0.7;1' --lambda-W 1/40 --lambda-H 1/100 --reduce orbits --certificate c.json
  [ "$status" -eq 0 ]
  [ "$(jq -c '.problem.columns | map(.marks)' c.json)" = '[[0],[1],[0,0],[0,1],[0,1],[1,1]]' ]
  edited .
  [ "$status" -eq 0 ]
  edited '.problem.columns[2].targets = ["1/2", "1/2"]' # 2 pairs become 1 without order
  [ "$status" -eq 2 ]
  edited '.problem.columns[2].targets |= reverse' # the same columns, but the masses stay
  [ "$status" -eq 1 ]
  edited '.problem.columns[2].targets |= reverse | .dual.M[10:12] |= reverse'
  [ "$status" -eq 1 ]
  [[ "$output" == *"REJECTED: upper not implied"* ]]
  edited '.problem.columns[3].marks = [1, 0]'
  [ "$status" -eq 2 ]
  edited '.problem.columns[3].marks = [0, 0]'
  [ "$status" -eq 1 ]
  edited '.problem.columns[3].weight += 1'
  [ "$status" -eq 1 ]
  edited '.problem.columns[3].multiplicity = "1/50"'
  [ "$status" -eq 1 ]
  edited '.dual.M[12] = .dual.M[13]'
  [ "$status" -eq 1 ]
  edited '.collapsed = [1]'
  [ "$status" -eq 1 ]
  [[ "$output" == *"REJECTED: collapsed not implied (group 1)"* ]]
  edited '.cosines[0].what = "h1.h1"'
  [ "$status" -eq 1 ]
  # an orbit in two places, with half the weight: the same problem, but its features have no name
  edited 'def double: capture("(?<m>.*p)(?<e>.*)") | .m + (.e | tonumber + 1 | tostring);
    .dual.M |= .[0:3] + .[0:3] + (.[3:] | map(double)) | .primal.h |= [.[0]] + . | .primal.Y |= [.[0]] + . | .cosines = []
    | .problem.columns |= (map(.weight *= 2) | [.[0]] + . | .[0:2][] |= (.weight = 279 | .multiplicity = "279/1936"))'
  [ "$status" -eq 0 ]
  cp changed.json c.json
  edited '.cosines = [{"what": "h1.h1", "lower": "-1", "upper": "1"}]'
  [ "$status" -eq 0 ]
  edited '.cosines = [{"what": "h0.h0", "lower": "-1", "upper": "1"}]'
  [ "$status" -eq 2 ]
  [[ "$output" == *'MALFORMED: cosines: unknown "what"'* ]]
}
