/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bracketing and safeguarded cubic interpolation (Nocedal and Wright, Numerical
   Optimization, 2nd ed., algorithms 3.5 and 3.6), with approximate Wolfe
   conditions at the rounding floor of the function. */
#include <config.h>

#include <float.h>
#include <math.h>

#include "minimize/line_search.h"

static const double decrease = 1e-4; /* of the first Wolfe condition */
static const double grow_least = 1.5, grow_most = 5.0;
enum { MAX_EVALUATIONS = 40 };

/* The search: `low` is the best point so far; a minimiser lies between low.a
   and high.a once high.a is finite. */
typedef struct search {
  const ufm__line *line;
  ufm__line_point start, low, high;
  double sigma, noise;
} search;

/* Minimiser of the cubic through two points with slopes, NaN when it has none
   (formula 3.59 of Nocedal and Wright, arranged against overflow). */
static double cubic_minimum(const ufm__line_point *p, const ufm__line_point *q)
{
  double width = q->a - p->a;
  double theta = 3.0 * (p->value - q->value) / width + p->slope + q->slope;
  double scale = fmax(fabs(theta), fmax(fabs(p->slope), fabs(q->slope)));
  double square, gamma;

  if (!(scale > 0.0) || !isfinite(scale))
    return (double)NAN;
  square = (theta / scale) * (theta / scale) -
           (p->slope / scale) * (q->slope / scale);
  if (square < 0.0)
    return (double)NAN;
  gamma = copysign(scale * sqrt(square), width);
  return q->a - width * (q->slope + gamma - theta) /
                    (q->slope - p->slope + 2.0 * gamma);
}

/* Zero of the line through two slopes: the only information left when values
   differ by rounding alone. */
static double secant_zero(const ufm__line_point *p, const ufm__line_point *q)
{
  return p->a - p->slope * (q->a - p->a) / (q->slope - p->slope);
}

static bool values_resolve(const search *s, double a, double b)
{
  return fabs(a - b) > s->noise;
}

/* Between low and high, kept a tenth of the interval away from both ends. */
static double next_inside(const search *s)
{
  double width = s->high.a - s->low.a, a, part;

  if (!isfinite(s->high.value))
    return s->low.a + 0.2 * width;
  a = values_resolve(s, s->low.value, s->high.value)
          ? cubic_minimum(&s->low, &s->high)
          : secant_zero(&s->low, &s->high);
  part = (a - s->low.a) / width;
  if (!isfinite(part))
    return s->low.a + 0.5 * width;
  return s->low.a + fmin(fmax(part, 0.1), 0.9) * width;
}

/* Beyond low, which still descends; `before` is the point it replaced. */
static double next_outside(const search *s, const ufm__line_point *before)
{
  double a = cubic_minimum(before, &s->low);
  double least = s->low.a * grow_least, most = s->low.a * grow_most;

  if (!values_resolve(s, before->value, s->low.value))
    a = secant_zero(before, &s->low);
  return isfinite(a) && a > s->low.a ? fmin(fmax(a, least), most) : most;
}

static bool acceptable(const search *s, const ufm__line_point *p)
{
  double line = s->start.value + decrease * p->a * s->start.slope;

  if (fabs(p->slope) > s->sigma * fabs(s->start.slope))
    return false;
  return p->value <= line ||
         (p->value <= s->start.value + s->noise &&
          fabs(p->a * s->start.slope) * decrease <= s->noise);
}

/* True when p lies beyond the minimiser seen from low. */
static bool too_far(const search *s, const ufm__line_point *p)
{
  double line = s->start.value + decrease * p->a * s->start.slope;

  if (!values_resolve(s, p->value, s->low.value))
    return p->slope * (p->a - s->low.a) >= 0.0;
  return p->value > line + s->noise || p->value >= s->low.value;
}

/* Takes p into the bracket; returns the next step to try. */
static double update(search *s, const ufm__line_point *p)
{
  ufm__line_point before = s->low;

  if (too_far(s, p)) {
    s->high = *p;
    return next_inside(s);
  }
  if (isfinite(s->high.a)) {
    if (p->slope * (s->high.a - s->low.a) >= 0.0)
      s->high = s->low;
    s->low = *p;
    return next_inside(s);
  }
  s->low = *p;
  if (p->slope >= 0.0) {
    s->high = before;
    return next_inside(s);
  }
  return next_outside(s, &before);
}

ufm__line_result ufm__line_search(const ufm__line *line,
                                  const ufm__line_point *start, double first,
                                  double sigma, ufm__line_point *found)
{
  search s = {line,   *start,
              *start, {HUGE_VAL, HUGE_VAL, 0.0},
              sigma,  8.0 * DBL_EPSILON * fabs(start->value)};
  double a = first;
  bool finite_once = false;

  for (int i = 0; i < MAX_EVALUATIONS; i++) {
    ufm__line_point p = {a, 0.0, 0.0};

    if (!isfinite(a) || fabs(a - s.low.a) <= DBL_EPSILON * fabs(a))
      break;
    if (!line->evaluate(line->params, a, &p.value, &p.slope)) {
      s.high = (ufm__line_point){a, HUGE_VAL, 0.0};
      a = next_inside(&s);
      continue;
    }
    finite_once = true;
    if (acceptable(&s, &p)) {
      *found = p;
      return UFM__LINE_FOUND;
    }
    a = update(&s, &p);
  }
  return finite_once ? UFM__LINE_NO_PROGRESS : UFM__LINE_NOT_FINITE;
}
