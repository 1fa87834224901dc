/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claims on the optimum of a problem of groups.  With eps = upper - lower, as
   in check/bars.c, and the K_g equal columns of a group sharing the error, ce
   K_g pi_g KL(p_g || p*_g) <= eps,   many_f |p - p*| <= |p_g - p*_g|_1/2
                                             <= sqrt(eps/(2 K_g pi_g))
     mse  K_g pi_g many_f (E - E*)^2 <= 2 eps
   for entry f, which stands for many_f classes.  The rest is check/bars.c with
   equal terms taken together. */
#include <config.h>

#include "check/alloc.h"
#include "check/decide.h"
#include "check/orbits.h"

typedef struct bars {
  const chk_orbits *x;
  mp_bitcnt_t f;
  chk_interval *E, *z; /* G (G + 1) */
} bars;

/* x n for n >= 0 */
static void times(chk_interval *x, mpz_srcptr n)
{
  mpz_mul(x->lo, x->lo, n);
  mpz_mul(x->hi, x->hi, n);
}

/* The radius of entry f of column g, upward. */
static void radius(mpz_t out, const bars *b, const chk_certificate *c, size_t g,
                   mpz_srcptr many)
{
  const chk_orbits *x = b->x;
  bool ce = x->head.loss == CHK_CE;
  chk_interval root;
  mpq_t square, factor;

  chk_interval_init(&root);
  mpq_inits(square, factor, (mpq_ptr)NULL);
  mpq_sub(square, c->upper, c->lower);
  mpz_set(mpq_numref(factor), x->head.total);
  mpz_mul(mpq_denref(factor), x->groups[g].weight, x->groups[g].classes);
  if (!ce)
    mpz_mul(mpq_denref(factor), mpq_denref(factor), many);
  mpq_canonicalize(factor);
  mpq_mul(square, square, factor);
  if (ce)
    mpq_div_2exp(square, square, 1);
  else
    mpq_mul_2exp(square, square, 1);
  chk_interval_root(&root, square, 2, b->f);
  if (ce)
    mpz_cdiv_q(out, root.hi, many);
  else
    mpz_set(out, root.hi);
  mpq_clears(square, factor, (mpq_ptr)NULL);
  chk_interval_clear(&root);
}

/* E and log p (ce) or t - E (mse), the latter into z; false when a probability
   may be 0. */
static bool set_column(bars *b, const chk_certificate *c, size_t g,
                       chk_explog *t, chk_session *session)
{
  const chk_orbits *x = b->x;
  chk_interval one;
  bool good = true;
  mpz_t many, delta;
  mpq_t E, s;

  chk_interval_init(&one);
  chk_interval_set_si(&one, 1, b->f);
  mpz_inits(many, delta, (mpz_ptr)NULL);
  mpq_inits(E, s, (mpq_ptr)NULL);
  chk_number_get_mpq(s, &x->s);
  for (size_t f = 0; f <= x->G && good; f++) {
    chk_interval *e = &b->E[g * (x->G + 1) + f], *z = &b->z[g * (x->G + 1) + f];

    chk_orbits_many(many, x, g, f);
    if (mpz_sgn(many) == 0)
      continue;
    radius(delta, b, c, g, many);
    chk_orbits_residual(E, x, g, f);
    mpq_mul(E, E, s);
    good = chk_spend_on(session, E);
    chk_interval_set_rational(e, E, b->f);
    mpz_sub(e->lo, e->lo, delta);
    mpz_add(e->hi, e->hi, delta);
    chk_interval_set_rational(z, f == x->G ? x->on : x->off, b->f);
    chk_interval_sub(z, z, e);
    if (!good || x->head.loss == CHK_MSE)
      continue;
    good = mpz_sgn(z->lo) > 0;
    if (good && mpz_cmp(z->hi, one.hi) > 0)
      mpz_set(z->hi, one.hi);
    if (good)
      chk_log(z, z, t);
  }
  chk_interval_clear(&one);
  mpz_clears(many, delta, (mpz_ptr)NULL);
  mpq_clears(E, s, (mpq_ptr)NULL);
  return good;
}

