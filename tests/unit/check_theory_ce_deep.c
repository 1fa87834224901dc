/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CE of depth M >= 2, balanced: known counterexamples, lower bounds, the exact
   case of two classes, thresholds, widths. */
#include <config.h>

#include <math.h>

#include "theory/ce_deep.h"
#include "theory/ce_threshold.h"

#include "run.h"
#include "theory_ce.h"

enum { DIGITS = 30 };

/* Points better than the simplex ETF, with the digits they were published
   with. */
static const struct row {
  ce_case problem;
  const char *etf, *family, *value, *scale;
  size_t rank;
} rows[] = {{{.K = 4, .n = 2, .M = 2, .lambda = "1/100"},
             "0.185653396119501",
             "hypercube",
             "0.185513599847273",
             NULL,
             2},
            {{.K = 4, .n = 1, .M = 2, .lambda = "1/50"},
             "0.2778146475",
             "hypercube",
             "0.2760566035",
             NULL,
             2},
            {{.K = 6, .n = 1, .M = 2, .lambda = "1/100"},
             "0.2522386656",
             "orthoplex",
             "0.2354634308",
             NULL,
             3},
            {{.K = 10, .n = 1, .M = 2, .lambda = "1/100"},
             "0.4534056650",
             "orthoplex",
             "0.4004000828",
             NULL,
             5},
            {{.K = 10, .n = 1, .M = 3, .lambda = "1/100"},
             "0.4581253535",
             "orthoplex",
             "0.3638065630",
             NULL,
             5},
            {{.K = 3, .n = 1, .M = 3, .lambda = "1/40", .bias = UFM_BIAS_FREE},
             "0.2340194220",
             "line",
             "0.2240539525",
             "7.88051769",
             1},
            {{.K = 3, .n = 1, .M = 2, .lambda = "37/200"},
             "1.0954797385",
             "partial",
             "1.0781515303",
             "1.88838650",
             1}};

/* Equal when printed with as many decimals. */
static void check_decimals(mpfr_srcptr got, const char *want)
{
  char text[64];
  int decimals = (int)strlen(strchr(want, '.') + 1);

  mpfr_snprintf(text, sizeof text, "%.*RNf", decimals, got);
  ck_assert_str_eq(text, want);
}

START_TEST(etf_is_beaten)
{
  const struct row *row = &rows[_i];
  ufm_problem *problem = make_ce(&row->problem);
  ufm_prediction *p = predict_ce(problem, DIGITS);
  const ufm_candidate *etf = candidate(p, "etf"), *best = &p->candidate[0];

  ck_assert_ptr_nonnull(etf);
  check_decimals(etf->objective, row->etf);
  ck_assert_str_eq(best->family, row->family);
  check_decimals(best->objective, row->value);
  if (row->scale != NULL)
    check_decimals(best->scale, row->scale);
  ck_assert_uint_eq(best->rank, row->rank);
  ck_assert_int_eq(p->claim, UFM_CLAIM_CANDIDATE);
  ck_assert(mpfr_equal_p(p->objective, best->objective));
  ck_assert(!p->grams);
  ck_assert_uint_eq(p->rank, row->rank);
  ck_assert_uint_eq(p->sv_multiplicity[0], row->rank);
  ck_assert_ptr_nonnull(strstr(p->note, "not globally optimal"));
  ck_assert_ptr_nonnull(strstr(p->note, row->family));
  ufm_prediction_free(p);
  ufm_problem_free(problem);
}
END_TEST

/* With unequal penalties too, the factors multiply to Z and cost the same. */
START_TEST(factors_fit_together)
{
  static const size_t counts[] = {2, 2, 2, 2, 2}, widths[] = {5, 4, 6};
  static const char *const lambda_w[] = {"1/100", "1/7", "3/1000"};
  test_problem t = {.loss = UFM_LOSS_CE,
                    .K = 5,
                    .counts = counts,
                    .M = 3,
                    .widths = widths,
                    .lambda_w = lambda_w,
                    .lambda_h = "1/5000"};
  ufm_problem *problem = make_problem(&t);
  ufm_prediction *p = predict_ce(problem, DIGITS);
  mpfr_t product, cost, first;

  mpfr_inits2(p->bits, product, cost, first, (mpfr_ptr)NULL);
  ck_assert_str_eq(p->candidate[0].family, "etf");
  ck_assert(p->grams);
  mpfr_set_ui(product, 1, MPFR_RNDN);
  for (size_t f = 1; f <= 4; f++) {
    mpfr_mul(product, product, p->sv[f], MPFR_RNDN);
    mpfr_sqr(cost, p->sv[f], MPFR_RNDN);
    mpfr_mul_q(cost, cost,
               f < 4 ? ufm_problem_lambda_w(problem, f)
                     : ufm_problem_lambda_h(problem),
               MPFR_RNDN);
    if (f == 1)
      mpfr_set(first, cost, MPFR_RNDN);
    ck_assert(same_digits(cost, first, DIGITS));
  }
  ck_assert(same_digits(product, p->sv[0], DIGITS));
  mpfr_sqr(first, p->sv[3], MPFR_RNDN);
  ck_assert(same_digits(p->gram_w.extra[0], first, DIGITS));
  mpfr_clears(product, cost, first, (mpfr_ptr)NULL);
  ufm_prediction_free(p);
  ufm_problem_free(problem);
}
END_TEST

