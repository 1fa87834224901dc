/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A theorem as the matcher sees it.  Each theorem has one file, which defines
   one rule; src/theory/match.c lists them in the order they are tried. */
#ifndef UFM_THEORY_THEOREM_H
#define UFM_THEORY_THEOREM_H

#include <ufm/theory.h>

typedef struct ufm__theorem_rule {
  ufm_theorem about;

  /* True when the theorem covers the problem.  When it does not although the
     loss is right, *reason may name the hypothesis that fails (a static
     string); the matcher reports the reasons when no theorem covers. */
  bool (*covers)(const ufm_problem *problem, const char **reason);

  /* Evaluates the theorem for a problem it covers. */
  ufm_status (*predict)(ufm_prediction **out, const ufm_problem *problem,
                        const ufm_theorem *theorem, size_t digits,
                        ufm_error *error);
} ufm__theorem_rule;

/* MSE, bias none or free, any depth, counts and widths: the singular directions
   of the target decouple. */
extern const ufm__theorem_rule ufm__theorem_mse;

/* MSE, bias none or free, mixup targets or columns from a file. */
extern const ufm__theorem_rule ufm__theorem_mse_columns;

/* MSE, CE: classifier fixed to a simplex ETF. */
extern const ufm__theorem_rule ufm__theorem_mse_fixed;
extern const ufm__theorem_rule ufm__theorem_ce_fixed;

/* CE, depth 1, mixup of balanced classes. */
extern const ufm__theorem_rule ufm__theorem_ce_mixup;

/* MSE, ridge bias, balanced counts. */
extern const ufm__theorem_rule ufm__theorem_mse_ridge;

/* CE, depth 1, balanced counts. */
extern const ufm__theorem_rule ufm__theorem_ce;

/* CE, depth >= 2, balanced counts: K = 2 exactly, else named candidates. */
extern const ufm__theorem_rule ufm__theorem_ce_deep;

#endif
