# SPDX-License-Identifier: GPL-3.0-or-later
ufminclude_HEADERS += include/ufm/reduce.h
libufm_private_la_SOURCES += \
  src/reduce/blocks.c src/reduce/blocks.h \
  src/reduce/column.c src/reduce/column_blocks.c src/reduce/column_blocks.h \
  src/reduce/decide.c src/reduce/expand.c src/reduce/geometry.c \
  src/reduce/hessian.c src/reduce/hessian.h \
  src/reduce/losses.c src/reduce/measurement.h \
  src/reduce/objective.c src/reduce/objective.h \
  src/reduce/solve.c src/reduce/spectra.c \
  src/reduce/start.c src/reduce/start.h
