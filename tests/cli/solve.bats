# SPDX-License-Identifier: GPL-3.0-or-later
# ufm solve through its command line.

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  small="--counts 4,2,1 --lambda-W 1/100 --lambda-H 1/100 --width 4"
}

# Value of a jq expression in the last output.
field() {
  printf '%s\n' "${lines[0]}" | jq -r "$1"
}

@test "a solve agrees with theory, exit 0" {
  run "$UFM" solve $small --json
  [ "$status" -eq 0 ]
  [ "$(field .format)" = ufm-record-1 ]
  [ "$(field .comparison.verdict)" = agrees ]
  [ "$(field .solve.termination)" = gradient ]
  [ "$(field '.solve.relative_gradient <= 1e-10')" = true ]
  [ "$(field '.comparison.objective_error | fabs < 1e-12')" = true ]
  [ "$(field .problem.lambda_H)" = 1/100 ]
  [ "$(field .certificate)" = null ]
  [ "$(field '.versions.ufm | length > 0')" = true ]
}

@test "every documented key of a record is there" {
  run "$UFM" solve $small --bias free --json
  [ "$status" -eq 0 ]
  [ "$(field '[.problem,.solve,.geometry,.theory,.comparison,.versions] | map(type == "object") | all')" = true ]
  for key in loss counts depth widths bias lambda_W lambda_H lambda_b targets merged; do
    [ "$(field ".problem | has(\"$key\")")" = true ]
  done
  for key in method used termination objective gradient_norm relative_gradient iterations evaluations gradients hessian_products starts hits seed start seconds; do
    [ "$(field ".solve | has(\"$key\")")" = true ]
  done
  for key in singular_values norm_w norm_h cos_w cos_h rank nc1 nc2 nc3 balancedness; do
    [ "$(field ".geometry | has(\"$key\")")" = true ]
  done
  for key in theorem source status objective singular_values norm_w norm_h cos_w cos_h; do
    [ "$(field ".theory | has(\"$key\")")" = true ]
  done
  for key in objective_error singular_value_error gram_error verdict; do
    [ "$(field ".comparison | has(\"$key\")")" = true ]
  done
}

@test "imbalanced cross entropy: no theorem, and the record says why" {
  run "$UFM" solve $small --loss ce --json
  [ "$status" -eq 0 ]
  [ "$(field .comparison.verdict)" = no-theorem ]
  [ "$(field .theory)" = null ]
  [[ "$(field .theory_reason)" == *imbalanced* ]]
}

@test "an iteration limit is a negative answer, exit 1, with a record" {
  run "$UFM" solve $small --max-iter 1 --json
  [ "$status" -eq 1 ]
  [ "$(field .solve.termination)" = iterations ]
}

@test "the unmerged problem collapses to the merged one" {
  big="--classes 10 --per-class 100 --loss ce --width 16 --lambda-W 5e-4 --lambda-H 5e-6"
  run "$UFM" solve $big --unmerged --json
  [ "$status" -eq 0 ]
  [ "$(field '.geometry.nc1 < 1e-10')" = true ]
  F=$(field .solve.objective)
  run "$UFM" solve $big --json
  [ "$status" -eq 0 ]
  [ "$(field "(.solve.objective - $F | fabs) <= 1e-12 * $F")" = true ]
}

@test "all methods of the list solve an easy problem" {
  run "$UFM" list --json
  methods=$(field '.methods[].name')
  for method in $methods; do
    run "$UFM" solve --classes 3 --lambda-W 1/10 --lambda-H 1/10 --loss ce \
      --method "$method" --tol 1e-5 --json
    [ "$status" -eq 0 ]
    [ "$(field .solve.method)" = "$method" ]
  done
}

@test "starts and hits are reported; equal seeds give equal points" {
  run "$UFM" solve $small --starts 5 --seed 7 --json
  [ "$status" -eq 0 ]
  [ "$(field .solve.starts)" = 5 ]
  [ "$(field '.solve.runs | length')" = 5 ]
  [ "$(field '.solve.hits >= 1')" = true ]
  F=$(field '.solve.runs | map(.objective)')
  run "$UFM" solve $small --starts 5 --seed 7 --json
  [ "$(field '.solve.runs | map(.objective)')" = "$F" ]
  run "$UFM" solve $small --starts 5 --seed 8 --json
  [ "$(field '.solve.runs | map(.objective)')" != "$F" ]
}

@test "a saved point is a start" {
  run "$UFM" solve $small --bias free --save point --json
  [ "$status" -eq 0 ]
  [ -f point.W1.npy ] && [ -f point.H.npy ] && [ -f point.b.npy ]
  run "$UFM" solve $small --bias free --start point --json
  [ "$status" -eq 0 ]
  [ "$(field '.solve.iterations <= 2')" = true ]
  [ "$(field .solve.start)" = file ]
}

@test "the closed form and the spectral start are starts" {
  run "$UFM" solve $small --start theory --json
  [ "$status" -eq 0 ]
  [ "$(field .solve.start)" = theory ]
  [ "$(field '.solve.evaluations <= 10')" = true ]
  run "$UFM" solve $small --start spectral --json
  [ "$status" -eq 0 ]
  [ "$(field .comparison.verdict)" = agrees ]
}

@test "a SPEC file gives the same record as the options" {
  cat >spec.json <<'EOF'
{ "counts": [4, 2, 1], "lambda_W": "1/100", "lambda_H": 0.01, "width": 4 }
EOF
  run "$UFM" solve spec.json --json
  [ "$status" -eq 0 ]
  from_file=$(field 'del(.solve.seconds)')
  run "$UFM" solve $small --json
  [ "$(field 'del(.solve.seconds)')" = "$from_file" ]
}

@test "text names what was computed and what was refined" {
  run "$UFM" solve $small
  [ "$status" -eq 0 ]
  [[ "$output" == *"(computed)"* ]]
  [[ "$output" == *"(refined)"* ]]
  [[ "$output" == *"verdict    agrees"* ]]
}

@test "-o writes a whole file or none" {
  run "$UFM" solve $small --json -o out.json
  [ "$status" -eq 0 ]
  [ -z "$output" ]
  [ "$(jq -r .format out.json)" = ufm-record-1 ]
  run "$UFM" solve $small --json -o no/such/dir/out.json
  [ "$status" -eq 3 ]
  [[ "${lines[0]}" == *"no/such/dir/out.json"* ]]
  [ "${#lines[@]}" -eq 1 ]
}

@test "unwritable --save: exit 3, one line" {
  run "$UFM" solve $small --save no/such/dir/p
  [ "$status" -eq 3 ]
  [ "${#lines[@]}" -eq 1 ]
}

@test "fractions next to 1 and the zero solution have a geometry" {
  run "$UFM" solve --classes 4 --per-class 10 --lambda-W 1e-20 --lambda-H 1e-20 --json
  [ "$status" -le 1 ]
  [ "$(field .format)" = ufm-record-1 ]
  run "$UFM" solve --classes 4 --per-class 10 --lambda-W 1e6 --lambda-H 1e6 --json
  [ "$status" -eq 0 ]
  [ "$(field .geometry.rank)" = 0 ]
  [ "$(field .geometry.cos_w.mean)" = null ]
}

@test "an interrupt keeps what was found, exit 130" {
  "$UFM" solve --classes 60 --per-class 50 --width 300 --depth 6 --lambda-W 1e-6 \
    --lambda-H 1e-6 --tol 1e-14 --unmerged --json -o out.json 3>&- &
  pid=$!
  sleep 1
  kill -INT "$pid"
  code=0
  wait "$pid" || code=$?
  [ "$code" -eq 130 ]
  [ "$(jq -r .solve.termination out.json)" = interrupted ]
}
