#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Shows that house.sh can fail: each case plants one offence in a small tree
# that is in order otherwise, and wants it named.
here=$(cd "$(dirname "$0")" && pwd) || exit 99
tree=$(mktemp -d "$PWD/house.XXXXXX") || exit 99
trap 'rm -rf "$tree"' EXIT
trap 'exit 99' HUP INT TERM

licence='/* SPDX-License-Identifier: GPL-3.0-or-later */'
cases=0
bad=0

write() # FILE [LINE...]: a source with its licence line
{
  mkdir -p "$tree/${1%/*}"
  file=$1
  shift
  printf '%s\n' "$licence" "$@" > "$tree/$file"
}

fresh() # a tree in order: three inner rooms and one that sees the outside only
{
  rm -rf "$tree/src" "$tree/include"
  for room in core solve theory cli; do
    mkdir -p "$tree/src/$room"
    echo "ufminclude_HEADERS += include/ufm/$room.h" \
      > "$tree/src/$room/local.mk"
    write "include/ufm/$room.h"
    write "src/$room/inside.h"
    write "src/$room/main.c" '#include <config.h>' '#include <gmp.h>' \
      '#include "inside.h"' "#include \"$room/inside.h\"" \
      '#include <ufm/core.h>'
  done
  write include/ufm/ufm.h '#include <ufm/solve.h>' '#include <ufm/theory.h>'
  write src/solve/start_theory.c '#include "core/inside.h"' \
    '#include <ufm/theory.h>'
  write src/cli/record.c '#include <ufm/ufm.h>' '#  include <ufm/theory.h>'
}

verdict() # STATUS DESCRIPTION
{
  cases=$((cases + 1))
  if [ "$1" -eq 0 ]; then
    echo "ok $cases - $2"
  else
    echo "not ok $cases - $2"
    printf '%s\n' "$output" | sed 's/^/# /'
    bad=1
  fi
}

named() # FILE:LINE: TEXT DESCRIPTION: house.sh fails with exactly this
{
  output=$(sh "$here/house.sh" "$tree")
  [ $? -eq 1 ] && [ "$(printf '%s\n' "$output" | grep '^#')" = "# $1" ]
  verdict $? "$2"
}

refused() # FILE INCLUDE TEXT: the line stands second in FILE
{
  fresh
  write "$1" "#include $2"
  named "$1:2: $3" "$1 may not include $2"
}

fresh
output=$(sh "$here/house.sh" "$tree") &&
  [ "$(printf '%s\n' "$output" | grep -c '^ok ')" -eq 3 ]
verdict $? "a tree in order passes"

refused src/theory/x.c '"solve/inside.h"' \
  'theory includes the private solve/inside.h'
refused src/theory/x.c '<ufm/solve.h>' \
  'theory includes ufm/solve.h of solve'
refused src/solve/x.c '<ufm/theory.h>' \
  'solve includes ufm/theory.h of theory'
refused src/solve/start_theory.c '"theory/inside.h"' \
  'solve includes the private theory/inside.h'
refused src/solve/x.c '<theory/inside.h>' \
  'solve includes the private theory/inside.h'
refused src/solve/x.c '"../theory/inside.h"' \
  'name headers from src or include, not by ../theory/inside.h'
refused src/core/x.c '<ufm/ufm.h>' 'ufm/ufm.h brings in every room'
refused src/core/x.c '<ufm/lost.h>' "ufm/lost.h is in no room's local.mk"
refused src/core/x.c '"lost.h"' 'no such header in this folder: lost.h'
refused src/core/x.c 'HEADER' 'cannot tell what is included: #include HEADER'
refused src/cli/x.c '"core/inside.h"' 'cli includes the private core/inside.h'
refused include/ufm/theory.h '<ufm/solve.h>' \
  'theory includes ufm/solve.h of solve'
refused include/ufm/theory.h '"theory/inside.h"' \
  'a public header includes the private theory/inside.h'
refused include/ufm/theory.h '<config.h>' \
  'a public header includes the private config.h'

fresh
mkdir -p "$tree/src/check"
echo > "$tree/src/check/local.mk"
write src/check/x.c '#include <ufm/core.h>'
named 'src/check/x.c:2: check includes ufm/core.h of core' \
  'check shares nothing, not even core'

fresh
write src/attic/x.c
named 'src/attic/x.c:1: belongs to no room of the table' 'a room is in the table'

fresh
write include/ufm/lost.h
named 'include/ufm/lost.h:1: belongs to no room of the table' \
  'a public header is listed by a room'

fresh
echo 'int x;' > "$tree/src/core/x.c"
named 'src/core/x.c:1: the first line is not the SPDX line' \
  'a missing licence is named'

fresh
: > "$tree/src/core/x.c"
named 'src/core/x.c:1: the file is empty' 'an empty file is named'

fresh
awk -v first="$licence" 'BEGIN {
  print first
  for (i = 2; i <= 500; i++) print ""
}' > "$tree/src/core/x.c"
output=$(sh "$here/house.sh" "$tree")
verdict $? '500 lines pass'
echo >> "$tree/src/core/x.c"
named 'src/core/x.c:501: more than 500 lines' '501 lines are named'

rm -rf "$tree/src" "$tree/include"
mkdir -p "$tree/src" "$tree/include"
output=$(sh "$here/house.sh" "$tree" 2>&1)
[ $? -eq 99 ]
verdict $? 'a tree without sources is not in order'

echo "1..$cases"
exit "$bad"
