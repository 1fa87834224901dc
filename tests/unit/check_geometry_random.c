/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Geometry of random points against its definitions, by plain loops and GSL's
   own singular values. */
#include <config.h>

#include <gsl/gsl_linalg.h>

#include "geometry/internal.h"
#include "linalg/eigen.h"
#include "run.h"
#include "sample.h"

/* K x d_1: W_M...W_1. */
static double *plain_product(const sample *s)
{
  const ufm_layout *l = s->l;
  double *W = new_array(l->K * l->width[l->M - 1]);

  memcpy(W, s->theta + l->w[l->M - 1], l->K * l->width[l->M - 1] * sizeof *W);
  for (size_t m = l->M - 1; m-- > 0;) {
    double *next = new_array(l->K * l->width[m]);

    multiply(l->K, l->width[m], l->width[m + 1], W, NULL, s->theta + l->w[m],
             next);
    free(W);
    W = next;
  }
  return W;
}

/* K x d_1 class means in rows, and their mean over samples. */
static double *plain_means(const sample *s, double *grand)
{
  const ufm_layout *l = s->l;
  const ufm_columns *c = ufm_problem_columns(s->p);
  size_t d = l->width[0], N = ufm_problem_samples(s->p);
  double *mean = new_array(l->K * d);

  memset(grand, 0, d * sizeof *grand);
  for (size_t j = 0; j < l->J; j++)
    for (size_t i = 0; i < d; i++) {
      double h = s->theta[l->h + j * d + i] * (double)c->count[j];

      mean[c->label[j] * d + i] += h / (double)s->counts[c->label[j]];
      grand[i] += h / (double)N;
    }
  return mean;
}

/* |hat(A B^T) - hat(diag(t) - shift J)|, A and B K x d */
static double plain_distance(size_t K, size_t d, const double *A,
                             const double *B, const double *t, double shift)
{
  double *Bt = new_transpose(K, d, B), *X = new_array(K * K);
  double xx = 0.0, tt = 0.0, sum = 0.0;

  multiply(K, K, d, A, NULL, Bt, X);
  for (int pass = 0; pass < 2; pass++)
    for (size_t i = 0; i < K; i++)
      for (size_t k = 0; k < K; k++) {
        double x = X[i * K + k], y = (i == k ? t[k] : 0.0) - shift;

        if (pass == 0) {
          xx += x * x;
          tt += y * y;
        } else {
          sum += pow(x / sqrt(xx) - y / sqrt(tt), 2.0);
        }
      }
  free(Bt);
  free(X);
  return sqrt(sum);
}

/* min over P of |hat(A B^T) - P/sqrt(r)| through all K x K entries: P projects
   on the r leading eigenvectors of C S C, S the symmetric part; -9 J/K keeps
   the all-ones vector last.  Also checks that no random projector comes
   closer. */
static double plain_nearest(gsl_rng *rng, size_t K, size_t d, const double *A,
                            const double *B, size_t r, bool centred)
{
  double *Bt = new_transpose(K, d, B), *X = new_array(K * K);
  double *S = new_array(K * K), *C = new_array(K * K), *T = new_array(K * K);
  double *w = new_array(K), xx = 0.0, best = 0.0;

  multiply(K, K, d, A, NULL, Bt, X);
  for (size_t i = 0; i < K * K; i++)
    xx += X[i] * X[i];
  for (size_t i = 0; i < K; i++)
    for (size_t k = 0; k < K; k++) {
      X[i * K + k] /= sqrt(xx);
      C[i * K + k] = (i == k) - (centred ? 1.0 / (double)K : 0.0);
    }
  for (size_t i = 0; i < K; i++)
    for (size_t k = 0; k < K; k++)
      S[i * K + k] = 0.5 * (X[i * K + k] + X[k * K + i]);
  multiply(K, K, K, C, NULL, S, T);
  multiply(K, K, K, T, NULL, C, S);
  for (size_t i = 0; centred && i < K * K; i++)
    S[i] -= 9.0 / (double)K;
  ck_assert_int_eq(ufm__eigen(K, S, w, true, NULL), UFM_OK);
  for (int trial = 0; trial < 20; trial++) {
    double *rows =
        trial == 0 ? new_array(r * K) : new_orthonormal(rng, r, K, centred);
    double sum = 0.0;

    if (trial == 0)
      memcpy(rows, S + (K - r) * K, r * K * sizeof *rows);
    for (size_t i = 0; i < K; i++)
      for (size_t k = 0; k < K; k++) {
        double p = 0.0;

        for (size_t j = 0; j < r; j++)
          p += rows[j * K + i] * rows[j * K + k];
        sum += pow(X[i * K + k] - p / sqrt((double)r), 2.0);
      }
    if (trial == 0)
      best = sum;
    ck_assert_msg(sum >= best - 1e-12, "seed %d: a projector is closer", SEED);
    free(rows);
  }
  free(Bt);
  free(X);
  free(S);
  free(C);
  free(T);
  free(w);
  return sqrt(best);
}

