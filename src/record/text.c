/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report for people.  Every number says whether it was computed (double
   precision) or refined (multiprecision). */
#include <config.h>

#include <errno.h>
#include <math.h>
#include <string.h>

#include <ufm/record.h>

#include "record/fail.h"
#include "record/phase.h"
#include "record/targets.h"
#include "record/text.h"

/* Lists longer than this are cut in text, and say so. */
enum { LIST_MAX = 8, DIGITS_SHOWN = 12 };

static void print_counts(const ufm_problem *problem, FILE *f)
{
  const ufm_groups *g = ufm_problem_groups(problem);

  if (ufm_problem_targets(problem) == UFM_TARGETS_FILE) {
    fprintf(f, "%zu classes", ufm_problem_classes(problem));
    return;
  }
  if (g->G == 1) {
    fprintf(f, "%zu classes of %zu", ufm_problem_classes(problem), g->count[0]);
  } else {
    fprintf(f, "%zu classes (", ufm_problem_classes(problem));
    for (size_t i = 0; i < g->G && i < LIST_MAX; i++)
      fprintf(f, "%s%zu x %zu", i > 0 ? ", " : "", g->size[i], g->count[i]);
    fprintf(f, g->G > LIST_MAX ? ", ...)" : ")");
  }
  fprintf(f, ", N = %zu", ufm_problem_samples(problem));
}

static void print_mixing(const ufm_mixing *m, size_t columns, FILE *f)
{
  if (m->rule == UFM_MIXING_GRID)
    fprintf(f, "           mixup, %zu given mixing values", m->nodes);
  else
    gmp_fprintf(f, "           mixup, Beta(%Qd, %Qd) by %zu nodes, %s",
                m->alpha, m->alpha, m->nodes, ufm_mixing_rule_name(m->rule));
  gmp_fprintf(f, ", same-class pairs %Qd", m->same);
  if (columns > 0)
    fprintf(f, ", %zu columns", columns);
  if (!isnan(m->moment_error))
    fprintf(f, "\n           second moment of the rule off by %.1e (relative)",
            m->moment_error);
  fputc('\n', f);
}

static void print_problem(const ufm_problem *problem, FILE *f)
{
  size_t M = ufm_problem_depth(problem);
  mpq_srcptr lambda_b = ufm_problem_lambda_b(problem);
  const ufm_mixing *mixing = ufm_problem_mixing(problem);
  mpq_srcptr eps = ufm_problem_smoothing(problem);

  fprintf(f, "problem    %s, ", ufm_loss_name(ufm_problem_loss(problem)));
  print_counts(problem, f);
  fprintf(f, "\n           depth %zu, widths", M);
  for (size_t m = 1; m <= M; m++)
    fprintf(f, " %zu", ufm_problem_width(problem, m));
  fprintf(f, ", bias %s", ufm_bias_name(ufm_problem_bias(problem)));
  if (eps != NULL)
    gmp_fprintf(f, ", label smoothing %Qd", eps);
  fprintf(f, "%s\n", ufm_problem_merged(problem) ? "" : ", unmerged");
  if (mixing != NULL)
    print_mixing(mixing, ufm_problem_columns(problem)->J, f);
  if (ufm_problem_targets(problem) == UFM_TARGETS_FILE)
    fprintf(f, "           targets from a file, %zu columns\n",
            ufm_problem_columns(problem)->J);
  ufm__text_fixed(problem, f);
  fputs("           ", f);
  if (mpq_sgn(ufm_problem_lambda_w(problem, 1)) > 0) {
    fputs("lambda_W", f);
    for (size_t m = 1; m <= M; m++)
      gmp_fprintf(f, " %Qd", ufm_problem_lambda_w(problem, m));
    fputs(", ", f);
  }
  gmp_fprintf(f, "lambda_H %Qd", ufm_problem_lambda_h(problem));
  if (lambda_b != NULL)
    gmp_fprintf(f, ", lambda_b %Qd", lambda_b);
  fputc('\n', f);
}

static void print_origin(const ufm_run *run, FILE *f)
{
  fputs(ufm_start_name(run->start), f);
  if (run->detail != NULL)
    fprintf(f, ": %s", run->detail);
}

/* Hits, and the distinct values that were found. */
static void print_starts(const ufm_solution *s, FILE *f)
{
  fprintf(
      f,
      "           %zu of %zu starts reached this value (seed %llu), %.3g s; "
      "found from ",
      s->hits, s->starts, (unsigned long long)s->seed, s->seconds);
  print_origin(&s->run[s->best], f);
  fprintf(f, "\n           %zu distinct value%s among converged starts:\n",
          s->levels, s->levels == 1 ? "" : "s");
  for (size_t i = 0; i < s->levels && i < LIST_MAX; i++) {
    fprintf(f, "             %.15g (%zu), first from ", s->level[i].objective,
            s->level[i].count);
    print_origin(&s->run[s->level[i].first], f);
    fputc('\n', f);
  }
  if (s->levels > LIST_MAX)
    fprintf(f, "             ... %zu more\n", s->levels - LIST_MAX);
}

