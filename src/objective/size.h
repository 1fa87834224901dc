/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_OBJECTIVE_SIZE_H
#define UFM_OBJECTIVE_SIZE_H

#include <ufm/objective.h>
#include <ufm/problem.h>

/* Rough size of the logits at an optimum: 1 for squared error.  Cross entropy:
   for balanced classes e^alpha is about (n Lam)^{-1/L} (doc/mathematics.md,
   section 7.1, without its slowly varying factor); at least 1. */
double ufm__logit_size(const ufm_problem *problem);

/* Mean number of samples per class: nu_j/pi_j over K. */
double ufm__class_size(const ufm_problem *problem);

/* kappa = Lam^{1/L}, the penalty coefficient of balanced variables; through
   logarithms, because Lam itself may underflow at large depth. */
double ufm__balanced_penalty(const ufm_problem *problem);

/* The loss of an objective. */
ufm_loss ufm__objective_loss(const ufm_objective *objective);

#endif
