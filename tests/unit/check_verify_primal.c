/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Enclosures of the objective against plain formulas at twice the digits, for
   points of every size; the gradient of the refinement against differences;
   products in fixed point against their error bound. */
#include <config.h>

#include <math.h>

#include "../prop/rounds.h"
#include "run.h"
#include "verify.h"
#include "verify/evaluate.h"
#include "verify/fixed.h"
#include "verify/primal_value.h"

enum { ROUNDS = 120, FINE = 900 };

/* A model of a random problem. */
static void init_model(ufm__model *model, gsl_rng *rng)
{
  ufm_problem *problem;
  drawn d;

  draw_problem(&d, rng, 1 + below(rng, MOST_LAYERS));
  problem = make_problem(&d.t);
  *model = (ufm__model){0};
  ck_assert_int_eq(ufm__model_init(model, problem, NULL), UFM_OK);
  ufm_problem_free(problem);
}

/* Entries of about 2^scale; some are 0, some are 2^-60 of that. */
static mpfr_t *draw_point(const ufm__model *model, gsl_rng *rng, long scale,
                          mpfr_prec_t bits)
{
  mpfr_t *x = ufm__mp_new(model->size, bits);

  ck_assert_ptr_nonnull(x);
  for (size_t i = 0; i < model->size; i++) {
    mpfr_set_ui_2exp(x[i], below(rng, 1UL << 30), -30, MPFR_RNDN);
    mpfr_add_d(x[i], x[i], ldexp(gsl_rng_uniform(rng), 30 - (int)bits),
               MPFR_RNDN);
    mpfr_mul_2si(x[i], x[i], scale, MPFR_RNDN);
    if (below(rng, 2))
      mpfr_neg(x[i], x[i], MPFR_RNDN);
    if (below(rng, 10) == 0)
      mpfr_div_2ui(x[i], x[i], 60, MPFR_RNDN);
    if (below(rng, 10) == 0)
      mpfr_set_zero(x[i], 1);
  }
  return x;
}

/* y = W_M ... W_1 h_j + b, by the definition; y and `next` have room. */
static void plain_logits(const ufm__model *model, mpfr_t *x, size_t j,
                         mpfr_t *y, mpfr_t *next)
{
  for (size_t i = 0; i < model->width[0]; i++)
    mpfr_set(y[i], ufm__feature(model, x, j)[i], MPFR_RNDN);
  for (size_t m = 1; m <= model->M; m++) {
    size_t in = model->width[m - 1];

    for (size_t i = 0; i < model->width[m]; i++) {
      mpfr_set_zero(next[i], 1);
      for (size_t l = 0; l < in; l++)
        mpfr_fma(next[i], ufm__layer(model, x, m)[i * in + l], y[l], next[i],
                 MPFR_RNDN);
    }
    for (size_t i = 0; i < model->width[m]; i++)
      mpfr_set(y[i], next[i], MPFR_RNDN);
  }
  for (size_t i = 0; i < model->K && model->bias != UFM_BIAS_NONE; i++)
    mpfr_add(y[i], y[i], x[model->b + i], MPFR_RNDN);
}

/* -t . log softmax(y), or |y - t|^2/2. */
static void plain_loss(const ufm__model *model, size_t j, mpfr_t *y, mpfr_t out)
{
  mpfr_t term, sum;

  mpfr_inits2(mpfr_get_prec(out), term, sum, (mpfr_ptr)NULL);
  mpfr_set_zero(out, 1);
  mpfr_set_zero(sum, 1);
  for (size_t i = 0; i < model->K; i++) {
    mpq_srcptr t = model->target[j * model->K + i];

    if (model->loss == UFM_LOSS_CE) {
      mpfr_exp(term, y[i], MPFR_RNDN);
      mpfr_add(sum, sum, term, MPFR_RNDN);
      mpfr_mul_q(term, y[i], t, MPFR_RNDN);
      mpfr_sub(out, out, term, MPFR_RNDN);
    } else {
      mpfr_sub_q(term, y[i], t, MPFR_RNDN);
      mpfr_sqr(term, term, MPFR_RNDN);
      mpfr_div_2ui(term, term, 1, MPFR_RNDN);
      mpfr_add(out, out, term, MPFR_RNDN);
    }
  }
  if (model->loss == UFM_LOSS_CE) {
    mpfr_log(sum, sum, MPFR_RNDN);
    mpfr_add(out, out, sum, MPFR_RNDN);
  }
  mpfr_clears(term, sum, (mpfr_ptr)NULL);
}

/* out += (lambda/2) |x|^2 */
static void plain_penalty(mpfr_t out, mpfr_t *x, size_t n, mpq_srcptr lambda)
{
  mpfr_t term;

  mpfr_init2(term, mpfr_get_prec(out));
  for (size_t i = 0; i < n; i++) {
    mpfr_sqr(term, x[i], MPFR_RNDN);
    mpfr_mul_q(term, term, lambda, MPFR_RNDN);
    mpfr_div_2ui(term, term, 1, MPFR_RNDN);
    mpfr_add(out, out, term, MPFR_RNDN);
  }
  mpfr_clear(term);
}

