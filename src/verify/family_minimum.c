/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Proved minima along the families of balanced deep cross entropy. */
#include <config.h>

#include <math.h>

#include "verify/family_minimum.h"
#include "verify/march.h"

enum {
  SCAN_BITS = 53,
  PIECE_BITS = 96,
  SCAN_STEPS = 2000,
  NEWTON_STEPS = 60,
  CONVEX_PIECES = 16,
  CONVEX_HALVINGS = 20
};

/* Values and derivatives at one scale, with room for the parts. */
typedef struct probe {
  const ufm__family *family;
  iv a, f[3], phi[3], g[3];
} probe;

static void probe_init(probe *p, const ufm__family *family, mpfr_prec_t bits)
{
  p->family = family;
  ufm__iv_init(&p->a, bits);
  for (int k = 0; k < 3; k++) {
    ufm__iv_init(&p->f[k], bits);
    ufm__iv_init(&p->phi[k], bits);
    ufm__iv_init(&p->g[k], bits);
  }
}

static void probe_clear(probe *p)
{
  ufm__iv_clear(&p->a);
  for (int k = 0; k < 3; k++) {
    ufm__iv_clear(&p->f[k]);
    ufm__iv_clear(&p->phi[k]);
    ufm__iv_clear(&p->g[k]);
  }
}

/* At the interval p->a. */
static void evaluate(probe *p)
{
  p->family->phi(p->family, &p->a, p->phi);
  ufm__family_penalty(p->family, &p->a, p->g);
  for (int k = 0; k < 3; k++)
    ufm__iv_add(&p->f[k], &p->phi[k], &p->g[k]);
}

static double value_at(probe *p, double a)
{
  mpfr_set_d(p->a.lo, a, MPFR_RNDD);
  mpfr_set_d(p->a.hi, a, MPFR_RNDU);
  evaluate(p);
  return mpfr_get_d(p->f[0].lo, MPFR_RNDN);
}

void ufm__family_value(const ufm__family *family, const iv *a, iv out[3])
{
  probe p;

  probe_init(&p, family, mpfr_get_prec(out[0].lo));
  ufm__iv_set(&p.a, a);
  evaluate(&p);
  for (int k = 0; k < 3; k++)
    ufm__iv_set(&out[k], &p.f[k]);
  probe_clear(&p);
}

void ufm__family_stop(const ufm__family *family, mpfr_srcptr target,
                      mpfr_t stop)
{
  mpfr_t power;

  mpfr_init2(power, mpfr_get_prec(stop));
  mpfr_set_q(power, family->power, MPFR_RNDD);
  mpfr_pow_ui(stop, target, family->L, MPFR_RNDU);
  mpfr_div(stop, stop, power, MPFR_RNDU);
  mpfr_sqrt(stop, stop, MPFR_RNDU);
  mpfr_clear(power);
}

double ufm__family_scan(const ufm__family *family)
{
  double zero = log((double)family->K), best = HUGE_VAL, place = 0.0, end, step;
  double a[3] = {0.0}, f[3] = {zero, zero, zero};
  probe p;
  mpfr_t stop;

  probe_init(&p, family, SCAN_BITS);
  mpfr_init2(stop, SCAN_BITS);
  mpfr_set_d(stop, zero, MPFR_RNDU);
  ufm__family_stop(family, stop, stop);
  end = mpfr_get_d(stop, MPFR_RNDU);
  mpfr_clear(stop);
  value_at(&p, 0.0);
  /* a part of log K over the slope of phi at 0, and of the decay of the slowest
     exponential, which is e^{-a/2} */
  step = fmin(0.05, -0.05 * zero / mpfr_get_d(p.phi[1].lo, MPFR_RNDN));
  for (int k = 0; k < SCAN_STEPS && a[2] < end; k++) {
    a[0] = a[1], a[1] = a[2], a[2] += step;
    f[0] = f[1], f[1] = f[2], f[2] = value_at(&p, a[2]);
    if (k > 0 && f[1] <= f[0] && f[1] <= f[2] && f[1] < best) {
      best = f[1];
      place = a[1];
    }
    step *= 1.05;
  }
  probe_clear(&p);
  return place;
}

bool ufm__family_newton(const ufm__family *family, mpfr_t centre)
{
  mpfr_prec_t bits = mpfr_get_prec(centre);
  bool good = true;
  mpfr_t step;
  probe p;

  probe_init(&p, family, bits);
  mpfr_init2(step, bits);
  for (int k = 0; k < NEWTON_STEPS && good; k++) {
    ufm__iv_set_mp(&p.a, centre);
    evaluate(&p);
    mpfr_div(step, p.f[1].lo, p.f[2].lo, MPFR_RNDN);
    mpfr_sub(centre, centre, step, MPFR_RNDN);
    good = mpfr_sgn(p.f[2].lo) > 0 && mpfr_number_p(centre) &&
           mpfr_sgn(centre) > 0;
    if (mpfr_zero_p(step) ||
        mpfr_get_exp(step) < mpfr_get_exp(centre) - bits + 8)
      break;
  }
  mpfr_clear(step);
  probe_clear(&p);
  return good;
}

