/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loss of the line code for any K: Zbar = a x x^T, x equally spaced and
   centred, rank 1, free bias -a x_i^2/2 (doc/mathematics.md, section 7.2). */
#include <config.h>

#include "theory/ce_family.h"

/* With spacing 1 the margins are (a/2)(i - j)^2, so with
   q = e^{-a/2} and T_m = sum_{d=1..m} q^{d^2}

     phi = (1/K) sum_j log(1 + T_j + T_{K-1-j}),

   and the derivatives need the moments d^2 and d^4 of the same sums. */

typedef struct moments {
  mpfr_t of[3]; /* sums of d^{2i} q^{d^2}, i = 0, 1, 2 */
} moments;

/* Runs through q^{d^2} upwards or downwards by two products a step. */
typedef struct walk {
  unsigned long d;
  mpfr_t term, ratio, square;
} walk;

typedef struct line {
  unsigned long K, last; /* terms beyond `last` are below rounding */
  walk up, down;
  moments low, high; /* of T_j and T_{K-1-j} */
} line;

/* Starts at d, for steps of the given sign. */
static void walk_init(walk *w, mpfr_srcptr a, unsigned long d, long sign,
                      mpfr_prec_t bits)
{
  long next = sign * (2 * (long)d + sign);

  w->d = d;
  mpfr_inits2(bits, w->term, w->ratio, w->square, (mpfr_ptr)NULL);
  mpfr_mul_ui(w->term, a, d * d, MPFR_RNDN);
  mpfr_div_2ui(w->term, w->term, 1, MPFR_RNDN);
  mpfr_neg(w->term, w->term, MPFR_RNDN);
  mpfr_exp(w->term, w->term, MPFR_RNDN);
  mpfr_mul_si(w->ratio, a, -next, MPFR_RNDN);
  mpfr_div_2ui(w->ratio, w->ratio, 1, MPFR_RNDN);
  mpfr_exp(w->ratio, w->ratio, MPFR_RNDN);
  mpfr_neg(w->square, a, MPFR_RNDN);
  mpfr_exp(w->square, w->square, MPFR_RNDN);
}

static void walk_step(walk *w, long sign)
{
  w->d = (unsigned long)((long)w->d + sign);
  mpfr_mul(w->term, w->term, w->ratio, MPFR_RNDN);
  mpfr_mul(w->ratio, w->ratio, w->square, MPFR_RNDN);
}

/* Adds sign times the term of d = w->d to all moments. */
static void moments_add(moments *m, const walk *w, int sign)
{
  mpfr_t term;

  mpfr_init2(term, mpfr_get_prec(w->term));
  mpfr_mul_si(term, w->term, sign, MPFR_RNDN);
  for (int i = 0; i < 3; i++) {
    mpfr_add(m->of[i], m->of[i], term, MPFR_RNDN);
    mpfr_mul_ui(term, term, w->d * w->d, MPFR_RNDN);
  }
  mpfr_clear(term);
}

/* The sums of class 0: T_0 = 0 and T_{K-1}.  q^{d^2 - 1} < 2^{-bits - 64} is
   below rounding of every moment for d up to a thousand. */
static void line_init(line *l, unsigned long K, mpfr_srcptr a, mpfr_prec_t bits)
{
  mpfr_t bound;

  for (int i = 0; i < 3; i++) {
    mpfr_inits2(bits, l->low.of[i], l->high.of[i], (mpfr_ptr)NULL);
    mpfr_set_zero(l->low.of[i], 1);
    mpfr_set_zero(l->high.of[i], 1);
  }
  mpfr_init2(bound, 64);
  mpfr_ui_div(bound, 2 * (unsigned long)(bits + 64), a, MPFR_RNDU);
  mpfr_add_ui(bound, bound, 1, MPFR_RNDU);
  mpfr_sqrt(bound, bound, MPFR_RNDU);
  l->K = K;
  l->last =
      mpfr_cmp_ui(bound, K - 1) < 0 ? mpfr_get_ui(bound, MPFR_RNDU) : K - 1;
  mpfr_clear(bound);
  walk_init(&l->up, a, 0, 1, bits);
  while (l->up.d < l->last) {
    walk_step(&l->up, 1);
    moments_add(&l->high, &l->up, 1);
  }
  mpfr_clears(l->up.term, l->up.ratio, l->up.square, (mpfr_ptr)NULL);
  walk_init(&l->up, a, 0, 1, bits);
  walk_init(&l->down, a, l->last, -1, bits);
}

/* From class j to class j + 1 <= K/2: T_{K-1-j} loses less than half. */
static void line_next(line *l, unsigned long j)
{
  if (l->up.d < l->last) {
    walk_step(&l->up, 1);
    moments_add(&l->low, &l->up, 1);
  }
  if (l->K - 1 - j <= l->last) {
    moments_add(&l->high, &l->down, -1);
    walk_step(&l->down, -1);
  }
}

