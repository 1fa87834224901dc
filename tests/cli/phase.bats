#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# ufm phase: thresholds, brackets, refusals.

@test "thresholds of the published imbalanced setting, exact and enclosed" {
  run "$UFM" phase --counts 200,100,50,50 --depth 3 --digits 20 --json
  [ "$status" -eq 0 ]
  [ "$(jq -r '.phase.thresholds | length' <<< "$output")" -eq 3 ]
  [ "$(jq -r '.phase.thresholds[0].power' <<< "$output")" = "1/37324800" ]
  [ "$(jq -r '.phase.thresholds[0].lower' <<< "$output")" = "0.012793831532213630754" ]
  [ "$(jq -r '.phase.thresholds[0].change' <<< "$output")" = "class" ]
}

@test "penalties are a direction" {
  run "$UFM" phase --loss ce --counts 1000,1000,2,2 --lambda-W 1/200 --lambda-H 1/20000 --json
  [ "$status" -eq 0 ]
  # n / (N^2 lambda_W lambda_H) = 2 * 4000000 / 2004^2
  [ "$(jq -r '.phase.thresholds[0].power' <<< "$output")" = "500000/251001" ]
  [ "$(jq -r '.phase.thresholds[0].change' <<< "$output")" = "merge" ]
}

@test "changes of rank are bracketed around the exact thresholds" {
  run "$UFM" phase --loss ce --counts 10,10,2,2 --bracket 1e-3 --json
  [ "$status" -eq 0 ]
  jq -e '.phase.rank_changes[0] | .from == 3 and .to == 2 and .reached
    and .lower <= 0.05892556509887896 and .upper >= 0.05892556509887896' \
    <<< "$output"
}

@test "no known threshold is a negative answer that says why" {
  run "$UFM" phase --loss ce --classes 4 --depth 2 --bias ridge --lambda-b 1
  [ "$status" -eq 1 ]
  [[ $output == *"none is known"* ]]
}

@test "bad input" {
  run "$UFM" phase --loss ce --counts 10,2 --bracket 0
  [ "$status" -eq 2 ]
  run "$UFM" phase --loss ce --counts 10,2 --bracket 5
  [ "$status" -eq 2 ]
  [[ $output == *"tolerance"* ]]
  run "$UFM" phase
  [ "$status" -eq 2 ]
}

@test "deep cross entropy: where the best named candidate changes" {
  run "$UFM" phase --loss ce --classes 4 --depth 2 --digits 30 --json
  [ "$status" -eq 0 ]
  [ "$(printf '%s\n' "${lines[0]}" | jq -r '[.phase.thresholds[] | .from + ">" + .to] | join(" ")')" = "etf>hypercube hypercube>zero" ]
  [[ "$(printf '%s\n' "${lines[0]}" | jq -r '.phase.thresholds[0].lower')" == 0.0117604980792883* ]]
  # on both sides of it the closed forms say the same
  run "$UFM" theory --loss ce --classes 4 --depth 2 --lambda-W 0.0117604980792,0.0117604980792 --lambda-H 0.0117604980792 --json
  [ "$(printf '%s\n' "${lines[0]}" | jq -r '.theory.candidates[0].family')" = etf ]
  run "$UFM" theory --loss ce --classes 4 --depth 2 --lambda-W 0.0117604980793,0.0117604980793 --lambda-H 0.0117604980793 --json
  [ "$(printf '%s\n' "${lines[0]}" | jq -r '.theory.candidates[0].family')" = hypercube ]
}
