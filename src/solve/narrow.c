/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deep factors lose rank on the way to a minimum: a direction whose singular
   values in the L = M + 1 factors are s has a penalty of order s^2 and a loss
   of order s^L, so from some size on it decays like exp(-kappa t) and never
   returns.  Once it is negligible the factors fit in r x r matrices, r the rank
   that is left, and evaluations cost O(J K r) instead of O(J K d + d^2 J).
   Nothing is lost: doc/mathematics.md, "Narrowing". */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_blas.h>

#include "linalg/blas.h"
#include "linalg/eigen.h"
#include "objective/narrow.h"
#include "solve/narrow.h"

/* A direction has vanished when its squared singular values in the factors on
   both sides are together below this part of the largest: s < 1e-3. */
static const double vanished = 1e-3;

/* What the narrow problem must have of the entries to be worth a move. */
static const double worthwhile = 0.7;

/* Orthonormal bases of the spaces between the factors: rank rows of
   layout->width[m] numbers for m = 0..M-1, in one piece. */
typedef struct bases {
  size_t rank;   /* where the width is less, the width */
  double **rows; /* M: where those of a space begin */
  double *block;
} bases;

bool ufm__narrow_applies(const ufm__runner *runner)
{
  const ufm_layout *l = ufm_objective_layout(runner->objective);

  return l->M > 1 && runner->method.second != NULL;
}

static size_t smaller(size_t a, size_t b)
{
  return a < b ? a : b;
}

static void bases_clear(bases *b)
{
  free(b->rows);
  free(b->block);
}

static bool bases_alloc(bases *b, const ufm_layout *l)
{
  size_t size = 0;

  for (size_t m = 0; m < l->M; m++)
    size += l->width[m] * (l->width[m] + 1);
  *b = (bases){.rows = malloc(l->M * sizeof *b->rows),
               .block = malloc(size * sizeof *b->block)};
  return b->rows != NULL && b->block != NULL;
}

/* Eigenvectors of (columns of the factor before) + (rows of the factor behind)
   in every space, and the largest number that has not vanished in any. */
static bool bases_find(bases *b, const ufm_layout *l, const double *x)
{
  double *S = b->block;
  ufm_error error = {{0}};

  b->rank = 0;
  for (size_t m = 0; m < l->M; m++) {
    size_t d = l->width[m], kept = 0;
    double *w = S + d * d;

    if (m == 0)
      ufm__gemm_tn(d, d, l->J, x + l->h, x + l->h, 0.0, S);
    else
      ufm__gemm_nt(d, d, l->width[m - 1], x + l->w[m - 1], x + l->w[m - 1], 0.0,
                   S);
    ufm__gemm_tn(d, d, l->width[m + 1], x + l->w[m], x + l->w[m], 1.0, S);
    if (ufm__eigen(d, S, w, true, &error) != UFM_OK)
      return false;
    while (kept < d && w[d - 1 - kept] > vanished * w[d - 1])
      kept++;
    b->rank = kept > b->rank ? kept : b->rank;
    b->rows[m] = S;
    S = w + d;
  }
  for (size_t m = 0; m < l->M; m++) /* eigenvalues ascend */
    b->rows[m] += (l->width[m] - smaller(b->rank, l->width[m])) * l->width[m];
  return b->rank > 0;
}

/* Entries of a point with widths of at most `rank`. */
static double entries(const ufm_layout *l, size_t rank)
{
  double sum = (double)l->J * (double)smaller(rank, l->width[0]);

  for (size_t m = 0; m < l->M; m++)
    sum += (double)smaller(rank, l->width[m]) *
           (double)(m + 1 < l->M ? smaller(rank, l->width[m + 1]) : l->K);
  return sum;
}

/* y = the factors of x in the bases; `work` is as long as x. */
static void project(const bases *b, const ufm_layout *wide,
                    const ufm_layout *narrow, const double *x, double *work,
                    double *y)
{
  ufm__gemm_nt(wide->J, narrow->width[0], wide->width[0], x + wide->h,
               b->rows[0], 0.0, y + narrow->h);
  for (size_t m = 0; m < wide->M; m++) {
    bool last = m + 1 == wide->M;
    double *to = y + narrow->w[m];

    ufm__gemm_nt(wide->width[m + 1], narrow->width[m], wide->width[m],
                 x + wide->w[m], b->rows[m], 0.0, last ? to : work);
    if (!last)
      ufm__gemm(narrow->width[m + 1], narrow->width[m], wide->width[m + 1],
                b->rows[m + 1], work, 0.0, to);
  }
  memcpy(y + narrow->b, x + wide->b, (wide->size - wide->b) * sizeof *y);
}

