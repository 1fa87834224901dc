/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The candidate families of CE at depth M >= 2: losses against logits written
   out, derivatives, the bounds the scale search relies on, and the search. */
#include <config.h>

#include <math.h>

#include <gsl/gsl_linalg.h>

#include "theory/ce_family.h"

#include "run.h"
#include "theory_ce.h"

enum { DIGITS = 30, MOST = 16 };

/* The logits of a family written out, z[i][j] = logit i of class j without
   bias; b is the bias of the line codes. */
static void write_logits(const char *family, size_t K, double a,
                         double z[][MOST], double *b)
{
  for (size_t i = 0; i < K; i++) {
    double x = (double)i - (double)(K - 1) / 2.0;

    b[i] = strcmp(family, "line") == 0 ? -a * x * x / 2.0 : 0.0;
    for (size_t j = 0; j < K; j++) {
      double y = (double)j - (double)(K - 1) / 2.0;

      z[i][j] = 0.0;
      if (strcmp(family, "etf") == 0)
        z[i][j] = a * ((i == j) - 1.0 / (double)K);
      else if (strcmp(family, "hypercube") == 0)
        for (size_t bit = 1; bit < K; bit *= 2)
          z[i][j] += (i & bit) == (j & bit) ? a / 2.0 : -a / 2.0;
      else if (strcmp(family, "orthoplex") == 0)
        z[i][j] = i == j ? a : i == (j ^ 1) ? -a : 0.0;
      else if (strcmp(family, "line") == 0)
        z[i][j] = a * x * y;
      else if (strcmp(family, "partial") == 0 && i < 2 && j < 2)
        z[i][j] = i == j ? a / 2.0 : -a / 2.0;
    }
  }
}

static double mean_loss(size_t K, double z[][MOST], const double *b)
{
  double total = 0.0;

  for (size_t j = 0; j < K; j++) {
    double others = 0.0;

    for (size_t i = 0; i < K; i++)
      if (i != j)
        others += exp(z[i][j] + b[i] - z[j][j] - b[j]);
    total += log1p(others);
  }
  return total / (double)K;
}

/* For three classes on a line the bias (0, c, 0) is optimised: golden section
   in c, which the symmetric bias of the other K does not need. */
static double best_middle_bias(double z[][MOST], double *b, double a)
{
  double lo = -1.0, hi = 2.0 * a + 2.0, golden = (sqrt(5.0) - 1.0) / 2.0;

  b[0] = b[2] = 0.0;
  for (int i = 0; i < 200; i++) {
    double left, right;

    b[1] = hi - golden * (hi - lo);
    left = mean_loss(3, z, b);
    b[1] = lo + golden * (hi - lo);
    right = mean_loss(3, z, b);
    if (left < right)
      hi = lo + golden * (hi - lo);
    else
      lo = hi - golden * (hi - lo);
  }
  return mean_loss(3, z, b);
}

/* gamma sum_j (sqrt(n) sigma_j(Zbar))^{2/L} with equal penalties, by SVD;
   checks rank and the common singular value. */
static double penalty_of(const ce_case *c, const ufm_candidate *point,
                         double lambda, double z[][MOST])
{
  double L = (double)(c->M + 1), total = 0.0;
  gsl_matrix *u = gsl_matrix_alloc(c->K, c->K), *v;
  gsl_vector *s = gsl_vector_alloc(c->K), *t = gsl_vector_alloc(c->K);

  v = gsl_matrix_alloc(c->K, c->K);
  for (size_t i = 0; i < c->K; i++)
    for (size_t j = 0; j < c->K; j++)
      gsl_matrix_set(u, i, j, sqrt((double)c->n) * z[i][j]);
  ck_assert_int_eq(gsl_linalg_SV_decomp(u, v, s, t), 0);
  for (size_t i = 0; i < c->K; i++) {
    double want =
        i < point->rank ? mpfr_get_d(point->singular_value, MPFR_RNDN) : 0.0;

    /* backward errors are relative to the largest singular value */
    ck_assert_double_eq_tol(gsl_vector_get(s, i), want,
                            1e-12 * (1.0 + gsl_vector_get(s, 0)));
    if (i < point->rank)
      total += pow(gsl_vector_get(s, i), 2.0 / L);
  }
  gsl_matrix_free(u);
  gsl_matrix_free(v);
  gsl_vector_free(s);
  gsl_vector_free(t);
  return L / 2.0 * lambda * total;
}

static const ce_case explicit_cases[] = {
    {.K = 3, .n = 2, .M = 2, .lambda = "1/100", .bias = UFM_BIAS_FREE},
    {.K = 4, .n = 1, .M = 5, .lambda = "1/300", .bias = UFM_BIAS_FREE},
    {.K = 8, .n = 3, .M = 3, .lambda = "1/1000", .bias = UFM_BIAS_FREE},
    {.K = 9, .n = 1, .M = 6, .lambda = "1/900", .bias = UFM_BIAS_FREE},
    {.K = 16, .n = 2, .M = 4, .lambda = "1/500", .bias = UFM_BIAS_FREE}};

