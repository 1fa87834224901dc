# SPDX-License-Identifier: GPL-3.0-or-later
ufminclude_HEADERS += include/ufm/minimize.h
libufm_private_la_SOURCES += \
  src/minimize/lbfgs.c \
  src/minimize/line_search.c src/minimize/line_search.h \
  src/minimize/newton.c src/minimize/newton_names.c \
  src/minimize/precondition.c src/minimize/precondition.h \
  src/minimize/steihaug.c src/minimize/steihaug.h
