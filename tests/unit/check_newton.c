/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Newton minimizer through GSL's interface: with Hessian products, with
   differences and with a preconditioner, on classical problems, at saddles, on
   singular Hessians and on hostile functions. */
#include <config.h>

#include "classical.h"

START_TEST(classical_problems_by_differences)
{
  const problem *p = &problems[_i];
  counted c = {p, 0};
  double x[MAX_N], f, norm;

  p->start(p->n, x);
  ck_assert_int_eq(minimise(ufm_minimizer_newton, 0.5, &c, x, &f, &norm), 0);
  ck_assert_msg(norm <= p->gradient, "%s: |grad| = %g", p->name, norm);
  ck_assert_msg(fabs(f - p->minimum) <= 1e-9, "%s: f = %.17g", p->name, f);
  ck_assert_msg(c.calls < 1500, "%s: %zu calls", p->name, c.calls);
}
END_TEST

/* What the product and the preconditioner are told, and what they did. */
typedef struct told {
  counted c; /* first: the function takes the same params */
  size_t products, prepared, applied;
  int code;         /* returned by products */
  double factor;    /* of a product: not 1 means a wrong Hessian */
  double at[HILLS]; /* where the preconditioner stands */
} told;

static int hills_hessian(const gsl_vector *x, void *params, const gsl_vector *v,
                         gsl_vector *out)
{
  told *t = params;

  t->products++;
  for (size_t i = 0; i < x->size; i++)
    out->data[i] = t->factor * hill(i) * exp(x->data[i]) * v->data[i];
  return t->code;
}

static int prepare(const gsl_vector *x, void *params)
{
  told *t = params;

  t->prepared++;
  memcpy(t->at, x->data, x->size * sizeof *t->at);
  return GSL_SUCCESS;
}

static int by_diagonal(const gsl_vector *r, void *params, gsl_vector *z)
{
  told *t = params;

  t->applied++;
  for (size_t i = 0; i < r->size; i++)
    z->data[i] = r->data[i] / (hill(i) * exp(t->at[i]));
  return GSL_SUCCESS;
}

/* A minimizer at `ones`, with Hessian products. */
static gsl_multimin_fdfminimizer *
set_up(told *t, gsl_multimin_function_fdf *function, bool preconditioned)
{
  const ufm_preconditioner diagonal = {prepare, by_diagonal, t};
  gsl_multimin_fdfminimizer *m =
      gsl_multimin_fdfminimizer_alloc(ufm_minimizer_newton, HILLS);
  gsl_vector *x = gsl_vector_alloc(HILLS);

  *t = (told){.c = {&hilly, 0}, .factor = 1.0};
  *function = (gsl_multimin_function_fdf){only_f, only_df, fdf, HILLS, &t->c};
  ones(HILLS, x->data);
  ck_assert_int_eq(ufm_newton_set_hessian(m, hills_hessian, t), 0);
  if (preconditioned)
    ck_assert_int_eq(ufm_minimizer_set_preconditioner(m, &diagonal), 0);
  ck_assert_int_eq(gsl_multimin_fdfminimizer_set(m, function, x, 100.0, 0.5),
                   0);
  gsl_vector_free(x);
  return m;
}

/* Once the gradient has fallen a thousandfold, eleven more digits take a
   handful of iterations: order two, less what the forcing terms leave. */
START_TEST(products_give_quadratic_convergence)
{
  gsl_multimin_function_fdf function;
  told t;
  gsl_multimin_fdfminimizer *m = set_up(&t, &function, false);
  double norm, first = gsl_blas_dnrm2(m->gradient);
  int near = 0;

  for (int i = 0; i < 50; i++) {
    ck_assert_int_eq(gsl_multimin_fdfminimizer_iterate(m), 0);
    norm = gsl_blas_dnrm2(m->gradient);
    if (norm <= 1e-14 * first)
      break;
    near += norm <= 1e-3 * first;
  }
  ck_assert_double_le(norm, 1e-14 * first);
  ck_assert_msg(near >= 1 && near <= 5, "%d iterations", near);
  gsl_multimin_fdfminimizer_free(m);
}
END_TEST

