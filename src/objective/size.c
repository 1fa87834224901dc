/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Natural sizes of a problem: they set scales and starts, never a result. */
#include <config.h>

#include <math.h>

#include "core/number.h"
#include "objective/size.h"

double ufm__class_size(const ufm_problem *problem)
{
  const ufm_columns *columns = ufm_problem_columns(problem);

  return ufm__rational_double(columns->ratio) / (double)columns->K;
}

double ufm__balanced_penalty(const ufm_problem *problem)
{
  size_t M = ufm_problem_depth(problem);
  double lambda_h = ufm__rational_double(ufm_problem_lambda_h(problem));
  double sum = log(lambda_h);

  if (ufm_problem_multiplier(problem) != NULL)
    return lambda_h;
  for (size_t m = 1; m <= M; m++)
    sum += log(ufm__rational_double(ufm_problem_lambda_w(problem, m)));
  return exp(sum / (double)(M + 1));
}

double ufm__logit_size(const ufm_problem *problem)
{
  double L = (double)ufm_problem_depth(problem) + 1.0;

  if (ufm_problem_loss(problem) == UFM_LOSS_MSE)
    return 1.0;
  return fmax(1.0, -log(ufm__balanced_penalty(problem)) -
                       log(ufm__class_size(problem)) / L);
}
