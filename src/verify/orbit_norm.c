/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The norm condition on invariant dual points (doc/orbits.md, section 4): one
   exact inequality for the contrasts of each group,

     s^2 (M_own - M_in)^2 <= A^2 omega nu_g,

   and a G x G matrix for the rest, m_fg the sum of masses over block (f, g),

     A^2 omega diag(K_f) - s^2 sum_g m_g m_g^T/(K_g nu_g)  >= 0. */
#include <config.h>

#include <math.h>

#include "core/error.h"
#include "core/number.h"
#include "verify/orbit_dual.h"
#include "verify/spectral_test.h"

/* What does not depend on s. */
typedef struct orbit_norm {
  const ufm__orbit_dual *dual;
  mpz_t *gram; /* G x G: sum_g ceil(2^extra/(K_g nu_g)) m_g m_g^T, 4^grid */
  long extra;
  mpfr_prec_t bits; /* of the test */
  mpq_t contrast;   /* max of (M_own - M_in)^2/(A^2 omega nu_g), with 4^grid */
} orbit_norm;

/* ((K_g - 1) own - in)^2 / (K_g^2 (K_g - 1)^2 nu_g A^2 omega) in masses */
static void set_contrast(orbit_norm *norm)
{
  const ufm__orbit_dual *dual = norm->dual;
  const ufm__orbit_model *m = dual->model;
  mpq_t x, scale;

  mpq_inits(x, scale, (mpq_ptr)NULL);
  for (size_t g = 0; g < m->G; g++) {
    const mpz_t *mass = (const mpz_t *)dual->mass + g * (m->G + 1);

    if (m->classes[g] < 2)
      continue;
    mpz_mul_ui(mpq_numref(x), mass[m->G], m->classes[g] - 1);
    mpz_sub(mpq_numref(x), mpq_numref(x), mass[g]);
    mpz_set_ui(mpq_denref(x), m->classes[g]);
    mpz_mul_ui(mpq_denref(x), mpq_denref(x), m->classes[g] - 1);
    mpz_mul_ui(mpq_denref(x), mpq_denref(x), m->total);
    mpq_canonicalize(x);
    mpq_mul(x, x, x);
    mpq_mul(scale, m->omega, m->nu[g]);
    mpq_div(x, x, scale);
    if (mpq_cmp(x, norm->contrast) > 0)
      mpq_set(norm->contrast, x);
  }
  mpq_clears(x, scale, (mpq_ptr)NULL);
}

static void set_gram(orbit_norm *norm)
{
  const ufm__orbit_dual *dual = norm->dual;
  const ufm__orbit_model *m = dual->model;
  size_t G = m->G;
  mpz_t weight, part, row, other;
  mpq_t share;

  mpz_inits(weight, part, row, other, (mpz_ptr)NULL);
  mpq_init(share);
  for (size_t g = 0; g < G; g++) {
    mpq_set_ui(share, m->classes[g], 1);
    mpq_mul(share, share, m->nu[g]);
    mpz_mul_2exp(weight, mpq_denref(share), (mp_bitcnt_t)norm->extra);
    mpz_cdiv_q(weight, weight, mpq_numref(share));
    for (size_t i = 0; i < G; i++) {
      ufm__orbit_dual_block(dual, i, g, row);
      mpz_mul(part, weight, row);
      for (size_t k = 0; k <= i; k++) {
        ufm__orbit_dual_block(dual, k, g, other);
        mpz_addmul(norm->gram[i * G + k], part, other);
      }
    }
  }
  mpz_clears(weight, part, row, other, (mpz_ptr)NULL);
  mpq_clear(share);
}

static ufm_status norm_init(orbit_norm *norm, const ufm__orbit_dual *dual,
                            mpfr_prec_t bits, ufm_error *error)
{
  const ufm__orbit_model *m = dual->model;
  double least = HUGE_VAL, largest = 1.0;

  *norm = (orbit_norm){.dual = dual};
  mpq_init(norm->contrast);
  norm->gram = ufm__integers_new(m->G * m->G);
  if (norm->gram == NULL)
    return ufm__no_memory(error, "verify: norm condition");
  for (size_t g = 0; g < m->G; g++) {
    double K = (double)m->classes[g];

    least = fmin(least, K);
    largest = fmax(largest, K * ufm__rational_double(m->nu[g]));
  }
  /* the diagonal is as uneven as the sizes of the groups */
  norm->bits =
      bits + (mpfr_prec_t)log2((double)m->K / least * ((double)m->G + 8.0)) + 8;
  norm->extra = (long)norm->bits + (long)log2(largest) + 1;
  set_contrast(norm);
  set_gram(norm);
  return UFM_OK;
}

static void norm_clear(orbit_norm *norm)
{
  size_t G = norm->dual->model->G;

  mpq_clear(norm->contrast);
  ufm__integers_free(norm->gram, G * G);
}

