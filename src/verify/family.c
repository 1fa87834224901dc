/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The families and their losses (doc/mathematics.md, section 7.2). */
#include <config.h>

#include "verify/family.h"

/* A column: log(1 + sum_t count_t exp(-halves_t a/2)), entering phi with a
   weight.  Sums S_k = sum_t count_t (halves_t/2)^k exp(-halves_t a/2) give
   log(1 + S_0), -S_1/(1 + S_0), S_2/(1 + S_0) - (S_1/(1 + S_0))^2. */
typedef struct column {
  mpfr_prec_t bits;
  iv sum[3], term, part;
} column;

static void column_init(column *c, mpfr_prec_t bits)
{
  c->bits = bits;
  for (int k = 0; k < 3; k++)
    ufm__iv_init(&c->sum[k], bits);
  ufm__iv_init(&c->term, bits);
  ufm__iv_init(&c->part, bits);
}

static void column_clear(column *c)
{
  for (int k = 0; k < 3; k++)
    ufm__iv_clear(&c->sum[k]);
  ufm__iv_clear(&c->term);
  ufm__iv_clear(&c->part);
}

static void column_start(column *c)
{
  for (int k = 0; k < 3; k++)
    ufm__iv_set_ui(&c->sum[k], 0);
}

/* exp(-halves a/2) */
static void decay(iv *out, const iv *a, unsigned long halves)
{
  ufm__iv_mul_ui(out, a, halves);
  mpfr_div_2ui(out->lo, out->lo, 1, MPFR_RNDD);
  mpfr_div_2ui(out->hi, out->hi, 1, MPFR_RNDU);
  ufm__iv_neg(out, out);
  ufm__iv_exp(out, out);
}

/* Adds count exp(-halves a/2), given as `value` without the count. */
static void column_add(column *c, const iv *value, unsigned long halves,
                       unsigned long count)
{
  ufm__iv_mul_ui(&c->term, value, count);
  for (int k = 0; k < 3; k++) {
    ufm__iv_add(&c->sum[k], &c->sum[k], &c->term);
    ufm__iv_mul_ui(&c->term, &c->term, halves);
    mpfr_div_2ui(c->term.lo, c->term.lo, 1, MPFR_RNDD);
    mpfr_div_2ui(c->term.hi, c->term.hi, 1, MPFR_RNDU);
  }
}

/* out[0..2] += weight times the column and its derivatives. */
static void column_finish(column *c, mpq_srcptr weight, iv out[3])
{
  iv *ratio1 = &c->sum[1], *ratio2 = &c->sum[2];

  ufm__iv_log1p(&c->term, &c->sum[0]);
  ufm__iv_mul_q(&c->term, &c->term, weight);
  ufm__iv_add(&out[0], &out[0], &c->term);
  ufm__iv_set_ui(&c->part, 1);
  ufm__iv_add(&c->part, &c->part, &c->sum[0]);
  ufm__iv_div(ratio1, ratio1, &c->part);
  ufm__iv_div(ratio2, ratio2, &c->part);
  ufm__iv_mul_q(&c->term, ratio1, weight);
  ufm__iv_sub(&out[1], &out[1], &c->term);
  ufm__iv_sqr(ratio1, ratio1);
  ufm__iv_sub(ratio2, ratio2, ratio1);
  ufm__iv_mul_q(&c->term, ratio2, weight);
  ufm__iv_add(&out[2], &out[2], &c->term);
}

static void clear_sums(iv out[3])
{
  for (int k = 0; k < 3; k++)
    ufm__iv_set_ui(&out[k], 0);
}

/* One column with up to two terms, every column of the family like it. */
static void alike(const iv *a, const unsigned long halves[2],
                  const unsigned long count[2], unsigned long weight,
                  unsigned long of, iv out[3])
{
  mpfr_prec_t bits = mpfr_get_prec(out[0].lo);
  column c;
  iv value;
  mpq_t w;

  column_init(&c, bits);
  ufm__iv_init(&value, bits);
  mpq_init(w);
  mpq_set_ui(w, weight, of);
  mpq_canonicalize(w);
  clear_sums(out);
  column_start(&c);
  for (int t = 0; t < 2; t++)
    if (count[t] > 0) {
      decay(&value, a, halves[t]);
      column_add(&c, &value, halves[t], count[t]);
    }
  column_finish(&c, w, out);
  mpq_clear(w);
  ufm__iv_clear(&value);
  column_clear(&c);
}