static size_t products_needed(bool preconditioned)
{
  gsl_multimin_function_fdf function;
  ufm_newton_report report;
  told t;
  gsl_multimin_fdfminimizer *m = set_up(&t, &function, preconditioned);

  for (int i = 0; i < 100 && gsl_blas_dnrm2(m->gradient) > 1e-10; i++)
    ck_assert_int_eq(gsl_multimin_fdfminimizer_iterate(m), 0);
  ck_assert_double_le(gsl_blas_dnrm2(m->gradient), 1e-10);
  ck_assert_int_eq(ufm_newton_report_get(m, &report), 0);
  ck_assert_uint_eq(report.products, t.products);
  ck_assert_uint_eq(t.applied > 0, preconditioned);
  ck_assert_uint_le(t.prepared, t.applied);
  gsl_multimin_fdfminimizer_free(m);
  return t.products;
}

START_TEST(a_preconditioner_saves_products)
{
  size_t without = products_needed(false), with = products_needed(true);

  /* by the exact diagonal every solve is one product */
  ck_assert_msg(4 * with < without, "%zu with, %zu without", with, without);
  ck_assert_uint_le(with, 12);
}
END_TEST

/* f = x^4/4 - x^2/2 + y^2/2 from beside the saddle 0: minimum -1/4. */
static double saddle(size_t n, const double *x, double *g)
{
  (void)n;
  g[0] = x[0] * x[0] * x[0] - x[0];
  g[1] = x[1];
  return 0.25 * pow(x[0], 4.0) - 0.5 * x[0] * x[0] + 0.5 * x[1] * x[1];
}

static void beside(size_t n, double *x)
{
  (void)n;
  x[0] = 1e-8;
  x[1] = 0.0;
}

/* f = (|x|^2 - 1)^2 / 4 in 10 dimensions: at every minimum the Hessian is
   singular in nine. */
static double sphere(size_t n, const double *x, double *g)
{
  double r = -1.0;

  for (size_t i = 0; i < n; i++)
    r += x[i] * x[i];
  for (size_t i = 0; i < n; i++)
    g[i] = r * x[i];
  return 0.25 * r * r;
}

static void far(size_t n, double *x)
{
  for (size_t i = 0; i < n; i++)
    x[i] = 1.0 + 0.1 * (double)i;
}

START_TEST(saddles_are_left_and_invariances_left_alone)
{
  static const problem beside_saddle = {"saddle", 2,     saddle,
                                        beside,   -0.25, 1e-12};
  static const problem round_one = {"sphere", 10, sphere, far, 0.0, 1e-14};
  counted c = {&beside_saddle, 0};
  double x[MAX_N], start[10], f, norm, length = 0.0;

  beside(2, x);
  ck_assert_int_eq(minimise(ufm_minimizer_newton, 0.5, &c, x, &f, &norm), 0);
  ck_assert_double_eq_tol(f, -0.25, 1e-14);
  ck_assert_double_eq_tol(fabs(x[0]), 1.0, 1e-10);
  ck_assert_uint_le(c.calls, 60);
  c = (counted){&round_one, 0};
  far(10, x);
  far(10, start);
  ck_assert_int_eq(minimise(ufm_minimizer_newton, 0.5, &c, x, &f, &norm), 0);
  ck_assert_double_le(norm, 1e-14);
  /* no drift along the sphere: x stays on the ray of the start */
  for (size_t i = 0; i < 10; i++)
    length += start[i] * start[i];
  for (size_t i = 0; i < 10; i++)
    ck_assert_double_eq_tol(x[i], start[i] / sqrt(length), 1e-6);
}
END_TEST

