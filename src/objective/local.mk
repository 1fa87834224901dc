# SPDX-License-Identifier: GPL-3.0-or-later
ufminclude_HEADERS += include/ufm/objective.h
libufm_private_la_SOURCES += \
  src/objective/hessian.c src/objective/internal.h \
  src/objective/loss.c src/objective/loss.h \
  src/objective/loss_ce.c src/objective/loss_mse.c \
  src/objective/narrow.h src/objective/objective.c src/objective/precondition.c src/objective/scaling.c \
  src/objective/size.c src/objective/size.h
