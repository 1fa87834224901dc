# SPDX-License-Identifier: GPL-3.0-or-later
# The rules of the house.  Reads src/*/local.mk first, then the sources, all
# named from the top of the tree, and prints one line per broken rule:
#
#     RULE FILE:LINE: what was found
#
# A public header belongs to the room whose local.mk lists it.

BEGIN {
  # What each room may include, besides its own headers and other people's
  # libraries: public and private headers of the rooms named here.  "public"
  # stands for every public header and no private one.
  may_include["core"] = ""
  may_include["linalg"] = "core"
  may_include["problem"] = "core"
  may_include["spec"] = "core problem"
  may_include["objective"] = "core linalg problem"
  may_include["minimize"] = "core linalg"
  may_include["solve"] = "core linalg problem spec objective minimize"
  may_include["reduce"] = \
    "core linalg problem spec objective minimize solve geometry"
  may_include["theory"] = "core linalg problem"
  may_include["geometry"] = "core linalg problem"
  may_include["verify"] = "core problem"
  may_include["check"] = ""
  may_include["frame"] = "core linalg minimize"
  may_include["phase"] = "public"
  may_include["record"] = "public"
  may_include["sweep"] = "public"
  may_include["cli"] = "public"
  may_include["mpi"] = "public cli"

  # The one place where a solver may see a closed form: a start that the user
  # asks for by name.
  exception["src/solve/start_theory.c ufm/theory.h"] = 1

  umbrella = "include/ufm/ufm.h"
  longest = 500
  for (i = 1; i < ARGC; i++)
    known[ARGV[i]] = 1
}

FILENAME ~ /local\.mk$/ {
  n = split($0, word, /[ \t\\=+]+/)
  for (i = 1; i <= n; i++)
    if (word[i] ~ /^include\/ufm\//)
      own(substr(word[i], 9), room_of(FILENAME))
  next
}

FNR == 1 {
  room = room_of(FILENAME)
  if (FILENAME != umbrella && !(room in may_include))
    complain("include", "belongs to no room of the table")
  if (index($0, "SPDX-License-Identifier: GPL-3.0-or-later") == 0)
    complain("spdx", "the first line is not the SPDX line")
  seen[FILENAME] = 1
}

FNR == longest + 1 { complain("size", "more than " longest " lines") }

/^[ \t]*#[ \t]*include/ {
  line = $0
  sub(/^[ \t]*#[ \t]*include[ \t]*/, "", line)
  if (match(line, /^<[^>]*>/) || match(line, /^"[^"]*"/))
    judge(substr(line, 2, RLENGTH - 2), substr(line, 1, 1) == "\"")
  else
    complain("include", "cannot tell what is included: " $0)
}

END {
  for (file in known)
    if (file !~ /local\.mk$/ && !(file in seen)) {
      printf "spdx %s:1: the file is empty\n", file
      broken = 1
    }
  exit broken
}

function complain(rule, text)
{
  printf "%s %s:%d: %s\n", rule, FILENAME, FNR, text
  broken = 1
}

# The room of a file; of a public header, the room that lists it.
function room_of(path,    part)
{
  if (path ~ /^src\//)
    return split(path, part, "/") > 2 ? part[2] : ""
  path = substr(path, 9)
  return path in owner ? owner[path] : ""
}

function own(header, room)
{
  if (header in owner && owner[header] != room)
    complain("include", header " belongs to " owner[header] " already")
  owner[header] = room
}

function allowed(room, other)
{
  return room == other || index(" " may_include[room] " ", " " other " ") > 0
}

function judge(target, quoted,    part, first, nested)
{
  nested = split(target, part, "/") > 1
  first = part[1]
  if (("/" target "/") ~ /\/\.\.?\//)
    complain("include", "name headers from src or include, not by " target)
  else if (nested && first == "ufm")
    judge_public(target)
  else if (nested && first in may_include)
    judge_private(target, first)
  else if (FILENAME ~ /^include\// && (quoted || target == "config.h"))
    complain("include", "a public header includes the private " target)
  else if (quoted && !((folder(FILENAME) target) in known))
    complain("include", "no such header in this folder: " target)
}

function judge_public(target)
{
  if (FILENAME == umbrella || allowed(room, "public") ||
      ((FILENAME " " target) in exception))
    return
  if (target == "ufm/ufm.h")
    complain("include", "ufm/ufm.h brings in every room")
  else if (!(target in owner))
    complain("include", target " is in no room's local.mk")
  else if (!allowed(room, owner[target]))
    complain("include", room " includes " target " of " owner[target])
}

function judge_private(target, other)
{
  if (FILENAME ~ /^include\//)
    complain("include", "a public header includes the private " target)
  else if (!allowed(room, other))
    complain("include", room " includes the private " target)
}

function folder(path)
{
  sub(/[^\/]*$/, "", path)
  return path
}
