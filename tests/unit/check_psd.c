/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ufm-check: definiteness, inertia and the norm condition, on exact matrices
   whose answer is known. */
#include <config.h>

#include "check/alloc.h"
#include "check/eigenvalues.h"
#include "check/inertia.h"
#include "check/norm.h"
#include "check/psd.h"
#include "run.h"

enum { MOST = 12 };

static gmp_randstate_t randomness;

static long between(long lo, long hi)
{
  return lo + (long)gmp_urandomm_ui(randomness, (unsigned long)(hi - lo + 1));
}

/* b = 2^shift l diag(d) l^T with a random unit lower triangular l. */
static void congruent(mpz_t *b, const long *d, size_t n, mp_bitcnt_t shift)
{
  long l[MOST][MOST] = {{0}};

  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < i; j++)
      l[i][j] = between(-3, 3);
    l[i][i] = 1;
  }
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j <= i; j++) {
      mpz_t *entry = &b[i * n + j];

      mpz_set_ui(*entry, 0);
      for (size_t k = 0; k <= j; k++) {
        mpz_t term;

        mpz_init_set_si(term, l[i][k] * l[j][k]);
        mpz_mul_si(term, term, d[k]);
        mpz_add(*entry, *entry, term);
        mpz_clear(term);
      }
      mpz_mul_2exp(*entry, *entry, shift);
    }
}

START_TEST(positive_matrices_pass)
{
  for (int round = 0; round < 200; round++) {
    size_t n = (size_t)between(1, MOST);
    mpz_t *b = chk_integers_new(n * n);
    long d[MOST];

    for (size_t k = 0; k < n; k++)
      d[k] = between(1, 1000);
    congruent(b, d, n, 150); /* eigenvalues far above 3n */
    ck_assert_msg(chk_psd((const mpz_t *)b, n), "round %d", round);
    chk_integers_free(b, n * n);
  }
}
END_TEST

/* One negative direction, however small against the rest. */
START_TEST(indefinite_matrices_fail)
{
  for (int round = 0; round < 200; round++) {
    size_t n = (size_t)between(1, MOST);
    mpz_t *b = chk_integers_new(n * n);
    long d[MOST];

    for (size_t k = 0; k < n; k++)
      d[k] = between(1, 1000) << 40;
    d[between(0, (long)n - 1)] = -1;
    congruent(b, d, n, (mp_bitcnt_t)round % 3 * 60);
    ck_assert_msg(!chk_psd((const mpz_t *)b, n), "round %d", round);
    chk_integers_free(b, n * n);
  }
}
END_TEST

/* No factor, however chosen, proves an indefinite matrix. */
START_TEST(no_witness_for_an_indefinite_matrix)
{
  for (int round = 0; round < 3000; round++) {
    size_t n = (size_t)between(1, 4);
    mpz_t *b = chk_integers_new(n * n), *l = chk_integers_new(n * n);
    long d[MOST];

    for (size_t k = 0; k < n; k++)
      d[k] = between(1, 9);
    d[between(0, (long)n - 1)] = between(-4, -1);
    congruent(b, d, n, 4);
    for (size_t i = 0; i < n * n; i++)
      mpz_set_si(l[i], between(-40, 40));
    ck_assert(!chk_psd_witness((const mpz_t *)b, (const mpz_t *)l, n, 4));
    chk_integers_free(b, n * n);
    chk_integers_free(l, n * n);
  }
}
END_TEST

START_TEST(nonpositive_eigenvalues_are_counted)
{
  for (int round = 0; round < 300; round++) {
    size_t n = (size_t)between(1, MOST), want = 0, got = 99;
    mpz_t *c = chk_integers_new(n * n);
    long d[MOST];

    for (size_t k = 0; k < n; k++) {
      d[k] = between(-2, 2);
      want += d[k] <= 0;
    }
    congruent(c, d, n, 120);
    ck_assert(chk_count_nonpositive(&got, (const mpz_t *)c, n));
    ck_assert_msg(got == want, "round %d: got %zu, want %zu", round, got, want);
    chk_integers_free(c, n * n);
  }
}
END_TEST

