#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The paper's figures and data as TAP: all listed, all made by an experiment that
# make experiments runs.
# usage: paper.sh [TREE]
here=$(cd "$(dirname "$0")" && pwd) || exit 99
cd "${1:-${srcdir:-$here/../..}}/paper" || exit 99

case_number=0
failed=0
report() # DESCRIPTION FOUND
{
  case_number=$((case_number + 1))
  if [ -z "$2" ]; then
    echo "ok $case_number - $1"
  else
    echo "not ok $case_number - $1"
    printf '%s\n' "$2" | sed 's/^/# /'
    failed=1
  fi
}

# The words that local.mk gives to a variable.
words() # VARIABLE
{
  awk -v name="$1" '
    more || ($1 == name && $2 ~ /=/) { n = split($0, word, /[ \t\\]+/)
      for (i = 1; i <= n; i++) if (word[i] ~ /^[a-z]/ && word[i] != name)
        print word[i]
      more = /\\$/ }' local.mk
}

listed=$(words figures)
programs=$(words paper_experiments)
echo 1..4
report "every figure is in the list of paper/local.mk" "$(
  for file in figures/*.tex; do
    name=$(basename "$file" .tex)
    [ "$name" = style ] || echo "$listed" | grep -qx "$name" || echo "$name"
  done)"
report "every figure of the list has a source" "$(
  for name in $listed; do
    [ -f "figures/$name.tex" ] || echo "$name"
  done)"
report "every CSV file says which experiment made it, in full" "$(
  for file in data/*.csv; do
    sed -n 1p "$file" | grep -q '^# made by: experiments/[a-z_]* --full$' ||
      echo "$file"
  done)"
report "make experiments runs these experiments" "$(
  sed -n 's/^# made by: \(experiments\/[a-z_]*\) --full$/\1/p' data/*.csv |
    sort -u | while read -r program; do
      echo "$programs" | grep -qx "$program" || echo "$program"
    done)"
exit "$failed"
