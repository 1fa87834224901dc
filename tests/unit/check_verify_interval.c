/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Intervals against exact rationals, and functions against twice the digits:
   what the operands allow is in the result, and points stay nearly points. */
#include <config.h>

#include <gmp.h>
#include <mpfr.h>

#include "../prop/rounds.h"
#include "run.h"
#include "verify.h"

enum { ROUNDS = 400, FINE = 600 };

/* A number and an interval that holds it: a point, a few units in the last
   place, or wide. */
typedef struct sample {
  mpq_t x;
  iv box;
} sample;

static void sample_init(sample *s, gsl_rng *rng, mpfr_prec_t bits)
{
  mpq_t radius;

  mpq_inits(s->x, radius, (mpq_ptr)NULL);
  ufm__iv_init(&s->box, bits);
  draw_dyadic(s->x, rng, 8 + below(rng, 120));
  ufm__iv_set_q(&s->box, s->x);
  if (below(rng, 3) > 0) {
    draw_dyadic(radius, rng, 40);
    mpq_abs(radius, radius);
    if (below(rng, 2))
      mpq_div_2exp(radius, radius, below(rng, 80));
    mpq_add(radius, s->x, radius);
    mpfr_set_q(s->box.hi, radius, MPFR_RNDU);
    mpq_sub(radius, s->x, radius);
    mpq_add(radius, radius, s->x); /* x - radius */
    if (below(rng, 2))
      mpfr_set_q(s->box.lo, radius, MPFR_RNDD);
  }
  mpq_clear(radius);
}

static void sample_clear(sample *s)
{
  mpq_clear(s->x);
  ufm__iv_clear(&s->box);
}

static void contains(const iv *box, mpq_srcptr x, const char *what, int seed)
{
  ck_assert_msg(!mpfr_nan_p(box->lo) && !mpfr_nan_p(box->hi) &&
                    mpfr_cmp_q(box->lo, x) <= 0 && mpfr_cmp_q(box->hi, x) >= 0,
                "seed %d: %s leaves the interval", seed, what);
}

/* A point in gives at most `ulps` units in the last place out. */
static void is_thin(const iv *box, int ulps, const char *what, int seed)
{
  mpfr_t end;

  mpfr_init2(end, mpfr_get_prec(box->lo));
  mpfr_set(end, box->lo, MPFR_RNDN);
  for (int i = 0; i < ulps; i++)
    mpfr_nextabove(end);
  ck_assert_msg(mpfr_lessequal_p(box->hi, end), "seed %d: %s is wide", seed,
                what);
  mpfr_clear(end);
}

/* The quotient is NaN exactly when the divisor may be 0. */
static void check_quotient(const sample *a, const sample *b, int seed)
{
  bool zero = mpfr_sgn(b->box.lo) <= 0 && mpfr_sgn(b->box.hi) >= 0;
  mpq_t exact;
  iv out;

  mpq_init(exact);
  ufm__iv_init(&out, mpfr_get_prec(a->box.lo));
  ufm__iv_div(&out, &a->box, &b->box);
  ck_assert_int_eq(mpfr_nan_p(out.lo) != 0, zero);
  ck_assert_int_eq(ufm__iv_bounded(&out), !zero);
  if (!zero) {
    mpq_div(exact, a->x, b->x);
    contains(&out, exact, "x/y", seed);
  }
  mpq_clear(exact);
  ufm__iv_clear(&out);
}

START_TEST(rational_operations_contain_the_exact_result)
{
  gsl_rng *rng = ufm__rng_new(11, (uint64_t)_i);
  mpfr_prec_t bits = (mpfr_prec_t)(2 + below(rng, 150));
  unsigned long n = below(rng, 7);
  mpq_t exact, power;
  sample a, b;
  iv out;

  sample_init(&a, rng, bits);
  sample_init(&b, rng, bits);
  mpq_inits(exact, power, (mpq_ptr)NULL);
  ufm__iv_init(&out, bits);
  mpq_add(exact, a.x, b.x);
  ufm__iv_add(&out, &a.box, &b.box);
  contains(&out, exact, "x + y", _i);
  mpq_sub(exact, a.x, b.x);
  ufm__iv_sub(&out, &a.box, &b.box);
  contains(&out, exact, "x - y", _i);
  mpq_mul(exact, a.x, b.x);
  ufm__iv_mul(&out, &a.box, &b.box);
  contains(&out, exact, "x y", _i);
  ufm__iv_mul_q(&out, &a.box, b.x);
  contains(&out, exact, "x q", _i);
  mpq_neg(exact, a.x);
  ufm__iv_neg(&out, &a.box);
  contains(&out, exact, "-x", _i);
  mpq_set_ui(power, 1, 1);
  for (unsigned long k = 0; k < n; k++)
    mpq_mul(power, power, a.x);
  ufm__iv_pow_ui(&out, &a.box, n);
  contains(&out, power, "x^n", _i);
  mpq_mul(exact, a.x, a.x);
  ufm__iv_sqr(&out, &a.box);
  contains(&out, exact, "x^2", _i);
  mpq_set_ui(exact, n, 1);
  mpq_mul(exact, exact, a.x);
  ufm__iv_mul_ui(&out, &a.box, n);
  contains(&out, exact, "n x", _i);
  check_quotient(&a, &b, _i);
  /* the result may be an operand */
  mpq_mul(exact, a.x, a.x);
  mpq_mul(exact, exact, b.x);
  ufm__iv_mul(&a.box, &a.box, &a.box);
  ufm__iv_mul(&b.box, &a.box, &b.box);
  contains(&b.box, exact, "x := x x, y := x y", _i);
  mpq_clears(exact, power, (mpq_ptr)NULL);
  ufm__iv_clear(&out);
  sample_clear(&a);
  sample_clear(&b);
  gsl_rng_free(rng);
}
END_TEST