/* Zero diagonals need 2 x 2 pivots: eigenvalues +-2^90 and 0. */
START_TEST(zero_diagonals_are_handled)
{
  enum { N = 5 };
  mpz_t *c = chk_integers_new(N * N);
  size_t got = 99;

  mpz_set_ui(c[1 * N + 0], 1);
  mpz_mul_2exp(c[1 * N + 0], c[1 * N + 0], 90);
  mpz_set(c[4 * N + 2], c[1 * N + 0]);
  ck_assert(chk_count_nonpositive(&got, (const mpz_t *)c, N));
  ck_assert_uint_eq(got, 3);
  for (size_t i = 0; i < N * N; i++)
    mpz_set_ui(c[i], 0);
  ck_assert(chk_count_nonpositive(&got, (const mpz_t *)c, N));
  ck_assert_uint_eq(got, N);
  chk_integers_free(c, N * N);
}
END_TEST

/* A problem with random weights and multiplicities; labels j mod K. */
static void make_problem(chk_problem *p, size_t K, size_t J)
{
  chk_problem_init(p);
  p->K = K;
  p->J = J;
  p->columns = chk_alloc(J, sizeof *p->columns);
  for (size_t j = 0; j < J; j++) {
    chk_column *column = &p->columns[j];
    char text[64];

    column->one_hot = true;
    column->label = j % K;
    chk_grid_init(&column->t);
    mpz_init_set_si(column->weight, between(1, 50));
    mpz_add(p->total, p->total, column->weight);
    chk_number_init(&column->multiple);
    snprintf(text, sizeof text, "%ld/%ld", between(1, 99), between(1, 99));
    ck_assert(chk_number_parse(&column->multiple, text));
  }
}

/* Whether A^2 omega I - s^2 sum_j M_j M_j^T/nu_j is positive definite, by
   Gaussian elimination in fractions. */
static bool exactly_definite(const chk_problem *p, const long *m, mpq_srcptr s,
                             mpq_srcptr omega)
{
  size_t K = p->K;
  mpq_t *b = calloc(K * K, sizeof *b), t, nu;
  bool good = true;

  mpq_inits(t, nu, (mpq_ptr)NULL);
  for (size_t i = 0; i < K * K; i++) {
    mpq_init(b[i]);
    if (i % (K + 1) == 0) {
      mpq_set_z(t, p->total);
      mpq_mul(b[i], t, t);
      mpq_mul(b[i], b[i], omega);
    }
    for (size_t j = 0; j < p->J; j++) {
      mpq_set_si(t, m[i / K * p->J + j] * m[i % K * p->J + j], 1);
      chk_number_get_mpq(nu, &p->columns[j].multiple);
      mpq_div(t, t, nu);
      mpq_mul(t, t, s);
      mpq_mul(t, t, s);
      mpq_sub(b[i], b[i], t);
    }
  }
  for (size_t k = 0; k < K && good; k++) {
    good = mpq_sgn(b[k * K + k]) > 0;
    for (size_t i = k + 1; i < K && good; i++)
      for (size_t j = k + 1; j < K; j++) {
        mpq_div(t, b[i * K + k], b[k * K + k]);
        mpq_mul(t, t, b[k * K + j]);
        mpq_sub(b[i * K + j], b[i * K + j], t);
      }
  }
  for (size_t i = 0; i < K * K; i++)
    mpq_clear(b[i]);
  free(b);
  mpq_clears(t, nu, (mpq_ptr)NULL);
  return good;
}

static bool holds(chk_form form, const chk_problem *p, const chk_grid *g,
                  const chk_number *s, mpq_srcptr omega)
{
  chk_session session;

  chk_session_start(&session, &chk_default_limits, 1000);
  return chk_norm_holds(form, p, g, s, omega, &session);
}

/* Both forms against fractions; omega is moved by bisection to the place where
   the answer changes, as near as 2^-60. */
