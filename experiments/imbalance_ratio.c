/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Singular values, norms and cosines along the imbalance ratio: five classes of
   1000 samples, five of n, all penalties 1/2000.

     squared error, M matrices (arXiv 2301.00437): a minority class is there
       iff n^M (M-1)^{M-1} > N^{M+1} Lam M^{2M};
     cross entropy, M = 1: the minority classes have equal classifier rows iff
       n <= N^2 lambda_W lambda_H (doc/phase.md, section 3).

   The closed forms are evaluated at many ratios, the solver runs at some. */
#include <config.h>

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "harness.h"

enum { K = 10, MAJORITY = 1000, DIGITS = 30 };

static const char header[] =
    "ratio,sv_major,sv_minor,w_major,w_minor,h_major,h_minor";
static const char counts[] = "1000,1000,1000,1000,1000,%zu,%zu,%zu,%zu,%zu";

/* Options of the problem whose minority classes have n samples. */
static void options(char *text, size_t size, const char *rest, size_t n)
{
  char list[128];

  snprintf(list, sizeof list, counts, n, n, n, n, n);
  snprintf(text, size, "counts=%s width=16 lambda-W=1/2000 lambda-H=1/2000 %s",
           list, rest);
}

/* The next smaller n of about `per_decade` in ten-fold. */
static size_t smaller(size_t n, double per_decade)
{
  size_t next = (size_t)llround((double)n * pow(10.0, -1.0 / per_decade));

  return next < n ? next : n - 1;
}

static double ratio(size_t n)
{
  return (double)MAJORITY / (double)n;
}

/* Singular value `index` of the logits in the closed form. */
static double predicted_value(const ufm_prediction *p, size_t index)
{
  for (size_t s = 0, seen = 0; s < p->spectra; s++) {
    seen += p->sv_multiplicity[s];
    if (index < seen)
      return mpfr_get_d(p->sv[s], MPFR_RNDN);
  }
  return 0.0;
}

static double predicted_norm(const ufm_prediction *p, const ufm_block_matrix *m,
                             size_t k)
{
  double norm;
  mpfr_t square;

  mpfr_init2(square, p->bits);
  ufm_prediction_entry(p, m, k, k, square);
  norm = sqrt(mpfr_get_d(square, MPFR_RNDN));
  mpfr_clear(square);
  return norm;
}

/* Closed forms of depth M. */
static void theory_lines(experiment *x, unsigned long M)
{
  char name[64], rest[32], text[256];
  FILE *csv;

  snprintf(name, sizeof name, "imbalance_ratio_mse%lu_curve", M);
  snprintf(rest, sizeof rest, "depth=%lu", M);
  csv = experiment_csv(x, name, header);
  for (size_t n = MAJORITY; n > 0;
       n = smaller(n, experiment_full(x) ? 80.0 : 8.0)) {
    const ufm_prediction *p;
    instance it;

    options(text, sizeof text, rest, n);
    experiment_predict(x, &it, "%s", text);
    p = it.prediction;
    fprintf(
        csv, "%.10g,%.10g,%.10g,%.10g,%.10g,%.10g,%.10g\n", ratio(n),
        predicted_value(p, 0), predicted_value(p, K - 1),
        predicted_norm(p, &p->gram_w, 0), predicted_norm(p, &p->gram_w, K - 1),
        predicted_norm(p, &p->gram_h, 0), predicted_norm(p, &p->gram_h, K - 1));
    instance_clear(&it);
  }
}

/* Mean of the last five of ten: the minority classes, or the singular values
   that would be theirs. */
static double minority(const double *x)
{
  double sum = 0.0;

  for (size_t k = K / 2; k < K; k++)
    sum += x[k];
  return sum / (K / 2);
}

/* Twenty starts: all random, or one of them from the closed form, since past
   its jump random starts end in local minima with some minority classes. */
static void solved_marks(experiment *x, unsigned long M, const char *start,
                         size_t better, size_t spectrum)
{
  char name[64], rest[64], text[256];
  FILE *csv;

  snprintf(name, sizeof name, "imbalance_ratio_mse%lu_%s", M, start);
  snprintf(rest, sizeof rest, "depth=%lu starts=20 start=%s", M, start);
  csv = experiment_csv(x, name, header);
  for (size_t n = MAJORITY; n > 0;
       n = smaller(n, experiment_full(x) ? 8.0 : 2.0)) {
    const ufm_geometry *g;
    instance it;

    options(text, sizeof text, rest, n);
    experiment_solve(x, &it, "%s", text);
    g = it.geometry;
    fprintf(csv, "%.10g,%.10g,%.10g,%.10g,%.10g,%.10g,%.10g\n", ratio(n),
            g->spectrum[0][0], minority(g->spectrum[0]), g->norm_w[0],
            minority(g->norm_w), g->norm_h[0], minority(g->norm_h));
    experiment_case(x, better, fmax(0.0, -it.comparison.objective_error));
    if (strcmp(start, "theory") == 0)
      experiment_case(x, spectrum, it.comparison.singular_value_error);
    instance_clear(&it);
  }
}

