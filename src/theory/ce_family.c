/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Losses of the ETF, hypercube, orthoplex and partial codes as functions of
   their scale (doc/mathematics.md, sections 7.1 and 7.2). */
#include <config.h>

#include "theory/ce_family.h"

/* ETF: Zbar = a (I - J/K), phi = log(1 + (K-1) e^{-a}),
   phi' = -(K-1)/(e^a + K-1), phi'' = -phi' e^a/(e^a + K-1). */

static void etf_value(const ufm__ce_loss *phi, mpfr_srcptr a, mpfr_ptr out)
{
  mpfr_neg(out, a, MPFR_RNDN);
  mpfr_exp(out, out, MPFR_RNDN);
  mpfr_mul_ui(out, out, phi->K - 1, MPFR_RNDN);
  mpfr_log1p(out, out, MPFR_RNDN);
}

static void etf_slopes(const ufm__ce_loss *phi, mpfr_srcptr a, mpfr_ptr first,
                       mpfr_ptr second)
{
  mpfr_t sum;

  mpfr_init2(sum, mpfr_get_prec(first));
  mpfr_exp(second, a, MPFR_RNDN);
  mpfr_add_ui(sum, second, phi->K - 1, MPFR_RNDN);
  mpfr_div(second, second, sum, MPFR_RNDN);
  mpfr_ui_div(first, phi->K - 1, sum, MPFR_RNDN);
  mpfr_mul(second, second, first, MPFR_RNDN);
  mpfr_neg(first, first, MPFR_RNDN);
  mpfr_clear(sum);
}

ufm__ce_family ufm__ce_etf(size_t K)
{
  return (ufm__ce_family){.name = "etf",
                          .loss = {etf_value, etf_slopes, K, 1.0},
                          .rank = K - 1,
                          .half_steps = 2,
                          .symmetric = true,
                          .bias_is_zero = true};
}

/* Hypercube: K = 2^q, Zbar_ij = (a/2) x_i.x_j with x in {-1, 1}^q; q binary
   problems at once, phi = q log(1 + e^{-a}). */

static size_t floor_log2(size_t K)
{
  size_t q = 0;

  for (; K > 1; K /= 2)
    q++;
  return q;
}

static void hypercube_value(const ufm__ce_loss *phi, mpfr_srcptr a,
                            mpfr_ptr out)
{
  const ufm__ce_loss binary = {.K = 2};

  etf_value(&binary, a, out);
  mpfr_mul_ui(out, out, floor_log2(phi->K), MPFR_RNDN);
}

static void hypercube_slopes(const ufm__ce_loss *phi, mpfr_srcptr a,
                             mpfr_ptr first, mpfr_ptr second)
{
  const ufm__ce_loss binary = {.K = 2};

  etf_slopes(&binary, a, first, second);
  mpfr_mul_ui(first, first, floor_log2(phi->K), MPFR_RNDN);
  mpfr_mul_ui(second, second, floor_log2(phi->K), MPFR_RNDN);
}

/* ell(y) = log(1 + (K-2) y + y^2) with y = e^{-a}: a class whose partner has
   logit -2a and whose K-2 other classes have logit -a, relative to its own. */

static void partner_value(unsigned long K, mpfr_srcptr a, mpfr_ptr out)
{
  mpfr_t y;

  mpfr_init2(y, mpfr_get_prec(out));
  mpfr_neg(y, a, MPFR_RNDN);
  mpfr_exp(y, y, MPFR_RNDN);
  mpfr_add_ui(out, y, K - 2, MPFR_RNDN);
  mpfr_mul(out, out, y, MPFR_RNDN);
  mpfr_log1p(out, out, MPFR_RNDN);
  mpfr_clear(y);
}

/* With S = 1 + (K-2) y + y^2: ell' = -((K-2) y + 2 y^2)/S and
   ell'' = ((K-2) y + 4 y^2)/S - ell'^2. */
static void partner_slopes(unsigned long K, mpfr_srcptr a, mpfr_ptr first,
                           mpfr_ptr second)
{
  mpfr_prec_t bits = mpfr_get_prec(first);
  mpfr_t y, linear, square, sum;

  mpfr_inits2(bits, y, linear, square, sum, (mpfr_ptr)NULL);
  mpfr_neg(y, a, MPFR_RNDN);
  mpfr_exp(y, y, MPFR_RNDN);
  mpfr_mul_ui(linear, y, K - 2, MPFR_RNDN);
  mpfr_sqr(square, y, MPFR_RNDN);
  mpfr_add(sum, linear, square, MPFR_RNDN);
  mpfr_add_ui(sum, sum, 1, MPFR_RNDN);
  mpfr_mul_ui(square, square, 2, MPFR_RNDN);
  mpfr_add(first, linear, square, MPFR_RNDN);
  mpfr_add(second, first, square, MPFR_RNDN);
  mpfr_div(first, first, sum, MPFR_RNDN);
  mpfr_div(second, second, sum, MPFR_RNDN);
  mpfr_sqr(square, first, MPFR_RNDN);
  mpfr_sub(second, second, square, MPFR_RNDN);
  mpfr_neg(first, first, MPFR_RNDN);
  mpfr_clears(y, linear, square, sum, (mpfr_ptr)NULL);
}

