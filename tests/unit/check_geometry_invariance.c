/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the geometry of a point does not depend on: copies of merged columns,
   bases between the layers, scale. */
#include <config.h>

#include "run.h"
#include "sample.h"

/* Every single number but NC1. */
static void check_same(const ufm_geometry *a, const ufm_geometry *b,
                       double tolerance, int round)
{
  const double *x[] = {&a->nc2_etf,    &a->nc2_of,      &a->nc2_gof_w,
                       &a->nc2_gof_h,  &a->nc3_etf,     &a->nc3_of,
                       &a->nc3_gof_wh, &a->nc3_gof_w_h, &a->balancedness,
                       &a->cos_w.min,  &a->cos_w.mean,  &a->cos_h.max,
                       &a->cos_h.mean};
  const double *y[] = {&b->nc2_etf,    &b->nc2_of,      &b->nc2_gof_w,
                       &b->nc2_gof_h,  &b->nc3_etf,     &b->nc3_of,
                       &b->nc3_gof_wh, &b->nc3_gof_w_h, &b->balancedness,
                       &b->cos_w.min,  &b->cos_w.mean,  &b->cos_h.max,
                       &b->cos_h.mean};

  for (size_t i = 0; i < sizeof x / sizeof x[0]; i++)
    check_close(*x[i], *y[i], tolerance, round);
  ck_assert_uint_eq(a->rank, b->rank);
}

static void check_same_spectra(const ufm_geometry *a, const ufm_geometry *b,
                               int round)
{
  for (size_t f = 0; f <= a->M + 1; f++) {
    size_t na = a->spectrum_size[f], nb = b->spectrum_size[f];

    for (size_t i = 0; i < na || i < nb; i++)
      check_close(i < na ? a->spectrum[f][i] : 0.0,
                  i < nb ? b->spectrum[f][i] : 0.0,
                  1e-13 * (1.0 + a->spectrum[f][0]), round);
  }
  for (size_t k = 0; k < a->K; k++) {
    check_close(a->norm_w[k], b->norm_w[k], 1e-13, round);
    check_close(a->norm_h[k], b->norm_h[k], 1e-13, round);
  }
}

START_TEST(copies_of_merged_columns_change_nothing)
{
  gsl_rng *rng = ufm__rng_new(SEED, 1000 + (uint64_t)_i);
  sample s;
  test_problem t;
  ufm_problem *p;
  ufm_layout *l = NULL;
  double *theta;
  ufm_geometry *merged, *copied;
  size_t d;

  sample_init(&s, rng, false);
  d = s.l->width[0];
  t = s.t;
  t.unmerged = true;
  p = make_problem(&t);
  ck_assert_int_eq(ufm_layout_new(&l, p, NULL), UFM_OK);
  theta = new_array(l->size);
  memcpy(theta, s.theta, l->h * sizeof *theta);
  for (size_t j = 0; j < l->J; j++)
    memcpy(theta + l->h + j * d,
           s.theta + s.l->h + ufm_problem_columns(p)->label[j] * d,
           d * sizeof *theta);
  merged = measure_point(s.p, s.l, s.theta, s.fraction);
  copied = measure_point(p, l, theta, s.fraction);
  check_same(merged, copied, 1e-12, _i);
  check_same_spectra(merged, copied, _i);
  ck_assert(isnan(merged->nc1));
  check_close(copied->nc1, 0.0, 1e-25, _i);
  ufm_geometry_free(merged);
  ufm_geometry_free(copied);
  ufm_layout_free(l);
  ufm_problem_free(p);
  free(theta);
  sample_clear(&s);
  gsl_rng_free(rng);
}
END_TEST

/* W_{m+1} -> W_{m+1} Q^T, W_m -> Q W_m, and Q on the features at the end. */
START_TEST(orthogonal_changes_of_basis_change_nothing)
{
  gsl_rng *rng = ufm__rng_new(SEED, 2000 + (uint64_t)_i);
  sample s;
  ufm_geometry *before, *after;

  sample_init(&s, rng, true);
  before = measure_point(s.p, s.l, s.theta, s.fraction);
  for (size_t m = 1; m <= s.l->M; m++) {
    size_t d = s.l->width[m - 1], rows = s.l->width[m];
    double *Q = new_orthonormal(rng, d, d, 0), *Qt = new_transpose(d, d, Q);
    double *W = s.theta + s.l->w[m - 1], *in = new_array(s.l->size);

    memcpy(in, W, rows * d * sizeof *in);
    multiply(rows, d, d, in, NULL, Qt, W);
    if (m > 1) { /* W_{m-1} is d x d_{m-1} */
      W = s.theta + s.l->w[m - 2];
      memcpy(in, W, d * s.l->width[m - 2] * sizeof *in);
      multiply(d, s.l->width[m - 2], d, Q, NULL, in, W);
    } else {
      memcpy(in, s.theta + s.l->h, s.l->J * d * sizeof *in);
      multiply(s.l->J, d, d, in, NULL, Qt, s.theta + s.l->h);
    }
    free(Q);
    free(Qt);
    free(in);
  }
  after = measure_point(s.p, s.l, s.theta, s.fraction);
  check_same(before, after, 1e-11, _i);
  check_same_spectra(before, after, _i);
  check_close(after->nc1, before->nc1, 1e-9, _i);
  ufm_geometry_free(before);
  ufm_geometry_free(after);
  sample_clear(&s);
  gsl_rng_free(rng);
}
END_TEST

/* Directions do not depend on lengths.  At the scales tried the product of the
   factors is near 1e-280 or 1e280 and squares of squares are out of range. */
START_TEST(scale_changes_no_direction)
{
  gsl_rng *rng = ufm__rng_new(SEED, 3000 + (uint64_t)_i);
  sample s;
  ufm_geometry *before, *after;
  double scale;

  sample_init(&s, rng, _i % 2 == 0);
  before = measure_point(s.p, s.l, s.theta, s.fraction);
  scale = pow(10.0, (_i / 2 % 2 == 0 ? -280.0 : 280.0) / (double)(s.t.M + 1));
  for (size_t i = 0; i < s.l->size; i++)
    s.theta[i] *= scale;
  after = measure_point(s.p, s.l, s.theta, s.fraction);
  check_same(before, after, 1e-11, _i);
  check_close(after->nc1, before->nc1, 1e-9, _i);
  ufm_geometry_free(before);
  ufm_geometry_free(after);
  sample_clear(&s);
  gsl_rng_free(rng);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("geometry_invariance");

  tcase_add_loop_test(tests, copies_of_merged_columns_change_nothing, 0,
                      ROUNDS);
  tcase_add_loop_test(tests, orthogonal_changes_of_basis_change_nothing, 0,
                      ROUNDS);
  tcase_add_loop_test(tests, scale_changes_no_direction, 0, ROUNDS);
  return run_case("geometry_invariance", tests);
}
