/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Enclosures of the eigenvalues of an exact symmetric matrix.

   Let V be any matrix with |V^T V - I|_F <= e < 1, C = V^T B V, and h the
   Frobenius norm of the off-diagonal part of C.  With c_1 >= c_2 >= ... the
   sorted diagonal of C, Weyl gives |lambda_j(C) - c_j| <= h, Ostrowski (Horn
   and Johnson, Matrix Analysis, Theorem 4.5.9) lambda_j(C) = theta_j
   lambda_j(B) with theta_j between the extreme eigenvalues of V^T V.  For B >=
   0 therefore max(0, c_j - h)/(1 + e) <= lambda_j(B) <= (c_j + h)/(1 - e). V
   comes from Jacobi rotations and is rounded to integers over 2^bits; C and V^T
   V are then exact. */
#include <config.h>

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_eigen.h>

#include "core/error.h"
#include "verify/eigen.h"

enum { MOST_SWEEPS = 60 };

/* Columns of V: eigenvectors in double precision. */
static ufm_status start(size_t n, mpz_t *B, mpfr_t *V, ufm_error *error)
{
  gsl_matrix *a = gsl_matrix_alloc(n, n), *v = gsl_matrix_alloc(n, n);
  gsl_vector *e = gsl_vector_alloc(n);
  gsl_eigen_symmv_workspace *w = gsl_eigen_symmv_alloc(n);
  ufm_status status = UFM_OK;
  size_t size = 0;

  if (a == NULL || v == NULL || e == NULL || w == NULL) {
    status = ufm__no_memory(error, "verify: eigenvalues");
    goto done;
  }
  for (size_t i = 0; i < n * n; i++)
    if (mpz_sizeinbase(B[i], 2) > size)
      size = mpz_sizeinbase(B[i], 2);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++) {
      long exponent;
      double x = mpz_get_d_2exp(&exponent, B[i * n + j]);

      gsl_matrix_set(a, i, j, ldexp(x, (int)(exponent - (long)size)));
    }
  if (gsl_eigen_symmv(a, e, v, w) != 0) {
    status = ufm__fail(error, UFM_EINTERNAL, "verify: GSL found no spectrum");
    goto done;
  }
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++)
      mpfr_set_d(V[i * n + j], gsl_matrix_get(v, i, j), MPFR_RNDN);
done:
  gsl_matrix_free(a);
  gsl_matrix_free(v);
  gsl_vector_free(e);
  gsl_eigen_symmv_free(w);
  return status;
}

/* out = sum_k x[k incx] y[k incy] */
static void dot(mpfr_t out, size_t n, mpfr_t *x, size_t incx, mpfr_t *y,
                size_t incy, mpfr_t term)
{
  mpfr_set_zero(out, 1);
  for (size_t k = 0; k < n; k++) {
    mpfr_mul(term, x[k * incx], y[k * incy], MPFR_RNDN);
    mpfr_add(out, out, term, MPFR_RNDN);
  }
}

/* Modified Gram-Schmidt on the columns of V, orthonormal to 1e-15 already. */
static void orthonormalise(size_t n, mpfr_t *V, mpfr_prec_t bits)
{
  mpfr_t product, term;

  mpfr_inits2(bits, product, term, (mpfr_ptr)NULL);
  for (size_t j = 0; j < n; j++) {
    for (size_t i = 0; i < j; i++) {
      dot(product, n, V + i, n, V + j, n, term);
      for (size_t k = 0; k < n; k++) {
        mpfr_mul(term, product, V[k * n + i], MPFR_RNDN);
        mpfr_sub(V[k * n + j], V[k * n + j], term, MPFR_RNDN);
      }
    }
    dot(product, n, V + j, n, V + j, n, term);
    mpfr_rec_sqrt(product, product, MPFR_RNDN);
    for (size_t k = 0; k < n; k++)
      mpfr_mul(V[k * n + j], V[k * n + j], product, MPFR_RNDN);
  }
  mpfr_clears(product, term, (mpfr_ptr)NULL);
}

/* C = V^T B V, with T = B V on the way. */
static void transform(size_t n, mpz_t *B, mpfr_t *V, mpfr_t *T, mpfr_t *C,
                      mpfr_prec_t bits)
{
  mpfr_t term;

  mpfr_init2(term, bits);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++) {
      mpfr_set_zero(T[i * n + j], 1);
      for (size_t k = 0; k < n; k++) {
        if (mpz_sgn(B[i * n + k]) == 0)
          continue;
        mpfr_mul_z(term, V[k * n + j], B[i * n + k], MPFR_RNDN);
        mpfr_add(T[i * n + j], T[i * n + j], term, MPFR_RNDN);
      }
    }
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++)
      dot(C[i * n + j], n, V + i, n, T + j, n, term);
  mpfr_clear(term);
}

