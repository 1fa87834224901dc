/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Minimises phi(a) + (L/2) G a^{2/L}: bracket every minimum at low precision,
   polish the lowest (doc/mathematics.md, section 7.2). */
#include <config.h>

#include "core/error.h"
#include "theory/ce_root.h"
#include "theory/ce_scalar.h"

enum {
  GRID_PER_EFOLD = 32,
  MAX_MINIMA = 16,
  /* A coarse objective is right to well over 40 bits, so minima that far
     apart need not be compared again. */
  WINDOW_BITS = 40,
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

typedef struct minimum {
  mpfr_t a, f, width; /* coarse; width of the grid cell it was found in */
} minimum;

typedef struct minima {
  size_t n;
  minimum at[MAX_MINIMA];
} minima;

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

/* Appends the minimum inside the cell [lo, hi], f'(lo) <= 0 < f'(hi). */
static void add_minimum(const scalar *s, minima *found, mpfr_srcptr lo,
                        mpfr_srcptr hi)
{
  ufm__ce_function slope = {derivatives, s};
  minimum *m = &found->at[found->n++];
  mpfr_t top;

  mpfr_inits2(UFM__CE_COARSE_BITS, m->a, m->f, m->width, top, (mpfr_ptr)NULL);
  mpfr_sub(m->width, hi, lo, MPFR_RNDN);
  mpfr_set(m->a, lo, MPFR_RNDN);
  mpfr_set(top, hi, MPFR_RNDN);
  ufm__ce_bisect(&slope, m->a, top);
  objective_at(s, m->a, m->f);
  mpfr_clear(top);
}

/* Brackets the minima on a logarithmic grid.  MPFR and not double: the slope
   underflows long before the penalties become absurd. */
static void scan(const scalar *s, minima *found)
{
  bool falling = true;
  mpfr_t lo, hi, to, ratio, slope, curvature;

  mpfr_inits2(UFM__CE_COARSE_BITS, lo, hi, to, ratio, slope, curvature,
              (mpfr_ptr)NULL);
  grid_limits(s, lo, to);
  mpfr_set_ui(ratio, 1, MPFR_RNDN);
  mpfr_div_ui(ratio, ratio, GRID_PER_EFOLD, MPFR_RNDN);
  mpfr_exp(ratio, ratio, MPFR_RNDN);
  derivatives(s, lo, slope, curvature);
  falling = mpfr_sgn(slope) <= 0;
  while (mpfr_less_p(lo, to) && found->n < MAX_MINIMA) {
    mpfr_mul(hi, lo, ratio, MPFR_RNDN);
    derivatives(s, hi, slope, curvature);
    if (falling && mpfr_sgn(slope) > 0)
      add_minimum(s, found, lo, hi);
    falling = mpfr_sgn(slope) <= 0;
    mpfr_swap(lo, hi);
  }
  mpfr_clears(lo, hi, to, ratio, slope, curvature, (mpfr_ptr)NULL);
}

/* The minimum at full precision. */
static ufm_status polish(const scalar *coarse, const minimum *m, mpfr_ptr scale,
                         mpfr_ptr objective, ufm_error *error)
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
  mpfr_set(a, m->a, MPFR_RNDN);
  good = ufm__ce_newton(&slope, a, m->width);
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

/* The least coarse objective, f(0) = log K included, plus its uncertainty. */
static void coarse_limit(const ufm__ce_loss *phi, const minima *list,
                         mpfr_ptr limit)
{
  mpfr_t margin;

  mpfr_init2(margin, UFM__CE_COARSE_BITS);
  mpfr_log_ui(limit, phi->K, MPFR_RNDN);
  for (size_t i = 0; i < list->n; i++)
    mpfr_min(limit, limit, list->at[i].f, MPFR_RNDN);
  mpfr_div_2ui(margin, limit, WINDOW_BITS, MPFR_RNDN);
  mpfr_add(limit, limit, margin, MPFR_RNDU);
  mpfr_clear(margin);
}

ufm_status ufm__ce_minimum(const ufm__ce_loss *phi, unsigned long L,
                           unsigned long rank, mpq_srcptr weight,
                           mpfr_ptr scale, mpfr_ptr objective, bool *found,
                           ufm_error *error)
{
  ufm_status status = UFM_OK;
  minima list = {0};
  scalar s;
  mpfr_t limit, a, f;

  *found = false;
  scalar_init(&s, phi, L, rank, weight, UFM__CE_COARSE_BITS);
  mpfr_init2(limit, UFM__CE_COARSE_BITS);
  mpfr_init2(a, mpfr_get_prec(scale));
  mpfr_init2(f, mpfr_get_prec(objective));
  scan(&s, &list);
  coarse_limit(phi, &list, limit);
  for (size_t i = 0; i < list.n && status == UFM_OK; i++) {
    if (mpfr_greater_p(list.at[i].f, limit))
      continue;
    status = polish(&s, &list.at[i], a, f, error);
    if (status == UFM_OK && (!*found || mpfr_less_p(f, objective))) {
      mpfr_set(scale, a, MPFR_RNDN);
      mpfr_set(objective, f, MPFR_RNDN);
      *found = true;
    }
  }
  for (size_t i = 0; i < list.n; i++)
    mpfr_clears(list.at[i].a, list.at[i].f, list.at[i].width, (mpfr_ptr)NULL);
  mpfr_clears(limit, a, f, s.G, (mpfr_ptr)NULL);
  return status;
}
