/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The closed form as a start: the only file of this room that knows theory, and
   only when the user asks for it (--start theory). */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <ufm/theory.h>

#include "core/error.h"
#include "core/number.h"
#include "solve/start.h"
#include "solve/start_factors.h"

enum { DIGITS = 20 };

/* Row j = sqrt(nu_j) times the predicted logits of the class of column j. */
static void scaled_logits(const ufm_problem *problem, const ufm_prediction *p,
                          double *Z)
{
  const ufm_columns *c = ufm_problem_columns(problem);
  double ratio = ufm__rational_double(c->ratio);
  mpfr_t entry;

  mpfr_init2(entry, p->bits);
  for (size_t j = 0; j < c->J; j++)
    for (size_t i = 0; i < c->K; i++) {
      ufm_prediction_entry(p, &p->logits, i, c->label[j], entry);
      Z[j * c->K + i] =
          sqrt(ratio * c->rounded[c->weight[j]]) * mpfr_get_d(entry, MPFR_RNDN);
    }
  mpfr_clear(entry);
}

static ufm_status factorise(const ufm_problem *problem,
                            const ufm_layout *layout, const ufm_prediction *p,
                            double *x, ufm_error *error)
{
  ufm__logits logits;
  ufm_status status = ufm__logits_init(&logits, layout, error);

  if (status == UFM_OK) {
    scaled_logits(problem, p, logits.Z);
    status = ufm__logits_decompose(&logits, layout, error);
  }
  if (status == UFM_OK) {
    /* What the closed form leaves at zero is rounding here, and the root of
       order L would blow it up. */
    for (size_t i = p->rank; i < logits.r; i++)
      logits.s[i] = 0.0;
    ufm__logits_factors(&logits, layout, 1.0, x);
  }
  ufm__logits_clear(&logits);
  return status;
}

ufm_status ufm__start_theory(const ufm_problem *problem,
                             const ufm_objective *objective, double *x,
                             ufm_error *error)
{
  const ufm_layout *layout = ufm_objective_layout(objective);
  double *plain = calloc(layout->size, sizeof *plain);
  ufm_prediction *p = NULL;
  ufm_error reason = {{0}};
  ufm_status status = UFM_OK;

  if (plain == NULL)
    return ufm__no_memory(error, "start");
  status = ufm_theory_predict(&p, problem, DIGITS, &reason);
  if (status != UFM_OK)
    status = ufm__fail(error, status == UFM_EUNSUPPORTED ? UFM_EINVAL : status,
                       "start: theory: %s", reason.text);
  else if (!p->grams || ufm_problem_targets(problem) == UFM_TARGETS_MIXUP ||
           ufm_problem_targets(problem) == UFM_TARGETS_FILE)
    status = ufm__fail(error, UFM_EINVAL,
                       "start: theory: %s leaves the logits of this problem "
                       "undetermined",
                       p->theorem);
  for (size_t i = layout->b; status == UFM_OK && i < layout->size; i++)
    if (p->bias != NULL)
      plain[i] = mpfr_get_d(p->bias[p->groups->of[i - layout->b]], MPFR_RNDN);
  if (status == UFM_OK) {
    ufm_objective_from_plain(objective, plain, x);
    status = factorise(problem, layout, p, x, error);
  }
  ufm_prediction_free(p);
  free(plain);
  return status;
}