static ufm_newton_outcome outcome(const gsl_multimin_fdfminimizer *m)
{
  ufm_newton_report report;

  ck_assert_int_eq(ufm_newton_report_get(m, &report), GSL_SUCCESS);
  ck_assert_str_ne(ufm_newton_outcome_name(report.outcome), "unknown");
  ck_assert_str_ne(ufm_newton_outcome_meaning(report.outcome), "unknown");
  return report.outcome;
}

START_TEST(failures_keep_the_point_and_say_why)
{
  gsl_multimin_function_fdf function;
  told t;
  gsl_multimin_fdfminimizer *m = set_up(&t, &function, false);
  double f = m->f;

  ck_assert_int_eq(outcome(m), UFM_NEWTON_NEW);
  t.code = GSL_ENOMEM;
  ck_assert_int_eq(gsl_multimin_fdfminimizer_iterate(m), GSL_ENOMEM);
  ck_assert_int_eq(outcome(m), UFM_NEWTON_OPERATOR);
  t.code = GSL_SUCCESS;
  t.factor = (double)NAN;
  ck_assert_int_eq(gsl_multimin_fdfminimizer_iterate(m), GSL_EBADFUNC);
  ck_assert_int_eq(outcome(m), UFM_NEWTON_NOT_FINITE);
  ck_assert_double_eq(m->f, f);
  for (size_t i = 0; i < HILLS; i++)
    ck_assert_double_eq(m->x->data[i], 1.0);
  /* a Hessian of the wrong sign costs steps, not the descent */
  t.factor = -1.0;
  for (int i = 0; i < 200; i++)
    ck_assert_int_eq(gsl_multimin_fdfminimizer_iterate(m), 0);
  ck_assert_double_le(m->f, 1e-2 * f);
  gsl_multimin_fdfminimizer_free(m);
}
END_TEST

START_TEST(hostile_functions_end_with_a_status)
{
  static const problem walled = {"wall", 1, wall, origin, 0.0, 1e-8};
  static const problem open = {"unbounded", 1, unbounded, origin, 0.0, 1e-8};
  static const problem lost = {"nowhere", 1, nowhere, origin, 0.0, 1e-8};
  counted c = {&walled, 0};
  double x[1] = {0.0}, f, norm;
  int status;

  ck_assert_int_eq(minimise(ufm_minimizer_newton, 0.5, &c, x, &f, &norm), 0);
  ck_assert_double_eq_tol(x[0], 1.99, 1e-6);
  c = (counted){&open, 0};
  x[0] = 0.0;
  status = minimise(ufm_minimizer_newton, 0.5, &c, x, &f, &norm);
  ck_assert_msg(status != GSL_SUCCESS || f < -1e100, "status %d at %g", status,
                f);
  c = (counted){&lost, 0};
  x[0] = 0.0;
  ck_assert_int_eq(minimise(ufm_minimizer_newton, 0.5, &c, x, &f, &norm),
                   GSL_EBADFUNC);
  ck_assert_double_eq(x[0], 0.0);
  ck_assert_double_eq(f, 1.0);
}
END_TEST

/* A gradient that is not that of f: no step along it lowers f. */
static double liar(size_t n, const double *x, double *g)
{
  (void)n;
  g[0] = -2.0 * x[0];
  return x[0] * x[0];
}

START_TEST(zero_and_wrong_gradients_are_told_apart)
{
  static const problem level = {"flat", 1, flat, origin, 0.0, 1e-8};
  static const problem lying = {"liar", 1, liar, ones, 0.0, 1e-8};
  const problem *const both[] = {&level, &lying};
  static const ufm_newton_outcome want[] = {UFM_NEWTON_ZERO_GRADIENT,
                                            UFM_NEWTON_NO_DECREASE};

  for (int i = 0; i < 2; i++) {
    counted c = {both[i], 0};
    gsl_multimin_function_fdf function = {only_f, only_df, fdf, 1, &c};
    gsl_multimin_fdfminimizer *m =
        gsl_multimin_fdfminimizer_alloc(ufm_minimizer_newton, 1);
    gsl_vector *x = gsl_vector_alloc(1);

    both[i]->start(1, x->data);
    ck_assert_int_eq(gsl_multimin_fdfminimizer_set(m, &function, x, 0.1, 0.5),
                     0);
    ck_assert_int_eq(gsl_multimin_fdfminimizer_iterate(m), GSL_ENOPROG);
    ck_assert_int_eq(outcome(m), want[i]);
    ck_assert_str_eq(gsl_multimin_fdfminimizer_name(m), "newton");
    gsl_vector_free(x);
    gsl_multimin_fdfminimizer_free(m);
  }
}
END_TEST

