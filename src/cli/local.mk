# SPDX-License-Identifier: GPL-3.0-or-later
bin_PROGRAMS += ufm
ufm_SOURCES = src/cli/main.c \
  src/cli/cli.h src/cli/cmd_list.c src/cli/cmd_phase.c src/cli/cmd_solve.c \
  src/cli/cmd_sweep.c src/cli/cmd_table.c src/cli/cmd_theory.c \
  src/cli/journal.c src/cli/journal.h src/cli/output.c src/cli/parse.c
ufm_LDADD = libufm.la $(GSL_LIBS) $(CBLAS_LIBS) $(MPFR_LIBS) $(JANSSON_LIBS)
