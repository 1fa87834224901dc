/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The registry of methods: ours and GSL's own. */
#include <config.h>

#include <string.h>

#include <ufm/minimize.h>

#include "core/error.h"
#include "core/suggest.h"
#include "solve/methods.h"

#define ONE(type, step, tol, vectors)                                          \
  {                                                                            \
    type, step, tol, vectors, NULL, 0, 0, NULL                                 \
  }
#define TWO(type, step, tol, vectors, second, second_step, second_tol, both)   \
  {                                                                            \
    type, step, tol, vectors, second, second_step, second_tol, both            \
  }

/* GSL's manual suggests a line search parameter of 0.1 for its types. */
#define METHODS(X)                                                             \
  X("auto", "lbfgs, and newton where that stalls or is slow (ours)",           \
    TWO(&ufm_minimizer_lbfgs, 0.1, 0.9, 60, &ufm_minimizer_newton, 0.1, 0.5,   \
        "lbfgs+newton"))                                                       \
  X("lbfgs", "limited-memory BFGS, preconditioned at depth 1 (ours)",          \
    ONE(&ufm_minimizer_lbfgs, 0.1, 0.9, 49))                                   \
  X("newton", "trust-region Newton, conjugate gradients (ours)",               \
    ONE(&ufm_minimizer_newton, 0.5, 0.5, 11))                                  \
  X("vector_bfgs2", "BFGS, improved line search (GSL)",                        \
    ONE(&gsl_multimin_fdfminimizer_vector_bfgs2, 0.1, 0.1, 12))                \
  X("vector_bfgs", "BFGS (GSL)",                                               \
    ONE(&gsl_multimin_fdfminimizer_vector_bfgs, 0.1, 0.1, 12))                 \
  X("conjugate_fr", "conjugate gradients, Fletcher-Reeves (GSL)",              \
    ONE(&gsl_multimin_fdfminimizer_conjugate_fr, 0.1, 0.1, 12))                \
  X("conjugate_pr", "conjugate gradients, Polak-Ribiere (GSL)",                \
    ONE(&gsl_multimin_fdfminimizer_conjugate_pr, 0.1, 0.1, 12))                \
  X("steepest_descent", "steepest descent (GSL)",                              \
    ONE(&gsl_multimin_fdfminimizer_steepest_descent, 0.1, 0.1, 12))

static const ufm_method list[] = {
#define ABOUT(name, summary, ...) {name, summary},
    METHODS(ABOUT)
#undef ABOUT
        {NULL, NULL}};

static const ufm__method methods[] = {
#define METHOD(name, summary, ...) __VA_ARGS__,
    METHODS(METHOD)
#undef METHOD
};

const ufm_method *ufm_method_list(void)
{
  return list;
}

ufm_status ufm__method_find(const char *name, const ufm_method **about,
                            ufm__method *method, ufm_error *error)
{
  const char *names[sizeof list / sizeof list[0]];

  for (size_t i = 0; list[i].name != NULL; i++) {
    names[i] = list[i].name;
    if (strcmp(name, list[i].name) == 0) {
      *about = &list[i];
      *method = methods[i];
      return UFM_OK;
    }
  }
  return ufm__unknown_name(error, "method", name, names,
                           sizeof methods / sizeof methods[0]);
}
