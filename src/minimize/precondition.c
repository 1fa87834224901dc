/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Handing preconditioners to minimizers and vectors to preconditioners. */
#include <config.h>

#include <gsl/gsl_errno.h>

#include "minimize/precondition.h"

int ufm_minimizer_set_preconditioner(gsl_multimin_fdfminimizer *minimizer,
                                     const ufm_preconditioner *preconditioner)
{
  ufm_preconditioner *place;

  if (minimizer->type == ufm_minimizer_lbfgs)
    place = ufm__lbfgs_preconditioner(minimizer->state);
  else if (minimizer->type == ufm_minimizer_newton)
    place = ufm__newton_preconditioner(minimizer->state);
  else
    return GSL_EINVAL;
  *place = preconditioner != NULL ? *preconditioner : (ufm_preconditioner){0};
  return GSL_SUCCESS;
}

int ufm__precondition(const ufm_preconditioner *p, size_t n, const double *r,
                      double *z)
{
  gsl_vector_const_view from = gsl_vector_const_view_array(r, n);
  gsl_vector_view to = gsl_vector_view_array(z, n);

  return p->apply(&from.vector, p->params, &to.vector);
}