static void print_orbits(const ufm_orbits *o, FILE *f)
{
  fprintf(f, "           reduced to %zu group%s of interchangeable classes",
          o->G, o->G > 1 ? "s" : "");
  if (o->inner > 0)
    fprintf(f, ", %zu orbits of %zu columns", o->C, ufm_orbits_columns(o));
  fprintf(f, ", %zu unknowns (exact)\n", o->length);
}

static void print_solution(const ufm_solution *s, FILE *f)
{
  const ufm_run *best = &s->run[s->best];

  fprintf(f, "solve      %s", s->method);
  if (s->used != NULL && strcmp(s->used, s->method) != 0)
    fprintf(f, " (%s)", s->used);
  fprintf(f, ": F = %.15g (computed)\n", s->objective);
  if (s->orbits != NULL)
    print_orbits(s->orbits, f);
  fprintf(f, "           stopped by %s: %s\n",
          ufm_termination_name(best->termination),
          ufm_termination_meaning(best->termination));
  if (best->why != NULL)
    fprintf(f, "           newton: %s\n", best->why);
  fprintf(f,
          "           relative gradient %.1e, %zu iterations, %zu evaluations, "
          "%.3g s\n",
          best->relative_gradient, best->iterations, best->evaluations.values,
          best->seconds);
  if (s->starts > 1)
    print_starts(s, f);
  for (size_t i = 0; i < s->starts; i++)
    if (s->run[i].termination == UFM_TERMINATION_FAILED)
      fprintf(f, "           start %zu failed: %s\n", s->run[i].index,
              ufm_termination_meaning(s->run[i].termination));
}

/* Equal neighbours (to 6 digits) are written once with their number. */
static void print_values(const double *x, size_t n, FILE *f)
{
  size_t shown = 0;

  for (size_t i = 0; i < n && shown < LIST_MAX; shown++) {
    size_t same = 1;

    while (i + same < n && fabs(x[i + same] - x[i]) <= 1e-6 * fabs(x[0]))
      same++;
    fprintf(f, " %.6g", fabs(x[i]) <= 1e-6 * fabs(x[0]) ? 0.0 : x[i]);
    if (same > 1)
      fprintf(f, " (x%zu)", same);
    i += same;
    if (shown + 1 == LIST_MAX && i < n)
      fprintf(f, " ...");
  }
  fputc('\n', f);
}

static void print_cosines(const char *what, const ufm_cosines *c, FILE *f)
{
  if (isnan(c->mean))
    fprintf(f, "           cosines of %s: not defined\n", what);
  else
    fprintf(f, "           cosines of %s: %.6g to %.6g, mean %.6g\n", what,
            c->min, c->max, c->mean);
}

static void print_distance(const char *name, double x, FILE *f)
{
  if (!isnan(x))
    fprintf(f, "  %s %.1e", name, x);
}

static void print_geometry(const ufm_geometry *g, FILE *f)
{
  fprintf(f, "geometry   rank %zu; singular values (computed)\n", g->rank);
  for (size_t s = 0; s < g->M + 2; s++) {
    if (s == 0 || s == g->M + 1)
      fprintf(f, "             %-4s", s == 0 ? "Z" : "H");
    else
      fprintf(f, "             W%-3zu", s);
    print_values(g->spectrum[s], g->spectrum_size[s], f);
  }
  fprintf(f, "           norms of classifier rows:");
  print_values(g->norm_w, g->K, f);
  fprintf(f, "           norms of class means:    ");
  if (isnan(g->norm_h[0]))
    fprintf(f, " not defined\n");
  else
    print_values(g->norm_h, g->K, f);
  print_cosines("classifier rows", &g->cos_w, f);
  print_cosines("class means", &g->cos_h, f);
  fprintf(f, "          ");
  print_distance("NC1", g->nc1, f);
  print_distance("NC2 ETF", g->nc2_etf, f);
  print_distance("OF", g->nc2_of, f);
  print_distance("GOF W", g->nc2_gof_w, f);
  print_distance("GOF H", g->nc2_gof_h, f);
  fprintf(f, "\n          ");
  print_distance("NC3 ETF", g->nc3_etf, f);
  print_distance("OF", g->nc3_of, f);
  print_distance("GOF", g->nc3_gof_wh, f);
  print_distance("balancedness", g->balancedness, f);
  fputc('\n', f);
}

static void print_directions(const ufm_prediction *p, FILE *f)
{
  for (size_t i = 0; i < p->directions && i < LIST_MAX; i++) {
    const ufm_direction *d = &p->direction[i];

    mpfr_fprintf(f, "           %zu direction%s %s: tau^2 = %.*Rg, t = %.*Rg\n",
                 d->multiplicity, d->multiplicity > 1 ? "s" : "",
                 ufm_direction_state_name(d->state), DIGITS_SHOWN, d->m,
                 DIGITS_SHOWN, d->t);
  }
  if (p->directions > LIST_MAX)
    fprintf(f, "           ... %zu more\n", p->directions - LIST_MAX);
}

