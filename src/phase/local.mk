# SPDX-License-Identifier: GPL-3.0-or-later
ufminclude_HEADERS += include/ufm/phase.h
libufm_private_la_SOURCES += \
  src/phase/evaluate.c \
  src/phase/fail.c src/phase/fail.h \
  src/phase/rank_changes.c