/* True when f'' > 0 on [centre - reach, centre + reach]; *least is a lower
   bound of it there. */
static bool convex(const ufm__family *family, mpfr_srcptr centre,
                   mpfr_srcptr reach, mpfr_t least)
{
  bool good = true;
  mpfr_t step;
  probe p;

  probe_init(&p, family, PIECE_BITS);
  mpfr_init2(step, PIECE_BITS);
  mpfr_mul_2ui(step, reach, 1, MPFR_RNDU);
  mpfr_div_ui(step, step, CONVEX_PIECES, MPFR_RNDU);
  mpfr_sub(p.a.hi, centre, reach, MPFR_RNDD);
  mpfr_set_inf(least, 1);
  for (int k = 0; k < CONVEX_PIECES && good; k++) {
    mpfr_set(p.a.lo, p.a.hi, MPFR_RNDD);
    mpfr_add(p.a.hi, p.a.hi, step, MPFR_RNDU);
    good = mpfr_sgn(p.a.lo) > 0;
    if (good)
      evaluate(&p);
    good = good && ufm__iv_bounded(&p.f[2]) && mpfr_sgn(p.f[2].lo) > 0;
    mpfr_min(least, least, p.f[2].lo, MPFR_RNDD);
  }
  mpfr_clear(step);
  probe_clear(&p);
  return good;
}

/* Whether the tangent of phi at the middle of [from, to], or at from = 0, plus
   g is at least the target at both ends.  f(0) = log K is known to the caller.
 */
static bool piece_good(probe *p, mpfr_srcptr from, mpfr_srcptr to,
                       mpfr_srcptr target)
{
  bool good = true;
  mpfr_t middle;
  iv level, slope, part;

  mpfr_init2(middle, PIECE_BITS);
  ufm__iv_init(&level, PIECE_BITS);
  ufm__iv_init(&slope, PIECE_BITS);
  ufm__iv_init(&part, PIECE_BITS);
  mpfr_set_zero(middle, 1);
  if (mpfr_sgn(from) > 0) {
    mpfr_add(middle, from, to, MPFR_RNDN);
    mpfr_div_2ui(middle, middle, 1, MPFR_RNDN);
  }
  ufm__iv_set_mp(&p->a, middle);
  p->family->phi(p->family, &p->a, p->phi);
  ufm__iv_set(&level, &p->phi[0]);
  ufm__iv_set(&slope, &p->phi[1]);
  for (int end = 0; end < 2 && good; end++) {
    if (end == 0 && mpfr_zero_p(from))
      continue;
    ufm__iv_set_mp(&p->a, end == 0 ? from : to);
    ufm__family_penalty(p->family, &p->a, p->g);
    ufm__iv_set_mp(&part, middle);
    ufm__iv_sub(&part, &p->a, &part);
    ufm__iv_mul(&part, &part, &slope);
    ufm__iv_add(&part, &part, &level);
    ufm__iv_add(&part, &part, &p->g[0]);
    good = mpfr_number_p(part.lo) && mpfr_greaterequal_p(part.lo, target);
  }
  ufm__iv_clear(&level);
  ufm__iv_clear(&slope);
  ufm__iv_clear(&part);
  mpfr_clear(middle);
  return good;
}

/* What ufm__march asks about pieces. */
typedef struct search {
  probe p;
  mpfr_srcptr target;
} search;

static bool accept(void *data, mpfr_srcptr from, mpfr_srcptr to)
{
  search *s = data;

  return piece_good(&s->p, from, to, s->target);
}

/* True when f >= target is proved on [from, end]. */
static bool covered(const ufm__family *family, mpfr_srcptr from,
                    mpfr_srcptr end, mpfr_srcptr target)
{
  search s = {.target = target};
  bool complete;

  probe_init(&s.p, family, PIECE_BITS);
  complete = ufm__march(accept, &s, from, end, PIECE_BITS);
  probe_clear(&s.p);
  return complete;
}

void ufm__family_minimum_init(ufm__family_minimum *out, mpfr_prec_t bits)
{
  mpfr_inits2(bits, out->lower, out->upper, out->centre, (mpfr_ptr)NULL);
  ufm__iv_init(&out->scale, bits);
  mpfr_set_zero(out->centre, 1);
  out->zero = true;
  out->located = false;
}

void ufm__family_minimum_clear(ufm__family_minimum *minimum)
{
  mpfr_clears(minimum->lower, minimum->upper, minimum->centre, (mpfr_ptr)NULL);
  ufm__iv_clear(&minimum->scale);
}