START_TEST(both_norm_forms_agree_with_fractions)
{
  for (int round = 0; round < 40; round++) {
    size_t K = (size_t)between(1, 5), J = (size_t)between(1, 6);
    chk_number *x = chk_numbers_new(K * J), s;
    long m[30];
    chk_problem p;
    chk_session session;
    chk_grid g;
    mpq_t scale, lo, hi, omega;

    make_problem(&p, K, J);
    chk_number_init(&s);
    chk_grid_init(&g);
    mpq_inits(scale, lo, hi, omega, (mpq_ptr)NULL);
    for (size_t i = 0; i < K * J; i++) {
      m[i] = between(-30, 30);
      chk_number_set_si(&x[i], m[i]);
    }
    m[0] = 7; /* not all zero */
    chk_number_set_si(&x[0], 7);
    chk_session_start(&session, &chk_default_limits, 1000);
    ck_assert(chk_grid_set(&g, x, K, J, &session));
    ck_assert(chk_number_parse(&s, round % 2 ? "2/3" : "0x1.fffp-1"));
    chk_number_get_mpq(scale, &s);
    mpq_set_ui(hi, 100000000, 1);
    for (int step = 0; step < 90; step++) {
      bool want;

      mpq_add(omega, lo, hi);
      mpq_div_2exp(omega, omega, 1);
      want = exactly_definite(&p, m, scale, omega);
      ck_assert_msg(holds(CHK_K_FORM, &p, &g, &s, omega) == want,
                    "K form, round %d, step %d", round, step);
      ck_assert_msg(holds(CHK_J_FORM, &p, &g, &s, omega) == want,
                    "J form, round %d, step %d", round, step);
      mpq_set(want ? hi : lo, omega);
    }
    mpq_clears(scale, lo, hi, omega, (mpq_ptr)NULL);
    chk_numbers_free(x, K * J);
    chk_number_clear(&s);
    chk_grid_clear(&g);
    chk_problem_clear(&p);
  }
}
END_TEST

/* diag(n) - n n^T/N or diag(n), n_k multiplicities of random columns: m is a
   bound of eigenvalue `count` iff B - m I has at most K - count negative
   pivots (in fractions, for m that are not eigenvalues). */
static size_t pivots_below(const mpq_t *n, size_t K, mpq_srcptr total,
                           bool centred, mpq_srcptr m)
{
  mpq_t *b = calloc(K * K, sizeof *b), t;
  size_t below = 0;

  mpq_init(t);
  for (size_t i = 0; i < K * K; i++) {
    mpq_init(b[i]);
    if (i / K == i % K)
      mpq_sub(b[i], n[i / K], m);
    if (centred) {
      mpq_mul(t, n[i / K], n[i % K]);
      mpq_div(t, t, total);
      mpq_sub(b[i], b[i], t);
    }
  }
  for (size_t k = 0; k < K; k++) {
    below += mpq_sgn(b[k * K + k]) < 0;
    ck_assert_int_ne(mpq_sgn(b[k * K + k]), 0);
    for (size_t i = k + 1; i < K; i++)
      for (size_t j = k + 1; j < K; j++) {
        mpq_div(t, b[i * K + k], b[k * K + k]);
        mpq_mul(t, t, b[k * K + j]);
        mpq_sub(b[i * K + j], b[i * K + j], t);
      }
  }
  for (size_t i = 0; i < K * K; i++)
    mpq_clear(b[i]);
  free(b);
  mpq_clear(t);
  return below;
}

/* Makes target j an array that says the same. */
static void spell_out(chk_column *column, size_t K)
{
  chk_number *x = chk_numbers_new(K);
  chk_session session;

  chk_number_set_si(&x[column->label], 1);
  chk_session_start(&session, &chk_default_limits, 1000);
  ck_assert(chk_grid_set(&column->t, x, K, 1, &session));
  column->one_hot = false;
  chk_numbers_free(x, K);
}

static bool has(const chk_moment *b, size_t count, mpq_srcptr m)
{
  chk_session session;

  chk_session_start(&session, &chk_default_limits, 1000);
  return chk_moment_has(b, count, m, &session);
}