static void pad_rows(size_t rows, size_t from, size_t to, const double *y,
                     double *x)
{
  for (size_t i = 0; i < rows; i++)
    memcpy(x + i * to, y + i * from, from * sizeof *x);
}

/* x = y padded with zeros: in other bases than x had, which is the same point
   up to the rotations that F does not see. */
static void embed(const ufm_layout *wide, const ufm_layout *narrow,
                  const double *y, double *x)
{
  memset(x, 0, wide->b * sizeof *x);
  for (size_t m = 0; m < wide->M; m++)
    pad_rows(narrow->width[m + 1], narrow->width[m], wide->width[m],
             y + narrow->w[m], x + wide->w[m]);
  pad_rows(wide->J, narrow->width[0], wide->width[0], y + narrow->h,
           x + wide->h);
  memcpy(x + wide->b, y + narrow->b, (wide->size - wide->b) * sizeof *x);
}

/* The run on the narrow problem, as the settings of the wide one see it. */
typedef struct inner {
  ufm__runner runner;
  ufm_solve_settings settings;
  ufm__runner *wide;
  size_t before;           /* iterations */
  ufm_evaluations charged; /* to the wide objective */
} inner;

static void charge(inner *in)
{
  ufm_evaluations now = ufm_objective_evaluations(in->runner.objective);

  ufm__objective_charge(
      in->wide->objective,
      &(ufm_evaluations){now.values - in->charged.values,
                         now.gradients - in->charged.gradients,
                         now.hessian_products - in->charged.hessian_products});
  in->charged = now;
}

static int relay(const ufm_progress *progress, void *user)
{
  inner *in = user;
  ufm_progress told = *progress;

  charge(in);
  told.iteration += in->before;
  return in->wide->settings->progress(&told, in->wide->settings->user);
}

static void inner_clear(inner *in)
{
  if (in->runner.minimizer != NULL)
    gsl_multimin_fdfminimizer_free(in->runner.minimizer);
  if (in->runner.second != NULL)
    gsl_multimin_fdfminimizer_free(in->runner.second);
  ufm__stop_clear(&in->runner.stop);
  ufm_objective_free(in->runner.objective);
}

static bool inner_init(inner *in, ufm__runner *wide, size_t rank,
                       const ufm_run *run)
{
  const ufm_solve_settings *s = wide->settings;
  ufm_error error = {{0}};

  *in = (inner){.runner = {.settings = &in->settings, .method = wide->method},
                .settings = *s,
                .wide = wide,
                .before = run->iterations};
  in->settings.max_iter = s->max_iter - run->iterations;
  if (s->progress != NULL) {
    in->settings.progress = relay;
    in->settings.user = in;
  }
  if (ufm__objective_narrow(&in->runner.objective, wide->objective, rank,
                            &error) != UFM_OK ||
      ufm__stop_init(&in->runner.stop, in->runner.objective, &error) !=
          UFM_OK ||
      !ufm__runner_minimizers(&in->runner,
                              ufm_objective_layout(in->runner.objective)->size))
    return false;
  in->charged = ufm_objective_evaluations(in->runner.objective);
  return true;
}

/* From x, whose objective is F, to the end of the inner run. */
static bool go(inner *in, const bases *b, size_t start, double F, gsl_vector *x,
               ufm_run *run)
{
  const ufm_layout *wide = ufm_objective_layout(in->wide->objective);
  const ufm_layout *narrow = ufm_objective_layout(in->runner.objective);
  gsl_vector *y = gsl_vector_alloc(narrow->size);
  double *work = malloc(wide->size * sizeof *work);
  bool done = false;
  ufm_run result;

  if (y != NULL && work != NULL) {
    project(b, wide, narrow, x->data, work, y->data);
    done = ufm_objective_value(in->runner.objective, y->data) <= F;
  }
  if (done) {
    ufm__run(&in->runner, start, y, &result);
    embed(wide, narrow, y->data, x->data);
    run->iterations += result.iterations;
    run->used = result.used;
    run->why = result.why;
    run->termination = result.termination;
  }
  charge(in);
  free(work);
  if (y != NULL)
    gsl_vector_free(y);
  return done;
}

bool ufm__narrow_run(ufm__runner *runner, size_t start, gsl_vector *x,
                     ufm_run *run)
{
  const ufm_layout *l = ufm_objective_layout(runner->objective);
  bases b = {0};
  inner in = {0};
  bool done = bases_alloc(&b, l) && bases_find(&b, l, x->data) &&
              entries(l, b.rank) <= worthwhile * entries(l, (size_t)-1) &&
              inner_init(&in, runner, b.rank, run) &&
              go(&in, &b, start, run->objective, x, run);

  inner_clear(&in);
  bases_clear(&b);
  return done;
}