/* s^2 contrast <= 4^grid */
static bool contrasts_hold(const orbit_norm *norm)
{
  const ufm__orbit_dual *dual = norm->dual;
  bool good;
  mpq_t x;

  mpq_init(x);
  mpz_mul(mpq_numref(x), dual->s, dual->s);
  mpq_mul(x, x, norm->contrast);
  mpq_div_2exp(x, x, (mp_bitcnt_t)(2 * (dual->grid + dual->s_shift)));
  good = mpq_cmp_ui(x, 1, 1) <= 0;
  mpq_clear(x);
  return good;
}

/* Tests the condition for s = dual->s; a proof when true. */
static ufm_status test(const orbit_norm *norm, bool *proved, ufm_error *error)
{
  const ufm__orbit_dual *dual = norm->dual;
  const ufm__orbit_model *m = dual->model;
  size_t G = m->G;
  mp_bitcnt_t shift =
      (mp_bitcnt_t)(2 * (dual->grid + dual->s_shift) + norm->extra);
  mpz_t *B, square, diagonal;
  mpq_t bound;
  ufm_status status;

  *proved = contrasts_hold(norm);
  if (!*proved)
    return UFM_OK;
  B = ufm__integers_new(G * G);
  if (B == NULL)
    return ufm__no_memory(error, "verify: norm condition");
  mpz_inits(square, diagonal, (mpz_ptr)NULL);
  mpq_init(bound);
  mpz_mul(square, dual->s, dual->s);
  for (size_t i = 0; i < G; i++) {
    for (size_t k = 0; k <= i; k++) {
      mpz_mul(B[i * G + k], norm->gram[i * G + k], square);
      mpz_neg(B[i * G + k], B[i * G + k]);
    }
    mpq_set_ui(bound, m->classes[i], 1);
    mpz_mul_ui(mpq_numref(bound), mpq_numref(bound), m->total);
    mpz_mul_ui(mpq_numref(bound), mpq_numref(bound), m->total);
    mpq_mul(bound, bound, m->omega);
    mpz_mul_2exp(diagonal, mpq_numref(bound), shift);
    mpz_fdiv_q(diagonal, diagonal, mpq_denref(bound));
    mpz_add(B[i * G + i], B[i * G + i], diagonal);
  }
  status = ufm__psd_test(G, B, norm->bits, proved, error);
  mpq_clear(bound);
  mpz_clears(square, diagonal, (mpz_ptr)NULL);
  ufm__integers_free(B, G * G);
  return status;
}

/* s = n 2^-shift */
static void set_scale(ufm__orbit_dual *dual, long i, bool near)
{
  mpz_set_ui(dual->s, 1);
  if (near) { /* 1 - 2^-i */
    mpz_mul_2exp(dual->s, dual->s, (mp_bitcnt_t)i);
    mpz_sub_ui(dual->s, dual->s, 1);
  }
  dual->s_shift = i;
}

/* The largest i in [low, high] that passes (`near`: s = 1 - 2^-i, which gets
   harder with i), by bisection; low - 1 when none does. */
static ufm_status bisect(const orbit_norm *norm, ufm__orbit_dual *dual,
                         long low, long high, long *best, ufm_error *error)
{
  ufm_status status = UFM_OK;

  *best = low - 1;
  while (low <= high && status == UFM_OK) {
    long middle = low + (high - low) / 2;
    bool proved;

    set_scale(dual, middle, true);
    status = test(norm, &proved, error);
    if (proved)
      *best = middle;
    if (proved)
      low = middle + 1;
    else
      high = middle - 1;
  }
  return status;
}

/* s = 2^-i with the smallest i that passes: far from any optimum. */
static ufm_status scale_far(const orbit_norm *norm, ufm__orbit_dual *dual,
                            ufm_error *error)
{
  enum { FAR = 1024 };
  ufm_status status = UFM_OK;
  bool proved = false;

  for (long i = 1; i <= FAR && !proved && status == UFM_OK; i++) {
    set_scale(dual, i, false);
    status = test(norm, &proved, error);
  }
  for (size_t i = 0; !proved && i < dual->model->G * (dual->model->G + 1); i++)
    mpz_set_ui(dual->mass[i], 0);
  return status;
}

ufm_status ufm__orbit_dual_scale(ufm__orbit_dual *dual, mpfr_prec_t bits,
                                 ufm_error *error)
{
  orbit_norm norm;
  long best = 0, high = bits > 88 ? (long)bits - 24 : 64;
  bool proved = false;
  ufm_status status = norm_init(&norm, dual, bits, error);

  set_scale(dual, 0, false);
  if (status == UFM_OK)
    status = test(&norm, &proved, error);
  if (status == UFM_OK && !proved) {
    set_scale(dual, high, true);
    status = test(&norm, &proved, error);
    best = high;
    if (status == UFM_OK && !proved)
      status = bisect(&norm, dual, 2, high - 1, &best, error);
    if (status == UFM_OK && best >= 2)
      set_scale(dual, best, true);
    else if (status == UFM_OK)
      status = scale_far(&norm, dual, error);
  }
  norm_clear(&norm);
  return status;
}
