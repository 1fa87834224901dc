# SPDX-License-Identifier: GPL-3.0-or-later
ufminclude_HEADERS += include/ufm/geometry.h
libufm_private_la_SOURCES += \
  src/geometry/balance.c src/geometry/frames.c src/geometry/internal.h \
  src/geometry/means.c src/geometry/measure.c src/geometry/projectors.c \
  src/geometry/rows.c src/geometry/spectra.c
