# SPDX-License-Identifier: GPL-3.0-or-later
# Bad input of every kind: exit 2, and one line that names it.

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
}

# refused WORD ARGUMENT...: exit 2, nothing on stdout, one line with WORD.
refused() {
  word=$1
  shift
  run bash -c '"$0" "$@" 2>err' "$UFM" "$@"
  [ "$status" -eq 2 ] || { echo "status $status: $*"; return 1; }
  [ -z "$output" ] || { echo "stdout: $output"; return 1; }
  [ "$(wc -l <err)" -eq 1 ] || { cat err; return 1; }
  grep -qF -- "$word" err || { cat err; return 1; }
  grep -q '^ufm' err
}

@test "counts" {
  w="--lambda-W 1 --lambda-H 1"
  refused "'0'" solve --counts 3,0 $w
  refused "'-1'" solve --counts 3,-1 $w
  refused "'x'" solve --counts 3,x $w
  refused "'3.5'" solve --counts 3.5,2 $w
  refused "at least 2" solve --counts 3 $w
  refused "missing" solve $w
  refused "exactly one" solve --counts 3,3 --classes 4 $w
  refused "at least 2" theory --classes 1 $w
  refused "profile" theory --profile exp:3:10 $w
  refused "did you mean 'zipf'" theory --profile zip:3:10 $w
}

@test "sizes that do not fit" {
  w="--lambda-W 1 --lambda-H 1"
  refused "GB" solve --classes 3 --width 2147483647 --depth 3 $w
  refused "GB" theory --classes 9999999999999 $w
  refused "exceeds" solve --classes 1000000 --per-class 1000000000000000 --unmerged $w
  refused "width" solve --classes 3 --width 99999999999999999999 $w
}

@test "widths and depths" {
  w="--counts 3,3 --lambda-W 1 --lambda-H 1"
  refused "got 2 numbers, want 3" solve --depth 3 --widths 4,4 $w
  refused "'0'" solve --width 0 $w
  refused "depth" solve --depth 0 $w
  refused "depth" solve --depth two $w
}

@test "penalties" {
  w="--counts 3,3"
  refused "lambda-W: missing" solve $w --lambda-H 1
  refused "lambda-H: missing" solve $w --lambda-W 1
  refused "got 0" solve $w --lambda-W 0 --lambda-H 1
  refused "got -1/2" solve $w --lambda-W 1 --lambda-H -0.5
  refused "'nan'" solve $w --lambda-W nan --lambda-H 1
  refused "'inf'" solve $w --lambda-W 1 --lambda-H inf
  refused "'1e-3 '" solve $w --lambda-W '1e-3 ' --lambda-H 1
  refused "'1/0'" solve $w --lambda-W 1/0 --lambda-H 1
  refused "got 2 numbers, want 1 or 3" solve $w --depth 3 --lambda-W 1,2 --lambda-H 1
  refused "only with bias ridge" solve $w --lambda-W 1 --lambda-H 1 --lambda-b 1
  refused "lambda-b" solve $w --lambda-W 1 --lambda-H 1 --bias ridge
}

@test "unknown names, with the closest known one" {
  w="--counts 3,3 --lambda-W 1 --lambda-H 1"
  refused "did you mean 'solve'" slove $w
  refused "did you mean '--lambda-W'" solve --lamda-W 1
  refused "did you mean 'lbfgs'" solve $w --method lbfg
  refused "did you mean 'ridge'" solve $w --bias rige
  refused "want mse, ce" solve $w --loss hinge
  refused "targets" solve $w --targets mixup
  refused "smooth" solve $w --targets smooth:2
  refused "--tol" theory $w --tol 1e-3
}

@test "solver settings" {
  w="--counts 3,3 --lambda-W 1 --lambda-H 1"
  refused "tol" solve $w --tol 0
  refused "tol" solve $w --tol 1
  refused "tol" solve $w --tol 1e-3x
  refused "max-iter" solve $w --max-iter 0
  refused "starts" solve $w --starts 0
  refused "seed" solve $w --seed -1
  refused "digits" theory $w --digits 0
  refused "digits" theory $w --digits 1000000
  refused "nowhere.W1.npy" solve $w --start nowhere
}

@test "files that cannot be meant, penalties that do not fit a double" {
  w="--counts 3,3 --lambda-W 1"
  refused "empty name" solve $w --lambda-H 1 --save ''
  refused "empty name" solve $w --lambda-H 1 -o ''
  refused "lambda-H" solve $w --lambda-H 1e-400
  refused "lambda-H" solve $w --lambda-H 1e400
  refused "a?b" solve $w --lambda-H 1 "--$(printf 'a\nb')"
}

@test "command line shape" {
  refused "no command"
  refused "unknown command" fly
  refused "missing argument" solve --counts
  refused "unexpected argument" list extra
  refused "unexpected argument" solve a.json b.json
}

@test "SPEC files: file, line and column" {
  refused "missing.json" solve missing.json
  printf '{"counts": [3, 3],\n "lambda_W" 1}' >a.json
  refused "a.json:2:" solve a.json
  printf '{"counts": [3, 3],\n "lamda_W": 1}' >b.json
  refused "b.json:2:2" solve b.json
  printf '{"counts": {"a": 1}}' >c.json
  refused "want a string" solve c.json
  printf '[1, 2' >d.json
  refused "d.json:1:" solve d.json
  refused "e.json" solve e.json
  mkdir f.json
  refused "f.json" solve f.json
}

@test "points of the wrong shape or with bad numbers" {
  w="--lambda-W 1/10 --lambda-H 1/10"
  "$UFM" solve --counts 3,3 --width 2 $w --save p >/dev/null
  refused "want 3 x 2" solve --counts 3,3,3 --width 2 $w --start p
  head -c 100 p.H.npy >p.short && mv p.short p.H.npy
  refused "p.H.npy" solve --counts 3,3 --width 2 $w --start p
}
