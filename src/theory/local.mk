# SPDX-License-Identifier: GPL-3.0-or-later
ufminclude_HEADERS += include/ufm/theory.h
libufm_private_la_SOURCES += \
  src/theory/prediction.c src/theory/prediction.h src/theory/theorem.h
libufm_private_la_SOURCES += src/theory/summary.c
