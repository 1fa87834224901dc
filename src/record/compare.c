/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A computed point against a closed form. */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_blas.h>

#include <ufm/record.h>

#include "record/fail.h"

/* A Gram matrix beyond this many classes is not formed. */
enum { GRAM_MAX = 4096 };

static const double agree = 1e-9, refute = 1e-12;

#define CASE_TEXT(name, text, help)                                            \
  case name:                                                                   \
    return text;
#define CASE_HELP(name, text, help)                                            \
  case name:                                                                   \
    return help;

const char *ufm_verdict_name(ufm_verdict verdict)
{
  switch (verdict) {
    UFM_VERDICT_LIST(CASE_TEXT)
  }
  return "unknown";
}

const char *ufm_verdict_meaning(ufm_verdict verdict)
{
  switch (verdict) {
    UFM_VERDICT_LIST(CASE_HELP)
  }
  return "unknown";
}

/* (computed - closed form) / |closed form|, formed in MPFR: the difference may
   be far below the last digit of either as a double. */
static double objective_error(double computed, const ufm_prediction *p)
{
  mpfr_t difference, size;
  double error;

  mpfr_inits2(p->bits, difference, size, (mpfr_ptr)NULL);
  mpfr_d_sub(difference, computed, p->objective, MPFR_RNDN);
  mpfr_abs(size, p->objective, MPFR_RNDN);
  if (mpfr_sgn(size) > 0)
    mpfr_div(difference, difference, size, MPFR_RNDN);
  error = mpfr_get_d(difference, MPFR_RNDN);
  mpfr_clears(difference, size, (mpfr_ptr)NULL);
  return error;
}

static double spectrum_error(const ufm_geometry *g, const ufm_prediction *p,
                             size_t f)
{
  double error = 0.0, largest = 0.0;
  size_t i = 0;

  for (size_t s = 0; s < p->spectra; s++) {
    double want = mpfr_get_d(p->sv[f * p->spectra + s], MPFR_RNDN);

    largest = fmax(largest, want);
    for (size_t k = 0; k < p->sv_multiplicity[s]; k++, i++) {
      double got = i < g->spectrum_size[f] ? g->spectrum[f][i] : 0.0;

      error = fmax(error, fabs(got - want));
    }
  }
  for (; i < g->spectrum_size[f]; i++)
    error = fmax(error, g->spectrum[f][i]);
  return largest > 0.0 ? error / largest : error;
}

static double singular_value_error(const ufm_geometry *g,
                                   const ufm_prediction *p)
{
  double error = 0.0;

  if (p->claim == UFM_CLAIM_TIE || p->claim == UFM_CLAIM_TIE_UNDECIDED ||
      (p->spectra == 0 && p->rank > 0)) /* not known in closed form */
    return (double)NAN;
  for (size_t f = 0; f < p->M + 2; f++)
    error = fmax(error, spectrum_error(g, p, f));
  return error;
}

/* |rows rows^T - predicted|_F / |predicted|_F (absolute when that is 0). */
static double gram_error(const ufm_prediction *p, const ufm_block_matrix *gram,
                         const double *rows, size_t d, double *workspace)
{
  size_t K = p->K, G = gram->G;
  gsl_matrix_const_view in = gsl_matrix_const_view_array(rows, K, d);
  gsl_matrix_view out = gsl_matrix_view_array(workspace, K, K);
  double difference = 0.0, size = 0.0;

  if (gsl_blas_dsyrk(CblasUpper, CblasNoTrans, 1.0, &in.matrix, 0.0,
                     &out.matrix) != 0)
    return (double)NAN;
  for (size_t i = 0; i < K; i++)
    for (size_t k = i; k < K; k++) {
      size_t gi = p->groups->of[i], gk = p->groups->of[k];
      double want = mpfr_get_d(gram->block[gi * G + gk], MPFR_RNDN);
      double weight = i == k ? 1.0 : 2.0;

      if (i == k)
        want += mpfr_get_d(gram->extra[gi], MPFR_RNDN);
      difference += weight * pow(workspace[i * K + k] - want, 2.0);
      size += weight * want * want;
    }
  return size > 0.0 ? sqrt(difference / size) : sqrt(difference);
}

