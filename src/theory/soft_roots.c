/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The equations of one column,

     exp(z_a - sigma) + kappa z_a = t_a for every group a,  sum_a m_a z_a = 0,

   in multiprecision (doc/soft-targets.md, section 5). */
#include <config.h>

#include <stdlib.h>

#include "core/error.h"
#include "core/number.h"
#include "theory/prediction.h"
#include "theory/soft.h"
#include "theory/soft_mp.h"

enum { COARSE_STEPS = 200, OMEGA_STEPS = 60, LEVEL_STEPS = 12, GUARD = 16 };

mpfr_prec_t ufm__soft_loss(size_t K, mpfr_srcptr kappa)
{
  mpfr_exp_t log2 = mpfr_get_exp(kappa);
  mpfr_prec_t bits = GUARD + (mpfr_prec_t)labs((long)log2);

  for (size_t k = K; k > 0; k /= 2)
    bits++;
  return bits;
}

/* w + log w = y: Newton increases to the root after its first step, because the
   left side is concave. */
static void omega(mpfr_ptr w, mpfr_srcptr y)
{
  mpfr_prec_t bits = mpfr_get_prec(w);
  mpfr_t next, log;

  mpfr_inits2(bits, next, log, (mpfr_ptr)NULL);
  if (mpfr_cmp_ui(y, 1) > 0) {
    mpfr_log(w, y, MPFR_RNDN);
    mpfr_sub(w, y, w, MPFR_RNDN);
  } else {
    mpfr_exp(w, y, MPFR_RNDN);
    mpfr_add_ui(next, w, 1, MPFR_RNDN);
    mpfr_div(w, w, next, MPFR_RNDN);
  }
  for (int i = 0; i < OMEGA_STEPS; i++) {
    bool last;

    mpfr_log(log, w, MPFR_RNDN);
    mpfr_add_ui(next, y, 1, MPFR_RNDN);
    mpfr_sub(next, next, log, MPFR_RNDN);
    mpfr_add_ui(log, w, 1, MPFR_RNDN);
    mpfr_div(next, next, log, MPFR_RNDN);
    mpfr_sub_ui(log, next, 1, MPFR_RNDN); /* relative change */
    last = mpfr_zero_p(log) || mpfr_get_exp(log) < -(mpfr_exp_t)bits / 2;
    mpfr_mul(w, w, next, MPFR_RNDN);
    if (last)
      break;
  }
  mpfr_clears(next, log, (mpfr_ptr)NULL);
}

/* z = (t - p)/kappa with p = kappa omega(t/kappa - log kappa - sigma). */
static void coarse_entry(mpfr_ptr z, mpfr_ptr p, mpq_srcptr t,
                         mpfr_srcptr kappa, mpfr_srcptr log_kappa,
                         mpfr_srcptr sigma)
{
  mpfr_set_q(z, t, MPFR_RNDN);
  mpfr_div(z, z, kappa, MPFR_RNDN);
  mpfr_sub(z, z, log_kappa, MPFR_RNDN);
  mpfr_sub(z, z, sigma, MPFR_RNDN);
  omega(p, z);
  mpfr_mul(p, p, kappa, MPFR_RNDN);
  mpfr_set_q(z, t, MPFR_RNDN);
  mpfr_sub(z, z, p, MPFR_RNDN);
  mpfr_div(z, z, kappa, MPFR_RNDN);
}

/* sigma and z to about 2^-UFM__SOFT_COARSE_BITS/2, for any kappa: Newton from
   sigma = log K, which never overshoots. */
