/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The proof that no simplex ETF is optimal, as a file (section 7 of
   doc/certificate-format.md).  A piece of scales has a slope q of
     log(1 + (K-1) e^{-x}) >= h(q) + q log(K-1) - q x,
   h(q) = -q log q - (1-q) log(1-q), with equality where q is minus the
   derivative. */
#include <config.h>

#include <stdlib.h>

#include "core/error.h"
#include "verify/certificate_json.h"
#include "verify/families.h"
#include "verify/family_minimum.h"
#include "verify/json_number.h"
#include "verify/march.h"

enum { PIECE_BITS = 96 };

/* The pieces laid so far. */
typedef struct pieces {
  const ufm__family *etf;
  mpfr_srcptr target;
  json_t *list;
  int failed;
} pieces;

/* q = (K-1)/(e^r + K-1), rounded into (0, 1) */
static void slope_at(size_t K, mpfr_srcptr r, mpfr_t q)
{
  mpfr_exp(q, r, MPFR_RNDU);
  mpfr_add_ui(q, q, K - 1, MPFR_RNDU);
  mpfr_ui_div(q, K - 1, q, MPFR_RNDD);
}

/* h(q) + q log(K-1) */
static void intercept(size_t K, const iv *q, iv *out)
{
  iv x;

  ufm__iv_init(&x, PIECE_BITS);
  ufm__iv_set_ui(out, K - 1);
  ufm__iv_log(out, out);
  ufm__iv_mul(out, out, q);
  ufm__iv_xlogx(&x, q);
  ufm__iv_sub(out, out, &x);
  ufm__iv_set_ui(&x, 1);
  ufm__iv_sub(&x, &x, q);
  ufm__iv_xlogx(&x, &x);
  ufm__iv_sub(out, out, &x);
  ufm__iv_clear(&x);
}

/* Whether level - q x + g(x) >= target */
static bool end_good(const pieces *s, const iv *level, const iv *q,
                     mpfr_srcptr x)
{
  bool good;
  iv a, part, g[3];

  ufm__iv_init(&a, PIECE_BITS);
  ufm__iv_init(&part, PIECE_BITS);
  for (int k = 0; k < 3; k++)
    ufm__iv_init(&g[k], PIECE_BITS);
  ufm__iv_set_mp(&a, x);
  ufm__iv_mul(&part, q, &a);
  ufm__iv_sub(&part, level, &part);
  if (mpfr_sgn(x) > 0) {
    ufm__family_penalty(s->etf, &a, g);
    ufm__iv_add(&part, &part, &g[0]);
  }
  good = mpfr_number_p(part.lo) && mpfr_greaterequal_p(part.lo, s->target);
  ufm__iv_clear(&a);
  ufm__iv_clear(&part);
  for (int k = 0; k < 3; k++)
    ufm__iv_clear(&g[k]);
  return good;
}

/* Accepts and records [from, to] with the slope at its middle, or at 0. */
static bool accept(void *data, mpfr_srcptr from, mpfr_srcptr to)
{
  pieces *s = data;
  bool good;
  mpfr_t r;
  iv q, level;

  mpfr_init2(r, PIECE_BITS);
  ufm__iv_init(&q, PIECE_BITS);
  ufm__iv_init(&level, PIECE_BITS);
  mpfr_set_zero(r, 1);
  if (mpfr_sgn(from) > 0) {
    mpfr_add(r, from, to, MPFR_RNDN);
    mpfr_div_2ui(r, r, 1, MPFR_RNDN);
  }
  slope_at(s->etf->K, r, q.lo);
  mpfr_set(q.hi, q.lo, MPFR_RNDN);
  intercept(s->etf->K, &q, &level);
  good = end_good(s, &level, &q, from) && end_good(s, &level, &q, to);
  if (good) {
    json_t *piece = json_object();

    s->failed |=
        json_object_set_new(piece, "to", ufm__certificate_json_dyadic(to));
    s->failed |=
        json_object_set_new(piece, "q", ufm__certificate_json_dyadic(q.lo));
    s->failed |= json_array_append_new(s->list, piece);
  }
  mpfr_clear(r);
  ufm__iv_clear(&q);
  ufm__iv_clear(&level);
  return good;
}