/* Column g of z minus its mean over the classes. */
static void centre(bars *b, size_t g)
{
  const chk_orbits *x = b->x;
  chk_interval *z = b->z + g * (x->G + 1), mean, term;
  mpz_t many;
  mpq_t K;

  chk_interval_init(&mean);
  chk_interval_init(&term);
  mpz_init(many);
  mpq_init(K);
  mpq_set_ui(K, x->head.K, 1);
  chk_interval_set_si(&mean, 0, b->f);
  for (size_t f = 0; f <= x->G; f++) {
    chk_orbits_many(many, x, g, f);
    chk_interval_set(&term, &z[f]);
    times(&term, many);
    chk_interval_add(&mean, &mean, &term);
  }
  chk_interval_over(&mean, &mean, K);
  for (size_t f = 0; f <= x->G; f++)
    chk_interval_sub(&z[f], &z[f], &mean);
  chk_interval_clear(&mean);
  chk_interval_clear(&term);
  mpz_clear(many);
  mpq_clear(K);
}

/* out = sum_k pi_k v_ik for i in group f */
static void weighted_mean(chk_interval *out, const bars *b,
                          const chk_interval *v, size_t f)
{
  const chk_orbits *x = b->x;
  chk_interval term;
  mpz_t others;

  chk_interval_init(&term);
  mpz_init(others);
  chk_interval_set_si(out, 0, b->f);
  for (size_t g = 0; g < x->G; g++) {
    mpz_sub_ui(others, x->groups[g].classes, f == g);
    chk_interval_set(&term, &v[g * (x->G + 1) + f]);
    times(&term, others);
    if (f == g)
      chk_interval_add(&term, &term, &v[g * (x->G + 1) + x->G]);
    chk_interval_scale(&term, &term, x->groups[g].weight, x->head.total);
    chk_interval_add(out, out, &term);
  }
  chk_interval_clear(&term);
  mpz_clear(others);
}

/* Subtracts the bias, for a free one with nu proportional to pi: the weighted
   mean of z (ce), the mean target (mse); (1/lambda_b) sum pi E (ridge). */
static void subtract_bias(bars *b)
{
  const chk_orbits *x = b->x;
  chk_interval *bias = chk_intervals_new(x->G);
  mpq_t mean, share;

  mpq_inits(mean, share, (mpq_ptr)NULL);
  for (size_t f = 0; f < x->G; f++) {
    if (x->head.bias == CHK_RIDGE) {
      weighted_mean(&bias[f], b, b->E, f);
      chk_interval_over(&bias[f], &bias[f], x->head.lambda_b);
    } else if (x->head.loss == CHK_CE) {
      weighted_mean(&bias[f], b, b->z, f);
    } else {
      mpz_set(mpq_numref(share), x->groups[f].weight);
      mpz_set(mpq_denref(share), x->head.total);
      mpq_canonicalize(share);
      mpq_sub(mean, x->on, x->off);
      mpq_mul(mean, mean, share);
      mpq_add(mean, mean, x->off);
      chk_interval_set_rational(&bias[f], mean, b->f);
    }
  }
  for (size_t g = 0; g < x->G; g++)
    for (size_t f = 0; f <= x->G; f++) {
      chk_interval *z = &b->z[g * (x->G + 1) + f];

      chk_interval_sub(z, z, &bias[f == x->G ? g : f]);
    }
  mpq_clears(mean, share, (mpq_ptr)NULL);
  chk_intervals_free(bias, x->G);
}

/* out += n a b */
static void add_product(chk_interval *out, mpz_srcptr n, const chk_interval *a,
                        const chk_interval *b, mp_bitcnt_t f)
{
  chk_interval term;

  chk_interval_init(&term);
  chk_interval_mul(&term, a, b, f);
  times(&term, n);
  chk_interval_add(out, out, &term);
  chk_interval_clear(&term);
}

/* (1/lambda_W) sum_k pi_k E_ik z_lk for i in f, l in h: columns k = i, k = l
   and the others of each group. */
