/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Losses of a column that has G + 1 or G + 2 different logits. */
#include <config.h>

#include <math.h>

#include "reduce/objective.h"

/* The residual of the mark with the larger target is minus the sum of the
   others: no cancellation when its probability is near 1. */
double ufm__reduced_ce(ufm__reduced *s, size_t c, double own[2])
{
  const ufm_column_orbit *column = &s->orbits->column[c];
  const double *target = s->target + 2 * c, *many = s->many;
  size_t G = s->orbits->G, top = G; /* G + l: mark l */
  double off = s->background[c], *y = s->p;
  double most = own[0], first = 1.0, rest = 0.0, all, loss, sum = 0.0;
  size_t lead = column->marks == 2 && target[1] > target[0] ? 1 : 0;

  if (column->marks == 2 && own[1] > most) {
    most = own[1];
    top = G + 1;
  }
  for (size_t u = 0; u < G; u++)
    if (many[u] > 0.0 && y[u] > most) {
      most = y[u];
      first = many[u];
      top = u;
    }
  for (size_t l = 0; l < column->marks; l++)
    if (top != G + l)
      rest += exp(own[l] - most);
  for (size_t u = 0; u < G; u++)
    if (top != u && many[u] > 0.0)
      rest += many[u] * exp(y[u] - most);
  all = first + rest;
  loss = log(first) + log1p(rest / first);
  for (size_t l = 0; l < column->marks; l++) {
    loss += target[l] * (most - own[l]);
    own[l] = exp(own[l] - most) / all;
    if (s->probability != NULL)
      s->probability[c * (G + 2) + G + l] = own[l];
    own[l] = target[l] - own[l];
  }
  for (size_t u = 0; u < G; u++) {
    if (many[u] > 0.0 && off > 0.0)
      loss += off * many[u] * (most - y[u]);
    y[u] = many[u] > 0.0 ? exp(y[u] - most) / all : 0.0;
    if (s->probability != NULL)
      s->probability[c * (G + 2) + u] = y[u];
    y[u] = off - y[u];
    sum += many[u] * y[u];
  }
  if (column->unordered)
    own[0] = own[1] = -0.5 * sum;
  else
    own[lead] = column->marks == 2 ? -(sum + own[1 - lead]) : -sum;
  return loss;
}

double ufm__reduced_mse(ufm__reduced *s, size_t c, double own[2])
{
  double loss = 0.0;

  for (size_t l = 0; l < s->orbits->column[c].marks; l++) {
    own[l] = s->target[2 * c + l] - own[l];
    loss += own[l] * own[l];
  }
  for (size_t u = 0; u < s->orbits->G; u++) {
    s->p[u] = s->background[c] - s->p[u];
    loss += s->many[u] * s->p[u] * s->p[u];
  }
  return 0.5 * loss;
}
