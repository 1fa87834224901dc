# SPDX-License-Identifier: GPL-3.0-or-later
ufminclude_HEADERS += include/ufm/columns.h include/ufm/layout.h \
  include/ufm/mixing.h include/ufm/orbits.h include/ufm/problem.h
libufm_private_la_SOURCES += \
  src/problem/check.c src/problem/check.h \
  src/problem/column_orbits.c src/problem/column_orbits.h \
  src/problem/columns.c src/problem/columns.h \
  src/problem/columns_list.c src/problem/columns_pairs.c \
  src/problem/groups.c src/problem/groups.h \
  src/problem/layout.c src/problem/layout.h \
  src/problem/mixing.c src/problem/mixing.h src/problem/mixing_beta.c \
  src/problem/names.c src/problem/orbits.c \
  src/problem/pairs.c src/problem/pairs.h \
  src/problem/point.c src/problem/problem.c \
  src/problem/profile.c src/problem/profile.h