START_TEST(eigenvalue_bounds_agree_with_fractions)
{
  for (int round = 0; round < 150; round++) {
    size_t K = (size_t)between(1, 6), J = (size_t)between(1, 9), below;
    chk_problem p;
    chk_moment hot, soft;
    chk_session session;
    mpq_t m;

    make_problem(&p, K, J);
    p.bias = round % 2 ? CHK_FREE : CHK_NONE;
    chk_session_start(&session, &chk_default_limits, 1000);
    chk_moment_init(&hot);
    chk_moment_init(&soft);
    ck_assert(chk_moment_set(&hot, &p, &session));
    for (size_t j = 0; j < J; j++)
      spell_out(&p.columns[j], K);
    ck_assert(chk_moment_set(&soft, &p, &session));
    mpq_init(m);
    for (int step = 0; step < 20; step++) {
      mpq_set_si(m, 2 * between(0, 20000) + 1, 20011); /* never an n_k */
      mpq_canonicalize(m);
      below =
          pivots_below((const mpq_t *)hot.counts, K, hot.total, hot.centred, m);
      for (size_t count = 1; count <= K; count++) {
        bool want = below <= K - count;

        ck_assert_msg(has(&hot, count, m) == want, "one-hot, round %d", round);
        ck_assert_msg(has(&soft, count, m) == want, "soft, round %d", round);
      }
    }
    mpq_clear(m);
    chk_moment_clear(&hot);
    chk_moment_clear(&soft);
    chk_problem_clear(&p);
  }
}
END_TEST

/* Exact eigenvalues count: n = (5, 5, 5, 2) has 5 twice (centred) or three
   times, and 5 + 2^-80 not at all. */
START_TEST(exact_eigenvalues_are_bounds)
{
  static const char *const counts[] = {"5", "2", "5", "5"};

  for (int version = 0; version < 4; version++) {
    bool centred = version & 1;
    chk_problem p;
    chk_moment b;
    chk_session session;
    mpq_t m;

    make_problem(&p, 4, 4);
    for (size_t j = 0; j < 4; j++) {
      ck_assert(chk_number_parse(&p.columns[j].multiple, counts[j]));
      if (version & 2)
        spell_out(&p.columns[j], 4);
    }
    p.bias = centred ? CHK_FREE : CHK_NONE;
    chk_session_start(&session, &chk_default_limits, 1000);
    chk_moment_init(&b);
    mpq_init(m);
    ck_assert(chk_moment_set(&b, &p, &session));
    mpq_set_ui(m, 5, 1);
    ck_assert(has(&b, centred ? 2 : 3, m));
    ck_assert(!has(&b, centred ? 3 : 4, m));
    mpq_set_ui(m, 1, 1);
    mpq_div_2exp(m, m, 80);
    ck_assert(has(&b, centred ? 3 : 4, m));
    mpz_addmul_ui(mpq_numref(m), mpq_denref(m), 5);
    ck_assert(!has(&b, 1, m));
    mpq_clear(m);
    chk_moment_clear(&b);
    chk_problem_clear(&p);
  }
}
END_TEST

int main(void)
{
  TCase *tests = tcase_create("psd");
  int failed;

  gmp_randinit_default(randomness);
  gmp_randseed_ui(randomness, 20236);
  tcase_add_test(tests, positive_matrices_pass);
  tcase_add_test(tests, indefinite_matrices_fail);
  tcase_add_test(tests, no_witness_for_an_indefinite_matrix);
  tcase_add_test(tests, nonpositive_eigenvalues_are_counted);
  tcase_add_test(tests, zero_diagonals_are_handled);
  tcase_add_test(tests, both_norm_forms_agree_with_fractions);
  tcase_add_test(tests, eigenvalue_bounds_agree_with_fractions);
  tcase_add_test(tests, exact_eigenvalues_are_bounds);
  failed = run_case("check-psd", tests);
  gmp_randclear(randomness);
  return failed;
}