/* Every candidate has the objective its logits have. */
START_TEST(candidates_are_points)
{
  const ce_case *c = &explicit_cases[_i];
  ufm_problem *problem = make_ce(c);
  ufm_prediction *p = predict_ce(problem, DIGITS);
  double z[MOST][MOST], b[MOST];

  ck_assert_uint_eq(p->candidates, c->K == 3   ? 4
                                   : c->K == 4 ? 5
                                   : c->K == 9 ? 4
                                               : 6);
  for (size_t i = 0; i < p->candidates; i++) {
    const ufm_candidate *point = &p->candidate[i];
    double a = mpfr_get_d(point->scale, MPFR_RNDN), loss, want;

    write_logits(point->family, c->K, a, z, b);
    loss = strcmp(point->family, "line") == 0 && c->K == 3
               ? best_middle_bias(z, b, a)
               : mean_loss(c->K, z, b);
    want = loss + penalty_of(c, point, lambda_value(c), z);
    ck_assert_double_eq_tol(mpfr_get_d(point->objective, MPFR_RNDN), want,
                            1e-12 * want);
    ck_assert(i == 0 ||
              !mpfr_less_p(point->objective, p->candidate[i - 1].objective));
  }
  ufm_prediction_free(p);
  ufm_problem_free(problem);
}
END_TEST

/* All families that exist for K classes with a free bias. */
static size_t families_of(size_t K, ufm__ce_family family[UFM__CE_FAMILIES])
{
  ce_case c = {.K = K, .n = 1, .M = 2, .lambda = "1", .bias = UFM_BIAS_FREE};
  ufm_problem *problem = make_ce(&c);
  size_t n = ufm__ce_families(problem, family);

  ufm_problem_free(problem);
  return n;
}

static const size_t sizes[] = {2, 3, 4, 5, 6, 16, 33, 100};
static const double scales[] = {1e-6, 0.01, 0.3, 1.0, 2.5, 9.0, 40.0, 2000.0};

enum { SIZES = sizeof sizes / sizeof *sizes };
enum { SCALES = sizeof scales / sizeof *scales };

/* (f(a + h) - f(a - h))/(2 h), of the values or of the slopes. */
static void difference(const ufm__ce_loss *phi, bool of_slopes, mpfr_srcptr a,
                       mpfr_srcptr h, mpfr_ptr out)
{
  mpfr_t x, right, ignored;

  mpfr_inits2(mpfr_get_prec(out), x, right, ignored, (mpfr_ptr)NULL);
  mpfr_add(x, a, h, MPFR_RNDN);
  if (of_slopes)
    phi->slopes(phi, x, right, ignored);
  else
    phi->value(phi, x, right);
  mpfr_sub(x, a, h, MPFR_RNDN);
  if (of_slopes)
    phi->slopes(phi, x, out, ignored);
  else
    phi->value(phi, x, out);
  mpfr_sub(out, right, out, MPFR_RNDN);
  mpfr_div(out, out, h, MPFR_RNDN);
  mpfr_div_2ui(out, out, 1, MPFR_RNDN);
  mpfr_clears(x, right, ignored, (mpfr_ptr)NULL);
}

/* h = 2^-80 a at 6000 bits: the differences are right to about 40 digits.  The
   high precision is for a = 2000, where phi' is e^-2000 next to log K. */
START_TEST(slopes_are_derivatives)
{
  ufm__ce_family family[UFM__CE_FAMILIES];
  size_t n = families_of(sizes[_i], family);
  mpfr_t a, h, first, second, got;

  mpfr_inits2(6000, a, h, first, second, got, (mpfr_ptr)NULL);
  for (size_t f = 0; f < n; f++)
    for (size_t s = 0; s < SCALES; s++) {
      const ufm__ce_loss *phi = &family[f].loss;

      mpfr_set_d(a, scales[s], MPFR_RNDN);
      mpfr_div_2ui(h, a, 80, MPFR_RNDN);
      phi->slopes(phi, a, first, second);
      difference(phi, false, a, h, got);
      ck_assert_msg(same_digits(first, got, 30), "%s: phi' at %g",
                    family[f].name, scales[s]);
      difference(phi, true, a, h, got);
      ck_assert_msg(same_digits(second, got, 30), "%s: phi'' at %g",
                    family[f].name, scales[s]);
    }
  mpfr_clears(a, h, first, second, got, (mpfr_ptr)NULL);
}
END_TEST

/* phi'' <= range |phi'|, and |phi'| <= K e^{-a/2} for a >= 1; coarse values
   agree with precise ones. */
