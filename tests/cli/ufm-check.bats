# SPDX-License-Identifier: GPL-3.0-or-later

setup_file() {
  export SAMPLES="$BATS_FILE_TMPDIR"
  "$WRITE_SAMPLES" "$SAMPLES"
}

sample() {
  echo "$SAMPLES/$1.json"
}

# edit NAME SED_SCRIPT: a changed copy of a sample that really differs
edit() {
  sed "$2" "$(sample "$1")" > "$BATS_TEST_TMPDIR/changed.json"
  ! cmp -s "$(sample "$1")" "$BATS_TEST_TMPDIR/changed.json"
  echo "$BATS_TEST_TMPDIR/changed.json"
}

@test "all samples are verified, exit 0" {
  run "$UFM_CHECK" "$SAMPLES"/*.json
  [ "$status" -eq 0 ]
  [ "${#lines[@]}" -eq "$(ls "$SAMPLES" | wc -l)" ]
  for line in "${lines[@]}"; do
    [[ "$line" == *": VERIFIED "* ]]
  done
}

@test "the corpus of fuzzing gets a verdict for every file" {
  corpus="$srcdir/tests/fuzz/corpus"
  run "$UFM_CHECK" "$corpus"/verified/*
  [ "$status" -eq 0 ]
  run "$UFM_CHECK" "$corpus"/refused/*
  [ "$status" -eq 2 ]
  [ "${#lines[@]}" -eq "$(ls "$corpus/refused" | wc -l)" ]
  for line in "${lines[@]}"; do
    [[ "$line" == *": REJECTED: "?* || "$line" == *": MALFORMED: "?* ]]
  done
}

@test "bounds are printed in decimal, rounded outward" {
  # log(1 + 2 e^-a) + 2 s sqrt(10) a, e^a = 1/(s sqrt(10)) - 2, s^2 = 1/200000
  run "$UFM_CHECK" --digits=12 "$(sample ce-3-free)"
  [ "$status" -eq 0 ]
  [ "$output" = "$(sample ce-3-free): VERIFIED lower=0.0840698929152 upper=0.0840698929153" ]
  run "$UFM_CHECK" -d 3 "$(sample mse-6-free)"
  [[ "$output" == *"lower=0.0318 upper=0.0319" ]]
}

@test "a refutation says so" {
  run "$UFM_CHECK" -d 6 "$(sample refutation)"
  [ "$status" -eq 0 ]
  [[ "$output" == *": VERIFIED REFUTED ETF lower=0.252169 upper=0.235464" ]]
}

@test "a raised lower bound is rejected, exit 1" {
  run "$UFM_CHECK" "$(edit ce-2-none '/"claim"/,/}/s|"lower": "0x|"lower": "0x1|')"
  [ "$status" -eq 1 ]
  [[ "$output" == *": REJECTED: lower and upper in the wrong order" ]]
}

@test "one changed digit is rejected with its reason" {
  run "$UFM_CHECK" "$(edit ce-6-free 's|"s": "[^"]*"|"s": "1"|')"
  [ "$status" -eq 1 ]
  [[ "$output" == *": REJECTED: spectral norm" ]]
  run "$UFM_CHECK" "$(edit ce-6-free 's|"lambda_H": "1/3000"|"lambda_H": "1/2999"|')"
  [ "$status" -eq 1 ]
  [[ "$output" == *": REJECTED: upper not implied" ]]
}

@test "a missing key is malformed, exit 2" {
  run "$UFM_CHECK" "$(edit ce-2-none 's|"lambda_b"|"lambda_c"|')"
  [ "$status" -eq 2 ]
  [[ "$output" == *': MALFORMED: problem: key "lambda_b" is missing' ]]
}

@test "the worst verdict decides the exit status" {
  bad="$(edit ce-6-free 's|"s": "[^"]*"|"s": "1"|')"
  run "$UFM_CHECK" "$(sample ce-2-none)" "$bad" "$(sample mse-2-none)"
  [ "$status" -eq 1 ]
  [ "${#lines[@]}" -eq 3 ]
  echo '{' > "$BATS_TEST_TMPDIR/open.json"
  run "$UFM_CHECK" "$BATS_TEST_TMPDIR/open.json" "$bad" "$(sample ce-2-none)"
  [ "$status" -eq 2 ]
  [[ "${lines[0]}" == *": MALFORMED: not JSON: line "* ]]
  [[ "${lines[2]}" == *": VERIFIED "* ]]
}

@test "control characters of a file do not reach the terminal" {
  printf '{"format": \033[31m}' > "$BATS_TEST_TMPDIR/escape.json"
  run "$UFM_CHECK" "$BATS_TEST_TMPDIR/escape.json"
  [ "$status" -eq 2 ]
  [[ "$output" != *$'\033'* ]]
}

@test "an unreadable file is an error, exit 3, and the others are checked" {
  run "$UFM_CHECK" "$BATS_TEST_TMPDIR/nothing" "$(sample ce-2-none)"
  [ "$status" -eq 3 ]
  [[ "$output" == *"ufm-check: "*"/nothing: No such file"* ]]
  [[ "$output" == *": VERIFIED "* ]]
  run "$UFM_CHECK" "$BATS_TEST_TMPDIR"
  [ "$status" -eq 3 ]
}

@test "bad usage, exit 2" {
  run "$UFM_CHECK"
  [ "$status" -eq 2 ]
  [[ "$output" == *"no FILE given"* ]]
  run "$UFM_CHECK" --nothing
  [ "$status" -eq 2 ]
  run "$UFM_CHECK" --digits=0 "$(sample ce-2-none)"
  [ "$status" -eq 2 ]
  [[ "$output" == *"--digits: got '0'"* ]]
  run "$UFM_CHECK" --digits=3x "$(sample ce-2-none)"
  [ "$status" -eq 2 ]
}

@test "--help and --version" {
  run "$UFM_CHECK" --help
  [ "$status" -eq 0 ]
  [[ "$output" == *"Usage: "*"FILE..."* ]]
  [[ "$output" == *"Exit status: 0 all verified, 1 some rejected"* ]]
  run "$UFM_CHECK" --version
  [ "$status" -eq 0 ]
  [[ "${lines[0]}" =~ ^ufm-check\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
  [[ "${lines[1]}" == "GMP "*"Jansson "* ]]
}

@test "a full device is an error, exit 3" {
  [ -w /dev/full ] || skip "no /dev/full"
  run bash -c '"$UFM_CHECK" "$1" > /dev/full' bash "$(sample ce-2-none)"
  [ "$status" -eq 3 ]
}

@test "the sources include nothing but themselves, the C library, GMP, Jansson" {
  run bash -c "cat '$srcdir'/src/check/*.[ch] | sed -n 's/^ *# *include *//p' |
    grep -v '^\"check/' | sort -u | tr '\n' ' '"
  [ "$status" -eq 0 ]
  [ "$output" = "<argp.h> <config.h> <errno.h> <gmp.h> <jansson.h> <math.h> <stdarg.h> <stdbool.h> <stddef.h> <stdio.h> <stdlib.h> <string.h> " ]
}

@test "the program links neither MPFR nor GSL nor BLAS nor libufm" {
  command -v ldd > /dev/null || skip "no ldd"
  run ldd "$UFM_CHECK"
  [ "$status" -eq 0 ]
  [[ "$output" == *libgmp* && "$output" == *libjansson* ]]
  [[ ! "$output" =~ (mpfr|gsl|blas|lapack|libufm) ]]
}
