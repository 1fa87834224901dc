/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_SOLVE_METHODS_H
#define UFM_SOLVE_METHODS_H

#include <gsl/gsl_multimin.h>

#include <ufm/solve.h>

/* A method and how the driver starts it. */
typedef struct ufm__method {
  const gsl_multimin_fdfminimizer_type *const *type;
  double first_step; /* times the length of the start */
  double tol;        /* line search parameter, as the type defines it */
  size_t vectors;    /* of the length of a point that the types allocate */
  /* the type that takes over, its first step and parameter, and the name of the
     two together; NULL for a method of one type */
  const gsl_multimin_fdfminimizer_type *const *second;
  double second_step, second_tol;
  const char *both;
} ufm__method;

/* The method called `name`, or UFM_EINVAL with the closest name. */
UFM_MUST_CHECK ufm_status ufm__method_find(const char *name,
                                           const ufm_method **about,
                                           ufm__method *method,
                                           ufm_error *error);

#endif
