# SPDX-License-Identifier: GPL-3.0-or-later
# Fifty times kill -9 of a sweep or of one of its workers, at random moments:
# no record that was written is lost or changed, and of the points that were
# finished (each leaves its certificate) at most the two in flight are missing.
# UFM_SEED repeats a run.

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  cat >s.json <<'JSON'
{"format": 1,
 "problem": {"loss": "ce", "lambda_H": "1/100000"},
 "solve": {"digits": 16, "certificate": "c{index}.json"},
 "grid": {"profile": {"in": "exp:8:500:{}", "from": 1, "to": 100, "n": 20},
          "lambda_W": {"from": "1/10000", "to": "1/100", "n": 12, "scale": "log"}}}
JSON
}

# Indices with a record, and indices whose certificate is there.
journaled() {
  grep -o '^{"format":"ufm-record-1","index":[0-9]*' out.jsonl |
    sed 's/.*://' | sort -u
}
finished() {
  find . -name 'c*.json' | sed 's/[^0-9]//g' | sort -u
}

# The whole lines of the file before are the first of the file after.
intact() {
  cmp -n "$(stat -c %s before.jsonl)" before.jsonl out.jsonl
}

bare() {
  sed -E 's/"seconds":[-0-9.e+]+//g' "$1"
}

# A sweep in the background; its number is in $pid.
sweep() {
  "$UFM" sweep s.json -o out.jsonl --resume -j 2 -q 2>>err 3>&- &
  pid=$!
}

# The sweep, or one time in three one of its workers.  As long as libtool's
# wrapper, a shell script, has not become the program, its children are no
# workers: without one of them it starts the program without its library.
choose_victim() {
  local children shell
  victim=$pid
  read -r shell _ < <(ps -o args= -p "$pid") || return 0
  [[ $shell != *sh ]] || return 0
  [ $((RANDOM % 3)) -eq 0 ] || return 0
  mapfile -t children < <(ps -o pid= --ppid "$pid")
  [ ${#children[@]} -eq 0 ] || victim=${children[RANDOM % ${#children[@]}]// /}
}

@test "fifty kills lose at most the points in flight" {
  seed=${UFM_SEED:-$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')}
  RANDOM=$seed
  echo "UFM_SEED=$seed"
  : >out.jsonl
  : >before.jsonl
  kills=0 pid=
  while [ $kills -lt 50 ]; do
    [ -n "$pid" ] || sweep
    sleep "0.0$((RANDOM % 50 + 10))"
    choose_victim
    if ! kill -9 "$victim" 2>/dev/null; then
      # a worker that has just ended is no kill; a sweep that is done begins anew
      kill -0 "$pid" 2>/dev/null && continue
      code=0
      wait "$pid" || code=$?
      [ "$code" -le 1 ] || { cat err; return 1; }
      pid=
      rm -f out.jsonl c*.json
      : >out.jsonl
      : >before.jsonl
      continue
    fi
    kills=$((kills + 1))
    [ "$victim" -eq "$pid" ] || continue
    wait "$pid" || true
    pid=
    intact
    [ "$(comm -23 <(finished) <(journaled) | wc -l)" -le 2 ]
    # without a torn last line
    sed '$!b; /}$/!d' out.jsonl >before.jsonl
  done
  if [ -n "$pid" ]; then
    kill -9 "$pid"
    wait "$pid" || true
  fi
  "$UFM" sweep s.json -o out.jsonl --resume -j 2 -q
  "$UFM" sweep s.json -o fresh.jsonl -j 2 -q
  cmp <(bare out.jsonl) <(bare fresh.jsonl)
  [ "$(find . -name 'c*.json' | wc -l)" -eq 240 ]
}