static void print_candidates(const ufm_prediction *p, FILE *f)
{
  for (size_t i = 0; i < p->candidates; i++) {
    const ufm_candidate *c = &p->candidate[i];

    mpfr_fprintf(f, "           %-10s rank %-3zu F = %.*Rg\n", c->family,
                 c->rank, DIGITS_SHOWN, c->objective);
  }
}

/* The frame in both conventions, and the first pairs. */
static void print_frame(const ufm_prediction *p, FILE *f)
{
  double K = (double)p->K, g = mpfr_get_d(p->g, MPFR_RNDN);

  if (!p->etf)
    return;
  mpfr_fprintf(
      f,
      "           W W^T = g (I - J/K), g = %.*Rg, kappa = lambda_H/g = "
      "%.*Rg\n",
      DIGITS_SHOWN, p->g, DIGITS_SHOWN, p->kappa);
  fprintf(f, "           multiplier %.12g, row norm %.12g\n", sqrt(g),
          sqrt(g * (K - 1.0) / K));
  for (size_t i = 0; i < p->pairs && i < LIST_MAX; i++) {
    const ufm_pair *c = &p->pair[i];

    mpfr_fprintf(f,
                 "           %s lam %.8Rg:", c->same ? "same class," : "pair,",
                 c->lam);
    if (mpfr_number_p(c->p_i))
      mpfr_fprintf(f, " p_i %.8Rg, p_j %.8Rg,", c->p_i, c->p_j);
    mpfr_fprintf(f, " h = %.8Rg w_i + %.8Rg w_j, value %.8Rg\n", c->coef_wi,
                 c->coef_wj, c->value);
  }
  if (p->pairs > LIST_MAX)
    fprintf(f, "           and %zu more values of lam (--json)\n",
            p->pairs - LIST_MAX);
}

static void print_spectrum(const ufm_prediction *p, FILE *f)
{
  for (size_t k = 0; k < p->M + 2 && p->spectra > 0; k++) {
    if (k == 0 || k == p->M + 1)
      fprintf(f, "             %-4s", k == 0 ? "Z" : "H");
    else
      fprintf(f, "             W%-3zu", k);
    for (size_t s = 0; s < p->spectra && s < LIST_MAX; s++) {
      mpfr_fprintf(f, " %.*Rg", DIGITS_SHOWN, p->sv[k * p->spectra + s]);
      if (p->sv_multiplicity[s] > 1)
        fprintf(f, " (x%zu)", p->sv_multiplicity[s]);
    }
    fprintf(f, p->spectra > LIST_MAX ? " ...\n" : "\n");
  }
}

static void print_theory(const ufm_report *report, FILE *f)
{
  const ufm_prediction *p = report->prediction;

  if (p == NULL) {
    if (report->no_theory != NULL)
      fprintf(f, "theory     none: %s\n", report->no_theory);
    return;
  }
  fprintf(f, "theory     %s (%s)\n", p->theorem, ufm_claim_name(p->claim));
  mpfr_fprintf(f, "           F = %.*Rg (refined)\n", (int)p->digits,
               p->objective);
  fprintf(f, "           source: %s\n", p->source);
  if (p->note != NULL)
    fprintf(f, "           note: %s\n", p->note);
  print_directions(p, f);
  print_candidates(p, f);
  print_frame(p, f);
  if (p->spectra > 0)
    fprintf(f, "           singular values (refined)\n");
  print_spectrum(p, f);
}

static void print_comparison(const ufm_comparison *c, FILE *f)
{
  if (c->verdict == UFM_VERDICT_NO_THEOREM)
    return;
  fprintf(f, "verdict    %s: %s\n", ufm_verdict_name(c->verdict),
          ufm_verdict_meaning(c->verdict));
  fprintf(f, "           relative errors: objective %.1e", c->objective_error);
  if (!isnan(c->singular_value_error))
    fprintf(f, ", singular values %.1e", c->singular_value_error);
  if (!isnan(c->gram_error))
    fprintf(f, ", Gram matrices %.1e", c->gram_error);
  fputc('\n', f);
}

ufm_status ufm_report_write_text(const ufm_report *report, FILE *f,
                                 ufm_error *error)
{
  errno = 0;
  print_problem(report->problem, f);
  if (report->solution != NULL)
    print_solution(report->solution, f);
  if (report->geometry != NULL)
    print_geometry(report->geometry, f);
  print_theory(report, f);
  if (report->comparison != NULL)
    print_comparison(report->comparison, f);
  if (report->certificate != NULL)
    ufm__text_certificate(report->certificate, f);
  ufm__text_phase(report, f);
  return ferror(f) ? ufm__record_io(error) : UFM_OK;
}
