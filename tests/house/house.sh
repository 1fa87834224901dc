#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The rules of the house as TAP: who may include whom, licence lines, sizes.
# usage: house.sh [TREE]
here=$(cd "$(dirname "$0")" && pwd) || exit 99
cd "${1:-${srcdir:-$here/../..}}" || exit 99

sources=$(find src include -name '*.[ch]' | LC_ALL=C sort)
if [ -z "$sources" ]; then
  echo "Bail out! no sources in $PWD"
  exit 99
fi
# shellcheck disable=SC2086 # a list of names, none with a space
found=$(awk -f "$here/rules.awk" src/*/local.mk $sources)
result=$?
if [ "$result" -gt 1 ]; then
  echo "Bail out! awk failed with status $result"
  exit 99
fi

case_number=0
report() # RULE DESCRIPTION
{
  case_number=$((case_number + 1))
  broken=$(printf '%s\n' "$found" | sed -n "s/^$1 /# /p")
  if [ -z "$broken" ]; then
    echo "ok $case_number - $2"
  else
    echo "not ok $case_number - $2"
    printf '%s\n' "$broken"
  fi
}

echo 1..3
report include "every room includes only what the design allows it"
report spdx "every source begins with its licence"
report size "no source is longer than 500 lines"
exit "$result"