static void phi_etf(const ufm__family *family, const iv *a, iv out[3])
{
  alike(a, (const unsigned long[]){2, 0},
        (const unsigned long[]){family->K - 1, 0}, 1, 1, out);
}

static void phi_hypercube(const ufm__family *family, const iv *a, iv out[3])
{
  alike(a, (const unsigned long[]){2, 0}, (const unsigned long[]){1, 0},
        family->rank, 1, out);
}

static void phi_orthoplex(const ufm__family *family, const iv *a, iv out[3])
{
  alike(a, (const unsigned long[]){2, 4},
        (const unsigned long[]){family->K - 2, 1}, 1, 1, out);
}

/* Two classes are told apart, the others stay at zero logits. */
static void phi_partial(const ufm__family *family, const iv *a, iv out[3])
{
  iv rest;
  mpq_t share;

  alike(a, (const unsigned long[]){1, 2},
        (const unsigned long[]){family->K - 2, 1}, 2, family->K, out);
  ufm__iv_init(&rest, mpfr_get_prec(out[0].lo));
  mpq_init(share);
  ufm__iv_set_ui(&rest, family->K);
  ufm__iv_log(&rest, &rest);
  mpq_set_ui(share, family->K - 2, family->K);
  mpq_canonicalize(share);
  ufm__iv_mul_q(&rest, &rest, share);
  ufm__iv_add(&out[0], &out[0], &rest);
  mpq_clear(share);
  ufm__iv_clear(&rest);
}

/* K points at distance 1 on a line, bias -a x^2/2: the margin of two classes is
   a/2 times their squared distance. */
static void phi_line(const ufm__family *family, const iv *a, iv out[3])
{
  mpfr_prec_t bits = mpfr_get_prec(out[0].lo);
  size_t K = family->K;
  iv *value = ufm__iv_new(K, bits);
  column c;
  mpq_t weight;

  column_init(&c, bits);
  mpq_init(weight);
  clear_sums(out);
  if (value == NULL) /* no information: no bound */
    for (int k = 0; k < 3; k++) {
      mpfr_set_nan(out[k].lo);
      mpfr_set_nan(out[k].hi);
    }
  for (size_t d = 1; d < K && value != NULL; d++)
    decay(&value[d], a, d * d);
  /* columns j and K - 1 - j are alike */
  for (size_t j = 0; 2 * j < K && value != NULL; j++) {
    column_start(&c);
    for (size_t d = 1; d < K; d++) {
      unsigned long count = (d <= j ? 1UL : 0UL) + (j + d < K ? 1UL : 0UL);

      if (count > 0)
        column_add(&c, &value[d], d * d, count);
    }
    mpq_set_ui(weight, 2 * j == K - 1 ? 1 : 2, K);
    mpq_canonicalize(weight);
    column_finish(&c, weight, out);
  }
  mpq_clear(weight);
  column_clear(&c);
  ufm__iv_free(value, K);
}

/* K = 3 on a line with the best bias c of the middle class: E = e^{-a}, w =
   e^{c-a} = (-E + sqrt(E^2 + 4 E (1 + E^2)))/2,
     phi = (2/3) log(1 + w + E^2) + (1/3) log(1 + 2 E/w),
     phi' = -(2/3) u/v,  u = w + 2 E^2, v = 1 + w + E^2   (c fixed: envelope),
     w' = -E (1 + 3 E^2 - w)/(2 w + E),  u' = w' - 4 E^2, v' = w' - 2 E^2. */
