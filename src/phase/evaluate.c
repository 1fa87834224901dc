/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One point of a phase diagram: the problem at a scale and a ratio, and the
   proved rank of its optimum. */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <ufm/ufm.h>

#include "phase/diagram.h"
#include "phase/fail.h"

struct ufm_phase {
  ufm_spec *spec;
  ufm_problem *base; /* at scale 1 */
};

/* Digits of successive certificates: ranks need a gap far below the smallest
   nonzero singular value, and most points are decided by the first. */
static const size_t digits[] = {16, 32, 64};
enum { ATTEMPTS = sizeof digits / sizeof digits[0] };

ufm_status ufm_phase_new(ufm_phase **out, const ufm_spec *spec,
                         ufm_error *error)
{
  ufm_phase *phase = calloc(1, sizeof *phase);
  ufm_status status;

  *out = NULL;
  if (phase == NULL)
    return ufm__phase_fail(error, UFM_ENOMEM, "phase: out of memory");
  status = ufm_spec_copy(&phase->spec, spec, error);
  if (status == UFM_OK)
    status = ufm_spec_problem(phase->spec, &phase->base, error);
  if (status != UFM_OK) {
    ufm_phase_free(phase);
    return status;
  }
  *out = phase;
  return UFM_OK;
}

void ufm_phase_free(ufm_phase *phase)
{
  if (phase == NULL)
    return;
  ufm_spec_free(phase->spec);
  ufm_problem_free(phase->base);
  free(phase);
}

double ufm_phase_ratio(double ratio)
{
  return nearbyint(ratio * UFM__RATIO_UNIT) / UFM__RATIO_UNIT;
}

static ufm_status set_ratio(ufm_phase *phase, double ratio, ufm_error *error)
{
  if (!(ratio >= 1.0 && ratio <= UFM__RATIO_MAX))
    return ufm__phase_fail(error, UFM_EINVAL, "ratio: got %g, want 1 to %d",
                           ratio, UFM__RATIO_MAX);
  return ufm__phase_set_ratio(phase->spec,
                              (size_t)lrint(ratio * UFM__RATIO_UNIT), error);
}

/* Appends the rational `lambda` times `scale` to a list. */
static bool append_scaled(char **list, mpq_srcptr lambda, mpq_srcptr scale)
{
  void (*release)(void *, size_t);
  char *number = NULL, *longer = NULL;
  mpq_t product;
  bool good;

  mpq_init(product);
  mpq_mul(product, lambda, scale);
  good = gmp_asprintf(&number, "%Qd", product) >= 0 &&
         asprintf(&longer, "%s%s%s", *list != NULL ? *list : "",
                  *list != NULL ? "," : "", number) >= 0;
  mpq_clear(product);
  mp_get_memory_functions(NULL, NULL, &release);
  if (number != NULL)
    release(number, strlen(number) + 1);
  free(*list);
  *list = good ? longer : NULL;
  return good;
}

static ufm_status set_scale(ufm_phase *phase, double scale, ufm_error *error)
{
  char *w = NULL, *h = NULL;
  ufm_status status = UFM_OK;
  bool good = true;
  mpq_t s;

  if (!(scale > 0.0 && isfinite(scale)))
    return ufm__phase_fail(error, UFM_EINVAL,
                           "scale: got %g, want a number above 0", scale);
  mpq_init(s);
  mpq_set_d(s, scale);
  for (size_t m = 1; m <= ufm_problem_depth(phase->base) && good; m++)
    good = append_scaled(&w, ufm_problem_lambda_w(phase->base, m), s);
  good = good && append_scaled(&h, ufm_problem_lambda_h(phase->base), s);
  mpq_clear(s);
  if (good)
    status = ufm_spec_set(phase->spec, "lambda-W", w, error);
  if (good && status == UFM_OK)
    status = ufm_spec_set(phase->spec, "lambda-H", h, error);
  free(w);
  free(h);
  return good ? status
              : ufm__phase_fail(error, UFM_ENOMEM, "phase: out of memory");
}

static ufm_status rank_of_squared_error(const ufm_problem *problem,
                                        ufm_phase_rank *out, ufm_error *error)
{
  ufm_optimum *optimum = NULL;
  ufm_status status = ufm_optimum_enclose(&optimum, problem, digits[0], error);

  if (status != UFM_OK)
    return status;
  out->lo = optimum->active;
  out->hi = optimum->active + optimum->undecided;
  if (ufm_problem_depth(problem) > 1)
    out->hi += optimum->tied;
  ufm_optimum_free(optimum);
  return UFM_OK;
}

static ufm_status rank_by_certificate(const ufm_phase *phase,
                                      const ufm_problem *problem,
                                      ufm_phase_rank *out, ufm_error *error)
{
  ufm_solve_settings settings = ufm_solve_defaults();
  ufm_solution *solution = NULL;
  ufm_status status;

  *out = (ufm_phase_rank){0, ufm_problem_rank_limit(problem)};
  if (ufm_spec_get(phase->spec, "start") == NULL)
    settings.start = UFM_START_SPECTRAL;
  status = ufm_solve_settings_read(&settings, phase->spec, error);
  if (status == UFM_OK)
    status = ufm_solve(&solution, problem, &settings, error);
  for (int i = 0; status == UFM_OK && i < ATTEMPTS && out->lo < out->hi; i++) {
    ufm_certificate *certificate = NULL;

    status = ufm_verify(&certificate, NULL, problem, solution->theta, digits[i],
                        error);
    if (status == UFM_OK && certificate->ranked) {
      if (certificate->rank_lo > out->lo)
        out->lo = certificate->rank_lo;
      if (certificate->rank_hi < out->hi)
        out->hi = certificate->rank_hi;
    }
    ufm_certificate_free(certificate);
  }
  ufm_solution_free(solution);
  return status;
}

ufm_status ufm_phase_evaluate(ufm_phase *phase, double scale, double ratio,
                              ufm_phase_rank *out, ufm_error *error)
{
  ufm_problem *problem = NULL;
  ufm_status status = set_scale(phase, scale, error);

  if (status == UFM_OK && ratio != 0.0)
    status = set_ratio(phase, ratio, error);
  if (status == UFM_OK)
    status = ufm_spec_problem(phase->spec, &problem, error);
  if (status == UFM_OK)
    status = ufm_problem_loss(problem) == UFM_LOSS_MSE &&
                     ufm_problem_bias(problem) != UFM_BIAS_RIDGE
                 ? rank_of_squared_error(problem, out, error)
                 : rank_by_certificate(phase, problem, out, error);
  ufm_problem_free(problem);
  return status;
}