START_TEST(sums_of_products_contain_the_exact_result)
{
  enum { N = 7 };
  gsl_rng *rng = ufm__rng_new(12, (uint64_t)_i);
  mpfr_prec_t bits = (mpfr_prec_t)(2 + below(rng, 150));
  iv x[N], y[N], out, sum;
  mpq_t exact, term;

  mpq_inits(exact, term, (mpq_ptr)NULL);
  ufm__iv_init(&out, bits);
  ufm__iv_init(&sum, bits);
  for (int i = 0; i < N; i++) {
    sample a, b;
    mpfr_t point;

    sample_init(&a, rng, bits);
    sample_init(&b, rng, bits);
    mpq_mul(term, a.x, b.x);
    mpq_add(exact, exact, term);
    mpfr_init2(point, 300); /* exact */
    ck_assert_int_eq(mpfr_set_q(point, b.x, MPFR_RNDN), 0);
    ufm__iv_add_product(&sum, &a.box, point);
    mpfr_clear(point);
    x[i] = a.box;
    y[i] = b.box;
    mpq_clears(a.x, b.x, (mpq_ptr)NULL);
  }
  ufm__iv_dot(&out, N, x, 1, y, 1);
  contains(&out, exact, "x . y", _i);
  contains(&sum, exact, "sum x y", _i);
  mpfr_set_nan(y[N - 1].lo);
  ufm__iv_dot(&out, N, x, 1, y, 1);
  ck_assert(!ufm__iv_bounded(&out));
  for (int i = 0; i < N; i++) {
    ufm__iv_clear(&x[i]);
    ufm__iv_clear(&y[i]);
  }
  mpq_clears(exact, term, (mpq_ptr)NULL);
  ufm__iv_clear(&out);
  ufm__iv_clear(&sum);
  gsl_rng_free(rng);
}
END_TEST

typedef struct function {
  const char *name;
  void (*enclose)(iv *out, const iv *x);
  int (*value)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t);
  int ulps;
} function;

static int xlogx(mpfr_ptr out, mpfr_srcptr x, mpfr_rnd_t round)
{
  if (mpfr_zero_p(x))
    return mpfr_set_ui(out, 0, round);
  mpfr_log(out, x, MPFR_RNDN);
  return mpfr_mul(out, out, x, round);
}

static void enclose_root(iv *out, const iv *x)
{
  ufm__iv_root(out, x, 5);
}

static int root(mpfr_ptr out, mpfr_srcptr x, mpfr_rnd_t round)
{
  return mpfr_rootn_ui(out, x, 5, round);
}

static const function functions[] = {{"exp", ufm__iv_exp, mpfr_exp, 4},
                                     {"log", ufm__iv_log, mpfr_log, 4},
                                     {"log1p", ufm__iv_log1p, mpfr_log1p, 2},
                                     {"sqrt", ufm__iv_sqrt, mpfr_sqrt, 2},
                                     {"root", enclose_root, root, 2},
                                     {"x log x", ufm__iv_xlogx, xlogx, 12}};
enum { FUNCTIONS = sizeof functions / sizeof *functions };