/* (x, y) = (c x - s y, s x + c y) */
static void rotate(mpfr_t x, mpfr_t y, mpfr_t c, mpfr_t s, mpfr_t *t)
{
  mpfr_mul(t[0], c, x, MPFR_RNDN);
  mpfr_mul(t[1], s, y, MPFR_RNDN);
  mpfr_sub(t[0], t[0], t[1], MPFR_RNDN);
  mpfr_mul(t[1], s, x, MPFR_RNDN);
  mpfr_mul(t[2], c, y, MPFR_RNDN);
  mpfr_add(y, t[1], t[2], MPFR_RNDN);
  mpfr_set(x, t[0], MPFR_RNDN);
}

/* Cosine and sine that make entry (p, q) of C vanish (Rutishauser). */
static void angle(size_t n, mpfr_t *C, size_t p, size_t q, mpfr_t c, mpfr_t s)
{
  bool negative;

  mpfr_sub(c, C[q * n + q], C[p * n + p], MPFR_RNDN);
  mpfr_div(c, c, C[p * n + q], MPFR_RNDN);
  mpfr_div_2ui(c, c, 1, MPFR_RNDN); /* theta */
  negative = mpfr_sgn(c) < 0;
  mpfr_abs(c, c, MPFR_RNDN);
  mpfr_sqr(s, c, MPFR_RNDN);
  mpfr_add_ui(s, s, 1, MPFR_RNDN);
  mpfr_sqrt(s, s, MPFR_RNDN);
  mpfr_add(s, s, c, MPFR_RNDN);
  mpfr_ui_div(s, 1, s, MPFR_RNDN); /* |tan| */
  mpfr_sqr(c, s, MPFR_RNDN);
  mpfr_add_ui(c, c, 1, MPFR_RNDN);
  mpfr_rec_sqrt(c, c, MPFR_RNDN);
  mpfr_mul(s, s, c, MPFR_RNDN);
  if (negative)
    mpfr_neg(s, s, MPFR_RNDN);
}

/* Cyclic Jacobi on C, collected in V, until off-diagonal entries are below
   2^-(bits - 16) of the largest diagonal entry.  Quadratic in the end; if it
   gave up, the enclosures would only be wider. */
static void jacobi(size_t n, mpfr_t *C, mpfr_t *V, mpfr_prec_t bits)
{
  mpfr_t c, s, small, t[3];
  bool moved = true;

  mpfr_inits2(bits, c, s, small, t[0], t[1], t[2], (mpfr_ptr)NULL);
  mpfr_set_zero(small, 1);
  for (size_t i = 0; i < n; i++)
    if (mpfr_cmpabs(C[i * n + i], small) > 0)
      mpfr_abs(small, C[i * n + i], MPFR_RNDN);
  mpfr_mul_2si(small, small, -(long)bits + 16, MPFR_RNDN);
  for (int sweep = 0; moved && sweep < MOST_SWEEPS; sweep++) {
    moved = false;
    for (size_t p = 0; p < n; p++)
      for (size_t q = p + 1; q < n; q++) {
        if (mpfr_cmpabs(C[p * n + q], small) <= 0)
          continue;
        moved = true;
        angle(n, C, p, q, c, s);
        for (size_t k = 0; k < n; k++)
          rotate(C[p * n + k], C[q * n + k], c, s, t);
        for (size_t k = 0; k < n; k++)
          rotate(C[k * n + p], C[k * n + q], c, s, t);
        for (size_t k = 0; k < n; k++)
          rotate(V[k * n + p], V[k * n + q], c, s, t);
      }
  }
  mpfr_clears(c, s, small, t[0], t[1], t[2], (mpfr_ptr)NULL);
}

/* G = X^T Y, integers n x n. */
static void product(size_t n, mpz_t *X, mpz_t *Y, mpz_t *G)
{
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++) {
      mpz_set_ui(G[i * n + j], 0);
      for (size_t k = 0; k < n; k++)
        mpz_addmul(G[i * n + j], X[k * n + i], Y[k * n + j]);
    }
}

