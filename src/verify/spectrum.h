/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The squared singular values of the target, and which directions are kept. */
#ifndef UFM_VERIFY_SPECTRUM_H
#define UFM_VERIFY_SPECTRUM_H

#include "verify/model.h"
#include "verify/scalar_root.h"

typedef struct ufm__spectrum {
  const ufm__model *model;
  size_t K;
  size_t R;   /* directions that can be represented: min(K, d_1..d_M) */
  mpq_t *B;   /* K x K: sum_j nu_j (t_j - tbar)(t_j - tbar)^T, tbar = 0 without
                 bias */
  bool exact; /* B is diagonal: lower[j] is the eigenvalue itself */
  mpq_t *lower; /* K, descending: at most the j-th largest eigenvalue */
  mpq_t *upper; /* K: at least that */
  size_t active, tied, undecided; /* among the first R directions */
} ufm__spectrum;

/* mse only; B is that of the free bias unless the bias is none.  Thresholds
   that the enclosures leave undecided are decided exactly, by the inertia of a
   rational matrix, for K up to 50. */
UFM_MUST_CHECK ufm_status ufm__spectrum_init(ufm__spectrum *out,
                                             const ufm__model *model,
                                             mpfr_prec_t bits,
                                             ufm_error *error);
void ufm__spectrum_clear(ufm__spectrum *spectrum);

#endif