/* min over a of log(1 + (K-1) e^{-a}) + gamma ((K-1) sqrt(n) a)^{2/L}, by
   brute force in double. */
static double scan_lower_bound(const ce_case *c)
{
  double K1 = (double)(c->K - 1), L = (double)(c->M + 1);
  double best = log1p(K1), lambda = lambda_value(c);

  for (int i = 0; i < 400000; i++) {
    double a = 1e-4 * i;
    double f = log1p(K1 * exp(-a)) +
               L / 2.0 * lambda * pow(K1 * sqrt((double)c->n) * a, 2.0 / L);

    best = f < best ? f : best;
  }
  return best;
}

/* The scan is above the minimum by at most curvature times step^2. */
enum { SCANS = 8 };
static const double scan_error = 1e-9;
static const ce_case bounds[SCANS] = {
    {.K = 3, .n = 2, .M = 2, .lambda = "1/100"},
    {.K = 4, .n = 2, .M = 2, .lambda = "1/100"},
    {.K = 6, .n = 1, .M = 2, .lambda = "1/200"},
    {.K = 2, .n = 3, .M = 2, .lambda = "1/20"},
    {.K = 2, .n = 1, .M = 4, .lambda = "1/9", .bias = UFM_BIAS_FREE},
    {.K = 2, .n = 2, .M = 3, .lambda = "3", .bias = UFM_BIAS_RIDGE},
    {.K = 5, .n = 2, .M = 1, .lambda = "1/100"},
    {.K = 9, .n = 1, .M = 1, .lambda = "1/30", .bias = UFM_BIAS_FREE}};
static const char *const stated_bounds[] = {"0.1010", "0.1344", "0.0839"};

/* LB1 is its scan, is not above any candidate, has the values published for
   three problems, and is the optimum for K = 2 and for M = 1. */
START_TEST(lower_bound_holds)
{
  const ce_case *c = &bounds[_i];
  ufm_problem *problem = make_ce(c);
  ufm_prediction *p = predict_ce(problem, DIGITS);
  double scan = scan_lower_bound(c), best = mpfr_get_d(p->objective, MPFR_RNDN);
  mpfr_t bound;

  mpfr_init2(bound, 200);
  if (c->M > 1) {
    double value;

    ck_assert_int_eq(ufm__ce_lower_bound(problem, bound, NULL), UFM_OK);
    value = mpfr_get_d(bound, MPFR_RNDN);
    ck_assert(value <= scan + 1e-15 && value >= scan - scan_error);
    ck_assert(mpfr_lessequal_p(bound, p->objective) ||
              same_digits(bound, p->objective, DIGITS));
  }
  if (_i < 3)
    check_decimals(bound, stated_bounds[_i]);
  else
    ck_assert(best <= scan + 1e-15 && best >= scan - scan_error);
  mpfr_clear(bound);
  ufm_prediction_free(p);
  ufm_problem_free(problem);
}
END_TEST

/* lambda_H = threshold rounded to `digits` decimals, plus `units` in the last,
   for a problem whose weight is lambda_H (all other factors 1). */
static void threshold_text(size_t K, size_t M, unsigned long digits, long units,
                           char *out, size_t size)
{
  mpfr_t lower, upper;
  mpz_t scaled, power;

  mpz_inits(scaled, power, (mpz_ptr)NULL);
  mpfr_inits2((mpfr_prec_t)digits * 4 + 200, lower, upper, (mpfr_ptr)NULL);
  ufm__ce_threshold(K, M + 1, lower, upper);
  ck_assert(same_digits(lower, upper, (long)digits + 20));
  /* LB1 has weight (K-1)^2 n Lam */
  mpfr_div_ui(lower, lower, (K - 1) * (K - 1), MPFR_RNDN);
  mpz_ui_pow_ui(power, 10, digits);
  mpfr_mul_z(lower, lower, power, MPFR_RNDN);
  mpfr_get_z(scaled, lower, MPFR_RNDD);
  if (units > 0)
    mpz_add_ui(scaled, scaled, (unsigned long)units);
  ck_assert_int_lt(gmp_snprintf(out, size, "%Zd/%Zd", scaled, power),
                   (int)size);
  mpfr_clears(lower, upper, (mpfr_ptr)NULL);
  mpz_clears(scaled, power, (mpz_ptr)NULL);
}

