/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Picks the theorem that covers a problem. */
#include <config.h>

#include "core/error.h"
#include "theory/theorem.h"

/* In the order they are tried; a new theorem is one line here. */
static const ufm__theorem_rule *const rules[] = {
    &ufm__theorem_mse,       &ufm__theorem_mse_columns, &ufm__theorem_mse_ridge,
    &ufm__theorem_ce,        &ufm__theorem_ce_deep,     &ufm__theorem_ce_mixup,
    &ufm__theorem_mse_fixed, &ufm__theorem_ce_fixed};
enum { RULES = sizeof rules / sizeof rules[0] };

const ufm_theorem *ufm_theory_at(size_t i)
{
  return i < RULES ? &rules[i]->about : NULL;
}

ufm_status ufm_theory_predict(ufm_prediction **out, const ufm_problem *problem,
                              size_t digits, ufm_error *error)
{
  enum { MOST_DIGITS = 100000 };
  const char *reason = NULL;

  *out = NULL;
  if (digits < 1 || digits > MOST_DIGITS)
    return ufm__fail(error, UFM_EINVAL, "digits: got %zu, want 1 to %d", digits,
                     MOST_DIGITS);
  for (size_t i = 0; i < RULES; i++)
    if (rules[i]->covers(problem, &reason))
      return rules[i]->predict(out, problem, &rules[i]->about, digits, error);
  if (reason != NULL)
    return ufm__fail(error, UFM_EUNSUPPORTED, "%s: %s",
                     ufm_loss_name(ufm_problem_loss(problem)), reason);
  return ufm__fail(
      error, UFM_EUNSUPPORTED,
      "%s: no theorem of this build covers targets %s, bias %s and depth %zu",
      ufm_loss_name(ufm_problem_loss(problem)),
      ufm_targets_name(ufm_problem_targets(problem)),
      ufm_bias_name(ufm_problem_bias(problem)), ufm_problem_depth(problem));
}