START_TEST(losses_keep_their_bounds)
{
  ufm__ce_family family[UFM__CE_FAMILIES];
  size_t n = families_of(sizes[_i], family);
  mpfr_t a, first, second, bound, precise;

  mpfr_inits2(64, a, first, second, bound, (mpfr_ptr)NULL);
  mpfr_init2(precise, 500);
  for (size_t f = 0; f < n; f++) {
    const ufm__ce_loss *phi = &family[f].loss;

    for (int i = -60; i < 80; i++) {
      mpfr_set_d(a, exp(0.1 * i), MPFR_RNDN);
      phi->slopes(phi, a, first, second);
      mpfr_mul_d(bound, first, -phi->range * (1.0 + 1e-15), MPFR_RNDU);
      ck_assert_msg(mpfr_sgn(first) < 0 && mpfr_lessequal_p(second, bound),
                    "%s: phi'' at %g", family[f].name, exp(0.1 * i));
      if (i >= 0) {
        mpfr_div_si(bound, a, -2, MPFR_RNDU);
        mpfr_exp(bound, bound, MPFR_RNDU);
        mpfr_mul_ui(bound, bound, sizes[_i], MPFR_RNDU);
        ck_assert_msg(mpfr_cmpabs(first, bound) <= 0, "%s: phi' at %g",
                      family[f].name, exp(0.1 * i));
      }
      phi->value(phi, a, bound);
      phi->value(phi, a, precise);
      ck_assert(same_digits(bound, precise, 14));
    }
  }
  mpfr_clears(a, first, second, bound, precise, (mpfr_ptr)NULL);
}
END_TEST

/* A loss with two scales, phi = (ell(a) + ell(1000 a))/2 with ell(a) =
   log(1 + e^{-a}), whose objective has two minima. */

static void two_scales_value(const ufm__ce_loss *phi, mpfr_srcptr a,
                             mpfr_ptr out)
{
  const ufm__ce_loss ell = ufm__ce_etf(2).loss;
  mpfr_t far, value;

  (void)phi;
  mpfr_inits2(mpfr_get_prec(out), far, value, (mpfr_ptr)NULL);
  mpfr_mul_ui(far, a, 1000, MPFR_RNDN);
  ell.value(&ell, a, out);
  ell.value(&ell, far, value);
  mpfr_add(out, out, value, MPFR_RNDN);
  mpfr_div_2ui(out, out, 1, MPFR_RNDN);
  mpfr_clears(far, value, (mpfr_ptr)NULL);
}

static void two_scales_slopes(const ufm__ce_loss *phi, mpfr_srcptr a,
                              mpfr_ptr first, mpfr_ptr second)
{
  const ufm__ce_loss ell = ufm__ce_etf(2).loss;
  mpfr_t far, one, two;

  (void)phi;
  mpfr_inits2(mpfr_get_prec(first), far, one, two, (mpfr_ptr)NULL);
  mpfr_mul_ui(far, a, 1000, MPFR_RNDN);
  ell.slopes(&ell, a, first, second);
  ell.slopes(&ell, far, one, two);
  mpfr_mul_ui(one, one, 1000, MPFR_RNDN);
  mpfr_mul_ui(two, two, 1000000, MPFR_RNDN);
  mpfr_add(first, first, one, MPFR_RNDN);
  mpfr_add(second, second, two, MPFR_RNDN);
  mpfr_div_2ui(first, first, 1, MPFR_RNDN);
  mpfr_div_2ui(second, second, 1, MPFR_RNDN);
  mpfr_clears(far, one, two, (mpfr_ptr)NULL);
}

/* The lowest of two minima is found, whichever it is.  L = 3. */
START_TEST(lower_of_two_minima_wins)
{
  const ufm__ce_loss phi = {two_scales_value, two_scales_slopes, 2, 1000.0};
  size_t inner = 0, outer = 0;
  mpq_t weight;
  mpfr_t scale, objective;

  mpq_init(weight);
  mpfr_inits2(200, scale, objective, (mpfr_ptr)NULL);
  for (int i = 0; i < 40; i++) {
    double G = exp(-0.1 * i), lowest = log(2.0), at = 0.0;
    bool found;

    mpq_set_d(weight, G * G * G);
    ck_assert_int_eq(
        ufm__ce_minimum(&phi, 3, 1, weight, scale, objective, &found, NULL),
        UFM_OK);
    for (int j = -1200; j < 500; j++) {
      double a = exp(0.01 * j);
      double f = 0.5 * (log1p(exp(-a)) + log1p(exp(-1000.0 * a))) +
                 1.5 * G * pow(a, 2.0 / 3.0);

      if (f < lowest) {
        lowest = f;
        at = a;
      }
    }
    if (at == 0.0)
      continue;
    ck_assert(found);
    ck_assert_double_le(mpfr_get_d(objective, MPFR_RNDN), lowest + 1e-15);
    ck_assert_double_eq_tol(mpfr_get_d(scale, MPFR_RNDN), at, 0.02 * at);
    inner += at < 0.1;
    outer += at > 0.1;
  }
  ck_assert(inner > 3 && outer > 3);
  mpfr_clears(scale, objective, (mpfr_ptr)NULL);
  mpq_clear(weight);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("theory_ce_family");

  tcase_add_loop_test(tests, candidates_are_points, 0, 5);
  tcase_add_loop_test(tests, slopes_are_derivatives, 0, SIZES);
  tcase_add_loop_test(tests, losses_keep_their_bounds, 0, SIZES);
  tcase_add_test(tests, lower_of_two_minima_wins);
  return run_case("theory_ce_family", tests);
}
