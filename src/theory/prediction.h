/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Building predictions.  Every mpfr_t of a prediction has its `bits`. */
#ifndef UFM_THEORY_PREDICTION_H
#define UFM_THEORY_PREDICTION_H

#include <ufm/theory.h>

#include "core/number.h"

/* An empty prediction for `problem`; `bits` is the precision of its values,
   larger than `digits` ask for by the guard the theorem needs.  The objective
   is initialised, all arrays are NULL. */
UFM_MUST_CHECK ufm_status ufm__prediction_new(ufm_prediction **out,
                                              const ufm_problem *problem,
                                              const ufm_theorem *theorem,
                                              size_t digits, mpfr_prec_t bits,
                                              ufm_error *error);

/* Room for n directions, `spectra` distinct singular values, the three
   matrices (all entries 0), the bias, n candidates, n pairs, n columns.  Call
   each at most once. */
UFM_MUST_CHECK ufm_status ufm__prediction_directions(ufm_prediction *p,
                                                     size_t n,
                                                     ufm_error *error);
UFM_MUST_CHECK ufm_status ufm__prediction_spectra(ufm_prediction *p, size_t n,
                                                  ufm_error *error);
UFM_MUST_CHECK ufm_status ufm__prediction_grams(ufm_prediction *p,
                                                ufm_error *error);
UFM_MUST_CHECK ufm_status ufm__prediction_bias(ufm_prediction *p,
                                               ufm_error *error);
UFM_MUST_CHECK ufm_status ufm__prediction_candidates(ufm_prediction *p,
                                                     size_t n,
                                                     ufm_error *error);
UFM_MUST_CHECK ufm_status ufm__prediction_pairs(ufm_prediction *p, size_t n,
                                                ufm_error *error);
UFM_MUST_CHECK ufm_status ufm__prediction_columns(ufm_prediction *p, size_t n,
                                                  ufm_error *error);

/* Sets the note (formatted, one sentence). */
UFM_PRINTF(3, 4)
UFM_MUST_CHECK ufm_status ufm__prediction_note(ufm_prediction *p,
                                               ufm_error *error,
                                               const char *format, ...);

/* n numbers of the given precision, all 0; NULL when out of memory. */
mpfr_t *ufm__mpfr_array_new(size_t n, mpfr_prec_t bits);
void ufm__mpfr_array_free(mpfr_t *array, size_t n);

#endif
