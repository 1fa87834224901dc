/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Value and gradient on invariant points.  A column has G + 1 or G + 2
   different logits: its marks', once each, and those of the unmarked classes of
   each group. */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/number.h"
#include "linalg/blas.h"
#include "linalg/sums.h"
#include "objective/size.h"
#include "reduce/objective.h"

static double inverse_root(double x)
{
  return x > 0.0 ? 1.0 / sqrt(x) : 0.0;
}

static void set_scales(ufm__reduced *s, const ufm_problem *problem)
{
  const ufm_orbits *o = s->orbits;
  double lambda_w = ufm__rational_double(ufm_problem_lambda_w(problem, 1));
  double lambda_h = ufm__rational_double(ufm_problem_lambda_h(problem));
  mpq_srcptr lambda_b = ufm_problem_lambda_b(problem);
  double ridge = lambda_b != NULL ? ufm__rational_double(lambda_b) : 0.0;
  double root_w = sqrt(s->kappa / lambda_w), root_h = sqrt(s->kappa / lambda_h);
  /* as in objective/scaling.c */
  double b2 = 8.0 * ufm__logit_size(problem) *
              inverse_root(ufm__class_size(problem)) / (double)o->K;

  for (size_t g = 0; g < o->G; g++) {
    double size = s->size[g];

    s->scale[o->w + g] = root_w * inverse_root(size - 1.0);
    for (size_t i = 0; i < o->r; i++)
      s->scale[o->v + g * o->r + i] = root_w * inverse_root(size);
    if (o->b < o->length)
      s->scale[o->b + g] = sqrt(b2 / size);
    s->ridge[g] = ridge * b2;
  }
  for (size_t q = 0; q < o->Q; q++) {
    const ufm_contrast *contrast = &o->contrast[q];
    double nu = ufm__rational_double(o->column[contrast->column].nu);

    s->scale[o->h + q] =
        root_h * inverse_root((s->size[contrast->group] - 1.0) * nu *
                              (double)contrast->times);
  }
  for (size_t c = 0; c < o->C; c++) {
    double nu = ufm__rational_double(o->column[c].nu);

    for (size_t i = 0; i < o->r; i++)
      s->scale[o->y + c * o->r + i] =
          root_h * inverse_root((double)o->column[c].columns * nu);
  }
}

static ufm_status alloc(ufm__reduced *s, ufm_error *error)
{
  const ufm_orbits *o = s->orbits;
  size_t G = o->G, C = o->C;

  s->scale = calloc(o->length, sizeof *s->scale);
  s->x = calloc(o->length, sizeof *s->x);
  s->size = calloc(G, sizeof *s->size);
  s->many = calloc(G, sizeof *s->many);
  s->mass = calloc(C, sizeof *s->mass);
  s->target = calloc(C, 2 * sizeof *s->target);
  s->background = calloc(C, sizeof *s->background);
  s->ridge = calloc(G, sizeof *s->ridge);
  s->z = calloc(G, C * sizeof *s->z);
  s->p = calloc(G, sizeof *s->p);
  s->term = calloc(C + 1, sizeof *s->term);
  if (s->scale == NULL || s->x == NULL || s->size == NULL || s->many == NULL ||
      s->mass == NULL || s->target == NULL || s->background == NULL ||
      s->ridge == NULL || s->z == NULL || s->p == NULL || s->term == NULL)
    return ufm__no_memory(error, "reduced objective");
  return UFM_OK;
}

static void set_columns(ufm__reduced *s)
{
  const ufm_orbits *o = s->orbits;
  mpq_t mass;

  mpq_init(mass);
  for (size_t c = 0; c < o->C; c++) {
    const ufm_column_orbit *column = &o->column[c];

    mpq_set_ui(mass, column->columns, 1);
    mpq_mul(mass, mass, column->pi);
    s->mass[c] = ufm__rational_double(mass);
    for (size_t l = 0; l < column->marks; l++)
      s->target[2 * c + l] = ufm__rational_double(column->target[l]);
    s->background[c] = ufm__rational_double(column->background);
  }
  mpq_clear(mass);
}

