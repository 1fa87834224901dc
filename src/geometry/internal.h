/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The geometry room as its own files see it.  All matrices are row-major and
   contiguous; the owner of the dimensions has checked that they fit BLAS. */
#ifndef UFM_GEOMETRY_INTERNAL_H
#define UFM_GEOMETRY_INTERNAL_H

#include <stdbool.h>

#include <ufm/geometry.h>

/* K x K products are made and used this many rows at a time, so that memory
   stays proportional to the point and not to K^2. */
enum { UFM__PANEL = 128 };

/* x /= |x| unless x is 0; returns |x|. */
double ufm__normalise(size_t n, double *x);

/* W_M...W_1 as (*norm) times a K x d_1 matrix of Frobenius norm 1 in *out (or
   0 times a zero matrix), so that squares neither overflow nor underflow. */
UFM_MUST_CHECK ufm_status ufm__weight_product(const ufm_layout *layout,
                                              const double *theta, double **out,
                                              double *norm, ufm_error *error);

/* The M + 2 spectra of a geometry whose arrays are allocated; `product` and
   `product_norm` are what ufm__weight_product gave. */
UFM_MUST_CHECK ufm_status ufm__measure_spectra(
    ufm_geometry *geometry, const ufm_problem *problem,
    const ufm_layout *layout, const double *theta, const double *product,
    double product_norm, ufm_error *error);

/* Class means of the features. */
typedef struct ufm__means {
  bool defined;    /* every column has a label and every class a column; the
                      rest is meaningless otherwise */
  double *mean;    /* K x d_1: row k is the class mean h_k */
  double *centred; /* K x d_1: row k is h_k - mu_G, mu_G the mean over samples;
                      exactly 0 when it is no more than rounding errors */
} ufm__means;

UFM_MUST_CHECK ufm_status ufm__means_init(ufm__means *out,
                                          const ufm_problem *problem,
                                          const ufm_layout *layout,
                                          const double *theta,
                                          ufm_error *error);
void ufm__means_clear(ufm__means *means);

/* NC1 of a problem with one column per sample; `rank` is the rank of Z. */
UFM_MUST_CHECK ufm_status ufm__measure_nc1(double *out,
                                           const ufm_problem *problem,
                                           const ufm_layout *layout,
                                           const double *theta,
                                           const ufm__means *means, size_t rank,
                                           double tolerance, ufm_error *error);

/* Lengths of the n rows of `rows`, and the cosines between those longer than
   `tolerance` times the longest. */
UFM_MUST_CHECK ufm_status ufm__measure_rows(size_t n, size_t d,
                                            const double *rows,
                                            double tolerance, double *norm,
                                            ufm_cosines *cosines,
                                            ufm_error *error);

/* |hat(A B^T) - hat(diag(t) - shift J)|_F for K x d matrices A and B; NaN when
   either has no hat.  O(K^2 d). */
UFM_MUST_CHECK ufm_status ufm__distance_to_diagonal(
    double *out, size_t K, size_t d, const double *A, const double *B,
    const double *t, double shift, ufm_error *error);

/* min over P of |hat(A B^T) - P/sqrt(r)|_F, P the orthoprojectors of rank r of
   R^K, or with `centred` those that vanish on the all-ones vector; r is at most
   d and at most the dimension of that space. */
UFM_MUST_CHECK ufm_status ufm__distance_to_projectors(double *out, size_t K,
                                                      size_t d, const double *A,
                                                      const double *B, size_t r,
                                                      bool centred,
                                                      ufm_error *error);

/* |hat(A) - hat(B)|_F for K x d matrices; NaN when one is 0.  `row` is room for
   K numbers. */
double ufm__distance_of_hats(size_t K, size_t d, const double *A,
                             const double *B, double *row);

/* The balancedness residual. */
UFM_MUST_CHECK ufm_status ufm__measure_balance(double *out,
                                               const ufm_problem *problem,
                                               const ufm_layout *layout,
                                               const double *theta,
                                               ufm_error *error);

#endif
