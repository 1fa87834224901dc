# SPDX-License-Identifier: GPL-3.0-or-later
bin_PROGRAMS += ufm
ufm_SOURCES = src/cli/main.c
ufm_LDADD = libufm.la $(GSL_LIBS) $(CBLAS_LIBS) $(MPFR_LIBS) $(JANSSON_LIBS)