static void gram_w(chk_interval *out, const bars *b, size_t f, size_t h,
                   bool same)
{
  const chk_orbits *x = b->x;
  size_t G = x->G;
  chk_interval sum;
  mpz_t others, one;

  chk_interval_init(&sum);
  mpz_init(others);
  mpz_init_set_ui(one, 1);
  chk_interval_set_si(out, 0, b->f);
  for (size_t g = 0; g < G; g++) {
    const chk_interval *E = b->E + g * (G + 1), *z = b->z + g * (G + 1);

    chk_interval_set_si(&sum, 0, b->f);
    mpz_set(others, x->groups[g].classes);
    if (g == f) {
      add_product(&sum, one, &E[G], &z[same ? G : h], b->f);
      mpz_sub_ui(others, others, 1);
    }
    if (g == h && !same) {
      add_product(&sum, one, &E[f], &z[G], b->f);
      mpz_sub_ui(others, others, 1);
    }
    add_product(&sum, others, &E[f], &z[h], b->f);
    chk_interval_scale(&sum, &sum, x->groups[g].weight, x->head.total);
    chk_interval_add(out, out, &sum);
  }
  chk_interval_over(out, out, x->head.lambda_w[0]);
  chk_interval_clear(&sum);
  mpz_clear(others);
  mpz_clear(one);
}

/* pi_l z_k.E_l/(nu_l lambda_H) for k in f, l in g: entries k, l and the others
   of each group. */
static void gram_h(chk_interval *out, const bars *b, size_t f, size_t g,
                   bool same)
{
  const chk_orbits *x = b->x;
  size_t G = x->G;
  const chk_interval *z = b->z + f * (G + 1), *E = b->E + g * (G + 1);
  mpz_t others, one;
  mpq_t factor;

  mpz_init(others);
  mpz_init_set_ui(one, 1);
  mpq_init(factor);
  chk_interval_set_si(out, 0, b->f);
  for (size_t h = 0; h < G; h++) {
    mpz_set(others, x->groups[h].classes);
    if (h == f) {
      add_product(out, one, &z[G], &E[same ? G : f], b->f);
      mpz_sub_ui(others, others, 1);
    }
    if (h == g && !same) {
      add_product(out, one, &z[g], &E[G], b->f);
      mpz_sub_ui(others, others, 1);
    }
    add_product(out, others, &z[h], &E[h], b->f);
  }
  mpq_mul(factor, x->groups[g].multiple, x->head.lambda_h);
  chk_interval_scale(out, out, x->groups[g].weight, x->head.total);
  chk_interval_over(out, out, factor);
  mpz_clear(others);
  mpz_clear(one);
  mpq_clear(factor);
}

typedef void gram(chk_interval *, const bars *, size_t, size_t, bool);

/* The cosine of two classes' vectors, cut to [-1, 1]; false when a norm may be
   0. */
static bool cosine(chk_interval *out, const bars *b, gram *product, size_t f,
                   size_t g)
{
  chk_interval p, q;
  bool good;

  chk_interval_init(&p);
  chk_interval_init(&q);
  product(&p, b, f, f, true);
  product(&q, b, g, g, true);
  good = mpz_sgn(p.lo) > 0 && mpz_sgn(q.lo) > 0;
  if (good) {
    chk_interval_sqrt(&p, &p, b->f);
    chk_interval_sqrt(&q, &q, b->f);
    chk_interval_mul(&p, &p, &q, b->f);
    good = mpz_sgn(p.lo) > 0;
  }
  if (good) {
    product(out, b, f, g, false);
    chk_interval_div(out, out, &p, b->f);
    chk_interval_set_si(&q, 1, b->f);
    mpz_neg(q.lo, q.lo);
    chk_interval_meet(out, out, &q);
  }
  chk_interval_clear(&p);
  chk_interval_clear(&q);
  return good;
}

/* nu_g/a_g is the same for all groups. */
static bool proportional(const chk_orbits *x)
{
  bool good = true;
  mpq_t left, right;

  mpq_inits(left, right, (mpq_ptr)NULL);
  for (size_t g = 1; g < x->G && good; g++) {
    mpq_set_z(left, x->groups[0].weight);
    mpq_mul(left, left, x->groups[g].multiple);
    mpq_set_z(right, x->groups[g].weight);
    mpq_mul(right, right, x->groups[0].multiple);
    good = mpq_equal(left, right);
  }
  mpq_clears(left, right, (mpq_ptr)NULL);
  return good;
}