static void coarse(const ufm_soft_type *type, size_t K, mpfr_srcptr kappa,
                   mpfr_ptr sigma, mpfr_t *z)
{
  mpfr_prec_t bits = UFM__SOFT_COARSE_BITS + 2 * ufm__soft_loss(K, kappa);
  mpfr_t s, log_kappa, p, x, F, slope;

  mpfr_inits2(bits, s, log_kappa, p, x, F, slope, (mpfr_ptr)NULL);
  mpfr_log(log_kappa, kappa, MPFR_RNDN);
  mpfr_log_ui(s, K, MPFR_RNDN);
  for (int i = 0; i < COARSE_STEPS; i++) {
    bool last;

    mpfr_set_zero(F, 1);
    mpfr_set_zero(slope, 1);
    for (size_t a = 0; a < type->n; a++) {
      coarse_entry(x, p, type->t[a], kappa, log_kappa, s);
      mpfr_set(z[a], x, MPFR_RNDN);
      mpfr_mul_ui(x, x, type->multiplicity[a], MPFR_RNDN);
      mpfr_add(F, F, x, MPFR_RNDN);
      mpfr_add(x, p, kappa, MPFR_RNDN);
      mpfr_div(p, p, x, MPFR_RNDN);
      mpfr_mul_ui(p, p, type->multiplicity[a], MPFR_RNDN);
      mpfr_add(slope, slope, p, MPFR_RNDN);
    }
    mpfr_div(F, F, slope, MPFR_RNDN);
    mpfr_mul_2si(x, s, -UFM__SOFT_COARSE_BITS / 2, MPFR_RNDN);
    last = mpfr_sgn(F) >= 0 || mpfr_cmpabs(F, x) <= 0;
    mpfr_sub(s, s, F, MPFR_RNDN);
    if (last)
      break;
  }
  mpfr_set(sigma, s, MPFR_RNDN);
  mpfr_clears(s, log_kappa, p, x, F, slope, (mpfr_ptr)NULL);
}

/* False where kappa is out of the range of doubles, or memory. */
static bool double_start(const ufm_soft_type *type, size_t K, mpfr_srcptr kappa,
                         mpfr_ptr sigma, mpfr_t *z)
{
  double *work, x = mpfr_get_d(kappa, MPFR_RNDN);
  size_t n = type->n;

  if (!(x >= UFM__SOFT_KAPPA_MIN && x <= UFM__SOFT_KAPPA_MAX))
    return false;
  work = malloc(4 * n * sizeof *work);
  if (work == NULL)
    return false;
  for (size_t a = 0; a < n; a++)
    work[a] = ufm__rational_double(type->t[a]);
  x = ufm__soft_sigma(&(ufm__soft_target){n, work, type->multiplicity,
                                          (double)K,
                                          mpfr_get_d(sigma, MPFR_RNDN)},
                      x, 0.0, work + n, work + 2 * n, work + 3 * n);
  mpfr_set_d(sigma, x, MPFR_RNDN);
  for (size_t a = 0; a < n; a++)
    mpfr_set_d(z[a], work[3 * n + a], MPFR_RNDN);
  free(work);
  return true;
}

typedef struct step {
  mpfr_t e, x, p, sum, slope, change;
  mpfr_t *residual, *weight; /* per group */
} step;

/* With r_a = t_a - p_a - kappa z_a the step is
     dz_a = (r_a + p_a dsigma)/(kappa + p_a),
     dsigma sum m_a p_a/(kappa + p_a) = -sum m_a (z_a + r_a/(kappa + p_a)).
   Returns the binary exponent of the largest change relative to the larger of
   max |z| and 1/(1 + kappa), the size of logits unless the target is uniform.
 */