/* Are the rows of the minority classes proved to be equal, and only they? */
static bool merged(const ufm_certificate *c)
{
  if (c->collapsed == NULL || c->collapsed[K - 1] == UFM_NO_LABEL)
    return false;
  for (size_t k = 0; k < K; k++)
    if ((c->collapsed[k] == c->collapsed[K - 1]) != (k >= K / 2))
      return false;
  return true;
}

/* n = N^2 lambda_W lambda_H for real n, as a vertical line of the plot: with
   R = MAJORITY/n and N = 5 MAJORITY (1 + 1/R) it is R + 1/R + 2 = 4 10^6/(25
   MAJORITY), the larger root. */
static void threshold_line(experiment *x)
{
  FILE *csv = experiment_csv(x, "imbalance_ratio_threshold", "ratio,cosine");
  double half = 4e6 / (25.0 * MAJORITY) / 2.0 - 1.0;
  double ratio_at = half + sqrt(half * half - 1.0);

  fprintf(csv, "%.10g,-0.2\n%.10g,1.1\n", ratio_at, ratio_at);
}

/* Cross entropy has no closed form at these counts: points are proved. */
static void cross_entropy(experiment *x)
{
  size_t proved = experiment_claim(x, "ce: optimum proved, relative gap", 1e-30,
                                   UFM_VERDICT_AGREES);
  size_t merge = experiment_claim(
      x, "ce: minority rows proved equal exactly past the threshold", 0.0,
      UFM_VERDICT_AGREES);
  FILE *csv = experiment_csv(
      x, "imbalance_ratio_ce",
      "ratio,w_major,w_minor,h_major,h_minor,cos_minor,cos_error");
  char text[256];

  for (size_t n = MAJORITY; n > 0;
       n = smaller(n, experiment_full(x) ? 8.0 : 2.0)) {
    const ufm_certificate *c;
    double samples = 5.0 * (double)(MAJORITY + n);
    bool past = (double)n <= samples * samples / 4e6;
    instance it;

    options(text, sizeof text, "loss=ce", n);
    experiment_prove(x, &it, DIGITS, "%s", text);
    c = it.certificate;
    experiment_case(x, proved,
                    c->status == UFM_PROOF_PROVED
                        ? mpfr_get_d(c->gap, MPFR_RNDU) /
                              mpfr_get_d(c->upper, MPFR_RNDD)
                        : (double)NAN);
    experiment_case(x, merge, merged(c) == past ? 0.0 : 1.0);
    fprintf(csv, "%.10g,%.10g,%.10g,%.10g,%.10g,%.10g,%.1e\n", ratio(n),
            it.geometry->norm_w[0], it.geometry->norm_w[K - 1],
            it.geometry->norm_h[0], it.geometry->norm_h[K - 1],
            it.geometry->cos_w.max,
            c->bars ? mpfr_get_d(c->cosine_error, MPFR_RNDU) : (double)NAN);
    instance_clear(&it);
  }
}

int main(int argc, char **argv)
{
  static const char *const better[] = {
      "mse, M = 1: no start beats the closed form at any ratio",
      "mse, M = 3: no start beats the closed form at any ratio"};
  static const char *const spectrum[] = {
      "mse, M = 1: closed-form singular values at every ratio",
      "mse, M = 3: closed-form singular values at every ratio"};
  experiment *x = experiment_begin(
      argc, argv, "imbalance_ratio",
      "Singular values, norms and cosines along the imbalance ratio.");

  for (size_t i = 0; i < 2; i++) {
    unsigned long M = 2 * i + 1;
    size_t a = experiment_claim(x, better[i], 1e-12, UFM_VERDICT_AGREES);
    size_t b = experiment_claim(x, spectrum[i], 1e-6, UFM_VERDICT_AGREES);

    theory_lines(x, M);
    solved_marks(x, M, "theory", a, b);
    solved_marks(x, M, "random", a, b);
  }
  cross_entropy(x);
  threshold_line(x);
  return experiment_end(x);
}
