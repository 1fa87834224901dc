/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The norm condition on invariant dual points (doc/orbits.md, section 4): one
   inequality for the contrasts of each group,

     s^2 sum_c (pi_c^2/nu_c) e_cg <= omega,

   and a G x G matrix for the rest, m_fc the sum of masses over group f,

     A^2 omega diag(K_f) - s^2 sum_c m_c m_c^T/(N_c nu_c)  >= 0. */
#include <config.h>

#include <math.h>

#include "core/error.h"
#include "core/number.h"
#include "verify/orbit_dual.h"
#include "verify/spectral_test.h"

/* What does not depend on s. */
typedef struct orbit_norm {
  const ufm__orbit_dual *dual;
  mpz_t *gram; /* G x G: sum_c ceil(2^extra/(N_c nu_c)) m_c m_c^T, 4^grid */
  long extra;
  mpfr_prec_t bits; /* of the test */
  mpfr_t contrast;  /* max of sum_c (pi_c^2/nu_c) e_cg, s = 1, rounded up */
} orbit_norm;

/* eta_cl = E_own,l - E of the unmarked classes of its group, s = 1. */
static void set_eta(const ufm__orbit_dual *dual, size_t c, size_t l, mpq_t eta)
{
  const ufm__orbit_model *m = dual->model;
  mpz_t *mass = dual->mass + c * ufm__orbit_entries(m);
  size_t g = m->column[c].group[l];
  mpq_t rest;

  mpz_set(mpq_numref(eta), mass[m->G + l]);
  ufm__orbit_dual_weight(dual, c, m->G + l, mpq_denref(eta));
  mpq_canonicalize(eta);
  if (ufm__orbit_many(m, c, g) > 0) {
    mpq_init(rest);
    mpz_set(mpq_numref(rest), mass[g]);
    ufm__orbit_dual_weight(dual, c, g, mpq_denref(rest));
    mpq_canonicalize(rest);
    mpq_sub(eta, eta, rest);
    mpq_clear(rest);
  }
  mpq_div_2exp(eta, eta, (mp_bitcnt_t)dual->grid);
}

/* Terms have different denominators of many digits: the sums are rounded. */
static ufm_status set_contrast(orbit_norm *norm, ufm_error *error)
{
  const ufm__orbit_dual *dual = norm->dual;
  const ufm__orbit_model *m = dual->model;
  mpfr_t *sum = ufm__mp_new(m->G, norm->bits);
  mpq_t eta[2], x;

  if (sum == NULL)
    return ufm__no_memory(error, "verify: norm condition");
  mpq_inits(eta[0], eta[1], x, (mpq_ptr)NULL);
  for (size_t c = 0; c < m->C; c++) {
    const ufm_column_orbit *column = &m->column[c];

    for (size_t l = 0; l < column->marks; l++)
      set_eta(dual, c, l, eta[l]);
    for (size_t l = 0; l < column->marks; l++) {
      mpq_set_ui(x, 0, 1);
      ufm__orbit_add_contrast(m, c, l, eta, x);
      mpfr_add_q(sum[column->group[l]], sum[column->group[l]], x, MPFR_RNDU);
    }
  }
  for (size_t g = 0; g < m->G; g++)
    if (m->classes[g] > 1)
      mpfr_max(norm->contrast, norm->contrast, sum[g], MPFR_RNDU);
  mpq_clears(eta[0], eta[1], x, (mpq_ptr)NULL);
  ufm__mp_free(sum, m->G);
  return UFM_OK;
}

/* 2^extra/(N_c nu_c), rounded up */
static void gram_weight(const orbit_norm *norm, size_t c, mpz_t out)
{
  const ufm_column_orbit *column = &norm->dual->model->column[c];
  mpq_t share;

  mpq_init(share);
  mpq_set_ui(share, column->columns, 1);
  mpq_mul(share, share, column->nu);
  mpz_mul_2exp(out, mpq_denref(share), (mp_bitcnt_t)norm->extra);
  mpz_cdiv_q(out, out, mpq_numref(share));
  mpq_clear(share);
}

static ufm_status set_gram(orbit_norm *norm, ufm_error *error)
{
  const ufm__orbit_dual *dual = norm->dual;
  size_t G = dual->model->G;
  mpz_t *block = ufm__integers_new(G), weight, part;

  if (block == NULL)
    return ufm__no_memory(error, "verify: norm condition");
  mpz_inits(weight, part, (mpz_ptr)NULL);
  for (size_t c = 0; c < dual->model->C; c++) {
    gram_weight(norm, c, weight);
    for (size_t f = 0; f < G; f++)
      ufm__orbit_dual_block(dual, f, c, block[f]);
    for (size_t i = 0; i < G; i++) {
      mpz_mul(part, weight, block[i]);
      for (size_t k = 0; k <= i; k++)
        mpz_addmul(norm->gram[i * G + k], part, block[k]);
    }
  }
  mpz_clears(weight, part, (mpz_ptr)NULL);
  ufm__integers_free(block, G);
  return UFM_OK;
}

static ufm_status norm_init(orbit_norm *norm, const ufm__orbit_dual *dual,
                            mpfr_prec_t bits, ufm_error *error)
{
  const ufm__orbit_model *m = dual->model;
  double least = HUGE_VAL, largest = 1.0;
  ufm_status status;

  for (size_t g = 0; g < m->G; g++)
    least = fmin(least, (double)m->classes[g]);
  for (size_t c = 0; c < m->C; c++)
    largest = fmax(largest, (double)m->column[c].columns *
                                ufm__rational_double(m->column[c].nu));
  *norm = (orbit_norm){.dual = dual};
  /* the diagonal is as uneven as the sizes of the groups */
  norm->bits = bits +
               (mpfr_prec_t)log2((double)m->K / least * ((double)m->G + 8.0) +
                                 (double)m->C) +
               8;
  norm->extra = (long)norm->bits + (long)log2(largest) + 1;
  mpfr_init2(norm->contrast, norm->bits);
  mpfr_set_zero(norm->contrast, 1);
  norm->gram = ufm__integers_new(m->G * m->G);
  if (norm->gram == NULL)
    return ufm__no_memory(error, "verify: norm condition");
  status = set_contrast(norm, error);
  return status == UFM_OK ? set_gram(norm, error) : status;
}

static void norm_clear(orbit_norm *norm)
{
  size_t G = norm->dual->model->G;

  mpfr_clear(norm->contrast);
  ufm__integers_free(norm->gram, G * G);
}

/* s^2 contrast <= omega */
static bool contrasts_hold(const orbit_norm *norm)
{
  const ufm__orbit_dual *dual = norm->dual;
  bool good;
  mpfr_t x;

  mpfr_init2(x, norm->bits);
  mpfr_mul_z(x, norm->contrast, dual->s, MPFR_RNDU);
  mpfr_mul_z(x, x, dual->s, MPFR_RNDU);
  mpfr_div_2si(x, x, 2 * dual->s_shift, MPFR_RNDU);
  good = mpfr_cmp_q(x, dual->model->omega) <= 0;
  mpfr_clear(x);
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
    mpz_mul(mpq_numref(bound), mpq_numref(bound), m->total);
    mpz_mul(mpq_numref(bound), mpq_numref(bound), m->total);
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
  size_t masses = dual->model->C * ufm__orbit_entries(dual->model);
  ufm_status status = UFM_OK;
  bool proved = false;

  for (long i = 1; i <= FAR && !proved && status == UFM_OK; i++) {
    set_scale(dual, i, false);
    status = test(norm, &proved, error);
  }
  for (size_t i = 0; !proved && i < masses; i++)
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
