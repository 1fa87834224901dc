# SPDX-License-Identifier: GPL-3.0-or-later
ufminclude_HEADERS += include/ufm/record.h include/ufm/table.h
libufm_private_la_SOURCES += \
  src/record/compare.c \
  src/record/cell.c src/record/cell.h \
  src/record/columns.c src/record/columns.h \
  src/record/fail.c src/record/fail.h \
  src/record/json.c src/record/json.h \
  src/record/json_certificate.c src/record/json_geometry.c src/record/json_orbits.c src/record/json_problem.c \
  src/record/json_solution.c src/record/json_theory.c \
  src/record/lines.c src/record/lines.h \
  src/record/paths.c src/record/paths.h \
  src/record/phase.c src/record/phase.h \
  src/record/summary.c \
  src/record/table.c src/record/table.h \
  src/record/table_latex.c src/record/table_markdown.c \
  src/record/table_write.c \
  src/record/place.c src/record/place.h \
  src/record/targets.c src/record/targets.h \
  src/record/text.c src/record/text.h \
  src/record/text_certificate.c