/* One unit in the last digit decides, for K = 2 (unique or zero) and through
   LB1 for K = 5 (candidate or zero). */
START_TEST(threshold_decides)
{
  char text[1024];
  ce_case c = {.K = _i % 2 ? 5 : 2,
               .n = 1,
               .M = 2 + (size_t)_i / 2,
               .lambda = "1",
               .lambda_h = text};

  for (long units = 0; units < 2; units++) {
    ufm_problem *problem;
    ufm_prediction *p;

    threshold_text(c.K, c.M, 60, units, text, sizeof text);
    problem = make_ce(&c);
    p = predict_ce(problem, DIGITS);
    ck_assert_int_eq(p->claim, units > 0  ? UFM_CLAIM_ZERO
                               : c.K == 2 ? UFM_CLAIM_UNIQUE
                                          : UFM_CLAIM_CANDIDATE);
    ck_assert_uint_eq(p->rank, c.K == 2 && units == 0 ? 1 : 0);
    ck_assert(p->grams);
    ufm_prediction_free(p);
    ufm_problem_free(problem);
  }
}
END_TEST

/* A penalty closer to the threshold than the precision cap: both points are
   listed, the objective is right, the Gram matrices are not claimed.  Asked for
   more digits the question is decided. */
START_TEST(near_tie_is_admitted)
{
  char text[2048];
  ce_case c = {.K = 2, .n = 1, .M = 2, .lambda = "1", .lambda_h = text};
  ufm_problem *problem;
  ufm_prediction *p;
  mpfr_t zero;

  threshold_text(2, 2, 500, 0, text, sizeof text);
  problem = make_ce(&c);
  p = predict_ce(problem, DIGITS);
  mpfr_init2(zero, 300);
  mpfr_log_ui(zero, 2, MPFR_RNDN);
  ck_assert_int_eq(p->claim, UFM_CLAIM_TIE_UNDECIDED);
  ck_assert(same_digits(p->objective, zero, DIGITS));
  ck_assert(same_digits(candidate(p, "etf")->objective, zero, DIGITS));
  ck_assert_uint_eq(p->rank, 1);
  ck_assert(mpfr_cmp_d(p->sv[0], 0.5) > 0);
  ck_assert(!p->grams);
  ck_assert_ptr_nonnull(p->note);
  ufm_prediction_free(p);
  p = predict_ce(problem, 300);
  ck_assert_int_eq(p->claim, UFM_CLAIM_UNIQUE);
  ufm_prediction_free(p);
  ufm_problem_free(problem);
  mpfr_clear(zero);
}
END_TEST

/* Families that do not fit the widths are left out. */
START_TEST(widths_limit_the_families)
{
  static const struct {
    size_t K, width, candidates;
    const char *in, *out;
  } cases[] = {
      {6, 5, 4, "etf", "hypercube"},      {6, 4, 3, "orthoplex", "etf"},
      {6, 2, 2, "partial", "orthoplex"},  {16, 4, 3, "hypercube", "etf"},
      {16, 3, 2, "partial", "hypercube"}, {6, 6, 4, "etf", "line"}};
  ce_case c = {.K = cases[_i].K,
               .n = 1,
               .M = 2,
               .width = cases[_i].width,
               .lambda = "1/100"};
  ufm_problem *problem = make_ce(&c);
  ufm_prediction *p = predict_ce(problem, DIGITS);

  ck_assert_uint_eq(p->candidates, cases[_i].candidates);
  ck_assert_ptr_nonnull(candidate(p, "zero"));
  ck_assert_ptr_nonnull(candidate(p, cases[_i].in));
  ck_assert_ptr_null(candidate(p, cases[_i].out));
  ck_assert_int_eq(strstr(p->note, "does not fit") != NULL,
                   candidate(p, "etf") == NULL);
  ufm_prediction_free(p);
  ufm_problem_free(problem);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("theory_ce_deep");

  tcase_add_loop_test(tests, etf_is_beaten, 0, 7);
  tcase_add_test(tests, factors_fit_together);
  tcase_add_loop_test(tests, lower_bound_holds, 0, SCANS);
  tcase_add_loop_test(tests, threshold_decides, 0, 6);
  tcase_add_test(tests, near_tie_is_admitted);
  tcase_add_loop_test(tests, widths_limit_the_families, 0, 6);
  return run_case("theory_ce_deep", tests);
}
