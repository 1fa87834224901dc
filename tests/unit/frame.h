/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exact optima of MSE problems, built from closed forms by plain loops, and
   the measures of a point. */
#ifndef UFM_TESTS_FRAME_H
#define UFM_TESTS_FRAME_H

#include <ufm/geometry.h>

#include "core/number.h"
#include "core/rng.h"
#include "matrix.h"
#include "problem.h"

/* r directions of an optimum: left (r x K) and right (r x K) orthonormal rows
   u_j, v_j of the class-mean logits Z D^{1/2} = sum_j sqrt(m_j) t_j u_j v_j^T,
   and the squared singular values m_j of the target. */
typedef struct directions {
  size_t r;
  const double *left, *right;
  double *m; /* r */
  double *t; /* r */
} directions;

static inline double lambda_of(const ufm_problem *p, size_t factor)
{
  return ufm__rational_double(factor == 0 ? ufm_problem_lambda_h(p)
                                          : ufm_problem_lambda_w(p, factor));
}

/* The global minimiser t of (1-t)^2 + L c t^{2/L}, c = N Lam^{1/L} m^{-M/L}:
   u = t^{1/L} solves u^{2M} - u^{M-1} + c = 0, by bisection above its minimum;
   0 when c exceeds ((M-1)/M)^{(M-1)/L}/M. */
static inline double optimal_fraction(const ufm_problem *p, double m)
{
  double M = (double)ufm_problem_depth(p), L = M + 1.0, product = 1.0, c;
  double low = pow((M - 1.0) / M, 1.0 / L), high = 1.0;

  for (size_t f = 0; f <= ufm_problem_depth(p); f++)
    product *= lambda_of(p, f);
  c = (double)ufm_problem_samples(p) * pow(product, 1.0 / L) * pow(m, -M / L);
  if (c >= pow((M - 1.0) / M, (M - 1.0) / L) / M)
    return 0.0;
  for (int i = 0; i < 200; i++) {
    double u = 0.5 * (low + high);

    if (pow(u, 2.0 * M) - pow(u, M - 1.0) + c < 0.0)
      low = u;
    else
      high = u;
  }
  return pow(0.5 * (low + high), L);
}

/* sigma_j of factor f (0 is H): sqrt(m t (1 - t)/(N lambda_f)). */
static inline double factor_value(const ufm_problem *p, const directions *x,
                                  size_t f, size_t j)
{
  return sqrt(x->m[j] * x->t[j] * (1.0 - x->t[j]) /
              ((double)ufm_problem_samples(p) * lambda_of(p, f)));
}

/* The point W_m = Q_{m+1}^T diag(sigma) Q_m, h_k = Q_1^T diag(sigma) v / sqrt(
   n_k), with random orthonormal Q_1..Q_M (r x d_m) and Q_{M+1} = left. */
static inline double *new_optimum(gsl_rng *rng, const ufm_problem *p,
                                  const ufm_layout *l, const directions *x)
{
  const ufm_columns *columns = ufm_problem_columns(p);
  double *theta = new_array(l->size), *s = new_array(x->r);
  double *low = new_orthonormal(rng, x->r, l->width[0], 0), *high, *left;

  for (size_t j = 0; j < l->J; j++) {
    size_t k = columns->label[j];

    for (size_t i = 0; i < x->r; i++)
      for (size_t d = 0; d < l->width[0]; d++)
        theta[l->h + j * l->width[0] + d] +=
            factor_value(p, x, 0, i) * x->right[i * l->K + k] /
            sqrt((double)ufm_problem_counts(p)[k]) * low[i * l->width[0] + d];
  }
  for (size_t m = 1; m <= l->M; m++) {
    high = new_array(x->r * l->K);
    memcpy(high, x->left, x->r * l->K * sizeof *high);
    if (m < l->M) {
      free(high);
      high = new_orthonormal(rng, x->r, l->width[m], 0);
    }
    for (size_t i = 0; i < x->r; i++)
      s[i] = factor_value(p, x, m, i);
    left = new_transpose(x->r, l->width[m], high);
    multiply(l->width[m], l->width[m - 1], x->r, left, s, low,
             theta + l->w[m - 1]);
    free(left);
    free(low);
    low = high;
  }
  free(low);
  free(s);
  return theta;
}

/* The measures of theta; fails the test when the library refuses it. */
static inline ufm_geometry *measure_point(const ufm_problem *p,
                                          const ufm_layout *l,
                                          const double *theta,
                                          const double *gof_t)
{
  ufm_geometry *g = NULL;
  ufm_error error = {{0}};

  ck_assert_msg(ufm_geometry_measure(&g, p, l, theta, gof_t, &error) == UFM_OK,
                "%s", error.text);
  return g;
}

#endif
