/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The L-BFGS minimizer through GSL's interface, on classical problems and on
   hostile ones. */
#include <config.h>

#include "classical.h"

START_TEST(classical_problems)
{
  const problem *p = &problems[_i];
  counted c = {p, 0};
  double x[MAX_N], f, norm;

  p->start(p->n, x);
  ck_assert_int_eq(minimise(ufm_minimizer_lbfgs, 0.9, &c, x, &f, &norm), 0);
  ck_assert_msg(norm <= p->gradient, "%s: |grad| = %g", p->name, norm);
  ck_assert_msg(fabs(f - p->minimum) <= 1e-9, "%s: f = %.17g", p->name, f);
  ck_assert_msg(c.calls < 1000, "%s: %zu calls", p->name, c.calls);
}
END_TEST

/* The test problems themselves: gradients against central differences. */
START_TEST(gradients_of_the_problems_are_right)
{
  const problem *p = &problems[_i];
  double x[MAX_N], g[MAX_N], scratch[MAX_N];

  p->start(p->n, x);
  p->fdf(p->n, x, g);
  for (size_t i = 0; i < p->n; i++) {
    double keep = x[i], up, down;

    x[i] = keep + 1e-5;
    up = p->fdf(p->n, x, scratch);
    x[i] = keep - 1e-5;
    down = p->fdf(p->n, x, scratch);
    x[i] = keep;
    ck_assert_msg(fabs((up - down) / 2e-5 - g[i]) <= 1e-4 * (1.0 + fabs(g[i])),
                  "%s: entry %zu", p->name, i);
  }
}
END_TEST

/* Fewer evaluations in all than GSL's best, at the accuracy GSL reaches. */
START_TEST(cheaper_than_vector_bfgs2)
{
  size_t ours = 0, theirs = 0;

  for (size_t i = 0; i < PROBLEMS; i++) {
    problem p = problems[i];
    counted a = {&p, 0}, b = {&p, 0};
    double x[MAX_N], f, norm;

    p.gradient = 1e-4;
    p.start(p.n, x);
    ck_assert_int_eq(minimise(ufm_minimizer_lbfgs, 0.9, &a, x, &f, &norm), 0);
    p.start(p.n, x);
    minimise(gsl_multimin_fdfminimizer_vector_bfgs2, 0.1, &b, x, &f, &norm);
    ours += a.calls;
    theirs += b.calls;
  }
  ck_assert_msg(ours < theirs, "ours %zu, theirs %zu", ours, theirs);
}
END_TEST

START_TEST(hostile_functions_end_with_a_status)
{
  static const problem walled = {"wall", 1, wall, origin, 0.0, 1e-8};
  static const problem open = {"unbounded", 1, unbounded, origin, 0.0, 1e-8};
  static const problem lost = {"nowhere", 1, nowhere, origin, 0.0, 1e-8};
  counted c = {&walled, 0};
  double x[1] = {0.0}, f, norm;

  ck_assert_int_eq(minimise(ufm_minimizer_lbfgs, 0.9, &c, x, &f, &norm), 0);
  ck_assert_double_eq_tol(x[0], 1.99, 1e-6);
  c = (counted){&open, 0};
  x[0] = 0.0;
  ck_assert_int_eq(minimise(ufm_minimizer_lbfgs, 0.9, &c, x, &f, &norm),
                   GSL_ENOPROG);
  c = (counted){&lost, 0};
  x[0] = 0.0;
  ck_assert_int_eq(minimise(ufm_minimizer_lbfgs, 0.9, &c, x, &f, &norm),
                   GSL_EBADFUNC);
  ck_assert_double_eq(x[0], 0.0);
  ck_assert_double_eq(f, 1.0);
}
END_TEST

START_TEST(a_zero_gradient_is_no_progress)
{
  static const problem level = {"flat", 1, flat, origin, 0.0, 1e-8};
  counted c = {&level, 0};
  gsl_multimin_function_fdf function = {only_f, only_df, fdf, 1, &c};
  gsl_multimin_fdfminimizer *m =
      gsl_multimin_fdfminimizer_alloc(ufm_minimizer_lbfgs, 1);
  gsl_vector *x = gsl_vector_calloc(1);

  ck_assert_int_eq(gsl_multimin_fdfminimizer_set(m, &function, x, 0.1, 0.9), 0);
  ck_assert_int_eq(gsl_multimin_fdfminimizer_iterate(m), GSL_ENOPROG);
  ck_assert_uint_eq(c.calls, 1);
  ck_assert_str_eq(gsl_multimin_fdfminimizer_name(m), "lbfgs");
  gsl_vector_free(x);
  gsl_multimin_fdfminimizer_free(m);
}
END_TEST

/* The preconditioner: 1/curvature of `hills` where it was prepared. */
typedef struct diagonal {
  double inverse[HILLS];
  int code; /* returned by apply */
} diagonal;

static int prepare(const gsl_vector *x, void *params)
{
  diagonal *d = params;

  for (size_t i = 0; i < HILLS; i++)
    d->inverse[i] = 1.0 / (hill(i) * exp(x->data[i]));
  return GSL_SUCCESS;
}

static int apply(const gsl_vector *r, void *params, gsl_vector *z)
{
  diagonal *d = params;

  for (size_t i = 0; i < HILLS; i++)
    z->data[i] = d->inverse[i] * r->data[i];
  return d->code;
}

