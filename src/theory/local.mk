# SPDX-License-Identifier: GPL-3.0-or-later
ufminclude_HEADERS += include/ufm/theory.h
libufm_private_la_SOURCES += \
  src/theory/match.c \
  src/theory/mse.c src/theory/mse.h src/theory/mse_matrices.c \
  src/theory/mse_plan.c src/theory/mse_ridge.c \
  src/theory/prediction.c src/theory/prediction.h \
  src/theory/scalar.c src/theory/scalar.h \
  src/theory/secular.c src/theory/secular.h \
  src/theory/theorem.h src/theory/threshold.c src/theory/threshold.h
