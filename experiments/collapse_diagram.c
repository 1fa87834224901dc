/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Phase diagram of collapse: five classes of 1000 samples, five of n, all
   penalties lambda.  Points of the plane (1000/n, lambda) have proved ranks;
   the lines between them are exact thresholds (doc/phase.md).

     ce, M = 1:  classes of n samples merge iff n <= N^2 lambda^2; Z = 0 iff
                 N^2 lambda^2 >= lambda_max(D^{1/2}(I - J/K)D^{1/2}); in between
                 one more direction vanishes, where no closed form is known:
                 that line is bracketed by points of proved rank;
     mse, M = 3: classes of n samples vanish iff 4 n^3 < 729 N^4 lambda^4. */
#include <config.h>

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"

enum { K = 10, MAJORITY = 1000, DIGITS = 20 };

/* Samples of a minority class in column i of `columns`. */
static size_t minority(size_t i, size_t columns)
{
  return (size_t)llround(
      pow((double)MAJORITY, 1.0 - (double)i / (double)(columns - 1)));
}

static void options(char *text, size_t size, const char *loss, size_t n,
                    const char *lambda)
{
  snprintf(text, size,
           "%s width=10 counts=1000,1000,1000,1000,1000,%zu,%zu,%zu,%zu,%zu "
           "lambda-W=%s lambda-H=%s",
           loss, n, n, n, n, n, lambda, lambda);
}

/* The thresholds of one column of the diagram. */
static ufm_thresholds *thresholds(experiment *x, const char *loss, size_t n)
{
  ufm_thresholds *t = NULL;
  ufm_error error = {{0}};
  char text[256];
  instance it;

  options(text, sizeof text, loss, n, "1");
  experiment_predict(x, &it, "%s", text);
  if (ufm_thresholds_enclose(&t, it.problem, DIGITS, &error) != UFM_OK) {
    fprintf(stderr, "collapse_diagram: %s\n", error.text);
    exit(3);
  }
  instance_clear(&it);
  return t;
}

/* The first threshold of a change of the classes with `count` samples (0: of
   any), in double; NaN when there is none. */
static double line_at(const ufm_thresholds *t, ufm_change change, size_t count)
{
  for (size_t i = 0; i < t->count; i++)
    if (t->at[i].change == change && (count == 0 || t->at[i].count == count))
      return mpfr_get_d(t->at[i].lower, MPFR_RNDN);
  return (double)NAN;
}

/* Thresholds at every ratio: n from 1000 to 1. */
static void lines(experiment *x, const char *name, const char *loss,
                  ufm_change change)
{
  size_t columns = experiment_full(x) ? 61 : 7;
  FILE *csv = experiment_csv(x, name, "ratio,minority,majority,total");

  for (size_t i = 0; i < columns; i++) {
    size_t n = minority(i, columns);
    ufm_thresholds *t = thresholds(x, loss, n);

    fprintf(csv, "%.10g,%.10g,%.10g,%.10g\n", (double)MAJORITY / (double)n,
            line_at(t, change, n), line_at(t, change, MAJORITY),
            line_at(t, UFM_CHANGE_TOTAL, 0));
    ufm_thresholds_free(t);
  }
}

static void must(ufm_status status, const ufm_error *error)
{
  if (status == UFM_OK)
    return;
  fprintf(stderr, "collapse_diagram: %s\n", error->text);
  exit(3);
}

/* The scale at which cross entropy loses the direction between minority and
   majority, to a relative 1e-3; NaN when no bracket separates it. */
static double between(size_t n)
{
  char counts[128];
  const char *const options[][2] = {{"loss", "ce"},
                                    {"counts", counts},
                                    {"width", "10"},
                                    {"lambda-W", "1"},
                                    {"lambda-H", "1"}};
  ufm_spec *spec = NULL;
  ufm_phase *phase = NULL;
  ufm_rank_changes *changes = NULL;
  ufm_error error = {{0}};
  double scale = (double)NAN;

  snprintf(counts, sizeof counts,
           "1000,1000,1000,1000,1000,%zu,%zu,%zu,%zu,%zu", n, n, n, n, n);
  must(ufm_spec_new(&spec, &error), &error);
  for (size_t i = 0; i < sizeof options / sizeof *options; i++)
    must(ufm_spec_set(spec, options[i][0], options[i][1], &error), &error);
  must(ufm_phase_new(&phase, spec, &error), &error);
  must(ufm_phase_rank_changes(&changes, phase, 1e-3, 1e-3, &error), &error);
  for (size_t i = 0; i < changes->count; i++)
    if (changes->at[i].from == K / 2 && changes->at[i].to == K / 2 - 1)
      scale = sqrt(changes->at[i].lower * changes->at[i].upper);
  ufm_rank_changes_free(changes);
  ufm_phase_free(phase);
  ufm_spec_free(spec);
  return scale;
}

