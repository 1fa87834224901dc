#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Tables of ufm compile; part of the tests where configure found LaTeX.

@test "a table of every kind of cell compiles, numbers and bars aligned" {
  cd "$BATS_TEST_TMPDIR"
  "$UFM" solve --loss ce --counts 5,5,2 --width 3 --lambda-W 1/100 --lambda-H 1/100 --verify --json > r.jsonl
  "$UFM" solve --counts 20,10,5 --depth 2 --width 4 --lambda-W 1e-9 --lambda-H 1/500 --json >> r.jsonl
  columns='problem.loss=loss,problem.counts,problem.lambda_W,certificate=$F^*$,certificate.gap:2,solve.objective,geometry.cos_w.min:3,theory.theorem'
  {
    echo '\documentclass{article}\usepackage{booktabs,siunitx}\begin{document}'
    "$UFM" table r.jsonl --format latex --columns "$columns" --group-by problem.bias
    "$UFM" table r.jsonl --format latex --summary
    echo '\end{document}'
  } > t.tex
  run pdflatex -interaction=nonstopmode -halt-on-error t.tex
  [ "$status" -eq 0 ] || { echo "$output"; return 1; }
  [ -s t.pdf ]
  ! grep -q '^LaTeX Warning\|Missing' t.log
}