/* The same for rows a_g C_g + 1_g u_g^T, block by block (<ufm/orbits.h>). */
static double block_gram_error(const ufm_block_matrix *gram,
                               const ufm_orbits *o, const double *contrast,
                               const double *rows)
{
  double difference = 0.0, size = 0.0;

  for (size_t f = 0; f < o->G; f++)
    for (size_t g = 0; g < o->G; g++) {
      double want = mpfr_get_d(gram->block[f * o->G + g], MPFR_RNDN);
      double pairs = (double)o->size[f] * (double)o->size[g], got = 0.0;

      for (size_t i = 0; i < o->r; i++)
        got += rows[f * o->r + i] * rows[g * o->r + i];
      if (f == g) {
        double square = contrast[g] * contrast[g], n = (double)o->size[g];
        double extra = mpfr_get_d(gram->extra[g], MPFR_RNDN);

        got -= square / n;
        pairs -= n;
        difference += n * pow(got + square - want - extra, 2.0);
        size += n * pow(want + extra, 2.0);
      }
      difference += pairs * pow(got - want, 2.0);
      size += pairs * want * want;
    }
  return size > 0.0 ? sqrt(difference / size) : sqrt(difference);
}

static double block_gram_errors(const ufm_prediction *p, const ufm_orbits *o)
{
  double error = block_gram_error(&p->gram_w, o, o->x + o->w, o->x + o->v);

  if (o->column[0].marks == 1) /* then class means are those of these orbits */
    error =
        fmax(error, block_gram_error(&p->gram_h, o, o->x + o->h, o->x + o->y));
  return error;
}

/* Mean feature of every class over the columns of its one-hot target, K x d;
   false when a class has no such column. */
static bool class_means(const ufm_columns *columns, const double *features,
                        size_t d, double *means, double *share)
{
  memset(means, 0, columns->K * d * sizeof *means);
  memset(share, 0, columns->K * sizeof *share);
  for (size_t j = 0; j < columns->J; j++)
    if (columns->label[j] != UFM_NO_LABEL)
      share[columns->label[j]] += columns->rounded[columns->weight[j]];
  for (size_t k = 0; k < columns->K; k++)
    if (!(share[k] > 0.0))
      return false;
  for (size_t j = 0; j < columns->J; j++) {
    size_t k = columns->label[j];

    if (k != UFM_NO_LABEL)
      cblas_daxpy((int)d, columns->rounded[columns->weight[j]] / share[k],
                  features + j * d, 1, means + k * d, 1);
  }
  return true;
}

static ufm_status gram_errors(const ufm_problem *problem,
                              const ufm_solution *solution,
                              const ufm_prediction *p, double *out,
                              ufm_error *error)
{
  const ufm_layout *l = solution->layout;
  size_t K = l->K, d = l->width[0];
  double *workspace = malloc(K * K * sizeof *workspace);
  double *means = malloc(K * d * sizeof *means);
  ufm_status status = UFM_OK;

  if (workspace == NULL || means == NULL) {
    status = ufm__record_no_memory(error);
  } else {
    *out = gram_error(p, &p->gram_w, solution->theta + l->w[l->M - 1],
                      l->width[l->M - 1], workspace);
    if (class_means(ufm_problem_columns(problem), solution->theta + l->h, d,
                    means, workspace))
      *out = fmax(*out, gram_error(p, &p->gram_h, means, d, workspace));
  }
  free(workspace);
  free(means);
  return status;
}

ufm_status ufm_compare(ufm_comparison *out, const ufm_problem *problem,
                       const ufm_solution *solution,
                       const ufm_geometry *geometry, const ufm_prediction *p,
                       ufm_error *error)
{
  *out = (ufm_comparison){(double)NAN, (double)NAN, (double)NAN,
                          UFM_VERDICT_NO_THEOREM};
  if (p == NULL)
    return UFM_OK;
  out->objective_error = objective_error(solution->objective, p);
  out->singular_value_error = singular_value_error(geometry, p);
  if (out->objective_error < -refute)
    out->verdict = UFM_VERDICT_REFUTED;
  else if (out->objective_error <= agree)
    out->verdict = UFM_VERDICT_AGREES;
  else
    out->verdict = UFM_VERDICT_NOT_REACHED;
  if (!p->grams || p->claim == UFM_CLAIM_TIE ||
      p->claim == UFM_CLAIM_TIE_UNDECIDED)
    return UFM_OK;
  if (solution->orbits != NULL) {
    out->gram_error = block_gram_errors(p, solution->orbits);
    return UFM_OK;
  }
  if (p->K > GRAM_MAX)
    return UFM_OK;
  return gram_errors(problem, solution, p, &out->gram_error, error);
}