static bool bars_set(bars *b, const chk_certificate *c, chk_session *session)
{
  const chk_orbits *x = b->x;
  double entries = (double)x->G * ((double)x->G + 1.0);
  bool good = true;
  chk_explog t;

  if (!chk_spend(session, entries * 2.0 * chk_explog_cost(b->f),
                 (double)b->f) ||
      !chk_fits(session, 4.0 * entries, (double)b->f))
    return false;
  b->E = chk_intervals_new(x->G * (x->G + 1));
  b->z = chk_intervals_new(x->G * (x->G + 1));
  chk_explog_init(&t, b->f);
  for (size_t g = 0; g < x->G && good; g++) {
    good = set_column(b, c, g, &t, session);
    if (good && x->head.loss == CHK_CE)
      centre(b, g);
  }
  if (good && x->head.bias != CHK_NONE)
    subtract_bias(b);
  chk_explog_clear(&t);
  return good || chk_reject(session, "claims not implied (gap too large)");
}

/* "w0.w2", "h1.h1": classes of groups 0 and 2, two classes of group 1. */
static bool parse(const chk_orbits *x, const json_t *value, char *letter,
                  size_t *f, size_t *g)
{
  const char *text = json_string_value(value);
  size_t *const out[] = {f, g};

  if (text == NULL || (text[0] != 'w' && text[0] != 'h'))
    return false;
  *letter = text[0];
  for (int i = 0; i < 2; i++) {
    if (*text++ != *letter || *text < '0' || *text > '9')
      return false;
    for (*out[i] = 0; *text >= '0' && *text <= '9' && *out[i] < x->G; text++)
      *out[i] = 10 * *out[i] + (size_t)(*text - '0');
    if (*out[i] >= x->G || (i == 0 && *text++ != '.'))
      return false;
  }
  return *text == '\0' &&
         (*f != *g || mpz_cmp_ui(x->groups[*f].classes, 1) > 0);
}

static bool check_cosine(const bars *b, const json_t *value,
                         chk_session *session)
{
  json_t *what;
  chk_interval computed, claimed;
  size_t f, g;
  char letter;
  bool good;
  mpq_t lower, upper;

  if (!chk_read_key(&what, value, "what", "cosines", session))
    return false;
  if (!parse(b->x, what, &letter, &f, &g))
    return chk_malformed(session, "cosines: unknown \"what\"");
  chk_interval_init(&computed);
  chk_interval_init(&claimed);
  mpq_inits(lower, upper, (mpq_ptr)NULL);
  good = chk_read_key_fraction(lower, value, "lower", "cosines", session) &&
         chk_read_key_fraction(upper, value, "upper", "cosines", session) &&
         chk_spend(session, 64.0 * ((double)b->x->G + 1.0), (double)b->f);
  if (good) {
    chk_rational_ceil(claimed.lo, lower, b->f);
    chk_rational_floor(claimed.hi, upper, b->f);
    if (!cosine(&computed, b, letter == 'w' ? gram_w : gram_h, f, g) ||
        mpz_cmp(claimed.lo, computed.lo) > 0 ||
        mpz_cmp(claimed.hi, computed.hi) < 0)
      good = chk_reject(session, "cosines not implied (%c%zu.%c%zu)", letter, f,
                        letter, g);
  }
  mpq_clears(lower, upper, (mpq_ptr)NULL);
  chk_interval_clear(&computed);
  chk_interval_clear(&claimed);
  return good;
}

bool chk_orbits_check_cosines(const chk_certificate *c, const chk_orbits *x,
                              chk_session *session)
{
  const json_t *list = json_object_get(c->root, "cosines");
  bars b = {.x = x, .f = chk_claim_digits(c) + 64};
  size_t count;
  bool good;

  if (list == NULL)
    return true;
  if (!chk_read_array(&count, list, 0, "cosines", session))
    return false;
  if (count > 0 && x->head.bias == CHK_FREE && !proportional(x))
    return chk_reject(session, "claims not implied (multiplicities)");
  good = count == 0 || bars_set(&b, c, session);
  for (size_t i = 0; i < count && good; i++)
    good = check_cosine(&b, json_array_get(list, i), session);
  chk_intervals_free(b.E, x->G * (x->G + 1));
  chk_intervals_free(b.z, x->G * (x->G + 1));
  return good;
}
