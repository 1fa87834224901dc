/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <config.h>

#include <math.h>

#include "core/error.h"
#include "verify/cover.h"

enum { SCAN_STEPS = 4000, HALVINGS = 400, REFINE = 5 };

ufm_status ufm__cover_init(ufm__cover *s, const ufm__model *model,
                           mpfr_prec_t bits, ufm_error *error)
{
  mpq_t half;

  *s = (ufm__cover){.L = model->M + 1, .bits = bits};
  mpq_init(s->gamma_power);
  mpfr_inits2(bits, s->gamma, s->target, s->x, s->r, s->h, s->span, s->stop,
              s->slack, s->flat, s->a, s->b, s->c, (mpfr_ptr)NULL);
  mpq_init(half);
  mpq_set_ui(half, s->L, 2);
  mpq_canonicalize(half);
  mpq_set(s->gamma_power, model->product);
  for (size_t i = 0; i < s->L; i++)
    mpq_mul(s->gamma_power, s->gamma_power, half);
  mpq_clear(half);
  mpfr_set_q(s->gamma, s->gamma_power, MPFR_RNDN);
  mpfr_rootn_ui(s->gamma, s->gamma, s->L, MPFR_RNDN);
  return ufm__tangent_init(&s->tangent, model, bits, error);
}

void ufm__cover_clear(ufm__cover *s)
{
  ufm__tangent_clear(&s->tangent);
  mpq_clear(s->gamma_power);
  mpfr_clears(s->gamma, s->target, s->x, s->r, s->h, s->span, s->stop, s->slack,
              s->flat, s->a, s->b, s->c, (mpfr_ptr)NULL);
}

/* out = gamma x^{2/L} */
static void penalty(const ufm__cover *s, mpfr_srcptr x, mpfr_t out)
{
  mpfr_sqr(out, x, MPFR_RNDN);
  mpfr_rootn_ui(out, out, s->L, MPFR_RNDN);
  mpfr_mul(out, out, s->gamma, MPFR_RNDN);
}

void ufm__cover_margin(ufm__cover *s, mpfr_srcptr x, mpfr_t out)
{
  penalty(s, x, out);
  mpfr_mul(s->c, s->tangent.mu, x, MPFR_RNDN);
  mpfr_sub(out, out, s->c, MPFR_RNDN);
  mpfr_add(out, out, s->tangent.D, MPFR_RNDN);
  mpfr_sub(out, out, s->target, MPFR_RNDN);
}

/* phi(x) + q(x) along the family, in double precision; phi(x) = D - mu x where
   the tangent touches. */
static double value_at(ufm__cover *s, double r)
{
  mpfr_set_d(s->r, r, MPFR_RNDN);
  ufm__tangent_at(&s->tangent, s->r);
  penalty(s, s->tangent.x, s->a);
  mpfr_mul(s->b, s->tangent.mu, s->tangent.x, MPFR_RNDN);
  mpfr_sub(s->b, s->tangent.D, s->b, MPFR_RNDN);
  mpfr_add(s->a, s->a, s->b, MPFR_RNDN);
  return mpfr_get_d(s->a, MPFR_RNDN);
}

/* Golden-section search around a grid minimum. */
static double polish(ufm__cover *s, double lo, double hi)
{
  const double ratio = 0.6180339887498949;
  double a = hi - ratio * (hi - lo), b = lo + ratio * (hi - lo);
  double fa = value_at(s, a), fb = value_at(s, b);

  for (int k = 0; k < 80; k++) {
    if (fa < fb) {
      hi = b;
      b = a;
      fb = fa;
      a = hi - ratio * (hi - lo);
      fa = value_at(s, a);
    } else {
      lo = a;
      a = b;
      fa = fb;
      b = lo + ratio * (hi - lo);
      fb = value_at(s, b);
    }
  }
  return fa < fb ? fa : fb;
}

double ufm__cover_least(ufm__cover *s, bool *at_zero)
{
  double zero = value_at(s, 0.0), best = zero;
  double steepest = mpfr_get_d(s->tangent.mu, MPFR_RNDN);
  double step = s->tangent.balanced ? 0.05 : 1e-6, r[3] = {0.0, 0.0, 0.0};
  double f[3] = {HUGE_VAL, HUGE_VAL, zero};

  for (int k = 0; k < SCAN_STEPS; k++) {
    double next = r[2] + step;

    step = s->tangent.balanced ? step * 1.02 : next * 0.1 + 1e-6;
    r[0] = r[1], r[1] = r[2], r[2] = next;
    f[0] = f[1], f[1] = f[2], f[2] = value_at(s, next);
    if (f[1] <= f[0] && f[1] <= f[2] && k > 0)
      best = fmin(best, polish(s, r[0], r[2]));
    best = fmin(best, f[2]);
    /* from where the loss is negligible, or flat, the value only grows */
    penalty(s, s->tangent.x, s->a);
    if (mpfr_cmp_d(s->a, zero) > 0 ||
        mpfr_cmp_d(s->a, f[2] * (1.0 - 1e-9)) > 0 ||
        mpfr_cmp_d(s->tangent.mu, 1e-10 * steepest) < 0)
      break;
  }
  *at_zero = !(best < zero);
  return best;
}

bool ufm__cover_step(ufm__cover *s, bool (*good)(ufm__cover *, mpfr_srcptr),
                     mpfr_srcptr from, mpfr_t h)
{
  bool up;
  mpfr_t place, part;

  mpfr_inits2(s->bits, place, part, (mpfr_ptr)NULL);
  mpfr_add(place, from, h, MPFR_RNDN);
  up = good(s, place);
  for (int k = 0; k < HALVINGS; k++) {
    mpfr_mul_2si(h, h, up ? 1 : -1, MPFR_RNDN);
    mpfr_add(place, from, h, MPFR_RNDN);
    if (good(s, place) != up)
      break;
    if (k == HALVINGS - 1) {
      mpfr_clears(place, part, (mpfr_ptr)NULL);
      return up;
    }
  }
  if (up)
    mpfr_div_2ui(h, h, 1, MPFR_RNDN); /* the last good one */
  mpfr_set(part, h, MPFR_RNDN);
  for (int k = 0; k < REFINE; k++) {
    mpfr_div_2ui(part, part, 1, MPFR_RNDN);
    mpfr_add(place, from, h, MPFR_RNDN);
    mpfr_add(place, place, part, MPFR_RNDN);
    if (good(s, place))
      mpfr_add(h, h, part, MPFR_RNDN);
  }
  mpfr_clears(place, part, (mpfr_ptr)NULL);
  return true;
}
