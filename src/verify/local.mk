# SPDX-License-Identifier: GPL-3.0-or-later
ufminclude_HEADERS += include/ufm/verify.h
libufm_private_la_SOURCES += \
  src/verify/curvature.c src/verify/curvature.h \
  src/verify/evaluate.c src/verify/evaluate.h \
  src/verify/interval.c src/verify/interval.h \
  src/verify/merge.c src/verify/merge.h \
  src/verify/model.c src/verify/model.h \
  src/verify/refine.c src/verify/refine.h \
  src/verify/refine_cg.c src/verify/refine_cg.h \
  src/verify/seed.c src/verify/seed.h