ufm_status ufm__reduced_init(ufm__reduced *out, const ufm_problem *problem,
                             const ufm_orbits *orbits, ufm_error *error)
{
  ufm_status status;

  *out = (ufm__reduced){.orbits = orbits,
                        .loss = ufm_problem_loss(problem),
                        .kappa = ufm__balanced_penalty(problem)};
  if (!ufm__blas_fits(orbits->C))
    return ufm__fail(error, UFM_ERANGE,
                     "reduced objective: got %zu orbits of columns, too many "
                     "for BLAS",
                     orbits->C);
  status = alloc(out, error);
  if (status != UFM_OK) {
    ufm__reduced_clear(out);
    return status;
  }
  for (size_t g = 0; g < orbits->G; g++)
    out->size[g] = out->many[g] = (double)orbits->size[g];
  set_columns(out);
  set_scales(out, problem);
  return UFM_OK;
}

void ufm__reduced_clear(ufm__reduced *s)
{
  free(s->scale);
  free(s->x);
  free(s->size);
  free(s->many);
  free(s->mass);
  free(s->target);
  free(s->background);
  free(s->ridge);
  free(s->z);
  free(s->p);
  free(s->term);
  *s = (ufm__reduced){0};
}

void ufm__reduced_to_plain(const ufm__reduced *s, const double *x,
                           double *plain)
{
  for (size_t i = 0; i < s->orbits->length; i++)
    plain[i] = s->scale[i] * x[i];
}

/* The logits of column c: of its marks, and of the others into s->p. */
static void logits(ufm__reduced *s, size_t c, double own[2])
{
  const ufm_orbits *o = s->orbits;
  const ufm_column_orbit *column = &o->column[c];
  size_t end = c + 1 < o->C ? o->column[c + 1].contrast : o->Q;
  const double *b = o->b < o->length ? s->x + o->b : NULL;
  double rho[2] = {0.0, 0.0};

  for (size_t q = column->contrast; q < end; q++)
    for (size_t l = 0; l < column->marks; l++)
      rho[l] += (double)o->contrast[q].alpha[l] * s->x[o->h + q] *
                s->x[o->w + column->group[l]];
  for (size_t u = 0; u < o->G; u++)
    s->p[u] = s->z[u * o->C + c] + (b != NULL ? b[u] : 0.0);
  for (size_t l = 0; l < column->marks; l++)
    s->p[column->group[l]] -= rho[l] / s->size[column->group[l]];
  for (size_t l = 0; l < column->marks; l++)
    own[l] = s->p[column->group[l]] + rho[l];
}

void ufm__reduced_unmark(ufm__reduced *s, size_t c)
{
  const ufm_column_orbit *column = &s->orbits->column[c];

  for (size_t l = 0; l < column->marks; l++)
    s->many[column->group[l]] -= 1.0;
}

void ufm__reduced_mark(ufm__reduced *s, size_t c)
{
  const ufm_column_orbit *column = &s->orbits->column[c];

  for (size_t l = 0; l < column->marks; l++)
    s->many[column->group[l]] += 1.0;
}

/* As a sum of differences: nothing cancels where all are nearly equal. */
void ufm__reduced_project(const ufm__reduced *s, size_t c, const double own[2],
                          const double *rest, double out[2])
{
  const ufm_column_orbit *column = &s->orbits->column[c];
  bool together = column->marks == 2 && column->group[0] == column->group[1];

  out[0] = out[1] = 0.0;
  for (size_t l = 0; l < column->marks; l++) {
    size_t u = column->group[l];

    out[l] = s->many[u] * (own[l] - rest[u]);
    if (together)
      out[l] += own[l] - own[1 - l];
    out[l] *= s->mass[c] / s->size[u];
  }
}

/* Adds the derivatives by w and h of column c to the plain gradient g. */
static void add_contrasts(const ufm__reduced *s, size_t c, const double R[2],
                          double *g)
{
  const ufm_orbits *o = s->orbits;
  size_t end = c + 1 < o->C ? o->column[c + 1].contrast : o->Q;

  for (size_t q = o->column[c].contrast; q < end; q++) {
    const ufm_contrast *contrast = &o->contrast[q];
    double sum = contrast->alpha[0] * R[0] + contrast->alpha[1] * R[1];

    g[o->w + contrast->group] -= sum * s->x[o->h + q];
    g[o->h + q] = -sum * s->x[o->w + contrast->group];
  }
}

