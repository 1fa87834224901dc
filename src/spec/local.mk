# SPDX-License-Identifier: GPL-3.0-or-later
ufminclude_HEADERS += include/ufm/grid.h include/ufm/spec.h
libufm_private_la_SOURCES += \
  src/spec/axis.c src/spec/axis.h \
  src/spec/counts.c src/spec/grid.c \
  src/spec/json.c src/spec/json.h src/spec/options.c \
  src/spec/problem.c src/spec/range.c src/spec/spec.c src/spec/spec.h \
  src/spec/targets.c src/spec/targets.h