static void plain_objective(const ufm__model *model, mpfr_t *x, mpfr_t out)
{
  size_t room = 4 * MOST_CLASSES, d = model->width[0];
  mpfr_t *y = ufm__mp_new(room, mpfr_get_prec(out));
  mpfr_t *next = ufm__mp_new(room, mpfr_get_prec(out)), loss;
  mpq_t lambda;

  mpq_init(lambda);
  mpfr_init2(loss, mpfr_get_prec(out));
  mpfr_set_zero(out, 1);
  for (size_t j = 0; j < model->J; j++) {
    plain_logits(model, x, j, y, next);
    plain_loss(model, j, y, loss);
    mpfr_mul_q(loss, loss, model->pi[j], MPFR_RNDN);
    mpfr_add(out, out, loss, MPFR_RNDN);
    mpq_mul(lambda, model->lambda[model->M], model->nu[j]);
    plain_penalty(out, ufm__feature(model, x, j), d, lambda);
  }
  for (size_t m = 1; m <= model->M; m++)
    plain_penalty(out, ufm__layer(model, x, m),
                  model->width[m] * model->width[m - 1], model->lambda[m - 1]);
  if (model->bias == UFM_BIAS_RIDGE)
    plain_penalty(out, x + model->b, model->K, model->lambda_b);
  mpq_clear(lambda);
  mpfr_clear(loss);
  ufm__mp_free(y, room);
  ufm__mp_free(next, room);
}

/* Sizes from 2^-40 to 2^6: nearly zero losses, and logits of thousands. */
START_TEST(objectives_are_enclosed)
{
  gsl_rng *rng = ufm__rng_new(41, (uint64_t)_i);
  mpfr_prec_t bits = (mpfr_prec_t)(40 + below(rng, 150));
  long scale = (long)below(rng, 8) - (below(rng, 5) ? 2 : 40);
  mpfr_t value, slack;
  ufm__model model;
  mpfr_t *x;
  iv box;

  init_model(&model, rng);
  x = draw_point(&model, rng, scale, 30 + (mpfr_prec_t)below(rng, 200));
  mpfr_init2(value, FINE);
  mpfr_init2(slack, FINE);
  ufm__iv_init(&box, bits);
  plain_objective(&model, x, value);
  ck_assert_int_eq(ufm__primal_value(&model, x, &box, NULL), UFM_OK);
  ck_assert_msg(ufm__iv_bounded(&box), "seed %d", _i);
  /* the plain formula cancels: logits of up to 2^40, 2^-800 of them */
  mpfr_set_ui_2exp(slack, 1, -700, MPFR_RNDN);
  mpfr_sub(value, value, slack, MPFR_RNDN);
  ck_assert_msg(mpfr_greaterequal_p(box.hi, value), "seed %d: above", _i);
  mpfr_mul_2ui(slack, slack, 1, MPFR_RNDN);
  mpfr_add(value, value, slack, MPFR_RNDN);
  ck_assert_msg(mpfr_lessequal_p(box.lo, value), "seed %d: below", _i);
  /* relative width at ordinary points */
  mpfr_sub(slack, box.hi, box.lo, MPFR_RNDU);
  mpfr_div(slack, slack, value, MPFR_RNDU);
  ck_assert_msg(scale > 2 || mpfr_cmp_ui_2exp(slack, 1, 24 - bits) < 0,
                "seed %d: wide", _i);
  mpfr_clears(value, slack, (mpfr_ptr)NULL);
  ufm__iv_clear(&box);
  ufm__mp_free(x, model.size);
  ufm__model_clear(&model);
  gsl_rng_free(rng);
}
END_TEST

START_TEST(points_that_are_not_finite_have_no_value)
{
  gsl_rng *rng = ufm__rng_new(42, (uint64_t)_i);
  ufm__model model;
  mpfr_t *x;
  iv box;

  init_model(&model, rng);
  x = draw_point(&model, rng, 0, 64);
  ufm__iv_init(&box, 64);
  if (_i % 2)
    mpfr_set_nan(x[below(rng, model.b)]);
  else
    mpfr_set_inf(x[below(rng, model.b)], 1);
  ck_assert_int_eq(ufm__primal_value(&model, x, &box, NULL), UFM_OK);
  ck_assert_msg(!ufm__iv_bounded(&box), "seed %d", _i);
  ufm__iv_clear(&box);
  ufm__mp_free(x, model.size);
  ufm__model_clear(&model);
  gsl_rng_free(rng);
}
END_TEST