/* f(x) with FINE digits, up to an error far below the precision in use. */
static void is_enclosed(const function *f, const iv *out, mpfr_srcptr x,
                        int seed)
{
  mpfr_t value, slack;

  mpfr_init2(value, FINE);
  mpfr_init2(slack, FINE);
  f->value(value, x, MPFR_RNDN);
  if (mpfr_inf_p(value)) { /* log 0 */
    ck_assert_msg(mpfr_equal_p(out->lo, value), "seed %d: %s", seed, f->name);
    mpfr_clears(value, slack, (mpfr_ptr)NULL);
    return;
  }
  mpfr_abs(slack, value, MPFR_RNDN);
  mpfr_div_2ui(slack, slack, FINE - 50, MPFR_RNDN);
  mpfr_add(value, value, slack, MPFR_RNDN);
  ck_assert_msg(mpfr_lessequal_p(out->lo, value), "seed %d: %s", seed, f->name);
  mpfr_sub(value, value, slack, MPFR_RNDN);
  mpfr_sub(value, value, slack, MPFR_RNDN);
  ck_assert_msg(mpfr_greaterequal_p(out->hi, value), "seed %d: %s", seed,
                f->name);
  mpfr_clears(value, slack, (mpfr_ptr)NULL);
}

/* Widths from a point over 2^-32, where formulas change, to wide. */
START_TEST(functions_contain_their_values)
{
  gsl_rng *rng = ufm__rng_new(13, (uint64_t)_i);
  const function *f = &functions[_i % FUNCTIONS];
  mpfr_prec_t bits = (mpfr_prec_t)(10 + below(rng, 200));
  mpfr_t middle;
  mpq_t q;
  iv x, out;

  mpq_init(q);
  ufm__iv_init(&x, bits);
  ufm__iv_init(&out, bits);
  mpfr_init2(middle, FINE);
  draw_dyadic(q, rng, 12);
  mpq_abs(q, q);
  mpfr_set_q(x.lo, q, MPFR_RNDD);
  mpfr_set(x.hi, x.lo, MPFR_RNDU);
  if (below(rng, 3) > 0) {
    mpq_set_ui(q, 1 + below(rng, 1000), 1);
    mpq_div_2exp(q, q, below(rng, 90));
    mpfr_add_q(x.hi, x.hi, q, MPFR_RNDU);
  }
  f->enclose(&out, &x);
  is_enclosed(f, &out, x.lo, _i);
  is_enclosed(f, &out, x.hi, _i);
  mpfr_add(middle, x.lo, x.hi, MPFR_RNDN);
  mpfr_div_2ui(middle, middle, 1, MPFR_RNDN);
  is_enclosed(f, &out, middle, _i);
  if (mpfr_equal_p(x.lo, x.hi) && !mpfr_zero_p(x.lo))
    is_thin(&out, f->ulps, f->name, _i);
  f->enclose(&x, &x); /* in place */
  ck_assert(mpfr_equal_p(x.lo, out.lo) && mpfr_equal_p(x.hi, out.hi));
  mpq_clear(q);
  mpfr_clear(middle);
  ufm__iv_clear(&x);
  ufm__iv_clear(&out);
  gsl_rng_free(rng);
}
END_TEST

START_TEST(numbers_without_information_stay_so)
{
  iv x, y;

  ufm__iv_init(&x, 64);
  ufm__iv_init(&y, 64);
  mpfr_set_nan(x.lo);
  mpfr_set_ui(x.hi, 1, MPFR_RNDU);
  ck_assert(!ufm__iv_bounded(&x));
  for (int i = 0; i < FUNCTIONS; i++) {
    functions[i].enclose(&y, &x);
    ck_assert_msg(!ufm__iv_bounded(&y), "%s", functions[i].name);
  }
  mpfr_set_si(x.lo, -2, MPFR_RNDD);
  mpfr_set_si(x.hi, -1, MPFR_RNDU);
  ufm__iv_log(&y, &x);
  ck_assert(!ufm__iv_bounded(&y));
  ufm__iv_sqrt(&y, &x);
  ck_assert(!ufm__iv_bounded(&y));
  mpfr_set_ui(x.hi, 4, MPFR_RNDU); /* a negative end from rounding */
  ufm__iv_sqrt(&y, &x);
  ck_assert(mpfr_zero_p(y.lo) && mpfr_cmp_ui(y.hi, 2) == 0);
  ufm__iv_clear(&x);
  ufm__iv_clear(&y);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("verify-interval");
  int failed;

  tcase_add_loop_test(tests, rational_operations_contain_the_exact_result, 0,
                      rounds(ROUNDS));
  tcase_add_loop_test(tests, sums_of_products_contain_the_exact_result, 0,
                      rounds(ROUNDS / 4));
  tcase_add_loop_test(tests, functions_contain_their_values, 0, rounds(ROUNDS));
  tcase_add_test(tests, numbers_without_information_stay_so);
  failed = run_case("verify-interval", tests);
  mpfr_free_cache();
  return failed;
}
