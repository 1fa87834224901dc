/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an evaluation costs: objective and gradient against the rate of dgemm,
   Hessian products, the geometry of a point, the growth with the number of
   classes, and what merging equal columns saves; `kernel CLASSES WIDTH`
   measures the first of these, and memory, for one size.

   One JSON object per case on standard output.  Processor seconds of this
   process, with one BLAS thread, the least of several repetitions. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sys/resource.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_fit.h>
#include <gsl/gsl_randist.h>
#include <ufm/ufm.h>

#include "core/rng.h"
#include "linalg/blas.h"

static void must(ufm_status status, const ufm_error *error)
{
  if (status == UFM_OK)
    return;
  fprintf(stderr, "kernel: %s\n", error->text);
  exit(3);
}

static void *must_have(void *memory)
{
  if (memory == NULL) {
    fputs("kernel: out of memory\n", stderr);
    exit(3);
  }
  return memory;
}

static double seconds(void)
{
  struct timespec now;

  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static ufm_problem *make_problem(size_t K, size_t width, bool balanced,
                                 bool unmerged)
{
  ufm_problem *problem = NULL;
  ufm_error error = {{0}};
  ufm_spec *spec = NULL;
  char text[64];

  must(ufm_spec_new(&spec, &error), &error);
  must(ufm_spec_set(spec, "loss", "ce", &error), &error);
  snprintf(text, sizeof text, balanced ? "step:%zu:100:1:0" : "exp:%zu:500:100",
           K);
  must(ufm_spec_set(spec, "profile", text, &error), &error);
  snprintf(text, sizeof text, "%zu", width);
  must(ufm_spec_set(spec, "width", text, &error), &error);
  must(ufm_spec_set(spec, "lambda-W", "1/100000", &error), &error);
  must(ufm_spec_set(spec, "lambda-H", "1/10000000", &error), &error);
  if (unmerged)
    must(ufm_spec_set(spec, "unmerged", "true", &error), &error);
  must(ufm_spec_problem(spec, &problem, &error), &error);
  ufm_spec_free(spec);
  return problem;
}

/* Least time of `repeat` products of K x d and d x K, at the rate of the first
   thousand rows. */
static double dgemm_seconds(size_t K, size_t d, const double *x, int repeat)
{
  size_t rows = K < 1000 ? K : 1000;
  double *C = must_have(calloc(rows * K, sizeof *C)), least = HUGE_VAL;

  for (int i = 0; i < repeat; i++) {
    double begin = seconds();

    ufm__gemm_nt(rows, K, d, x, x + K * d, 0.0, C);
    least = fmin(least, seconds() - begin);
  }
  free(C);
  return least * (double)K / (double)rows;
}

/* Peak resident memory of this process in MB. */
static double peak(void)
{
  struct rusage usage;

  return getrusage(RUSAGE_SELF, &usage) == 0 ? (double)usage.ru_maxrss / 1024.0
                                             : (double)NAN;
}

/* Seconds to measure the geometry of a point. */
static double geometry_seconds(const ufm_problem *problem,
                               const ufm_layout *layout, const double *x)
{
  ufm_geometry *geometry = NULL;
  ufm_error error = {{0}};
  double begin = seconds();

  must(ufm_geometry_measure(&geometry, problem, layout, x, NULL, &error),
       &error);
  ufm_geometry_free(geometry);
  return seconds() - begin;
}

/* Seconds of a gradient with K classes. */
static double evaluation(size_t K, size_t d, int repeat, bool memory)
{
  ufm_problem *problem = make_problem(K, d, false, false);
  double gradient = HUGE_VAL, hessian = HUGE_VAL, dgemm, geometry, *x, *g;
  ufm_objective *objective = NULL;
  ufm_error error = {{0}};
  gsl_rng *rng = must_have(ufm__rng_new(1, K));
  size_t size;

  must(ufm_objective_new(&objective, problem, UFM_VARIABLES_BALANCED, &error),
       &error);
  size = ufm_objective_layout(objective)->size;
  x = must_have(calloc(size, sizeof *x));
  g = must_have(calloc(size, sizeof *g));
  for (size_t i = 0; i < size; i++)
    x[i] = gsl_ran_gaussian(rng, 3.0 / sqrt((double)d));
  for (int i = 0; i < repeat; i++) {
    double begin = seconds();

    ufm_objective_gradient(objective, x, g);
    gradient = fmin(gradient, seconds() - begin);
  }
  if (memory)
    printf("{\"case\": \"gradient\", \"point_mb\": %.0f, \"peak_mb\": %.0f}\n",
           8e-6 * (double)size, peak());
  for (int i = 0; i < repeat; i++) {
    double begin = seconds();

    must(ufm_objective_hessian(objective, x, x, g, &error), &error);
    if (i > 0) /* the first one also keeps what depends on x alone */
      hessian = fmin(hessian, seconds() - begin);
  }
  if (memory)
    printf("{\"case\": \"hessian\", \"peak_mb\": %.0f}\n", peak());
  geometry = geometry_seconds(problem, ufm_objective_layout(objective), x);
  if (memory)
    printf("{\"case\": \"geometry\", \"peak_mb\": %.0f}\n", peak());
  dgemm = dgemm_seconds(K, d, x, repeat);
  printf(
      "{\"case\": \"evaluation\", \"classes\": %zu, \"width\": %zu, "
      "\"gradient_seconds\": %.4g, \"dgemm_gflops\": %.4g, "
      "\"part_of_dgemm_rate\": %.3f, \"hessian_product_in_gradients\": %.2f, "
      "\"geometry_in_gradients\": %.2f}\n",
      K, d, gradient, 2e-9 * (double)(K * K * d) / dgemm,
      3.0 * dgemm / gradient, hessian / gradient, geometry / gradient);
  fflush(stdout);
  free(x);
  free(g);
  gsl_rng_free(rng);
  ufm_objective_free(objective);
  ufm_problem_free(problem);
  return gradient;
}

/* log(seconds) against log(K^2 d): the exponent is 1 when time grows so. */
static void growth(void)
{
  static const size_t K[] = {100, 200, 300, 500, 1000, 2000, 3000};
  static const int repeat[] = {200, 100, 50, 20, 8, 3, 2};
  enum { N = sizeof K / sizeof *K };
  double x[N], y[N], c0, exponent, cov[3], sum;

  for (size_t i = 0; i < N; i++) {
    size_t d = K[i] == 1000 ? 1024 : K[i] + 20;

    y[i] = log(evaluation(K[i], d, repeat[i], false));
    x[i] = log((double)(K[i] * K[i] * d));
  }
  if (gsl_fit_linear(x, 1, y, 1, N, &c0, &exponent, &cov[0], &cov[1], &cov[2],
                     &sum) == GSL_SUCCESS)
    printf("{\"case\": \"growth\", \"exponent_of_K2d\": %.3f}\n", exponent);
}

static double solve_seconds(bool unmerged, double *objective)
{
  ufm_solve_settings settings = ufm_solve_defaults();
  ufm_problem *problem = make_problem(10, 16, true, unmerged);
  ufm_solution *solution = NULL;
  ufm_error error = {{0}};
  double begin = seconds();

  must(ufm_solve(&solution, problem, &settings, &error), &error);
  begin = seconds() - begin;
  *objective = solution->objective;
  ufm_solution_free(solution);
  ufm_problem_free(problem);
  return begin;
}

static void merging(void)
{
  double merged = HUGE_VAL, F, other, unmerged = HUGE_VAL;

  for (int i = 0; i < 20; i++)
    merged = fmin(merged, solve_seconds(false, &F));
  for (int i = 0; i < 3; i++)
    unmerged = fmin(unmerged, solve_seconds(true, &other));
  printf("{\"case\": \"merging\", \"classes\": 10, \"samples_per_class\": 100, "
         "\"merged_seconds\": %.4g, \"unmerged_seconds\": %.4g, \"factor\": "
         "%.1f, \"objective_difference\": %.2g}\n",
         merged, unmerged, unmerged / merged, fabs(F - other) / F);
}

int main(int argc, char **argv)
{
  gsl_set_error_handler_off();
  if (argc == 3) {
    evaluation(strtoul(argv[1], NULL, 10), strtoul(argv[2], NULL, 10), 3, true);
    return 0;
  }
  merging();
  growth();
  return 0;
}
