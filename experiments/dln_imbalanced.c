/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deep linear networks with imbalanced classes, squared error (arXiv
   2301.00437): without bias the global optimum is a general orthogonal frame
   whose lengths follow the class counts; with a free bias its spectrum solves a
   secular equation (derived here, doc/mathematics.md, section 5.3). */
#include <config.h>

#include <math.h>

#include "harness.h"

/* Largest of the four distances to the general orthogonal frame. */
static double frame_distance(const ufm_geometry *g)
{
  const double d[] = {g->nc2_gof_w, g->nc2_gof_h, g->nc3_gof_wh,
                      g->nc3_gof_w_h};
  double largest = 0.0;

  for (size_t i = 0; i < 4; i++) {
    if (isnan(d[i]))
      return d[i];
    largest = fmax(largest, d[i]);
  }
  return largest;
}

static void settings_of_the_paper(experiment *x)
{
  static const char *const counts[] = {
      "200,100,50,50", "500,500,400,400,300,300,200,200,100,100"};
  static const char *const lambda[] = {"1/2000", "1/100000"};
  const int width[] = {64, experiment_full(x) ? 512 : 32};
  static const int depths[] = {1, 3, 6};
  size_t objective = experiment_claim(
      x, "no bias: global optimum has the closed-form objective", 1e-10,
      UFM_VERDICT_AGREES);
  size_t frame =
      experiment_claim(x, "no bias: general orthogonal frame (NC2, NC3 vanish)",
                       1e-6, UFM_VERDICT_AGREES);

  for (size_t s = 0; s < 2; s++)
    for (size_t i = 0; i < 3; i++) {
      instance it;

      experiment_solve(x, &it,
                       "counts=%s lambda-W=%s lambda-H=%s width=%d depth=%d "
                       "starts=3",
                       counts[s], lambda[s], lambda[s], width[s], depths[i]);
      experiment_case(x, objective, fabs(it.comparison.objective_error));
      experiment_case(x, frame, frame_distance(it.geometry));
      instance_clear(&it);
    }
}

static void free_bias(experiment *x)
{
  static const char *const counts[] = {"200,100,50,50", "40,20,10,5",
                                       "10,5,5,2,2,2"};
  size_t objective =
      experiment_claim(x, "free bias: closed-form objective (secular equation)",
                       1e-10, UFM_VERDICT_AGREES);
  size_t grams = experiment_claim(x, "free bias: closed-form Gram matrices",
                                  1e-5, UFM_VERDICT_AGREES);

  for (size_t i = 0; i < 3; i++)
    for (int depth = 1; depth <= 3; depth++) {
      instance it;

      experiment_solve(x, &it,
                       "counts=%s width=8 lambda-W=1/2000 lambda-H=1/2000 "
                       "bias=free depth=%d starts=5",
                       counts[i], depth);
      experiment_case(x, objective, fabs(it.comparison.objective_error));
      experiment_case(x, grams, it.comparison.gram_error);
      instance_clear(&it);
    }
}

/* Rank cuts keep the largest classes, and label smoothing changes the target's
   directions: the same theorem covers both. */
static void cuts_and_smoothing(experiment *x)
{
  size_t cut =
      experiment_claim(x, "width below K: only the largest classes survive",
                       1e-10, UFM_VERDICT_AGREES);
  size_t smooth = experiment_claim(x, "label smoothing: closed-form objective",
                                   1e-10, UFM_VERDICT_AGREES);

  for (int width = 1; width <= 3; width++) {
    instance it;

    experiment_solve(x, &it,
                     "counts=200,100,60,50 width=%d lambda-W=1/2000 "
                     "lambda-H=1/2000 starts=5",
                     width);
    experiment_case(x, cut, fabs(it.comparison.objective_error));
    instance_clear(&it);
  }
  for (int i = 0; i < 4; i++) {
    instance it;

    experiment_solve(x, &it,
                     "counts=%s width=8 lambda-W=1/2000 lambda-H=1/2000 "
                     "bias=%s targets=smooth:1/10 starts=3",
                     i < 2 ? "30,30,30" : "30,20,5", i % 2 ? "free" : "none");
    experiment_case(x, smooth, fabs(it.comparison.objective_error));
    instance_clear(&it);
  }
}

int main(int argc, char **argv)
{
  experiment *x = experiment_begin(
      argc, argv, "dln_imbalanced",
      "Imbalanced deep linear networks: general orthogonal frames.");

  settings_of_the_paper(x);
  free_bias(x);
  cuts_and_smoothing(x);
  return experiment_end(x);
}