static long newton(const ufm_soft_type *type, mpfr_srcptr kappa, mpfr_ptr sigma,
                   mpfr_t *z, step *s)
{
  mpfr_exp_t change = mpfr_get_emin();
  mpfr_exp_t size = mpfr_cmp_ui(kappa, 1) > 0 ? -mpfr_get_exp(kappa) : 0;

  mpfr_set_zero(s->sum, 1);
  mpfr_set_zero(s->slope, 1);
  for (size_t a = 0; a < type->n; a++) {
    mpfr_sub(s->e, z[a], sigma, MPFR_RNDN);
    mpfr_exp(s->p, s->e, MPFR_RNDN);
    mpfr_set_q(s->x, type->t[a], MPFR_RNDN);
    mpfr_sub(s->x, s->x, s->p, MPFR_RNDN);
    mpfr_mul(s->e, kappa, z[a], MPFR_RNDN);
    mpfr_sub(s->x, s->x, s->e, MPFR_RNDN);
    mpfr_add(s->e, s->p, kappa, MPFR_RNDN);
    mpfr_div(s->residual[a], s->x, s->e, MPFR_RNDN);
    mpfr_div(s->weight[a], s->p, s->e, MPFR_RNDN);
    mpfr_add(s->x, s->residual[a], z[a], MPFR_RNDN);
    mpfr_mul_ui(s->x, s->x, type->multiplicity[a], MPFR_RNDN);
    mpfr_add(s->sum, s->sum, s->x, MPFR_RNDN);
    mpfr_mul_ui(s->x, s->weight[a], type->multiplicity[a], MPFR_RNDN);
    mpfr_add(s->slope, s->slope, s->x, MPFR_RNDN);
  }
  mpfr_div(s->change, s->sum, s->slope, MPFR_RNDN);
  mpfr_neg(s->change, s->change, MPFR_RNDN);
  mpfr_add(sigma, sigma, s->change, MPFR_RNDN);
  for (size_t a = 0; a < type->n; a++) {
    mpfr_fma(s->x, s->weight[a], s->change, s->residual[a], MPFR_RNDN);
    mpfr_add(z[a], z[a], s->x, MPFR_RNDN);
    if (mpfr_regular_p(s->x) && mpfr_get_exp(s->x) > change)
      change = mpfr_get_exp(s->x);
    if (mpfr_regular_p(z[a]) && mpfr_get_exp(z[a]) > size)
      size = mpfr_get_exp(z[a]);
  }
  return (long)(change - size);
}

static bool step_init(step *s, size_t n, mpfr_prec_t bits)
{
  mpfr_inits2(bits, s->e, s->x, s->p, s->sum, s->slope, s->change,
              (mpfr_ptr)NULL);
  s->residual = ufm__mpfr_array_new(n, bits);
  s->weight = ufm__mpfr_array_new(n, bits);
  return s->residual != NULL && s->weight != NULL;
}

static void step_clear(step *s, size_t n)
{
  mpfr_clears(s->e, s->x, s->p, s->sum, s->slope, s->change, (mpfr_ptr)NULL);
  ufm__mpfr_array_free(s->residual, n);
  ufm__mpfr_array_free(s->weight, n);
}

/* Steps at one precision until the next would be below 2^-goal. */
static ufm_status level(const ufm_soft_type *type, mpfr_srcptr kappa,
                        mpfr_ptr sigma, mpfr_t *z, mpfr_prec_t goal,
                        mpfr_prec_t loss, ufm_error *error)
{
  ufm_status status = UFM_OK;
  step s;

  if (!step_init(&s, type->n, goal + loss)) {
    status = ufm__no_memory(error, "soft targets");
  } else {
    int i = 0;

    while (newton(type, kappa, sigma, z, &s) > -(goal / 2) && i < LEVEL_STEPS)
      i++;
    if (i == LEVEL_STEPS)
      status = ufm__fail(error, UFM_EINTERNAL,
                         "soft targets: no root to %ld bits after %d steps",
                         (long)goal, i);
  }
  step_clear(&s, type->n);
  return status;
}

ufm_status ufm__soft_roots(const ufm_soft_type *type, size_t K,
                           mpfr_srcptr kappa, mpfr_ptr sigma, mpfr_t *z,
                           mpfr_prec_t bits, ufm_error *error)
{
  mpfr_prec_t loss = 2 * ufm__soft_loss(K, kappa);
  mpfr_prec_t goal = UFM__SOFT_COARSE_BITS / 2;
  ufm_status status = UFM_OK;

  mpfr_log_ui(sigma, K, MPFR_RNDN);
  if (!double_start(type, K, kappa, sigma, z))
    coarse(type, K, kappa, sigma, z);
  do {
    goal = 2 * goal - 4 < bits ? 2 * goal - 4 : bits;
    status = level(type, kappa, sigma, z, goal, loss, error);
  } while (status == UFM_OK && goal < bits);
  return status;
}
