/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Targets as on the command line. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "record/json.h"
#include "record/targets.h"

/* beta=ALPHA,nodes=Q,rule=R, or grid=LAM@W;... */
static void write_law(const ufm_mixing *m, FILE *f)
{
  if (m->rule != UFM_MIXING_GRID) {
    gmp_fprintf(f, "beta=%Qd,nodes=%zu,rule=%s", m->alpha, m->nodes,
                ufm_mixing_rule_name(m->rule));
  } else {
    fputs("grid=", f);
    for (size_t l = 0; l < m->nodes; l++)
      gmp_fprintf(f, "%s%Qd@%Qd", l > 0 ? ";" : "", m->lam[l], m->weight[l]);
  }
  gmp_fprintf(f, ",same=%Qd", m->same);
}

char *ufm__targets_text(const ufm_problem *problem)
{
  char *text = NULL;
  size_t size;
  FILE *f = open_memstream(&text, &size);
  bool failed;

  if (f == NULL)
    return NULL;
  fputs(ufm_targets_name(ufm_problem_targets(problem)), f);
  if (ufm_problem_smoothing(problem) != NULL)
    gmp_fprintf(f, ":%Qd", ufm_problem_smoothing(problem));
  if (ufm_problem_mixing(problem) != NULL) {
    fputc(':', f);
    write_law(ufm_problem_mixing(problem), f);
  }
  failed = ferror(f) != 0;
  if (fclose(f) != 0 || failed) {
    free(text);
    return NULL;
  }
  return text;
}

/* W W^T = M^2 (I - J/K): |w_k| = M sqrt((K-1)/K). */
static double row_norm(const ufm_problem *problem)
{
  double K = (double)ufm_problem_classes(problem);

  return mpq_get_d(ufm_problem_multiplier(problem)) * sqrt((K - 1.0) / K);
}

json_t *ufm__json_fixed(const ufm_problem *problem)
{
  mpq_srcptr m = ufm_problem_multiplier(problem);
  json_t *o;

  if (m == NULL)
    return json_null();
  o = json_pack("{s:s, s:f}", "frame", "etf", "row_norm", row_norm(problem));
  if (o == NULL || !ufm__json_put(o, "multiplier", ufm__json_rational(m))) {
    json_decref(o);
    return NULL;
  }
  return o;
}

void ufm__text_fixed(const ufm_problem *problem, FILE *f)
{
  mpq_srcptr m = ufm_problem_multiplier(problem);

  if (m != NULL)
    gmp_fprintf(f,
                "           classifier fixed to a simplex ETF, W W^T = M^2 (I "
                "- J/K), M = %Qd: rows of length %.12g\n",
                m, row_norm(problem));
}

json_t *ufm__json_mixing(const ufm_problem *problem)
{
  const ufm_mixing *m = ufm_problem_mixing(problem);
  size_t J = ufm_problem_columns(problem)->J;
  json_t *o;

  if (m == NULL)
    return json_null();
  o = json_pack("{s:s, s:I, s:o, s:f}", "rule", ufm_mixing_rule_name(m->rule),
                "nodes", (json_int_t)m->nodes, "columns",
                J > 0 ? json_integer((json_int_t)J) : json_null(), "moment",
                mpq_get_d(m->moment));
  if (o == NULL ||
      !ufm__json_put(o, "moment_error", ufm__json_real(m->moment_error))) {
    json_decref(o);
    return NULL;
  }
  return o;
}