START_TEST(a_preconditioner_saves_evaluations)
{
  diagonal d = {.code = GSL_SUCCESS};
  const ufm_preconditioner given = {prepare, apply, &d};
  size_t calls[2];

  for (int way = 0; way < 2; way++) {
    counted c = {&hilly, 0};
    gsl_multimin_function_fdf function = {only_f, only_df, fdf, HILLS, &c};
    gsl_multimin_fdfminimizer *m =
        gsl_multimin_fdfminimizer_alloc(ufm_minimizer_lbfgs, HILLS);
    gsl_vector *x = gsl_vector_alloc(HILLS);

    ones(HILLS, x->data);
    if (way == 1)
      ck_assert_int_eq(ufm_minimizer_set_preconditioner(m, &given), 0);
    ck_assert_int_eq(gsl_multimin_fdfminimizer_set(m, &function, x, 0.1, 0.9),
                     0);
    for (int i = 0; i < 1000 && gsl_blas_dnrm2(m->gradient) > 1e-9; i++)
      ck_assert_int_eq(gsl_multimin_fdfminimizer_iterate(m), 0);
    ck_assert_double_le(gsl_blas_dnrm2(m->gradient), 1e-9);
    calls[way] = c.calls;
    if (way == 1) { /* its errors are ours */
      d.code = GSL_EFAILED;
      ck_assert_int_eq(gsl_multimin_fdfminimizer_iterate(m), GSL_EFAILED);
      ck_assert_int_eq(ufm_minimizer_set_preconditioner(m, NULL), 0);
      ck_assert_int_ne(gsl_multimin_fdfminimizer_iterate(m), GSL_EFAILED);
    }
    gsl_vector_free(x);
    gsl_multimin_fdfminimizer_free(m);
  }
  ck_assert_msg(3 * calls[1] < calls[0], "%zu without, %zu with", calls[0],
                calls[1]);
}
END_TEST

START_TEST(other_types_take_no_preconditioner)
{
  diagonal d = {.code = GSL_SUCCESS};
  const ufm_preconditioner given = {prepare, apply, &d};
  gsl_multimin_fdfminimizer *m = gsl_multimin_fdfminimizer_alloc(
      gsl_multimin_fdfminimizer_vector_bfgs2, HILLS);

  ck_assert_int_eq(ufm_minimizer_set_preconditioner(m, &given), GSL_EINVAL);
  gsl_multimin_fdfminimizer_free(m);
}
END_TEST

START_TEST(bad_line_search_parameters_are_refused)
{
  static const double bad[] = {0.0, 1.0, -1.0, 2.0};
  counted c = {&problems[0], 0};
  gsl_multimin_function_fdf function = {only_f, only_df, fdf, 2, &c};
  gsl_multimin_fdfminimizer *m =
      gsl_multimin_fdfminimizer_alloc(ufm_minimizer_lbfgs, 2);
  gsl_vector *x = gsl_vector_calloc(2);

  for (size_t i = 0; i < 4; i++)
    ck_assert_int_eq(
        gsl_multimin_fdfminimizer_set(m, &function, x, 0.1, bad[i]),
        GSL_EINVAL);
  ck_assert_int_eq(gsl_multimin_fdfminimizer_set(m, &function, x, 0.0, 0.9),
                   GSL_EINVAL);
  gsl_vector_free(x);
  gsl_multimin_fdfminimizer_free(m);
}
END_TEST

/* dx is the last step, and a restart forgets the memory but keeps the point. */
START_TEST(steps_and_restarts_keep_the_contract)
{
  counted c = {&problems[0], 0};
  gsl_multimin_function_fdf function = {only_f, only_df, fdf, 2, &c};
  gsl_multimin_fdfminimizer *m =
      gsl_multimin_fdfminimizer_alloc(ufm_minimizer_lbfgs, 2);
  gsl_vector *x = gsl_vector_alloc(2);
  double before[2], f;

  rosenbrock_start(2, x->data);
  ck_assert_int_eq(gsl_multimin_fdfminimizer_set(m, &function, x, 0.1, 0.9), 0);
  for (int i = 0; i < 5; i++) {
    memcpy(before, m->x->data, sizeof before);
    ck_assert_int_eq(gsl_multimin_fdfminimizer_iterate(m), 0);
    for (size_t k = 0; k < 2; k++)
      ck_assert_double_eq_tol(m->x->data[k] - before[k], m->dx->data[k], 1e-15);
  }
  f = m->f;
  ck_assert_int_eq(gsl_multimin_fdfminimizer_restart(m), 0);
  ck_assert_int_eq(gsl_multimin_fdfminimizer_iterate(m), 0);
  ck_assert_double_lt(m->f, f);
  gsl_vector_free(x);
  gsl_multimin_fdfminimizer_free(m);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("lbfgs");

  tcase_add_loop_test(tests, classical_problems, 0, PROBLEMS);
  tcase_add_loop_test(tests, gradients_of_the_problems_are_right, 0, PROBLEMS);
  tcase_add_test(tests, cheaper_than_vector_bfgs2);
  tcase_add_test(tests, hostile_functions_end_with_a_status);
  tcase_add_test(tests, a_zero_gradient_is_no_progress);
  tcase_add_test(tests, a_preconditioner_saves_evaluations);
  tcase_add_test(tests, other_types_take_no_preconditioner);
  tcase_add_test(tests, bad_line_search_parameters_are_refused);
  tcase_add_test(tests, steps_and_restarts_keep_the_contract);
  return run_case("lbfgs", tests);
}
