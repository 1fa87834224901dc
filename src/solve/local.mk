# SPDX-License-Identifier: GPL-3.0-or-later
ufminclude_HEADERS += include/ufm/solve.h
libufm_private_la_SOURCES += \
  src/solve/methods.c src/solve/methods.h \
  src/solve/run.c src/solve/run.h \
  src/solve/settings.c src/solve/settings.h \
  src/solve/solve.c \
  src/solve/start.c src/solve/start.h \
  src/solve/start_factors.c src/solve/start_factors.h \
  src/solve/start_spectral.c src/solve/start_theory.c \
  src/solve/stop.c src/solve/stop.h
