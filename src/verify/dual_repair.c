/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Free bias: masses whose rows sum to 0 as well.

   Cross entropy: row i with delta_i = sum_j M_ij < 0 carries too much
   probability mass; some of it is moved to a row l with delta_l > 0 within one
   column, which keeps column sums and the simplex.  A column of row i can give
   its slack, all of its mass but 2^-grid.  Each move exhausts the need of i,
   that of l, or a column, so at most 2 K + K J moves are made; they end with
   delta = 0 when every class carries more target mass than J grid units, for
   row i holds its target mass plus |delta_i|. */
#include <config.h>

#include <stdlib.h>

#include "verify/dual_point.h"

static const char no_mass[] =
    "a class without target mass and a free bias: the infimum is not attained";
static const char coarse[] = "the grid is too coarse for the free bias";

static void row_sums(const ufm__dual *dual, mpz_t *delta)
{
  const ufm__model *model = dual->model;

  for (size_t i = 0; i < model->K; i++) {
    mpz_set_ui(delta[i], 0);
    for (size_t j = 0; j < model->J; j++)
      mpz_add(delta[i], delta[i], dual->mass[j * model->K + i]);
  }
}

/* The column in which row i has most to give, and how much. */
static size_t largest_slack(const ufm__dual *dual, size_t i, mpz_t slack)
{
  const ufm__model *model = dual->model;
  size_t best = 0;
  mpz_t here;

  mpz_init(here);
  mpz_set_si(slack, -1);
  for (size_t j = 0; j < model->J; j++) {
    ufm__dual_most(dual, j, i, here);
    mpz_sub(here, here, dual->mass[j * model->K + i]);
    if (mpz_cmp(here, slack) > 0) {
      mpz_set(slack, here);
      best = j;
    }
  }
  mpz_clear(here);
  return best;
}

/* Moves probability mass from row i to rows in need until delta_i = 0. */
static bool empty_row(ufm__dual *dual, size_t i, mpz_t *delta, size_t *moves)
{
  const ufm__model *model = dual->model;
  size_t K = model->K, l = 0;
  bool good = true;
  mpz_t flow;

  mpz_init(flow);
  while (good && mpz_sgn(delta[i]) < 0) {
    size_t j = largest_slack(dual, i, flow);

    while (l < K && mpz_sgn(delta[l]) <= 0)
      l++;
    good = l < K && mpz_sgn(flow) > 0;
    if (!good)
      break;
    if (mpz_cmpabs(delta[i], flow) < 0)
      mpz_abs(flow, delta[i]);
    if (mpz_cmp(delta[l], flow) < 0)
      mpz_set(flow, delta[l]);
    mpz_add(dual->mass[j * K + i], dual->mass[j * K + i], flow);
    mpz_sub(dual->mass[j * K + l], dual->mass[j * K + l], flow);
    mpz_add(delta[i], delta[i], flow);
    mpz_sub(delta[l], delta[l], flow);
    ++*moves;
  }
  mpz_clear(flow);
  return good;
}

/* Mean squared error has no other condition: any column can take the sum. */
static void repair_mse(ufm__dual *dual, mpz_t *delta)
{
  size_t K = dual->model->K, heaviest = 0;

  for (size_t j = 1; j < dual->model->J; j++)
    if (mpz_cmp(dual->model->weight[j], dual->model->weight[heaviest]) > 0)
      heaviest = j;
  for (size_t i = 0; i < K; i++)
    mpz_sub(dual->mass[heaviest * K + i], dual->mass[heaviest * K + i],
            delta[i]);
}

bool ufm__dual_attained(const ufm__model *model)
{
  bool empty = false;

  if (model->loss != UFM_LOSS_CE || model->bias != UFM_BIAS_FREE)
    return true;
  for (size_t i = 0; i < model->K && !empty; i++) {
    empty = true;
    for (size_t j = 0; j < model->J && empty; j++)
      empty = mpq_sgn(model->target[j * model->K + i]) == 0;
  }
  return !empty;
}

void ufm__dual_repair(ufm__dual *dual, size_t *moves, const char **reason)
{
  size_t K = dual->model->K;
  mpz_t *delta = calloc(K, sizeof *delta);

  *moves = 0;
  *reason = NULL;
  if (delta == NULL) {
    *reason = "out of memory";
    return;
  }
  for (size_t i = 0; i < K; i++)
    mpz_init(delta[i]);
  row_sums(dual, delta);
  if (dual->model->loss == UFM_LOSS_MSE)
    repair_mse(dual, delta);
  else
    for (size_t i = 0; i < K && *reason == NULL; i++)
      if (!empty_row(dual, i, delta, moves))
        *reason = ufm__dual_attained(dual->model) ? coarse : no_mass;
  for (size_t i = 0; i < K; i++)
    mpz_clear(delta[i]);
  free(delta);
}
