/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_SOLVE_NARROW_H
#define UFM_SOLVE_NARROW_H

#include "solve/run.h"

/* True where directions of the factors that have vanished stay so, and leaving
   them out changes no minimum: depth >= 2, free factors. */
bool ufm__narrow_applies(const ufm__runner *runner);

/* When the factors at x have lost so much of their rank that a narrower problem
   is much cheaper, runs the method there from the same point, which must not
   have a larger F, and puts the point it ends at, padded with zeros, into x.
   Adds the iterations to run->iterations and sets its method, reason and
   termination; evaluations go to the counters of the objective of `runner`.
   False, with x and run unchanged, when nothing was done. */
bool ufm__narrow_run(ufm__runner *runner, size_t start, gsl_vector *x,
                     ufm_run *run);

#endif
