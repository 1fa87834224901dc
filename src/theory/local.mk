# SPDX-License-Identifier: GPL-3.0-or-later
ufminclude_HEADERS += include/ufm/soft.h include/ufm/theory.h
libufm_private_la_SOURCES += \
  src/theory/ce_balanced.c \
  src/theory/ce_deep.c src/theory/ce_deep.h \
  src/theory/ce_fixed.c src/theory/ce_mixup.c \
  src/theory/ce_family.c src/theory/ce_family.h \
  src/theory/ce_line.c src/theory/ce_line3.c \
  src/theory/ce_output.c src/theory/ce_output.h \
  src/theory/ce_root.c src/theory/ce_root.h \
  src/theory/ce_scalar.c src/theory/ce_scalar.h \
  src/theory/ce_threshold.c src/theory/ce_threshold.h \
  src/theory/etf_output.c src/theory/etf_output.h \
  src/theory/match.c src/theory/moments.c src/theory/moments.h \
  src/theory/mse_columns.c src/theory/mse_columns.h \
  src/theory/mse_columns_plan.c \
  src/theory/mse.c src/theory/mse.h src/theory/mse_matrices.c \
  src/theory/mse_fixed.c src/theory/mse_plan.c src/theory/mse_ridge.c \
  src/theory/mse_ridge_parts.c src/theory/mse_ridge_parts.h \
  src/theory/prediction.c src/theory/prediction.h \
  src/theory/scalar.c src/theory/scalar.h \
  src/theory/secular.c src/theory/secular.h \
  src/theory/soft.h src/theory/soft_joint.c src/theory/soft_joint_mp.c \
  src/theory/soft_law.c src/theory/soft_mp.c src/theory/soft_mp.h \
  src/theory/soft_omega.c src/theory/soft_pair.c src/theory/soft_point.c \
  src/theory/soft_point_mp.c src/theory/soft_roots.c \
  src/theory/summary.c src/theory/symmetric.c src/theory/symmetric.h \
  src/theory/theorem.h \
  src/theory/threshold.c src/theory/threshold.h
