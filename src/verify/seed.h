/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_VERIFY_SEED_H
#define UFM_VERIFY_SEED_H

#include "verify/model.h"

/* A double-precision minimiser of a model from a fixed pseudo-random start, as
   a plain point in `out` (model->size numbers): GSL's BFGS, until it can do no
   more or `iterations` are spent.  For depth 1 and full width every local
   minimum is global, so this finds the relaxation's optimum; elsewhere it is
   one local minimum.  The result is a starting point, never a claim. */
UFM_MUST_CHECK ufm_status ufm__seed(const ufm__model *model, size_t iterations,
                                    mpfr_t *out, ufm_error *error);

#endif