/* tr(Sigma_W Sigma_B^+)/K from the two covariances, r = rank of Sigma_B. */
static double plain_nc1(const sample *s, const double *mean,
                        const double *grand, size_t r)
{
  const ufm_layout *l = s->l;
  const ufm_columns *c = ufm_problem_columns(s->p);
  size_t K = l->K, d = l->width[0];
  double *SB = new_array(d * d), *SW = new_array(d * d), *w = new_array(d);
  double trace = 0.0;

  for (size_t a = 0; a < d; a++)
    for (size_t b = 0; b < d; b++) {
      for (size_t k = 0; k < K; k++)
        SB[a * d + b] += (mean[k * d + a] - grand[a]) *
                         (mean[k * d + b] - grand[b]) / (double)K;
      for (size_t j = 0; j < l->J; j++) {
        const double *h = s->theta + l->h + j * d, *m = mean + c->label[j] * d;

        SW[a * d + b] += (h[a] - m[a]) * (h[b] - m[b]) / (double)l->J;
      }
    }
  ck_assert_int_eq(ufm__eigen(d, SB, w, true, NULL), UFM_OK);
  for (size_t i = d - r; i < d; i++)
    for (size_t a = 0; a < d; a++)
      for (size_t b = 0; b < d; b++)
        trace += SB[i * d + a] * SW[a * d + b] * SB[i * d + b] / w[i];
  free(SB);
  free(SW);
  free(w);
  return trace / (double)K;
}

/* Singular values of the m x n matrix A by GSL's Golub-Reinsch. */
static void check_singular_values(size_t m, size_t n, const double *A,
                                  const double *got, size_t size, int round)
{
  size_t rows = m < n ? n : m, r = m < n ? m : n;
  double *tall = m < n ? new_transpose(m, n, A) : new_array(m * n);
  gsl_matrix_view view = gsl_matrix_view_array(tall, rows, r);
  gsl_matrix *V = gsl_matrix_alloc(r, r);
  gsl_vector *S = gsl_vector_alloc(r), *work = gsl_vector_alloc(r);

  if (m >= n)
    memcpy(tall, A, m * n * sizeof *tall);
  ck_assert_int_eq(gsl_linalg_SV_decomp(&view.matrix, V, S, work), 0);
  ck_assert_uint_eq(size, r);
  for (size_t i = 0; i < r; i++)
    check_close(got[i] / got[0], gsl_vector_get(S, i) / got[0], 1e-13, round);
  gsl_matrix_free(V);
  gsl_vector_free(S);
  gsl_vector_free(work);
  free(tall);
}

static void check_spectra(const sample *s, const ufm_geometry *g,
                          const double *W, int round)
{
  const ufm_layout *l = s->l;
  size_t d = l->width[0];
  double *H = new_array(l->J * d), *Ht, *Z = new_array(l->K * l->J);

  for (size_t j = 0; j < l->J; j++)
    for (size_t i = 0; i < d; i++)
      H[j * d + i] = sqrt((double)ufm_problem_columns(s->p)->count[j]) *
                     s->theta[l->h + j * d + i];
  Ht = new_transpose(l->J, d, H);
  multiply(l->K, l->J, d, W, NULL, Ht, Z);
  check_singular_values(l->K, l->J, Z, g->spectrum[0], g->spectrum_size[0],
                        round);
  for (size_t m = 1; m <= l->M; m++)
    check_singular_values(l->width[m], l->width[m - 1], s->theta + l->w[m - 1],
                          g->spectrum[m], g->spectrum_size[m], round);
  check_singular_values(d, l->J, Ht, g->spectrum[l->M + 1],
                        g->spectrum_size[l->M + 1], round);
  ck_assert_uint_eq(g->rank, ufm_problem_rank_limit(s->p));
  free(H);
  free(Ht);
  free(Z);
}