static void phi_line3(const ufm__family *family, const iv *a, iv out[3])
{
  enum { E, E2, W, DW, U, V, DU, DV, X, Y, COUNT };
  mpfr_prec_t bits = mpfr_get_prec(out[0].lo);
  iv x[COUNT];
  mpq_t third;

  (void)family;
  for (int i = 0; i < COUNT; i++)
    ufm__iv_init(&x[i], bits);
  mpq_init(third);
  mpq_set_ui(third, 1, 3);
  decay(&x[E], a, 2);
  ufm__iv_sqr(&x[E2], &x[E]);
  /* w, free of cancellation: E (1 + E^2)/(E/2 + sqrt(E^2/4 + E (1 + E^2))) */
  ufm__iv_set_ui(&x[X], 1);
  ufm__iv_add(&x[X], &x[X], &x[E2]);
  ufm__iv_mul(&x[X], &x[X], &x[E]); /* E (1 + E^2) */
  ufm__iv_set(&x[Y], &x[E]);
  mpfr_div_2ui(x[Y].lo, x[Y].lo, 1, MPFR_RNDD);
  mpfr_div_2ui(x[Y].hi, x[Y].hi, 1, MPFR_RNDU);
  ufm__iv_sqr(&x[W], &x[Y]);
  ufm__iv_add(&x[W], &x[W], &x[X]);
  ufm__iv_sqrt(&x[W], &x[W]);
  ufm__iv_add(&x[W], &x[W], &x[Y]);
  ufm__iv_div(&x[W], &x[X], &x[W]);
  /* w' */
  ufm__iv_mul_ui(&x[X], &x[E2], 3);
  ufm__iv_set_ui(&x[Y], 1);
  ufm__iv_add(&x[X], &x[X], &x[Y]);
  ufm__iv_sub(&x[X], &x[X], &x[W]);
  ufm__iv_mul(&x[X], &x[X], &x[E]);
  ufm__iv_mul_ui(&x[Y], &x[W], 2);
  ufm__iv_add(&x[Y], &x[Y], &x[E]);
  ufm__iv_div(&x[DW], &x[X], &x[Y]);
  ufm__iv_neg(&x[DW], &x[DW]);
  /* u, v and their derivatives */
  ufm__iv_mul_ui(&x[X], &x[E2], 2);
  ufm__iv_add(&x[U], &x[W], &x[X]);
  ufm__iv_sub(&x[DV], &x[DW], &x[X]);
  ufm__iv_sub(&x[DU], &x[DV], &x[X]);
  ufm__iv_add(&x[V], &x[W], &x[E2]);
  ufm__iv_log1p(&out[0], &x[V]);
  ufm__iv_mul_ui(&out[0], &out[0], 2);
  ufm__iv_set_ui(&x[Y], 1);
  ufm__iv_add(&x[V], &x[V], &x[Y]);
  /* phi */
  ufm__iv_mul_ui(&x[X], &x[E], 2);
  ufm__iv_div(&x[X], &x[X], &x[W]);
  ufm__iv_log1p(&x[X], &x[X]);
  ufm__iv_add(&out[0], &out[0], &x[X]);
  ufm__iv_mul_q(&out[0], &out[0], third);
  /* phi' */
  ufm__iv_div(&out[1], &x[U], &x[V]);
  ufm__iv_mul_ui(&out[1], &out[1], 2);
  ufm__iv_mul_q(&out[1], &out[1], third);
  ufm__iv_neg(&out[1], &out[1]);
  /* phi'' = -(2/3) (u' v - u v')/v^2 */
  ufm__iv_mul(&x[X], &x[U], &x[DV]);
  ufm__iv_mul(&x[Y], &x[DU], &x[V]);
  ufm__iv_sub(&x[X], &x[X], &x[Y]);
  ufm__iv_sqr(&x[V], &x[V]);
  ufm__iv_div(&out[2], &x[X], &x[V]);
  ufm__iv_mul_ui(&out[2], &out[2], 2);
  ufm__iv_mul_q(&out[2], &out[2], third);
  for (int i = 0; i < COUNT; i++)
    ufm__iv_clear(&x[i]);
  mpq_clear(third);
}

bool ufm__family_covers(const ufm__model *model)
{
  bool covered = model->loss == UFM_LOSS_CE && model->M >= 2 && model->K >= 3 &&
                 model->J == model->K && model->bias != UFM_BIAS_RIDGE;

  for (size_t j = 0; j < model->J && covered; j++)
    covered = model->label[j] != UFM_NO_LABEL &&
              mpz_cmp(model->weight[j], model->weight[0]) == 0 &&
              mpq_equal(model->nu[j], model->nu[0]);
  return covered;
}

