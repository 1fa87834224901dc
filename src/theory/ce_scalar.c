/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Minimises phi(a) + (L/2) G a^{2/L}: bracket every minimum at low precision,
   refine it, keep the lowest (doc/mathematics.md, section 7.2). */
#include <config.h>

#include "core/error.h"
#include "theory/ce_root.h"
#include "theory/ce_scalar.h"

enum {
  GRID_PER_EFOLD = 32,
  /* A coarse objective is right to more than 40 bits. */
  MARGIN_BITS = 40,
  /* Bits beyond the output.  Up to 20 go into the line code's moments of a
     thousand classes.  A flat minimum would lose more, but f rises next to a
     minimum that is about to vanish, so that one is above f(0) and is not
     refined. */
  GUARD_BITS = 64
};

typedef struct scalar {
  const ufm__ce_loss *phi;
  unsigned long L, rank;
  mpq_srcptr weight;
  mpfr_t G;
} scalar;

/* G to the precision it has: n Lam is exact, so the root is all its error. */
static void scalar_init(scalar *s, const ufm__ce_loss *phi, unsigned long L,
                        unsigned long rank, mpq_srcptr weight, mpfr_prec_t bits)
{
  *s = (scalar){.phi = phi, .L = L, .rank = rank, .weight = weight};
  mpfr_init2(s->G, bits);
  mpfr_set_q(s->G, weight, MPFR_RNDN);
  mpfr_rootn_ui(s->G, s->G, L, MPFR_RNDN);
  mpfr_mul_ui(s->G, s->G, rank, MPFR_RNDN);
}

/* out = G a^{2/L}. */
static void penalty(const scalar *s, mpfr_srcptr a, mpfr_ptr out)
{
  mpfr_sqr(out, a, MPFR_RNDN);
  mpfr_rootn_ui(out, out, s->L, MPFR_RNDN);
  mpfr_mul(out, out, s->G, MPFR_RNDN);
}

static void objective_at(const scalar *s, mpfr_srcptr a, mpfr_ptr out)
{
  mpfr_t pull;

  mpfr_init2(pull, mpfr_get_prec(out));
  s->phi->value(s->phi, a, out);
  penalty(s, a, pull);
  mpfr_mul_ui(pull, pull, s->L, MPFR_RNDN);
  mpfr_div_2ui(pull, pull, 1, MPFR_RNDN);
  mpfr_add(out, out, pull, MPFR_RNDN);
  mpfr_clear(pull);
}

/* f' = phi' + G a^{2/L - 1} and f'' = phi'' - (1 - 2/L) G a^{2/L - 2}. */
static void derivatives(const void *context, mpfr_srcptr a, mpfr_ptr first,
                        mpfr_ptr second)
{
  const scalar *s = context;
  mpfr_t pull;

  mpfr_init2(pull, mpfr_get_prec(first));
  s->phi->slopes(s->phi, a, first, second);
  penalty(s, a, pull);
  mpfr_div(pull, pull, a, MPFR_RNDN);
  mpfr_add(first, first, pull, MPFR_RNDN);
  mpfr_div(pull, pull, a, MPFR_RNDN);
  mpfr_mul_ui(pull, pull, s->L - 2, MPFR_RNDN);
  mpfr_div_ui(pull, pull, s->L, MPFR_RNDN);
  mpfr_sub(second, second, pull, MPFR_RNDN);
  mpfr_clear(pull);
}

/* Where minima can be.  With psi(u) = log|phi'| + (1 - 2/L) u, u = log a, a
   minimum needs psi to fall, psi' = 1 - 2/L - a phi''/|phi'| <= 0, hence
   a >= (1 - 2/L)/range.  Above, G <= K a^{1-2/L} e^{-a/2} <= K a e^{-a/2} and
   a e^{-a/4} <= 4/e give a <= 4 log(4 K/(e G)) for a >= 1. */
static void grid_limits(const scalar *s, mpfr_ptr from, mpfr_ptr to)
{
  mpfr_set_ui(from, s->L - 2, MPFR_RNDN);
  mpfr_div_ui(from, from, s->L, MPFR_RNDN);
  mpfr_div_d(from, from, s->phi->range, MPFR_RNDN);
  mpfr_ui_div(to, 4, s->G, MPFR_RNDN);
  mpfr_mul_ui(to, to, s->phi->K, MPFR_RNDN);
  mpfr_log(to, to, MPFR_RNDN);
  mpfr_sub_ui(to, to, 1, MPFR_RNDN);
  mpfr_mul_ui(to, to, 4, MPFR_RNDN);
  if (mpfr_cmp_ui(to, 1) < 0)
    mpfr_set_ui(to, 1, MPFR_RNDN);
}

/* The root a of f' (coarse, with f'' > 0) to the precisions of the outputs;
   `reach` is the width of the cell it lies in. */