/* Column c: its loss into s->term; minus N_c pi_c times the sums of its
   residuals over the groups into column c of s->z; its part of the derivatives
   by the contrasts. */
static void add_column(ufm__reduced *s, size_t c, double *g)
{
  const ufm_orbits *o = s->orbits;
  const ufm_column_orbit *column = &o->column[c];
  double own[2] = {0.0, 0.0}, R[2], *z = s->z + c;

  ufm__reduced_unmark(s, c);
  logits(s, c, own);
  s->term[c] =
      s->mass[c] * (s->loss == UFM_LOSS_CE ? ufm__reduced_ce(s, c, own)
                                           : ufm__reduced_mse(s, c, own));
  if (g != NULL) {
    for (size_t u = 0; u < o->G; u++)
      z[u * o->C] = -s->mass[c] * s->many[u] * s->p[u];
    for (size_t l = 0; l < column->marks; l++)
      z[column->group[l] * o->C] -= s->mass[c] * own[l];
    ufm__reduced_project(s, c, own, s->p, R);
    if (s->R != NULL)
      memcpy(s->R + 2 * c, R, sizeof R);
    add_contrasts(s, c, R, g);
  }
  ufm__reduced_mark(s, c);
}

/* Penalties and their gradient, in balanced variables. */
static void add_penalties(ufm__reduced *s, const double *x, double *g)
{
  const ufm_orbits *o = s->orbits;
  double sum = s->kappa * ufm__sum_of_squares(o->b, x);

  if (g != NULL)
    ufm__axpy(o->b, s->kappa, x, g);
  for (size_t i = o->b; i < o->length; i++) {
    double ridge = s->ridge[i - o->b];

    sum += ridge * x[i] * x[i];
    if (g != NULL)
      g[i] += ridge * x[i];
  }
  s->term[o->C] = 0.5 * sum;
}

void ufm__reduced_fix_gauge(const ufm__reduced *s, double *g)
{
  const ufm_orbits *o = s->orbits;
  double K = (double)o->K, along = 0.0;

  if (s->loss != UFM_LOSS_CE || o->b == o->length || s->ridge[0] > 0.0)
    return;
  for (size_t u = 0; u < o->G; u++) /* b'_u = sqrt(K_u) b_u up to a factor */
    along += sqrt(s->size[u]) * g[o->b + u];
  for (size_t u = 0; u < o->G; u++)
    g[o->b + u] -= sqrt(s->size[u]) / K * along;
}

double ufm__reduced_value(ufm__reduced *s, const double *x, double *g)
{
  const ufm_orbits *o = s->orbits;
  size_t G = o->G, C = o->C, r = o->r;

  s->values++;
  ufm__reduced_to_plain(s, x, s->x);
  if (r > 0)
    ufm__gemm_nt(G, C, r, s->x + o->v, s->x + o->y, 0.0, s->z);
  else
    memset(s->z, 0, G * C * sizeof *s->z);
  if (g != NULL)
    memset(g + o->w, 0, G * sizeof *g);
  for (size_t c = 0; c < C; c++)
    add_column(s, c, g);
  if (g != NULL) {
    if (r > 0) {
      ufm__gemm(G, r, C, s->z, s->x + o->y, 0.0, g + o->v);
      ufm__gemm_tn(C, r, G, s->z, s->x + o->v, 0.0, g + o->y);
    }
    for (size_t u = 0; o->b < o->length && u < G; u++)
      g[o->b + u] = ufm__sum(C, s->z + u * C);
    for (size_t i = 0; i < o->length; i++)
      g[i] *= s->scale[i];
    ufm__reduced_fix_gauge(s, g);
  }
  add_penalties(s, x, g);
  return ufm__sum(C + 1, s->term);
}

double ufm__reduced_relative_gradient(const ufm__reduced *s, double floor,
                                      const double *x, const double *g)
{
  const ufm_orbits *o = s->orbits;
  double norm = ufm__norm(o->length, g), penalty = 0.0, loss = 0.0;

  for (size_t i = 0; i < o->length; i++) {
    double part = (i < o->b ? s->kappa : s->ridge[i - o->b]) * x[i];

    penalty += part * part;
    loss += (g[i] - part) * (g[i] - part);
  }
  return norm / fmax(floor, sqrt(fmax(penalty, loss)));
}
