# SPDX-License-Identifier: GPL-3.0-or-later
ufminclude_HEADERS += include/ufm/support.h include/ufm/decimal.h
ufminclude_HEADERS += include/ufm/status.h include/ufm/version.h
libufm_private_la_SOURCES += \
  src/core/decimal.c \
  src/core/status.c \
  src/core/suggest.c src/core/suggest.h \
  src/core/clock.c \
  src/core/error.c src/core/error.h \
  src/core/file.c src/core/file.h \
  src/core/hash.c src/core/hash.h \
  src/core/memory.c src/core/memory.h \
  src/core/number.c src/core/number.h \
  src/core/npy.c src/core/npy.h \
  src/core/rng.c src/core/rng.h
