/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Norms, cosines and fractions read off matrices that are constant on groups.
 */
#include <config.h>

#include <math.h>

#include "theory/prediction.h"

static void diagonal(const ufm_block_matrix *gram, size_t g, mpfr_t out)
{
  mpfr_add(out, gram->block[g * gram->G + g], gram->extra[g], MPFR_RNDN);
}

void ufm_prediction_norms(const ufm_prediction *prediction,
                          const ufm_block_matrix *gram, mpfr_t *norm)
{
  (void)prediction;
  for (size_t g = 0; g < gram->G; g++) {
    diagonal(gram, g, norm[g]);
    mpfr_sqrt(norm[g], norm[g], MPFR_RNDN);
  }
}

/* out = cosine between two different rows, one of group g and one of f; false
   when one of them is zero. */
static bool cosine(const ufm_block_matrix *gram, size_t g, size_t f, mpfr_t out)
{
  bool defined;
  mpfr_t size, other;

  mpfr_inits2(mpfr_get_prec(out), size, other, (mpfr_ptr)NULL);
  diagonal(gram, g, size);
  diagonal(gram, f, other);
  mpfr_mul(size, size, other, MPFR_RNDN);
  defined = mpfr_sgn(size) > 0;
  if (defined) {
    mpfr_sqrt(size, size, MPFR_RNDN);
    mpfr_div(out, gram->block[g * gram->G + f], size, MPFR_RNDN);
  }
  mpfr_clears(size, other, (mpfr_ptr)NULL);
  return defined;
}

bool ufm_prediction_cosines(const ufm_prediction *prediction,
                            const ufm_block_matrix *gram, mpfr_t min,
                            mpfr_t max, mpfr_t mean)
{
  const ufm_groups *groups = prediction->groups;
  double pairs = 0.0; /* at most 2^53: exact */
  mpfr_t value, sum;

  mpfr_inits2(prediction->bits, value, sum, (mpfr_ptr)NULL);
  mpfr_set_zero(sum, 1);
  for (size_t g = 0; g < gram->G; g++)
    for (size_t f = g; f < gram->G; f++) {
      double a = (double)groups->size[g], b = (double)groups->size[f];
      double times = g == f ? a * (a - 1.0) / 2.0 : a * b;

      if (times < 1.0 || !cosine(gram, g, f, value))
        continue;
      if (pairs < 1.0 || mpfr_less_p(value, min))
        mpfr_set(min, value, MPFR_RNDN);
      if (pairs < 1.0 || mpfr_greater_p(value, max))
        mpfr_set(max, value, MPFR_RNDN);
      mpfr_mul_d(value, value, times, MPFR_RNDN);
      mpfr_add(sum, sum, value, MPFR_RNDN);
      pairs += times;
    }
  if (pairs >= 1.0)
    mpfr_div_d(mean, sum, pairs, MPFR_RNDN);
  mpfr_clears(value, sum, (mpfr_ptr)NULL);
  return pairs >= 1.0;
}

bool ufm_prediction_frame(const ufm_prediction *prediction, double *t)
{
  const ufm_block_matrix *logits = &prediction->logits;

  if (!prediction->grams || prediction->directions == 0 ||
      prediction->bias != NULL)
    return false;
  for (size_t i = 0; i < logits->G * logits->G; i++)
    if (mpfr_sgn(logits->block[i]) != 0)
      return false;
  for (size_t k = 0; k < prediction->K; k++)
    t[k] = fmin(mpfr_get_d(logits->extra[prediction->groups->of[k]], MPFR_RNDZ),
                nextafter(1.0, 0.0));
  return true;
}