static void line_clear(line *l)
{
  for (int i = 0; i < 3; i++)
    mpfr_clears(l->low.of[i], l->high.of[i], (mpfr_ptr)NULL);
  mpfr_clears(l->up.term, l->up.ratio, l->up.square, (mpfr_ptr)NULL);
  mpfr_clears(l->down.term, l->down.ratio, l->down.square, (mpfr_ptr)NULL);
}

/* Classes j and K-1-j have equal losses.  The product of the sums S_j is kept
   as product - 1, all terms positive, so one log1p serves all classes. */
static void line_value(const ufm__ce_loss *phi, mpfr_srcptr a, mpfr_ptr out)
{
  mpfr_prec_t bits = mpfr_get_prec(out);
  unsigned long half = phi->K / 2;
  line l;
  mpfr_t sum, product;

  mpfr_inits2(bits, sum, product, (mpfr_ptr)NULL);
  mpfr_set_zero(product, 1);
  line_init(&l, phi->K, a, bits);
  for (unsigned long j = 0; j < half; j++) {
    mpfr_add(sum, l.low.of[0], l.high.of[0], MPFR_RNDN);
    mpfr_fma(product, product, sum, product, MPFR_RNDN);
    mpfr_add(product, product, sum, MPFR_RNDN);
    line_next(&l, j);
  }
  mpfr_log1p(out, product, MPFR_RNDN);
  mpfr_mul_2ui(out, out, 1, MPFR_RNDN);
  if (phi->K % 2 == 1) {
    mpfr_add(sum, l.low.of[0], l.high.of[0], MPFR_RNDN);
    mpfr_log1p(sum, sum, MPFR_RNDN);
    mpfr_add(out, out, sum, MPFR_RNDN);
  }
  mpfr_div_ui(out, out, phi->K, MPFR_RNDN);
  line_clear(&l);
  mpfr_clears(sum, product, (mpfr_ptr)NULL);
}

/* Adds weight times the slopes of log S_j: with m_i = E d^{2i}/S_j these are
   -m_1/2 and (m_2 - m_1^2)/4. */
static void line_class(const line *l, unsigned long weight, mpfr_ptr first,
                       mpfr_ptr second)
{
  mpfr_prec_t bits = mpfr_get_prec(first);
  mpfr_t sum, mean, square;

  mpfr_inits2(bits, sum, mean, square, (mpfr_ptr)NULL);
  mpfr_add(sum, l->low.of[0], l->high.of[0], MPFR_RNDN);
  mpfr_add_ui(sum, sum, 1, MPFR_RNDN);
  mpfr_add(mean, l->low.of[1], l->high.of[1], MPFR_RNDN);
  mpfr_div(mean, mean, sum, MPFR_RNDN);
  mpfr_add(square, l->low.of[2], l->high.of[2], MPFR_RNDN);
  mpfr_div(square, square, sum, MPFR_RNDN);
  mpfr_sqr(sum, mean, MPFR_RNDN);
  mpfr_sub(square, square, sum, MPFR_RNDN);
  mpfr_mul_ui(mean, mean, weight, MPFR_RNDN);
  mpfr_mul_ui(square, square, weight, MPFR_RNDN);
  mpfr_add(first, first, mean, MPFR_RNDN);
  mpfr_add(second, second, square, MPFR_RNDN);
  mpfr_clears(sum, mean, square, (mpfr_ptr)NULL);
}

static void line_slopes(const ufm__ce_loss *phi, mpfr_srcptr a, mpfr_ptr first,
                        mpfr_ptr second)
{
  unsigned long half = phi->K / 2;
  line l;

  line_init(&l, phi->K, a, mpfr_get_prec(first));
  mpfr_set_zero(first, 1);
  mpfr_set_zero(second, 1);
  for (unsigned long j = 0; j < half; j++) {
    line_class(&l, 2, first, second);
    line_next(&l, j);
  }
  if (phi->K % 2 == 1)
    line_class(&l, 1, first, second);
  mpfr_div_ui(first, first, phi->K, MPFR_RNDN);
  mpfr_div_2ui(first, first, 1, MPFR_RNDN);
  mpfr_neg(first, first, MPFR_RNDN);
  mpfr_div_ui(second, second, phi->K, MPFR_RNDN);
  mpfr_div_2ui(second, second, 2, MPFR_RNDN);
  line_clear(&l);
}

/* The exponents are -(a/2) d^2 with d < K. */
ufm__ce_loss ufm__ce_line_loss(size_t K)
{
  double widest = (double)(K - 1);

  return (ufm__ce_loss){line_value, line_slopes, K, widest * widest / 2.0};
}