/* (F(x + h v) - F(x - h v))/2h = r . v + O(h^2), h = 2^-200. */
START_TEST(gradients_are_derivatives)
{
  gsl_rng *rng = ufm__rng_new(43, (uint64_t)_i);
  mpfr_t slope, there, product;
  ufm__evaluation ev;
  ufm__model model;
  mpfr_t *x, *v, *r;

  init_model(&model, rng);
  x = draw_point(&model, rng, 0, 64);
  v = draw_point(&model, rng, 0, 64);
  r = ufm__mp_new(model.size, 400);
  ck_assert_int_eq(ufm__evaluation_init(&ev, &model, 400, NULL), UFM_OK);
  ufm__evaluate(&ev, x);
  ufm__gradient(&ev, x, r);
  mpfr_inits2(FINE, slope, there, product, (mpfr_ptr)NULL);
  mpfr_set_zero(product, 1);
  for (size_t i = 0; i < model.size; i++) {
    mpfr_fma(product, r[i], v[i], product, MPFR_RNDN);
    mpfr_prec_round(x[i], 600, MPFR_RNDN);
    mpfr_div_2ui(v[i], v[i], 200, MPFR_RNDN);
    mpfr_add(x[i], x[i], v[i], MPFR_RNDN);
  }
  plain_objective(&model, x, slope);
  for (size_t i = 0; i < model.size; i++) {
    mpfr_sub(x[i], x[i], v[i], MPFR_RNDN);
    mpfr_sub(x[i], x[i], v[i], MPFR_RNDN);
  }
  plain_objective(&model, x, there);
  mpfr_sub(slope, slope, there, MPFR_RNDN);
  mpfr_mul_2ui(slope, slope, 199, MPFR_RNDN);
  mpfr_sub(slope, slope, product, MPFR_RNDN);
  ck_assert_msg(mpfr_zero_p(slope) || mpfr_get_exp(slope) < -300,
                "seed %d: off by 2^%ld", _i, (long)mpfr_get_exp(slope));
  mpfr_clears(slope, there, product, (mpfr_ptr)NULL);
  ufm__evaluation_clear(&ev);
  ufm__mp_free(x, model.size);
  ufm__mp_free(v, model.size);
  ufm__mp_free(r, model.size);
  ufm__model_clear(&model);
  gsl_rng_free(rng);
}
END_TEST

/* |sum_l X_l Y_l - sum_l x_l y_l 2^(e + e' - 2f)| <= 2 k 2^(e + e' - f) */
START_TEST(fixed_point_keeps_its_bound)
{
  gsl_rng *rng = ufm__rng_new(44, (uint64_t)_i);
  size_t k = 1 + below(rng, 20);
  long f = 20 + (long)below(rng, 120);
  mpfr_t *x = ufm__mp_new(2 * k, 150);
  mpq_t exact, term, bound;
  ufm__fixed a, b;
  mpz_t sum;

  mpz_init(sum);
  mpq_inits(exact, term, bound, (mpq_ptr)NULL);
  for (size_t i = 0; i < 2 * k; i++) {
    draw_dyadic(term, rng, 140);
    mpfr_set_q(x[i], term, MPFR_RNDN);
  }
  for (size_t i = 0; i < k; i++) { /* rows are columns 0 and 1 of k x 2 */
    mpfr_get_q(term, x[2 * i]);
    mpfr_get_q(bound, x[2 * i + 1]);
    mpq_mul(term, term, bound);
    mpq_add(exact, exact, term);
  }
  ck_assert(ufm__fixed_init(&a, k) && ufm__fixed_init(&b, k));
  ck_assert(ufm__fixed_set(&a, 1, k, x, 1, 2, f));
  ck_assert(ufm__fixed_set(&b, 1, k, x + 1, 1, 2, f));
  ufm__fixed_dot(sum, &a, 0, &b, 0);
  mpq_set_z(term, sum);
  mpq_set_ui(bound, 2 * k, 1);
  for (int part = 0; part < 2; part++) {
    mpq_ptr number = part ? bound : term;
    long shift = a.exponent[0] + b.exponent[0] - (part ? f : 2 * f);

    if (shift >= 0)
      mpq_mul_2exp(number, number, (mp_bitcnt_t)shift);
    else
      mpq_div_2exp(number, number, (mp_bitcnt_t)-shift);
  }
  mpq_sub(exact, exact, term);
  mpq_abs(exact, exact);
  ck_assert_msg(mpq_cmp(exact, bound) <= 0, "seed %d", _i);
  mpfr_set_nan(x[2 * below(rng, k)]);
  ck_assert(!ufm__fixed_set(&a, 1, k, x, 1, 2, f));
  ufm__fixed_clear(&a);
  ufm__fixed_clear(&b);
  mpz_clear(sum);
  mpq_clears(exact, term, bound, (mpq_ptr)NULL);
  ufm__mp_free(x, 2 * k);
  gsl_rng_free(rng);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("verify-primal");
  int failed;

  tcase_add_loop_test(tests, objectives_are_enclosed, 0, rounds(ROUNDS));
  tcase_add_loop_test(tests, points_that_are_not_finite_have_no_value, 0, 20);
  tcase_add_loop_test(tests, gradients_are_derivatives, 0, rounds(ROUNDS / 3));
  tcase_add_loop_test(tests, fixed_point_keeps_its_bound, 0, rounds(ROUNDS));
  failed = run_case("verify-primal", tests);
  mpfr_free_cache();
  return failed;
}
