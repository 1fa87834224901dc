# SPDX-License-Identifier: GPL-3.0-or-later
ufminclude_HEADERS += include/ufm/solve.h
libufm_private_la_SOURCES += \
  src/solve/attempt.c src/solve/attempt.h \
  src/solve/codes.c src/solve/codes.h \
  src/solve/codes_roots.c src/solve/codes_solid.c \
  src/solve/handover.c src/solve/handover.h \
  src/solve/homotopy.c src/solve/homotopy.h \
  src/solve/levels.c src/solve/levels.h \
  src/solve/methods.c src/solve/methods.h \
  src/solve/narrow.c src/solve/narrow.h \
  src/solve/pool.c src/solve/pool.h \
  src/solve/repulsion.c src/solve/repulsion.h \
  src/solve/run.c src/solve/run.h \
  src/solve/settings.c src/solve/settings.h \
  src/solve/solve.c \
  src/solve/start.c src/solve/start.h \
  src/solve/start_codes.c src/solve/start_codes.h \
  src/solve/start_factors.c src/solve/start_factors.h \
  src/solve/start_leading.c src/solve/start_leading.h \
  src/solve/start_spectral.c src/solve/start_theory.c \
  src/solve/stop.c src/solve/stop.h \
  src/solve/swap.c src/solve/swap.h
