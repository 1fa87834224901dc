/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One-dimensional search along a descent direction. */
#ifndef UFM_MINIMIZE_LINE_SEARCH_H
#define UFM_MINIMIZE_LINE_SEARCH_H

#include <stdbool.h>

/* phi(a) = f(x + a p), and its slope; false when either is not finite. */
typedef struct ufm__line {
  bool (*evaluate)(void *params, double a, double *value, double *slope);
  void *params;
} ufm__line;

typedef struct ufm__line_point {
  double a, value, slope;
} ufm__line_point;

typedef enum ufm__line_result {
  UFM__LINE_FOUND,
  UFM__LINE_NO_PROGRESS, /* no acceptable step can be told apart from 0 */
  UFM__LINE_NOT_FINITE   /* the function is not finite at every step tried */
} ufm__line_result;

/* Finds a step a > 0 from `start` (start->a = 0, slope < 0), trying `first`
   first, that satisfies the strong Wolfe conditions

     phi(a) <= phi(0) + 1e-4 a phi'(0),    |phi'(a)| <= sigma |phi'(0)|,

   or, where values no longer resolve the first, the approximate ones of Hager
   and Zhang (SIAM J. Optim. 16, 2005, section 3): phi(a) <= phi(0) + e and
   |phi'(a)| <= sigma |phi'(0)|, e = 8 eps |phi(0)|.  On success the last point
   evaluated is *found. */
ufm__line_result ufm__line_search(const ufm__line *line,
                                  const ufm__line_point *start, double first,
                                  double sigma, ufm__line_point *found);

#endif
