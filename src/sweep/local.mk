# SPDX-License-Identifier: GPL-3.0-or-later
ufminclude_HEADERS += include/ufm/findings.h
libufm_private_la_SOURCES += \
  src/sweep/fail.c src/sweep/fail.h \
  src/sweep/findings.c
