/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Roots of the secular equation (doc/mathematics.md, section 5.3).

   Let p be the pole next to the root, eta > 0 its distance, sigma the side and

     C(eta) = sigma (kappa + sum over g != p of q_g n_g / (n_g - mu)).

   The root solves phi(eta) = eta C(eta) - q_p n_p = 0.  Each term of eta C is
   W D / (D - sigma eta) minus a constant, with D = n_g - n_p of the sign of
   D - sigma eta: phi is convex, and Newton from the right decreases to the root
   without a safeguard.  Derived here. */
#include <config.h>

#include "theory/scalar.h"
#include "theory/secular.h"

static size_t weight(const ufm_groups *groups, size_t g)
{
  return groups->size[g] * groups->count[g];
}

/* out = count[k] - count[pole] - sigma eta, sigma = +1 or -1. */
static void gap(mpfr_t out, const ufm_groups *groups, size_t k, size_t pole,
                int sigma, mpfr_srcptr eta)
{
  size_t a = groups->count[k], b = groups->count[pole];

  /* (a - b) - sigma eta, with the unsigned difference on the right side */
  if (sigma > 0)
    mpfr_neg(out, eta, MPFR_RNDN);
  else
    mpfr_set(out, eta, MPFR_RNDN);
  if (a >= b)
    mpfr_add_ui(out, out, a - b, MPFR_RNDN);
  else
    mpfr_sub_ui(out, out, b - a, MPFR_RNDN);
}

typedef struct newton_sums {
  mpfr_t C, slope, inverse, term;
} newton_sums;

/* C and dC/deta at eta; returns log2 of the largest term of C. */
static mpfr_exp_t evaluate(newton_sums *s, const ufm__secular *secular,
                           size_t pole, int sigma, mpfr_srcptr eta)
{
  const ufm_groups *groups = secular->groups;
  mpfr_exp_t largest;

  mpfr_set_q(s->C, secular->kappa, MPFR_RNDN);
  largest = mpfr_zero_p(s->C) ? mpfr_get_emin() : mpfr_get_exp(s->C);
  mpfr_set_zero(s->slope, 1);
  for (size_t g = 0; g < groups->G; g++) {
    if (g == pole)
      continue;
    gap(s->inverse, groups, g, pole, sigma, eta);
    mpfr_ui_div(s->inverse, 1, s->inverse, MPFR_RNDN);
    mpfr_mul_ui(s->term, s->inverse, weight(groups, g), MPFR_RNDN);
    mpfr_add(s->C, s->C, s->term, MPFR_RNDN);
    if (mpfr_get_exp(s->term) > largest)
      largest = mpfr_get_exp(s->term);
    mpfr_mul(s->term, s->term, s->inverse, MPFR_RNDN);
    mpfr_add(s->slope, s->slope, s->term, MPFR_RNDN);
  }
  if (sigma < 0)
    mpfr_neg(s->C, s->C, MPFR_RNDN);
  return largest;
}

/* Newton at the precision `bits`, from eta, down to steps of relative size
   2^(-bits/2).  Returns the bits that C + eta dC/deta loses to cancellation;
   eta stays as it is when rounding makes a step useless. */
static long newton(mpfr_t eta, mpfr_prec_t bits, const ufm__secular *secular,
                   size_t pole, int sigma)
{
  enum { LIMIT = 200 };
  newton_sums s;
  mpfr_t next, step;
  mpfr_exp_t largest = 0;
  long lost = bits;
  bool go_on = true;

  mpfr_inits2(bits, s.C, s.slope, s.inverse, s.term, next, step,
              (mpfr_ptr)NULL);
  mpfr_prec_round(eta, bits, MPFR_RNDN);
  for (int i = 0; i < LIMIT && go_on; i++) {
    largest = evaluate(&s, secular, pole, sigma, eta);
    /* (W_p + eta^2 C') / (C + eta C'); the numerator has no cancellation */
    mpfr_mul(s.slope, s.slope, eta, MPFR_RNDN);
    mpfr_mul(next, s.slope, eta, MPFR_RNDN);
    mpfr_add_ui(next, next, weight(secular->groups, pole), MPFR_RNDN);
    mpfr_add(s.C, s.C, s.slope, MPFR_RNDN);
    if (mpfr_sgn(s.C) <= 0)
      break;
    lost = largest - mpfr_get_exp(s.C);
    mpfr_div(next, next, s.C, MPFR_RNDN);
    mpfr_sub(step, eta, next, MPFR_RNDN);
    go_on = mpfr_sgn(step) != 0 &&
            mpfr_get_exp(step) - mpfr_get_exp(eta) > -(bits / 2);
    mpfr_set(eta, next, MPFR_RNDN);
  }
  mpfr_clears(s.C, s.slope, s.inverse, s.term, next, step, (mpfr_ptr)NULL);
  return lost > 0 ? lost : 0;
}

