#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What a user of the installed library meets: every header stands alone, the
# library shows its public names only, a program builds by pkg-config alone.
# usage: run.sh BINDIR LIBDIR INCLUDEDIR MANDIR, with CC, CFLAGS, PKG_CONFIG,
# srcdir, blas (the CBLAS this build was configured for) and pages (the manual
# pages it installs) in the environment.
set -eu
bindir=$1
libdir=$2
includedir=$3
mandir=$4
: "${srcdir:?}" "${blas:?}" "${pages=}"
PKG_CONFIG_PATH=$libdir/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
LD_LIBRARY_PATH=$libdir${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export PKG_CONFIG_PATH LD_LIBRARY_PATH

work=$(mktemp -d "$PWD/install.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

fail()
{
  echo "installcheck: $*" >&2
  exit 1
}

# The values of CC, CFLAGS and pkg-config are lists of words.
# shellcheck disable=SC2046,SC2086
compile() # COMPILER ARGUMENT...
{
  compiler=$1
  shift
  $compiler ${CFLAGS-} $($PKG_CONFIG --cflags ufm) -Wall -Wextra -Werror "$@"
}

version=$($PKG_CONFIG --modversion ufm)
[ "$("$bindir/ufm" --version | head -n 1)" = "ufm $version" ] ||
  fail "ufm --version does not say $version"

headers=0
for header in "$includedir"/ufm/*.h; do
  name=ufm/${header##*/}
  printf '#include <%s>\n#include <%s>\n' "$name" "$name" > "$work/header.c"
  compile "$CC" -fsyntax-only "$work/header.c" || fail "$name does not compile"
  if command -v g++ > /dev/null; then
    CFLAGS='' compile g++ -x c++ -fsyntax-only "$work/header.c" ||
      fail "$name does not compile as C++"
  fi
  headers=$((headers + 1))
done

nm -D --defined-only "$libdir/libufm.so" > "$work/names"
grep -q ' ufm_version$' "$work/names" || fail "libufm exports nothing"
if grep -v ' ufm_[a-z]' "$work/names"; then
  fail "libufm exports the names above"
fi

# shellcheck disable=SC2046 # a list of words
compile "$CC" "$srcdir/tests/install/user.c" -o "$work/user" \
  $($PKG_CONFIG --libs ufm) || fail "a program does not build"
"$work/user" > "$work/output" || fail "the program fails"
[ "$(sed -n 1p "$work/output")" = "$version" ] || fail "wrong library version"
[ "$(sed -n 2p "$work/output")" = 1/6000 ] || fail "wrong product"
case $(sed -n 3p "$work/output") in
  *"$blas"*) ;;
  *) fail "CBLAS is $(sed -n 3p "$work/output"), not $blas" ;;
esac

for page in $pages; do
  [ -s "$mandir/man1/${page##*/}" ] || fail "$page is not installed"
done

echo "installcheck: ufm $version, $headers headers, CBLAS $blas: in order"
