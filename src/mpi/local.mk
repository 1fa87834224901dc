# SPDX-License-Identifier: GPL-3.0-or-later
# Sweeps over MPI ranks: the command of ufm with other workers.
if HAVE_MPI
bin_PROGRAMS += ufm-mpi
endif
ufm_mpi_SOURCES = src/mpi/main.c src/mpi/ranks.c src/mpi/ranks.h \
  src/cli/cli.h src/cli/cmd_sweep.c src/cli/journal.c src/cli/journal.h \
  src/cli/output.c src/cli/parse.c
ufm_mpi_CFLAGS = $(AM_CFLAGS) $(MPI_CFLAGS)
ufm_mpi_LDADD = libufm.la $(MPI_LIBS) $(GSL_LIBS) $(CBLAS_LIBS) \
  $(MPFR_LIBS) $(JANSSON_LIBS)
