/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_SOLVE_HOMOTOPY_H
#define UFM_SOLVE_HOMOTOPY_H

#include "solve/run.h"

/* Follows minima from other penalties to those of the problem.  In balanced
   variables every penalty is kappa/2 |.|^2, so scaling all lambdas at once is
   scaling kappa: x moves to a rough minimum of F with `from` kappa, then with
   kappa halved or doubled (or by what is left) while that is not yet kappa.
   from > 1 comes from strong penalties, where few directions exist; from < 1
   from weak ones, where margins decide.  The last minimisation, with kappa, is
   left to the caller.  Iterations are added to those of `run`. */
void ufm__homotopy(ufm__runner *runner, double from, gsl_vector *x,
                   ufm_run *run);

#endif