/* The interval around the centre where f is convex, and what it proves there;
   false without one. */
static bool around_centre(const ufm__family *family, ufm__family_minimum *out,
                          mpfr_t reach)
{
  bool good = false;
  mpfr_t least;
  probe p;

  probe_init(&p, family, mpfr_get_prec(out->lower));
  mpfr_init2(least, PIECE_BITS);
  mpfr_div_2ui(reach, out->centre, 1, MPFR_RNDD);
  for (int k = 0; k < CONVEX_HALVINGS && !good; k++) {
    mpfr_div_2ui(reach, reach, 1, MPFR_RNDD);
    good = convex(family, out->centre, reach, least);
  }
  ufm__iv_set_mp(&p.a, out->centre);
  evaluate(&p);
  good = good && ufm__iv_bounded(&p.f[0]) && ufm__iv_bounded(&p.f[1]);
  mpfr_set(out->upper, p.f[0].hi, MPFR_RNDU);
  /* |f'(c)|, then its product with the reach and its quotient by f'' */
  mpfr_abs(p.f[1].lo, p.f[1].lo, MPFR_RNDU);
  mpfr_abs(p.f[1].hi, p.f[1].hi, MPFR_RNDU);
  mpfr_max(p.f[1].hi, p.f[1].lo, p.f[1].hi, MPFR_RNDU);
  mpfr_mul(p.f[1].lo, p.f[1].hi, reach, MPFR_RNDU);
  mpfr_sub(out->lower, p.f[0].lo, p.f[1].lo, MPFR_RNDD);
  mpfr_div(p.f[1].hi, p.f[1].hi, least, MPFR_RNDU);
  mpfr_sub(out->scale.lo, out->centre, p.f[1].hi, MPFR_RNDD);
  mpfr_add(out->scale.hi, out->centre, p.f[1].hi, MPFR_RNDU);
  mpfr_clear(least);
  probe_clear(&p);
  return good;
}

/* f >= target away from the centre; everywhere when reach is 0. */
static bool away(const ufm__family *family, const ufm__family_minimum *out,
                 mpfr_srcptr reach, mpfr_srcptr target)
{
  bool good;
  mpfr_t edge, zero, stop;

  mpfr_inits2(PIECE_BITS, edge, zero, stop, (mpfr_ptr)NULL);
  mpfr_set_zero(zero, 1);
  ufm__family_stop(family, target, stop);
  if (mpfr_zero_p(reach)) {
    good = covered(family, zero, stop, target);
  } else {
    mpfr_sub(edge, out->centre, reach, MPFR_RNDU);
    good = covered(family, zero, edge, target);
    mpfr_add(edge, out->centre, reach, MPFR_RNDD);
    good = good && covered(family, edge, stop, target);
  }
  mpfr_clears(edge, zero, stop, (mpfr_ptr)NULL);
  return good;
}

void ufm__family_minimise(const ufm__family *family, ufm__family_minimum *out)
{
  mpfr_prec_t bits = mpfr_get_prec(out->lower);
  mpfr_t reach, target;
  iv zero;

  mpfr_inits2(bits, reach, target, (mpfr_ptr)NULL);
  ufm__iv_init(&zero, bits);
  ufm__iv_set_ui(&zero, family->K);
  ufm__iv_log(&zero, &zero);
  mpfr_set_d(out->centre, ufm__family_scan(family), MPFR_RNDN);
  if (mpfr_zero_p(out->centre) || !ufm__family_newton(family, out->centre) ||
      !around_centre(family, out, reach)) {
    mpfr_set_zero(reach, 1);
    mpfr_set_inf(out->lower, 1);
    mpfr_set_inf(out->upper, 1);
  }
  out->zero = mpfr_greaterequal_p(out->upper, zero.lo);
  /* nothing elsewhere as low as f(centre): every minimiser is near it */
  out->located = !out->zero && away(family, out, reach, out->upper);
  mpfr_min(out->lower, out->lower, zero.lo, MPFR_RNDD);
  mpfr_min(out->upper, out->upper, zero.hi, MPFR_RNDU);
  mpfr_set(target, out->lower, MPFR_RNDD);
  /* a second minimum about as low, or one that the grid missed */
  for (int slack = 40; !out->located && !away(family, out, reach, target);
       slack -= 4) {
    mpfr_set_ui_2exp(target, 1, -slack, MPFR_RNDU);
    mpfr_ui_sub(target, 1, target, MPFR_RNDD);
    mpfr_mul(target, target, out->lower, MPFR_RNDD);
    if (slack < 4) {
      mpfr_set_zero(target, 1);
      break;
    }
  }
  if (!out->located)
    mpfr_set(out->lower, target, MPFR_RNDD);
  if (out->zero)
    mpfr_set_zero(out->centre, 1);
  ufm__iv_clear(&zero);
  mpfr_clears(reach, target, (mpfr_ptr)NULL);
}
