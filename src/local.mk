# SPDX-License-Identifier: GPL-3.0-or-later
ufmincludedir = $(includedir)/ufm
ufminclude_HEADERS = include/ufm/ufm.h

# Each room adds its sources to libufm-private.la, which holds all code; unit
# tests link it, so they reach internal functions too.
noinst_LTLIBRARIES += libufm-private.la
libufm_private_la_SOURCES =
libufm_private_la_LIBADD = $(GSL_LIBS) $(LAPACKE_LIBS) $(CBLAS_LIBS) \
  $(MPFR_LIBS) $(JANSSON_LIBS)

include src/core/local.mk
include src/linalg/local.mk
include src/problem/local.mk
include src/spec/local.mk
include src/objective/local.mk
include src/minimize/local.mk
include src/solve/local.mk
include src/reduce/local.mk
include src/theory/local.mk
include src/geometry/local.mk
include src/verify/local.mk
include src/phase/local.mk
include src/record/local.mk
include src/sweep/local.mk
include src/check/local.mk
include src/cli/local.mk
include src/mpi/local.mk

# What gets installed: the same code with only the public names exported.
lib_LTLIBRARIES += libufm.la
libufm_la_SOURCES =
libufm_la_LIBADD = libufm-private.la
libufm_la_LDFLAGS = $(AM_LDFLAGS) -no-undefined \
  -version-info $(UFM_LT_VERSION) -export-symbols-regex '^ufm_[a-z]'
