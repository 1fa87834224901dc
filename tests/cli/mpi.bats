# SPDX-License-Identifier: GPL-3.0-or-later
# ufm-mpi: the sweep on several ranks of this machine.

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  # enough work to be disturbed
  cat >slow.json <<'JSON'
{"format": 1,
 "problem": {"loss": "ce", "lambda_W": "1/2000", "lambda_H": "1/100000"},
 "solve": {"verify": true, "digits": 100},
 "grid": {"profile": ["exp:24:500:100"], "seed": {"from": 1, "to": 24, "n": 24}}}
JSON
}

bare() {
  sed -E 's/"seconds":[-0-9.e+]+//g' "$1"
}

# ranks N ARGUMENT...: ufm-mpi on N ranks.
ranks() {
  n=$1
  shift
  mpirun --oversubscribe -n "$n" "$UFM_MPI" "$@"
}

@test "the records are those of ufm sweep" {
  "$UFM" sweep slow.json -o here.jsonl -q
  ranks 3 sweep slow.json -o there.jsonl -q
  cmp <(bare here.jsonl) <(bare there.jsonl)
}

@test "bad input ends all ranks with exit status 2" {
  run ranks 1 sweep slow.json -o out.jsonl
  [ "$status" -eq 2 ]
  [[ $output == *"want at least 2"* ]]
  run ranks 3 sweep missing.json -o out.jsonl
  [ "$status" -eq 2 ]
  [[ $output == *"missing.json"* ]]
  [ "$(grep -c missing.json <<<"$output")" -eq 1 ]
  run "$UFM_MPI" swept
  [ "$status" -eq 2 ]
  [ ! -e out.jsonl ]
}

# The process of rank $1 of the mpirun $pid.
process_of() {
  local process
  for process in $(ps -o pid= --ppid "$pid"); do
    ! grep -qz "^OMPI_COMM_WORLD_RANK=$1\$" "/proc/$process/environ" ||
      echo "$process"
  done
}

@test "a rank that dies ends the job; resuming does the rest" {
  "$UFM" sweep slow.json -o here.jsonl -q
  for rank in 2 0; do
    rm -f out.jsonl
    mpirun --oversubscribe -n 3 "$UFM_MPI" sweep slow.json -o out.jsonl -q \
      >log 2>&1 3>&- &
    pid=$!
    for _ in $(seq 3000); do
      [ ! -s out.jsonl ] || break
      sleep 0.01
    done
    victim=$(process_of $rank)
    kill -9 "$victim"
    code=0
    wait "$pid" || code=$?
    [ "$code" -ne 0 ]
    n=$(grep -c '"status":"done".*}$' out.jsonl)
    [ "$n" -ge 1 ] && [ "$n" -lt 24 ]
    ranks 3 sweep slow.json -o out.jsonl --resume -q
    cmp <(bare here.jsonl) <(bare out.jsonl)
  done
}