static void between_line(experiment *x)
{
  size_t columns = experiment_full(x) ? 31 : 4;
  FILE *csv = experiment_csv(x, "collapse_diagram_ce_between", "ratio,lambda");

  for (size_t i = 1; i < columns; i++) {
    size_t n = minority(i, columns);

    if (n == minority(i - 1, columns))
      continue;
    fprintf(csv, "%.10g,%.10g\n", (double)MAJORITY / (double)n, between(n));
  }
}

/* What is claimed of the proved rank at `lambda`: full exactly below the
   minority's threshold, 0 exactly above the last one. */
static bool as_claimed(const ufm_thresholds *t, double lambda, size_t full,
                       const ufm_certificate *c)
{
  double first = mpfr_get_d(t->at[0].lower, MPFR_RNDD);
  double last = mpfr_get_d(t->at[t->count - 1].lower, MPFR_RNDD);

  return c->ranked && (lambda < first) == (c->rank_lo == full) &&
         (lambda >= last) == (c->rank_hi == 0);
}

/* Proved ranks on a grid.  Squared error starts at the closed form: next to a
   jump random starts end in local minima, whose bracket says nothing. */
static void points(experiment *x, const char *name, const char *loss,
                   const double range[2], size_t full, size_t ranked,
                   size_t agrees)
{
  size_t columns = experiment_full(x) ? 21 : 4;
  size_t rows = experiment_full(x) ? 20 : 5;
  FILE *csv = experiment_csv(x, name, "ratio,lambda,rank");

  for (size_t i = 0; i < columns; i++) {
    size_t n = minority(i, columns);
    ufm_thresholds *t;

    if (i > 0 && n == minority(i - 1, columns))
      continue;
    t = thresholds(x, loss, n);
    for (size_t k = 0; k < rows; k++) {
      double lambda =
          range[0] * pow(range[1] / range[0], (double)k / (double)(rows - 1));
      const ufm_certificate *c;
      char text[256], decimal[32];
      instance it;

      snprintf(decimal, sizeof decimal, "%.4g", lambda);
      options(text, sizeof text, loss, n, decimal);
      experiment_prove(x, &it, DIGITS, "%s", text);
      c = it.certificate;
      experiment_case(x, ranked,
                      c->ranked ? (double)(c->rank_hi - c->rank_lo)
                                : (double)NAN);
      experiment_case(x, agrees,
                      as_claimed(t, atof(decimal), full, c) ? 0.0 : 1.0);
      if (c->ranked && c->rank_lo == c->rank_hi)
        fprintf(csv, "%.10g,%s,%zu\n", (double)MAJORITY / (double)n, decimal,
                c->rank_lo);
      instance_clear(&it);
    }
    ufm_thresholds_free(t);
  }
}

int main(int argc, char **argv)
{
  static const double ce[] = {1e-4, 2e-2}, mse[] = {3e-5, 1e-2};
  experiment *x = experiment_begin(
      argc, argv, "collapse_diagram",
      "Phase diagram of collapse: imbalance ratio by penalty.");
  size_t a = experiment_claim(x, "ce: rank of the optimum proved", 0.0,
                              UFM_VERDICT_AGREES);
  size_t b = experiment_claim(
      x, "ce: minority merges, and all vanish, at the exact thresholds", 0.0,
      UFM_VERDICT_AGREES);
  size_t c = experiment_claim(x, "mse, M = 3: rank of the optimum proved", 0.0,
                              UFM_VERDICT_AGREES);
  size_t d = experiment_claim(
      x, "mse, M = 3: minority, and all, vanish at the exact thresholds", 0.0,
      UFM_VERDICT_AGREES);

  lines(x, "collapse_diagram_ce_lines", "loss=ce", UFM_CHANGE_MERGE);
  between_line(x);
  points(x, "collapse_diagram_ce_points", "loss=ce", ce, K - 1, a, b);
  lines(x, "collapse_diagram_mse_lines", "loss=mse depth=3", UFM_CHANGE_CLASS);
  points(x, "collapse_diagram_mse_points", "loss=mse depth=3 start=theory", mse,
         K, c, d);
  return experiment_end(x);
}