START_TEST(bad_settings_are_refused)
{
  static const double bad[] = {0.0, 1.0, -1.0, 2.0};
  counted c = {&problems[0], 0};
  gsl_multimin_function_fdf function = {only_f, only_df, fdf, 2, &c};
  gsl_multimin_fdfminimizer *m =
      gsl_multimin_fdfminimizer_alloc(ufm_minimizer_newton, 2);
  gsl_multimin_fdfminimizer *other =
      gsl_multimin_fdfminimizer_alloc(ufm_minimizer_lbfgs, 2);
  gsl_vector *x = gsl_vector_calloc(2);
  ufm_newton_report report;

  for (size_t i = 0; i < 4; i++)
    ck_assert_int_eq(
        gsl_multimin_fdfminimizer_set(m, &function, x, 0.1, bad[i]),
        GSL_EINVAL);
  ck_assert_int_eq(gsl_multimin_fdfminimizer_set(m, &function, x, 0.0, 0.5),
                   GSL_EINVAL);
  ck_assert_int_eq(ufm_newton_set_hessian(other, NULL, NULL), GSL_EINVAL);
  ck_assert_int_eq(ufm_newton_report_get(other, &report), GSL_EINVAL);
  ck_assert_int_eq(ufm_newton_set_hessian(m, NULL, NULL), GSL_SUCCESS);
  gsl_vector_free(x);
  gsl_multimin_fdfminimizer_free(m);
  gsl_multimin_fdfminimizer_free(other);
}
END_TEST

/* dx is the last step, and a restart keeps the point. */
START_TEST(steps_and_restarts_keep_the_contract)
{
  gsl_multimin_function_fdf function;
  told t;
  gsl_multimin_fdfminimizer *m = set_up(&t, &function, true);
  double before[HILLS], f;

  for (int i = 0; i < 2; i++) {
    memcpy(before, m->x->data, sizeof before);
    ck_assert_int_eq(gsl_multimin_fdfminimizer_iterate(m), 0);
    for (size_t k = 0; k < HILLS; k++)
      ck_assert_double_eq_tol(m->x->data[k] - before[k], m->dx->data[k], 1e-15);
  }
  f = m->f;
  ck_assert_int_eq(gsl_multimin_fdfminimizer_restart(m), 0);
  ck_assert_double_eq(m->f, f);
  ck_assert_int_eq(gsl_multimin_fdfminimizer_iterate(m), 0);
  ck_assert_double_lt(m->f, f);
  gsl_multimin_fdfminimizer_free(m);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("newton");

  tcase_add_loop_test(tests, classical_problems_by_differences, 0, PROBLEMS);
  tcase_add_test(tests, products_give_quadratic_convergence);
  tcase_add_test(tests, a_preconditioner_saves_products);
  tcase_add_test(tests, saddles_are_left_and_invariances_left_alone);
  tcase_add_test(tests, failures_keep_the_point_and_say_why);
  tcase_add_test(tests, hostile_functions_end_with_a_status);
  tcase_add_test(tests, zero_and_wrong_gradients_are_told_apart);
  tcase_add_test(tests, bad_settings_are_refused);
  tcase_add_test(tests, steps_and_restarts_keep_the_contract);
  return run_case("newton", tests);
}