/* Orthoplex: K even, a on the diagonal, -a at the partner, else 0; phi = ell.
 */

static void orthoplex_value(const ufm__ce_loss *phi, mpfr_srcptr a,
                            mpfr_ptr out)
{
  partner_value(phi->K, a, out);
}

static void orthoplex_slopes(const ufm__ce_loss *phi, mpfr_srcptr a,
                             mpfr_ptr first, mpfr_ptr second)
{
  partner_slopes(phi->K, a, first, second);
}

/* Partial: Zbar = (a/2)(e_1 - e_2)(e_1 - e_2)^T, so two classes separate and
   the others stay at 0; phi(a) = (2/K) ell(a/2) + ((K-2)/K) log K. */

static void partial_value(const ufm__ce_loss *phi, mpfr_srcptr a, mpfr_ptr out)
{
  mpfr_t half;

  mpfr_init2(half, mpfr_get_prec(a));
  mpfr_div_2ui(half, a, 1, MPFR_RNDN);
  partner_value(phi->K, half, out);
  mpfr_set_prec(half, mpfr_get_prec(out));
  mpfr_mul_2ui(out, out, 1, MPFR_RNDN);
  mpfr_log_ui(half, phi->K, MPFR_RNDN);
  mpfr_mul_ui(half, half, phi->K - 2, MPFR_RNDN);
  mpfr_add(out, out, half, MPFR_RNDN);
  mpfr_div_ui(out, out, phi->K, MPFR_RNDN);
  mpfr_clear(half);
}

static void partial_slopes(const ufm__ce_loss *phi, mpfr_srcptr a,
                           mpfr_ptr first, mpfr_ptr second)
{
  mpfr_t half;

  mpfr_init2(half, mpfr_get_prec(a));
  mpfr_div_2ui(half, a, 1, MPFR_RNDN);
  partner_slopes(phi->K, half, first, second);
  mpfr_div_ui(first, first, phi->K, MPFR_RNDN);
  mpfr_div_ui(second, second, phi->K, MPFR_RNDN);
  mpfr_div_2ui(second, second, 1, MPFR_RNDN);
  mpfr_clear(half);
}

size_t ufm__ce_families(const ufm_problem *problem,
                        ufm__ce_family family[UFM__CE_FAMILIES])
{
  size_t K = ufm_problem_classes(problem);
  size_t limit = ufm_problem_rank_limit(problem);
  size_t n = 0, kept = 0;

  family[n++] = ufm__ce_etf(K);
  if (K > 2 && K == (size_t)1 << floor_log2(K))
    family[n++] =
        (ufm__ce_family){.name = "hypercube",
                         .loss = {hypercube_value, hypercube_slopes, K, 1.0},
                         .rank = floor_log2(K),
                         .half_steps = K,
                         .bias_is_zero = true};
  if (K > 4 && K % 2 == 0)
    family[n++] =
        (ufm__ce_family){.name = "orthoplex",
                         .loss = {orthoplex_value, orthoplex_slopes, K, 2.0},
                         .rank = K / 2,
                         .half_steps = 4,
                         .bias_is_zero = true};
  /* x_i equally spaced: |x|^2 = K (K^2 - 1)/12 */
  if (K > 2 && K <= UFM__CE_LINE_CLASSES &&
      ufm_problem_bias(problem) == UFM_BIAS_FREE)
    family[n++] = (ufm__ce_family){.name = "line",
                                   .loss = K == 3 ? ufm__ce_line3_loss()
                                                  : ufm__ce_line_loss(K),
                                   .rank = 1,
                                   .half_steps = K * (K * K - 1) / 6};
  if (K > 2)
    family[n++] =
        (ufm__ce_family){.name = "partial",
                         .loss = {partial_value, partial_slopes, K, 1.0},
                         .rank = 1,
                         .half_steps = 2,
                         .bias_is_zero = true};
  for (size_t i = 0; i < n; i++)
    if (family[i].rank <= limit)
      family[kept++] = family[i];
  return kept;
}