/* out >= 2^-shift times the Frobenius norm of the off-diagonal part of G (and,
   with `unit`, of its diagonal minus 2^shift). */
static void distance(size_t n, mpz_t *G, bool unit, mp_bitcnt_t shift,
                     mpfr_t out)
{
  mpz_t sum, entry;

  mpz_inits(sum, entry, (mpz_ptr)NULL);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++) {
      mpz_set(entry, G[i * n + j]);
      if (i == j) {
        mpz_set_ui(entry, 0);
        if (unit) {
          mpz_set_ui(entry, 1);
          mpz_mul_2exp(entry, entry, shift);
          mpz_sub(entry, G[i * n + i], entry);
        }
      }
      mpz_addmul(sum, entry, entry);
    }
  mpfr_set_z(out, sum, MPFR_RNDU);
  mpfr_sqrt(out, out, MPFR_RNDU);
  mpfr_mul_2si(out, out, -(long)shift, MPFR_RNDU);
  mpz_clears(sum, entry, (mpz_ptr)NULL);
}

static int descending(const void *a, const void *b)
{
  return -mpz_cmp((mpz_srcptr)a, (mpz_srcptr)b);
}

/* The theorem at the top, for V = X 2^-g, C = X^T B X; Y, G are scratch. */
static void enclose(size_t n, mpz_t *B, mpz_t *X, long g, mpz_t *Y, mpz_t *G,
                    iv *out)
{
  mp_bitcnt_t shift = 2 * (mp_bitcnt_t)g;
  mpfr_prec_t bits = mpfr_get_prec(out[0].lo);
  mpfr_t e, h, below, above;

  mpfr_inits2(bits, e, h, below, above, (mpfr_ptr)NULL);
  product(n, X, X, G);
  distance(n, G, true, shift, e);
  product(n, B, X, Y); /* B is symmetric */
  product(n, X, Y, G);
  distance(n, G, false, shift, h);
  for (size_t i = 0; i < n; i++)
    mpz_set(Y[i], G[i * n + i]);
  qsort(Y, n, sizeof *Y, descending);
  mpfr_add_ui(above, e, 1, MPFR_RNDU);
  mpfr_ui_sub(below, 1, e, MPFR_RNDD);
  for (size_t i = 0; i < n; i++) {
    ufm__iv_set_z_2exp(&out[i], Y[i], (long)shift);
    mpfr_sub(out[i].lo, out[i].lo, h, MPFR_RNDD);
    mpfr_add(out[i].hi, out[i].hi, h, MPFR_RNDU);
    if (mpfr_sgn(out[i].lo) < 0)
      mpfr_set_zero(out[i].lo, 1);
    mpfr_div(out[i].lo, out[i].lo, above, MPFR_RNDD);
    mpfr_div(out[i].hi, out[i].hi, below, MPFR_RNDU);
    if (mpfr_sgn(below) <= 0)
      mpfr_set_inf(out[i].hi, 1);
  }
  mpfr_clears(e, h, below, above, (mpfr_ptr)NULL);
}

ufm_status ufm__eigen_enclose(size_t n, mpz_t *B, mpfr_prec_t bits, iv *out,
                              ufm_error *error)
{
  mpfr_prec_t work = bits + 32;
  mpfr_t *V = ufm__mp_new(n * n, work), *T = ufm__mp_new(n * n, work);
  mpfr_t *C = ufm__mp_new(n * n, work);
  mpz_t *X = ufm__integers_new(n * n), *Y = ufm__integers_new(n * n);
  mpz_t *G = ufm__integers_new(n * n);
  ufm_status status;

  if (V == NULL || T == NULL || C == NULL || X == NULL || Y == NULL ||
      G == NULL)
    status = ufm__no_memory(error, "verify: eigenvalues");
  else
    status = start(n, B, V, error);
  if (status == UFM_OK) {
    orthonormalise(n, V, work);
    transform(n, B, V, T, C, work);
    jacobi(n, C, V, work);
    for (size_t i = 0; i < n * n; i++) {
      mpfr_mul_2si(V[i], V[i], work, MPFR_RNDN);
      mpfr_get_z(X[i], V[i], MPFR_RNDN);
    }
    enclose(n, B, X, work, Y, G, out);
  }
  ufm__mp_free(V, n * n);
  ufm__mp_free(T, n * n);
  ufm__mp_free(C, n * n);
  ufm__integers_free(X, n * n);
  ufm__integers_free(Y, n * n);
  ufm__integers_free(G, n * n);
  return status;
}
