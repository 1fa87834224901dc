# SPDX-License-Identifier: GPL-3.0-or-later
libufm_private_la_SOURCES += \
  src/core/status.c \
  src/core/error.c src/core/error.h \
  src/core/memory.c src/core/memory.h \
  src/core/number.c src/core/number.h
