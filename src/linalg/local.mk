# SPDX-License-Identifier: GPL-3.0-or-later
libufm_private_la_SOURCES += \
  src/linalg/blas.c src/linalg/blas.h \
  src/linalg/sums.c src/linalg/sums.h