static void check_rows(size_t n, size_t d, const double *x, const double *norm,
                       ufm_cosines got, int round)
{
  ufm_cosines want = {2.0, -2.0, 0.0};

  for (size_t i = 0; i < n; i++) {
    double ii = 0.0;

    for (size_t s = 0; s < d; s++)
      ii += x[i * d + s] * x[i * d + s];
    check_close(norm[i], sqrt(ii), 1e-14, round);
    for (size_t k = 0; k < i; k++) {
      double ik = 0.0;

      for (size_t s = 0; s < d; s++)
        ik += x[i * d + s] * x[k * d + s];
      ik /= norm[i] * norm[k];
      want.min = fmin(want.min, ik);
      want.max = fmax(want.max, ik);
      want.mean += 2.0 * ik / (double)(n * (n - 1));
    }
  }
  check_close(got.min, want.min, 1e-13, round);
  check_close(got.max, want.max, 1e-13, round);
  check_close(got.mean, want.mean, 1e-13, round);
}

static void check_frames(const sample *s, gsl_rng *rng, const ufm_geometry *g,
                         const double *W, const double *mean,
                         const double *grand, int round)
{
  size_t K = s->l->K, d = s->l->width[0], R = ufm_problem_rank_limit(s->p);
  size_t r = R < K - 1 ? R : K - 1;
  double t[KMAX] = {0}, *centred = new_array(K * d), *dual = new_array(K * d);
  double ww = 0.0, dd = 0.0, sum = 0.0;

  for (size_t i = 0; i < K * d; i++) {
    centred[i] = mean[i] - grand[i % d];
    dual[i] = mean[i] / (1.0 - s->fraction[i / d]);
    ww += W[i] * W[i];
    dd += dual[i] * dual[i];
  }
  for (size_t i = 0; i < K * d; i++)
    sum += pow(W[i] / sqrt(ww) - dual[i] / sqrt(dd), 2.0);
  check_close(g->nc3_gof_w_h, sqrt(sum), 1e-12, round);
  check_close(g->nc2_etf, plain_nearest(rng, K, d, W, W, r, true), 1e-12,
              round);
  check_close(g->nc2_of, plain_nearest(rng, K, d, W, W, R, false), 1e-12,
              round);
  check_close(g->nc3_etf, plain_nearest(rng, K, d, W, centred, r, true), 1e-12,
              round);
  check_close(g->nc3_of, plain_nearest(rng, K, d, W, mean, R, false), 1e-12,
              round);
  check_close(g->nc3_gof_wh, plain_distance(K, d, W, mean, s->fraction, 0.0),
              1e-12, round);
  for (size_t k = 0; k < K; k++)
    t[k] = s->fraction[k] / (1.0 - s->fraction[k]);
  check_close(g->nc2_gof_w, plain_distance(K, d, W, W, t, 0.0), 1e-12, round);
  for (size_t k = 0; k < K; k++)
    t[k] = s->fraction[k] * (1.0 - s->fraction[k]);
  check_close(g->nc2_gof_h, plain_distance(K, d, mean, mean, t, 0.0), 1e-12,
              round);
  for (size_t k = 0; k < K; k++)
    t[k] = 1.0;
  if (R == K) { /* one frame only */
    check_close(g->nc2_of, plain_distance(K, d, W, W, t, 0.0), 1e-12, round);
    check_close(g->nc3_etf,
                plain_distance(K, d, W, centred, t, 1.0 / (double)K), 1e-12,
                round);
  }
  free(centred);
  free(dual);
}

/* Sum of squares of A - B, or of A alone when B is NULL. */
static double square_sum(size_t n, const double *A, const double *B)
{
  double sum = 0.0;

  for (size_t i = 0; i < n; i++)
    sum += pow(A[i] - (B != NULL ? B[i] : 0.0), 2.0);
  return sum;
}

/* lambda W^T W of factor m >= 1, d_m x d_m, or lambda W W^T of factor m, the
   features counting with their multiplicities for m = 0. */
