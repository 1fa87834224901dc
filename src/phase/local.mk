# SPDX-License-Identifier: GPL-3.0-or-later
ufminclude_HEADERS += include/ufm/diagram.h include/ufm/phase.h
libufm_private_la_SOURCES += \
  src/phase/boundaries.c src/phase/column.c \
  src/phase/diagram.c src/phase/diagram.h src/phase/diagram_read.c \
  src/phase/evaluate.c \
  src/phase/fail.c src/phase/fail.h \
  src/phase/rank_changes.c
