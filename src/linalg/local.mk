# SPDX-License-Identifier: GPL-3.0-or-later
libufm_private_la_SOURCES += \
  src/linalg/blas.c src/linalg/blas.h \
  src/linalg/cholesky.c src/linalg/cholesky.h \
  src/linalg/eigen.c src/linalg/eigen.h \
  src/linalg/qr.c src/linalg/qr.h \
  src/linalg/sums.c src/linalg/sums.h \
  src/linalg/svd.c src/linalg/svd.h