static double *plain_gram(const sample *s, size_t m, bool left)
{
  const ufm_layout *l = s->l;
  const ufm_columns *c = ufm_problem_columns(s->p);
  size_t rows = m == 0 ? l->width[0] : l->width[m];
  size_t columns = m == 0 ? l->J : l->width[m - 1], n = left ? columns : rows;
  double *W = m == 0 ? new_transpose(l->J, rows, s->theta + l->h)
                     : new_array(rows * columns);
  double *weight = new_array(rows + columns), *Wt, *G = new_array(n * n);

  if (m > 0)
    memcpy(W, s->theta + l->w[m - 1], rows * columns * sizeof *W);
  for (size_t i = 0; i < rows + columns; i++)
    weight[i] =
        lambda_of(s->p, m) * (m == 0 ? (double)c->count[i % l->J] : 1.0);
  Wt = new_transpose(rows, columns, W);
  if (left)
    multiply(n, n, rows, Wt, weight, W, G);
  else
    multiply(n, n, columns, W, weight, Wt, G);
  free(W);
  free(Wt);
  free(weight);
  return G;
}

static double plain_balancedness(const sample *s)
{
  double worst = 0.0, largest = 0.0;

  for (size_t m = 0; m < s->l->M; m++) {
    size_t n = s->l->width[m] * s->l->width[m];
    double *A = plain_gram(s, m + 1, true), *B = plain_gram(s, m, false);

    worst = fmax(worst, square_sum(n, A, B));
    largest =
        fmax(largest, fmax(square_sum(n, A, NULL), square_sum(n, B, NULL)));
    free(A);
    free(B);
  }
  return sqrt(worst / largest);
}

START_TEST(measures_follow_their_definitions)
{
  gsl_rng *rng = ufm__rng_new(SEED, (uint64_t)_i);
  sample s;
  double *W, *mean, grand[DMAX];
  ufm_geometry *g;
  size_t r;

  sample_init(&s, rng, _i % 2 == 0);
  g = measure_point(s.p, s.l, s.theta, s.fraction);
  W = plain_product(&s);
  mean = plain_means(&s, grand);
  check_spectra(&s, g, W, _i);
  check_rows(s.t.K, s.l->width[s.t.M - 1], s.theta + s.l->w[s.t.M - 1],
             g->norm_w, g->cos_w, _i);
  check_rows(s.t.K, s.l->width[0], mean, g->norm_h, g->cos_h, _i);
  check_frames(&s, rng, g, W, mean, grand, _i);
  check_close(g->balancedness, plain_balancedness(&s), 1e-13, _i);
  r = g->rank < s.t.K - 1 ? g->rank : s.t.K - 1;
  check_close(g->nc1,
              s.t.unmerged ? plain_nc1(&s, mean, grand, r) : (double)NAN, 1e-9,
              _i);
  ufm_geometry_free(g);
  free(W);
  free(mean);
  sample_clear(&s);
  gsl_rng_free(rng);
}
END_TEST

/* Dimensions beyond one panel of rows. */
START_TEST(panels_join)
{
  enum { K = 2 * UFM__PANEL + 37, D = 3 };
  gsl_rng *rng = ufm__rng_new(SEED, 5000);
  double *A = new_array(K * D), *B = new_array(K * D), *t = new_array(K), got;
  ufm_cosines cosines;
  sample s = {.counts = {2, 3}, .widths = {5, K, 5}};

  fill_normal(rng, K * D, A);
  fill_normal(rng, K * D, B);
  fill_normal(rng, K, t);
  ck_assert_int_eq(ufm__distance_to_diagonal(&got, K, D, A, B, t, 0.25, NULL),
                   UFM_OK);
  check_close(got, plain_distance(K, D, A, B, t, 0.25), 1e-12, 0);
  ck_assert_int_eq(ufm__measure_rows(K, D, A, 0.0, t, &cosines, NULL), UFM_OK);
  check_rows(K, D, A, t, cosines, 0);
  s.t = (test_problem){.loss = UFM_LOSS_MSE,
                       .K = 2,
                       .counts = s.counts,
                       .M = 3,
                       .widths = s.widths,
                       .lambda_w = lambda_w,
                       .lambda_h = "1/50"};
  s.p = make_problem(&s.t);
  ck_assert_int_eq(ufm_layout_new(&s.l, s.p, NULL), UFM_OK);
  s.theta = new_array(s.l->size);
  fill_normal(rng, s.l->size, s.theta);
  ck_assert_int_eq(ufm__measure_balance(&got, s.p, s.l, s.theta, NULL), UFM_OK);
  check_close(got, plain_balancedness(&s), 1e-13, 0);
  sample_clear(&s);
  free(A);
  free(B);
  free(t);
  gsl_rng_free(rng);
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("geometry_random");

  tcase_add_loop_test(tests, measures_follow_their_definitions, 0, ROUNDS);
  tcase_add_test(tests, panels_join);
  return run_case("geometry_random", tests);
}
