/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Second moments of targets that are constant on groups of classes: labels and
   mixup laws in closed form (doc/soft-targets.md, section 1), columns of a file
   one by one. */
#ifndef UFM_THEORY_MOMENTS_H
#define UFM_THEORY_MOMENTS_H

#include <ufm/problem.h>

typedef struct ufm__moments {
  size_t G;
  mpq_t *mean;  /* G: E t_k */
  mpq_t *cross; /* G x G: E t_k t_l for different classes of the groups */
  mpq_t *extra; /* G: E t_k^2 less the cross moment of the group with itself */
} ufm__moments;

/* Exact moments, centred for a free bias (cross and extra are then those of
   t - E t).  UFM_EUNSUPPORTED for a file of more than 100 classes. */
UFM_MUST_CHECK ufm_status ufm__moments_init(ufm__moments *out,
                                            const ufm_problem *problem,
                                            ufm_error *error);
void ufm__moments_clear(ufm__moments *moments);

#endif
