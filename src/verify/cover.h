/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the tangents of an envelope (verify/envelope.c) may touch: searches
   along the family of tangents, none of which proves anything. */
#ifndef UFM_VERIFY_COVER_H
#define UFM_VERIFY_COVER_H

#include "verify/tangent.h"

typedef struct ufm__cover {
  ufm__tangent tangent;
  size_t L;
  mpq_t gamma_power; /* gamma^L = (L/2)^L Lam */
  mpfr_prec_t bits;
  mpfr_t gamma, target; /* target: the lower bound aimed at */
  mpfr_t x, r, h, span; /* end of the pieces so far; parameter; step sizes */
  mpfr_t stop;          /* q(stop) >= target */
  mpfr_t slack;         /* how far below the least value the target is */
  mpfr_t flat;          /* larger parameters are not wanted */
  mpfr_t a, b, c;       /* scratch */
} ufm__cover;

/* To be cleared also after a failure. */
UFM_MUST_CHECK ufm_status ufm__cover_init(ufm__cover *cover,
                                          const ufm__model *model,
                                          mpfr_prec_t bits, ufm_error *error);
void ufm__cover_clear(ufm__cover *cover);

/* out = D - mu x + q(x) - target for the tangent as it stands */
void ufm__cover_margin(ufm__cover *cover, mpfr_srcptr x, mpfr_t out);

/* The least value of loss and penalty along the family, to double precision,
   and in *at_zero whether the zero point attains it. */
double ufm__cover_least(ufm__cover *cover, bool *at_zero);

/* Largest step h in doubling and halving from `h` for which good(from + h);
   about 2^-5 of it accurate.  False when no step is good. */
bool ufm__cover_step(ufm__cover *cover, bool (*good)(ufm__cover *, mpfr_srcptr),
                     mpfr_srcptr from, mpfr_t h);

#endif