/* spread = half_steps/2, power = ((L/2) rank)^L Lam scale^L n spread^2 */
static void family_init(ufm__family *out, ufm__family about,
                        const ufm__model *model, mpq_srcptr scale,
                        unsigned long half_steps)
{
  mpq_t factor;

  *out = about;
  out->K = model->K;
  out->L = model->M + 1;
  mpq_inits(out->spread, out->power, factor, (mpq_ptr)NULL);
  mpq_set_ui(out->spread, half_steps, 2);
  mpq_canonicalize(out->spread);
  mpq_set_ui(factor, out->L * out->rank, 2);
  mpq_canonicalize(factor);
  mpq_mul(factor, factor, scale);
  mpz_pow_ui(mpq_numref(out->power), mpq_numref(factor), out->L);
  mpz_pow_ui(mpq_denref(out->power), mpq_denref(factor), out->L);
  mpq_mul(out->power, out->power, model->product);
  mpq_mul(out->power, out->power, model->nu[0]);
  mpq_mul(out->power, out->power, out->spread);
  mpq_mul(out->power, out->power, out->spread);
  mpq_clear(factor);
}

void ufm__family_clear(ufm__family *family)
{
  mpq_clears(family->spread, family->power, (mpq_ptr)NULL);
}

size_t ufm__families(const ufm__model *model, mpq_srcptr scale,
                     ufm__family family[UFM__FAMILIES])
{
  size_t K = model->K, limit = ufm__model_rank_limit(model), bits = 0, n = 0;
  struct {
    bool exists;
    ufm__family about;
    unsigned long half_steps;
  } list[UFM__FAMILIES];

  while ((size_t)2 << bits <= K)
    bits++;
  list[0].exists = true;
  list[0].about = (ufm__family){.name = "etf", .rank = K - 1, .phi = phi_etf};
  list[0].half_steps = 2;
  list[1].exists = K == (size_t)1 << bits;
  list[1].about =
      (ufm__family){.name = "hypercube", .rank = bits, .phi = phi_hypercube};
  list[1].half_steps = K;
  list[2].exists = K > 4 && K % 2 == 0;
  list[2].about =
      (ufm__family){.name = "orthoplex", .rank = K / 2, .phi = phi_orthoplex};
  list[2].half_steps = 4;
  list[3].exists = model->bias == UFM_BIAS_FREE && K <= UFM__LINE_CLASSES;
  list[3].about = (ufm__family){
      .name = "line", .rank = 1, .phi = K == 3 ? phi_line3 : phi_line};
  list[3].half_steps = K * (K * K - 1) / 6;
  list[4].exists = true;
  list[4].about =
      (ufm__family){.name = "partial", .rank = 1, .phi = phi_partial};
  list[4].half_steps = 2;
  for (size_t i = 0; i < UFM__FAMILIES; i++)
    if (list[i].exists && list[i].about.rank <= limit)
      family_init(&family[n++], list[i].about, model, scale,
                  list[i].half_steps);
  return n;
}

void ufm__family_penalty(const ufm__family *family, const iv *a, iv out[3])
{
  mpq_t two_by_L;

  mpq_init(two_by_L);
  mpq_set_ui(two_by_L, 2, family->L);
  mpq_canonicalize(two_by_L);
  ufm__iv_sqr(&out[0], a);
  ufm__iv_mul_q(&out[0], &out[0], family->power);
  ufm__iv_root(&out[0], &out[0], family->L);
  ufm__iv_mul_q(&out[1], &out[0], two_by_L);
  ufm__iv_div(&out[1], &out[1], a);
  mpz_sub(mpq_numref(two_by_L), mpq_numref(two_by_L), mpq_denref(two_by_L));
  ufm__iv_mul_q(&out[2], &out[1], two_by_L);
  ufm__iv_div(&out[2], &out[2], a);
  mpq_clear(two_by_L);
}
