# SPDX-License-Identifier: GPL-3.0-or-later
ufminclude_HEADERS += include/ufm/findings.h include/ufm/sweep.h
libufm_private_la_SOURCES += \
  src/sweep/fail.c src/sweep/fail.h \
  src/sweep/findings.c \
  src/sweep/journal.c src/sweep/journal.h src/sweep/journal_read.c \
  src/sweep/point.c src/sweep/point.h \
  src/sweep/pool.h src/sweep/pool_fork.c \
  src/sweep/run.c src/sweep/run.h
