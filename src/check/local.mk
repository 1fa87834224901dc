# SPDX-License-Identifier: GPL-3.0-or-later
# The checker shares nothing with libufm: its own objects, Jansson and GMP.
noinst_LTLIBRARIES += libufm-check.la
libufm_check_la_SOURCES = \
  src/check/alloc.c src/check/alloc.h \
  src/check/bars.c src/check/bars.h \
  src/check/certificate.c src/check/certificate.h \
  src/check/claims.c src/check/claims.h \
  src/check/collapse.c src/check/collapse.h \
  src/check/decide.c src/check/decide.h \
  src/check/decimal.c src/check/decimal.h \
  src/check/dual.c \
  src/check/eigenvalues.c src/check/eigenvalues.h \
  src/check/envelope.c \
  src/check/frame.c \
  src/check/explog.c src/check/explog.h \
  src/check/grid.c src/check/grid.h \
  src/check/inertia.c src/check/inertia.h \
  src/check/interval.c src/check/interval.h \
  src/check/norm.c src/check/norm.h \
  src/check/number.c src/check/number.h \
  src/check/orbits.c src/check/orbits.h \
  src/check/orbits_bars.c src/check/orbits_bars.h \
  src/check/orbits_claims.c src/check/orbits_dual.c \
  src/check/orbits_grams.c src/check/orbits_norm.c \
  src/check/orbits_primal.c src/check/orbits_read.c \
  src/check/pieces.c src/check/pieces.h \
  src/check/primal.c src/check/primal.h \
  src/check/problem.c src/check/problem.h \
  src/check/psd.c src/check/psd.h \
  src/check/rank.c src/check/rank.h \
  src/check/reader.c src/check/reader.h \
  src/check/refutation.c \
  src/check/session.c src/check/session.h \
  src/check/spectral.c \
  src/check/verify.c src/check/verify.h \
  src/check/witness.c src/check/witness.h

bin_PROGRAMS += ufm-check
ufm_check_SOURCES = src/check/main.c
ufm_check_LDADD = libufm-check.la -ljansson -lgmp
