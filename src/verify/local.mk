# SPDX-License-Identifier: GPL-3.0-or-later
ufminclude_HEADERS += include/ufm/families.h include/ufm/thresholds.h \
  include/ufm/verify.h
libufm_private_la_SOURCES += \
  src/verify/arrays.c src/verify/arrays.h \
  src/verify/certificate.c src/verify/certificate.h \
  src/verify/certificate_json.c src/verify/certificate_json.h \
  src/verify/certify.c \
  src/verify/collapse.c \
  src/verify/cover.c src/verify/cover.h \
  src/verify/curvature.c src/verify/curvature.h \
  src/verify/dual_norm.c src/verify/dual_norm.h \
  src/verify/dual_point.c src/verify/dual_point.h \
  src/verify/dual_repair.c \
  src/verify/dual_scale.c \
  src/verify/eigen.c src/verify/eigen.h \
  src/verify/enclose.c \
  src/verify/envelope.c \
  src/verify/error_bars.c src/verify/error_bars.h \
  src/verify/evaluate.c src/verify/evaluate.h \
  src/verify/families.c src/verify/families.h \
  src/verify/family.c src/verify/family.h \
  src/verify/family_minimum.c src/verify/family_minimum.h \
  src/verify/fixed.c src/verify/fixed.h src/verify/fixed_product.c \
  src/verify/frame.c src/verify/frame.h \
  src/verify/inertia.c src/verify/inertia.h \
  src/verify/interval.c src/verify/interval.h src/verify/interval_functions.c \
  src/verify/json_number.c src/verify/json_number.h \
  src/verify/march.c src/verify/march.h \
  src/verify/merge.c src/verify/merge.h \
  src/verify/model.c src/verify/model.h \
  src/verify/newton.c src/verify/newton.h src/verify/newton_cg.c \
  src/verify/orbit_bars.c src/verify/orbit_bars.h \
  src/verify/orbit_blocks.c src/verify/orbit_blocks.h \
  src/verify/orbit_certify.c \
  src/verify/orbit_curvature.c src/verify/orbit_curvature.h \
  src/verify/orbit_dual.c src/verify/orbit_dual.h \
  src/verify/orbit_enclose.c \
  src/verify/orbit_evaluate.c src/verify/orbit_evaluate.h \
  src/verify/orbit_gram.c \
  src/verify/orbit_json.c \
  src/verify/orbit_model.c src/verify/orbit_model.h \
  src/verify/orbit_norm.c \
  src/verify/orbit_proof.h \
  src/verify/orbit_rank.c \
  src/verify/orbit_refine.c src/verify/orbit_refine.h \
  src/verify/orbit_repair.c \
  src/verify/orbit_value.c src/verify/orbit_value.h \
  src/verify/primal_value.c src/verify/primal_value.h \
  src/verify/problem_json.c \
  src/verify/proof.h \
  src/verify/prove_dual.c \
  src/verify/rank_bounds.c \
  src/verify/refine.c src/verify/refine.h \
  src/verify/refutation.c \
  src/verify/scalar_root.c src/verify/scalar_root.h \
  src/verify/seed.c src/verify/seed.h \
  src/verify/spectral.c \
  src/verify/spectral_test.c src/verify/spectral_test.h \
  src/verify/spectrum.c src/verify/spectrum.h \
  src/verify/swaps.c src/verify/swaps.h \
  src/verify/tangent.c src/verify/tangent.h \
  src/verify/thresholds.c