static ufm_status refine(const scalar *coarse, mpfr_srcptr start,
                         mpfr_srcptr reach, mpfr_ptr scale, mpfr_ptr objective,
                         ufm_error *error)
{
  mpfr_prec_t bits = mpfr_get_prec(scale) > mpfr_get_prec(objective)
                         ? mpfr_get_prec(scale)
                         : mpfr_get_prec(objective);
  bool good;
  scalar s;
  ufm__ce_function slope = {derivatives, &s};
  mpfr_t a, f;

  bits += GUARD_BITS;
  scalar_init(&s, coarse->phi, coarse->L, coarse->rank, coarse->weight, bits);
  mpfr_inits2(bits, a, f, (mpfr_ptr)NULL);
  mpfr_set(a, start, MPFR_RNDN);
  good = ufm__ce_newton(&slope, a, reach);
  if (good) {
    objective_at(&s, a, f);
    mpfr_set(scale, a, MPFR_RNDN);
    mpfr_set(objective, f, MPFR_RNDN);
  }
  mpfr_clears(a, f, s.G, (mpfr_ptr)NULL);
  return good ? UFM_OK
              : ufm__fail(error, UFM_EINTERNAL,
                          "ce: the scale of a candidate cannot be refined");
}

/* Takes the minimum inside the cell [lo, hi], f'(lo) <= 0 < f'(hi), when it is
   not clearly above f(0) = log K and is the lowest so far. */
static ufm_status consider(const scalar *s, mpfr_srcptr lo, mpfr_srcptr hi,
                           mpfr_ptr scale, mpfr_ptr objective, bool *found,
                           ufm_error *error)
{
  ufm__ce_function slope = {derivatives, s};
  ufm_status status = UFM_OK;
  mpfr_t left, right, f, limit, a, value;

  mpfr_inits2(UFM__CE_COARSE_BITS, left, right, f, limit, (mpfr_ptr)NULL);
  mpfr_init2(a, mpfr_get_prec(scale));
  mpfr_init2(value, mpfr_get_prec(objective));
  mpfr_set(left, lo, MPFR_RNDN);
  mpfr_set(right, hi, MPFR_RNDN);
  ufm__ce_bisect(&slope, left, right);
  objective_at(s, left, f);
  mpfr_log_ui(limit, s->phi->K, MPFR_RNDN);
  mpfr_sub(f, f, limit, MPFR_RNDN);
  mpfr_div_2ui(limit, limit, MARGIN_BITS, MPFR_RNDN);
  if (mpfr_lessequal_p(f, limit)) {
    mpfr_sub(right, hi, lo, MPFR_RNDN);
    status = refine(s, left, right, a, value, error);
    if (status == UFM_OK && (!*found || mpfr_less_p(value, objective))) {
      mpfr_set(scale, a, MPFR_RNDN);
      mpfr_set(objective, value, MPFR_RNDN);
      *found = true;
    }
  }
  mpfr_clears(left, right, f, limit, a, value, (mpfr_ptr)NULL);
  return status;
}

/* MPFR and not double for the grid too: the slope underflows a double long
   before the penalties become absurd. */
ufm_status ufm__ce_minimum(const ufm__ce_loss *phi, unsigned long L,
                           unsigned long rank, mpq_srcptr weight,
                           mpfr_ptr scale, mpfr_ptr objective, bool *found,
                           ufm_error *error)
{
  ufm_status status = UFM_OK;
  bool falling;
  scalar s;
  mpfr_t lo, hi, to, ratio, slope, curvature;

  *found = false;
  scalar_init(&s, phi, L, rank, weight, UFM__CE_COARSE_BITS);
  mpfr_inits2(UFM__CE_COARSE_BITS, lo, hi, to, ratio, slope, curvature,
              (mpfr_ptr)NULL);
  grid_limits(&s, lo, to);
  mpfr_set_ui(ratio, 1, MPFR_RNDN);
  mpfr_div_ui(ratio, ratio, GRID_PER_EFOLD, MPFR_RNDN);
  mpfr_exp(ratio, ratio, MPFR_RNDN);
  derivatives(&s, lo, slope, curvature);
  falling = mpfr_sgn(slope) <= 0;
  while (mpfr_less_p(lo, to) && status == UFM_OK) {
    mpfr_mul(hi, lo, ratio, MPFR_RNDN);
    derivatives(&s, hi, slope, curvature);
    if (falling && mpfr_sgn(slope) > 0)
      status = consider(&s, lo, hi, scale, objective, found, error);
    falling = mpfr_sgn(slope) <= 0;
    mpfr_swap(lo, hi);
  }
  mpfr_clears(lo, hi, to, ratio, slope, curvature, s.G, (mpfr_ptr)NULL);
  return status;
}
