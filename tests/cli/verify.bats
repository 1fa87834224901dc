# SPDX-License-Identifier: GPL-3.0-or-later
# From a solve to a certificate that an independent program checks.

bats_require_minimum_version 1.5.0

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  check=${UFM%/*}/ufm-check
  imbalanced="--loss ce --counts 500,300,180,108,65,39,23,14,8,5 --width 16 --lambda-W 1/2000 --lambda-H 1/100000"
}

field() {
  printf '%s\n' "${lines[0]}" | jq -r "$1"
}

@test "imbalanced cross entropy is proved and verified, with and without bias" {
  for case in none:0.04811552045916360243465542441132 free:0.04278007036698539428389757609225; do
    run "$UFM" solve $imbalanced --bias "${case%%:*}" --digits 60 --certificate c.json --json
    [ "$status" -eq 0 ]
    [ "$(field .certificate.status)" = proved ]
    [[ "$(field .certificate.lower)" == "${case#*:}"* ]]
    [[ "$(field .certificate.upper)" == "${case#*:}"* ]]
    [ "$(field .certificate.rank[0])" = 9 ]
    run "$check" c.json
    [ "$status" -eq 0 ]
    [[ "$output" == *VERIFIED* ]]
  done
}

@test "minority collapse: the value and the rank are proved" {
  run "$UFM" solve --loss ce --counts 1000,1000,1000,1000,1000,2,2,2,2,2 --width 16 \
    --lambda-W 1/200 --lambda-H 1/20000 --certificate c.json --json
  [ "$status" -eq 0 ]
  [[ "$(field .certificate.lower)" == 0.4262992449560982837677834846721* ]]
  [ "$(field '.certificate.rank | join(",")')" = 5,5 ]
  run "$check" c.json
  [ "$status" -eq 0 ]
}

@test "closed form and enclosure intersect" {
  for p in "--counts 10,5,2,1 --lambda-W 7/100 --lambda-H 2/25" \
    "--counts 10,5,2,1 --bias free --lambda-W 1/100 --lambda-H 1/50" \
    "--classes 4 --per-class 3 --targets smooth:1/10 --lambda-W 1/100 --lambda-H 1/50" \
    "--loss ce --classes 4 --per-class 2 --lambda-W 1/50 --lambda-H 1/50" \
    "--loss ce --classes 3 --per-class 4 --targets smooth:1/10 --lambda-W 1/50 --lambda-H 1/80" \
    "--counts 12,8,3,1 --depth 2 --lambda-W 1/50 --lambda-H 1/90 --starts 20" \
    "--classes 4 --per-class 3 --bias ridge --lambda-b 1/10 --lambda-W 1/100 --lambda-H 1/50"; do
    run "$UFM" solve $p --digits 40 --certificate c.json --json
    [ "$status" -eq 0 ]
    [ "$(field .certificate.status)" = proved ]
    # equal to 36 digits: the theory value lies in an enclosure 1e-40 wide
    [ "$(field '(.certificate.lower[0:36] == .theory.objective[0:36]) or (.certificate.upper[0:36] == .theory.objective[0:36])')" = true ]
    run "$check" c.json
    [ "$status" -eq 0 ]
  done
}

@test "narrow widths and deep cross entropy are bracketed, never proved" {
  run "$UFM" solve --loss ce --classes 10 --per-class 50 --width 4 --lambda-W 1/2000 \
    --lambda-H 1/100000 --certificate c.json --json
  [ "$(field .certificate.status)" = bracketed ]
  run "$check" c.json
  [ "$status" -eq 0 ]
  run "$UFM" solve --loss ce --classes 4 --per-class 2 --depth 2 --lambda-W 1/100 \
    --lambda-H 1/100 --starts 5 --certificate c.json --json
  [ "$(field .certificate.status)" = bracketed ]
  run "$check" c.json
  [ "$status" -eq 0 ]
}

@test "a point that is far from any optimum gives a true bracket" {
  run "$UFM" solve $imbalanced --max-iter 1 --verify --json
  [ "$status" -eq 1 ]
  [ "$(field '.certificate.status | IN("proved", "bracketed")')" = true ]
  [ "$(field '(.certificate.lower | tonumber) <= 0.0481155204591637')" = true ]
  [ "$(field '(.certificate.upper | tonumber) >= 0.0481155204591636')" = true ]
}

@test "every tampered certificate is rejected or malformed" {
  run "$UFM" solve --loss ce --counts 4,2,1 --width 3 --lambda-W 1/50 --lambda-H 1/50 \
    --certificate good.json --json
  [ "$status" -eq 0 ]
  "$check" good.json
  refuse() {
    jq -c "$1" good.json >bad.json
    run "$check" bad.json
    [ "$status" -ne 0 ] || { echo "accepted: $1"; return 1; }
  }
  refuse '.problem.lambda_W = "1/51"'
  refuse '.problem.lambda_H = "1/49"'
  refuse '.problem.columns[0].weight = 5'
  refuse '.primal.W[0] = .primal.W[1]'
  refuse '.primal.H[0] = "0x1p+3"'
  refuse '.dual.M[0] = .dual.M[1]'
  refuse '.claim.lower = .claim.upper'
  refuse '.claim.upper = "0x1p-20"'
  refuse 'del(.claim.upper)'
  refuse 'del(.dual)'
  refuse '.primal.W[0] = "0x1p+99999999999"'
  head -c 300 good.json >bad.json
  run "$check" bad.json
  [ "$status" -eq 2 ]
}

@test "an unwritable certificate: exit 3, one line" {
  run "$UFM" solve $imbalanced --certificate no/such/dir/c.json
  [ "$status" -eq 3 ]
  [ "${#lines[@]}" -eq 1 ]
}

@test "the simplex ETF is proved not optimal for deep cross entropy, and the proof is checked" {
  deep="--loss ce --classes 4 --depth 2 --width 4 --starts 10"
  run "$UFM" solve $deep --lambda-W 1/50,1/50 --lambda-H 1/50 --refute r.json --json
  [ "$status" -eq 0 ]
  [ "$(field '.certificate.refuted | index("etf") != null')" = true ]
  [ "$(field '.certificate.families[0].name')" = hypercube ]
  [ "$(field '.certificate.refuted | index("hypercube")')" = null ]
  run "$check" r.json
  [ "$status" -eq 0 ]
  [[ "$output" == *"VERIFIED REFUTED ETF"* ]]
  jq '.problem.lambda_H = "1/60"' r.json >t.json
  run "$check" t.json
  [ "$status" -eq 1 ]
  run "$UFM" solve $deep --lambda-W 1/50,1/50 --lambda-H 1/50 --verify --quiet
  [[ "$output" == *"PROVED: the simplex ETF is not globally optimal"* ]]
}

@test "no refutation where the ETF is the best candidate: said, and nothing written" {
  run --separate-stderr "$UFM" solve --loss ce --classes 4 --depth 2 --width 4 --starts 10 \
    --lambda-W 1/200,1/200 --lambda-H 1/200 --refute r.json --json
  [ "$status" -eq 1 ]
  [[ "$stderr" == "ufm: refute: the point's objective"* ]]
  [ "$(field '.certificate.refuted | index("etf")')" = null ]
  [ ! -e r.json ]
  run "$UFM" solve --loss ce --classes 4 --lambda-W 1/200 --lambda-H 1/200 --refute r.json --quiet
  [ "$status" -eq 1 ]
  [[ "$output" == *"want balanced deep cross entropy"* ]]
  [ ! -e r.json ]
}

@test "digits that a singular minimum does not give are missed aloud" {
  # two classes exactly at n = N^2 lambda_W lambda_H
  singular="--loss ce --counts 10,5,1,1 --width 5 --lambda-W 1/17 --lambda-H 1/17"
  run "$UFM" solve $singular --digits 80 --verify
  [ "$status" -eq 0 ]
  [[ "$output" == *"proof      bracketed"* ]]
  [[ "$output" == *"note: the refinement ended early (stalled) with "*" digits"* ]]
  run "$UFM" solve $singular --digits 80 --verify --json
  [ "$(field .certificate.status)" = bracketed ]
}

@test "a saved point that is not finite is refused, exit 2" {
  tiny="--loss ce --counts 4,2,1 --width 3 --lambda-W 1/50 --lambda-H 1/50"
  for number in '\0\0\0\0\0\0\370\177' '\0\0\0\0\0\0\360\377'; do # NaN, -inf
    "$UFM" solve $tiny --save p >/dev/null
    size=$(wc -c <p.H.npy)
    printf "$number" | dd of=p.H.npy bs=1 seek=$((size - 8)) conv=notrunc 2>/dev/null
    run "$UFM" solve $tiny --start p --verify --certificate c.json
    [ "$status" -eq 2 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ "$output" == *"p.H.npy: entry 8 is not finite"* ]]
    [ ! -e c.json ]
  done
}