/* Pieces that prove f >= target for every scale of the ETF; NULL when that
   fails. */
static json_t *lay_pieces(const ufm__family *etf, mpfr_srcptr target)
{
  pieces s = {.etf = etf, .target = target, .list = json_array()};
  bool complete;
  mpfr_t zero, stop;

  mpfr_inits2(PIECE_BITS, zero, stop, (mpfr_ptr)NULL);
  mpfr_set_zero(zero, 1);
  ufm__family_stop(etf, target, stop);
  /* room for a checker with other roundings */
  mpfr_mul_d(stop, stop, 1.0 + 0x1p-20, MPFR_RNDU);
  complete = ufm__march(accept, &s, zero, stop, PIECE_BITS);
  mpfr_clears(zero, stop, (mpfr_ptr)NULL);
  if (!complete || s.failed) {
    json_decref(s.list);
    return NULL;
  }
  return s.list;
}

static json_t *document(const ufm_certificate *certificate, mpfr_srcptr target,
                        json_t *list)
{
  const ufm__proof *proof = certificate->proof;
  json_t *root = json_object(), *claim = json_object();
  int failed = 0;

  failed |=
      json_object_set_new(claim, "lower", ufm__certificate_json_dyadic(target));
  failed |= json_object_set_new(
      claim, "upper", ufm__certificate_json_dyadic(certificate->upper));
  failed |=
      json_object_set_new(root, "format", json_string("ufm-certificate-1"));
  failed |= json_object_set_new(root, "kind", json_string("refutation"));
  failed |= json_object_set_new(root, "problem",
                                ufm__certificate_json_problem(&proof->model));
  failed |= json_object_set_new(
      root, "primal", ufm__certificate_json_primal(&proof->model, proof->x));
  failed |= json_object_set_new(root, "family", json_string("etf"));
  failed |= json_object_set_new(root, "pieces", list);
  failed |= json_object_set_new(root, "claim", claim);
  failed |= json_object_set_new(root, "status", json_string("refuted"));
  if (failed) {
    json_decref(root);
    return NULL;
  }
  return root;
}

static ufm_status write(const ufm_certificate *certificate,
                        const ufm__family *etf, const ufm_family *bound,
                        const char *path, ufm_error *error)
{
  ufm_status status;
  json_t *list;
  mpfr_t target;

  if (!mpfr_less_p(certificate->upper, bound->lower)) {
    char point[32], best[32];

    mpfr_snprintf(point, sizeof point, "%.12RUg", certificate->upper);
    mpfr_snprintf(best, sizeof best, "%.12RDg", bound->lower);
    return ufm__fail(error, UFM_EUNSUPPORTED,
                     "refute: the point's objective %s is not below the least "
                     "of the simplex ETFs, %s",
                     point, best);
  }
  mpfr_init2(target, PIECE_BITS);
  mpfr_add(target, certificate->upper, bound->lower, MPFR_RNDN);
  mpfr_div_2ui(target, target, 1, MPFR_RNDN);
  list =
      mpfr_less_p(certificate->upper, target) ? lay_pieces(etf, target) : NULL;
  if (list == NULL)
    status = ufm__fail(error, UFM_EUNSUPPORTED,
                       "refute: the difference to the best simplex ETF is too "
                       "small for a proof by pieces");
  else
    status = ufm__certificate_json_write(document(certificate, target, list),
                                         path, error);
  mpfr_clear(target);
  return status;
}

ufm_status ufm_refutation_write(const ufm_certificate *certificate,
                                const char *path, ufm_error *error)
{
  const ufm_family *bound = ufm_families_find(certificate->families, "etf");
  ufm__family family[UFM__FAMILIES];
  ufm_status status;
  size_t n;
  mpq_t one;

  if (bound == NULL)
    return ufm__fail(error, UFM_EUNSUPPORTED,
                     "refute: want balanced deep cross entropy with at least 3 "
                     "classes and widths of at least K - 1");
  mpq_init(one);
  mpq_set_ui(one, 1, 1);
  n = ufm__families(&certificate->proof->model, one, family);
  mpq_clear(one);
  status = write(certificate, &family[0], bound, path, error);
  for (size_t i = 0; i < n; i++)
    ufm__family_clear(&family[i]);
  return status;
}