/* The pole closer to root g, by the sign of s half way between the poles (a
   wrong sign, by rounding, costs no more than a bit); eta is the starting
   distance, not below the root's. */
static int choose_pole(const ufm__secular *secular, size_t g, size_t *pole,
                       mpfr_t eta)
{
  const ufm_groups *groups = secular->groups;
  newton_sums s;
  int sigma;

  *pole = g;
  if (g == 0) { /* s(n_0 + N/kappa) >= 0 */
    mpfr_set_zero(eta, 1);
    for (size_t k = 0; k < groups->G; k++)
      mpfr_add_ui(eta, eta, weight(groups, k), MPFR_RNDU);
    mpfr_div_q(eta, eta, secular->kappa, MPFR_RNDU);
    return 1;
  }
  mpfr_set_ui(eta, groups->count[g - 1] - groups->count[g], MPFR_RNDN);
  mpfr_div_2ui(eta, eta, 1, MPFR_RNDN);
  mpfr_inits2(mpfr_get_prec(eta), s.C, s.slope, s.inverse, s.term,
              (mpfr_ptr)NULL);
  evaluate(&s, secular, g, 1, eta);
  mpfr_mul(s.C, s.C, eta, MPFR_RNDN);
  sigma = mpfr_cmp_ui(s.C, weight(groups, g)) >= 0 ? 1 : -1;
  if (sigma < 0)
    *pole = g - 1;
  mpfr_clears(s.C, s.slope, s.inverse, s.term, (mpfr_ptr)NULL);
  return sigma;
}

long ufm__secular_solve(const ufm__secular *secular, size_t g,
                        ufm__secular_root *root)
{
  mpfr_prec_t bits = mpfr_get_prec(root->offset), now = 64;
  mpfr_t eta;
  int sigma;
  long lost;

  mpfr_init2(eta, now);
  sigma = choose_pole(secular, g, &root->pole, eta);
  /* Newton doubles the correct bits, so each precision costs one step. */
  for (; now < bits; now *= 2)
    newton(eta, now, secular, root->pole, sigma);
  lost = newton(eta, bits, secular, root->pole, sigma);
  if (sigma > 0)
    mpfr_set(root->offset, eta, MPFR_RNDN);
  else
    mpfr_neg(root->offset, eta, MPFR_RNDN);
  mpfr_clear(eta);
  return lost;
}

void ufm__secular_gap(mpfr_t out, const ufm__secular *secular, size_t k,
                      const ufm__secular_root *root)
{
  gap(out, secular->groups, k, root->pole, 1, root->offset);
}

void ufm__secular_mu(mpfr_t mu, const ufm__secular *secular,
                     const ufm__secular_root *root)
{
  mpfr_add_ui(mu, root->offset, secular->groups->count[root->pole], MPFR_RNDN);
}

/* Bound of s(x) from one side, x strictly between n_g and n_{g-1}.  Each term
   increases with x and decreases with n_g - x whatever its sign, so rounding
   one way in x, sum and quotient and the other way in the difference gives a
   bound.  False when x is too coarse to stay between its poles. */
