# SPDX-License-Identifier: GPL-3.0-or-later
ufminclude_HEADERS += include/ufm/findings.h include/ufm/sweep.h \
  include/ufm/tasks.h
libufm_private_la_SOURCES += \
  src/sweep/answer.c \
  src/sweep/fail.c src/sweep/fail.h \
  src/sweep/findings.c \
  src/sweep/journal.c src/sweep/journal.h src/sweep/journal_read.c \
  src/sweep/point.c \
  src/sweep/run.c src/sweep/run.h \
  src/sweep/workers_fork.c
