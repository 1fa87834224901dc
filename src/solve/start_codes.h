/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starts from codes: logits a <x_i, x_k> of class k, x a spherical code. */
#ifndef UFM_SOLVE_START_CODES_H
#define UFM_SOLVE_START_CODES_H

#include <gsl/gsl_rng.h>

#include <ufm/objective.h>

/* The codes that fit a problem, best first, and a workspace. */
typedef struct ufm__code_starts ufm__code_starts;

/* Collects the codes of K vectors (or up to a quarter more, of which some are
   left out) that span the widths; with depth >= 2, where low ranks win, of
   every smaller dimension too, and K points on a line.  Sorted by F at their
   best scale.  Cost: a decomposition of a J x K matrix and some values of F for
   each.  UFM_ENOMEM, UFM_ERANGE. */
UFM_MUST_CHECK ufm_status ufm__code_starts_new(ufm__code_starts **out,
                                               const ufm_problem *problem,
                                               ufm_objective *objective,
                                               ufm_error *error);
void ufm__code_starts_free(ufm__code_starts *starts);

/* x = code start `index` at its best scale, plus a small random part, in
   balanced variables: even numbers are the codes that fit, best first, odd
   ones, and all when those are used up, codes by repulsion.
   Classes go to vectors at random.  *name = what it is called, static; NULL
   when the widths leave room for no code and x is a random start. */
UFM_MUST_CHECK ufm_status ufm__start_code(ufm__code_starts *starts,
                                          ufm_objective *objective,
                                          size_t index, gsl_rng *rng, double *x,
                                          const char **name, ufm_error *error);

#endif