static bool bound(mpfr_t s, const ufm__secular *secular, size_t g,
                  mpfr_srcptr x, mpfr_rnd_t towards, mpfr_rnd_t away)
{
  const ufm_groups *groups = secular->groups;
  mpfr_t term;
  bool inside = true;

  mpfr_init2(term, mpfr_get_prec(s));
  mpfr_set_q(s, secular->kappa, towards);
  for (size_t k = 0; k < groups->G && inside; k++) {
    mpfr_ui_sub(term, groups->count[k], x, away);
    inside = k < g ? mpfr_sgn(term) > 0 : mpfr_sgn(term) < 0;
    if (inside) {
      mpfr_ui_div(term, weight(groups, k), term, towards);
      mpfr_add(s, s, term, towards);
    }
  }
  mpfr_clear(term);
  return inside;
}

/* Sign of s at the threshold by directed rounding; UFM__UNDECIDED if `bits` do
   not tell. */
static int enclosed_sign(const ufm__secular *secular, size_t g,
                         const ufm__threshold *threshold, mpfr_prec_t bits)
{
  mpfr_t lo, hi, s;
  int sign = UFM__UNDECIDED;

  mpfr_inits2(bits, lo, hi, s, (mpfr_ptr)NULL);
  ufm__threshold_enclose(threshold, lo, hi);
  if (bound(s, secular, g, lo, MPFR_RNDD, MPFR_RNDU) && mpfr_sgn(s) > 0)
    sign = 1;
  else if (bound(s, secular, g, hi, MPFR_RNDU, MPFR_RNDD) && mpfr_sgn(s) < 0)
    sign = -1;
  mpfr_clears(lo, hi, s, (mpfr_ptr)NULL);
  return sign;
}

/* sum over [first, last) of q_g n_g b / (n_g b - a) = p/q, by halves. */
static void exact_sum(mpz_t p, mpz_t q, const ufm_groups *groups, size_t first,
                      size_t last, mpq_srcptr x)
{
  mpz_t right_p, right_q;
  size_t middle = first + (last - first) / 2;

  if (last - first == 1) {
    mpz_mul_ui(q, mpq_denref(x), groups->count[first]);
    mpz_mul_ui(p, q, groups->size[first]);
    mpz_sub(q, q, mpq_numref(x));
    return;
  }
  mpz_inits(right_p, right_q, (mpz_ptr)NULL);
  exact_sum(p, q, groups, first, middle, x);
  exact_sum(right_p, right_q, groups, middle, last, x);
  mpz_mul(p, p, right_q);
  mpz_addmul(p, right_p, q);
  mpz_mul(q, q, right_q);
  mpz_clears(right_p, right_q, (mpz_ptr)NULL);
}

static int exact_sign(const ufm__secular *secular, mpq_srcptr x)
{
  int sign;
  mpz_t p, q;

  mpz_inits(p, q, (mpz_ptr)NULL);
  exact_sum(p, q, secular->groups, 0, secular->groups->G, x);
  mpz_mul(p, p, mpq_denref(secular->kappa));
  mpz_addmul(p, q, mpq_numref(secular->kappa));
  sign = mpz_sgn(p) * mpz_sgn(q);
  mpz_clears(p, q, (mpz_ptr)NULL);
  return sign;
}

/* A root is an eigenvalue of a positive semidefinite matrix that is similar to
   a rational one, so its conjugates are eigenvalues too, real and >= 0.  If
   its M-th power is rational they are all the same M-th root: the root is
   rational.  A tie is therefore possible only at a rational threshold, where s
   is evaluated exactly; otherwise enough bits always decide.  Derived here. */
int ufm__secular_compare(const ufm__secular *secular, size_t g,
                         const ufm__threshold *threshold, mpfr_prec_t cap)
{
  enum { EXACT_BITS = 512 };
  int sign = UFM__UNDECIDED;

  for (mpfr_prec_t bits = 64; bits <= cap; bits *= 2) {
    if (bits >= EXACT_BITS && threshold->rational)
      return -exact_sign(secular, threshold->theta);
    sign = enclosed_sign(secular, g, threshold, bits);
    if (sign != UFM__UNDECIDED)
      return -sign;
  }
  return UFM__UNDECIDED;
}
