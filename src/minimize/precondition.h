/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the minimizers keep their preconditioner. */
#ifndef UFM_MINIMIZE_PRECONDITION_H
#define UFM_MINIMIZE_PRECONDITION_H

#include <ufm/minimize.h>

/* The preconditioner of a state of each type; its `apply` is NULL without. */
ufm_preconditioner *ufm__lbfgs_preconditioner(void *state);
ufm_preconditioner *ufm__newton_preconditioner(void *state);

/* z = P r for arrays of length n; what `apply` returns. */
int ufm__precondition(const ufm_preconditioner *p, size_t n, const double *r,
                      double *z);

#endif
