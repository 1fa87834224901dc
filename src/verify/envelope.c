/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lower bounds for deep cross entropy (doc/certificates.md, section
   6).  The penalty gamma sum_i sigma_i^{2/L} of logits with
   nuclear norm x is at least q(x) = gamma x^{2/L}, the loss at least any
   tangent D - mu x of phi, so F* >= min over x of max over lines of (D_k - mu_k
   x) + q(x). [0, x_n] is cut into pieces with one line each; line + q is
   concave, so its minimum over a piece is at an end.  Tight when one singular
   value is all there is (K = 2) and when the zero point is optimal. */
#include <config.h>

#include <math.h>
#include <stdlib.h>

#include "core/error.h"
#include "verify/certificate.h"
#include "verify/tangent.h"

enum { MOST_PIECES = 3000, SCAN_STEPS = 4000, HALVINGS = 400, REFINE = 5 };

typedef struct cover {
  ufm__tangent tangent;
  size_t L;
  mpq_t gamma_power; /* gamma^L = (L/2)^L Lam */
  mpfr_prec_t bits;
  mpfr_t gamma, target; /* target: the lower bound aimed at */
  mpfr_t x, r, h, span; /* end of the pieces so far; parameter; step sizes */
  mpfr_t stop;          /* q(stop) >= target */
  mpfr_t slack;         /* how far below the least value the target is */
  mpfr_t flat;          /* larger parameters are not wanted */
  mpfr_t a, b, c;       /* scratch */
} cover;

static ufm_status cover_init(cover *s, const ufm__model *model,
                             mpfr_prec_t bits, ufm_error *error)
{
  mpq_t half;

  *s = (cover){.L = model->M + 1, .bits = bits};
  mpq_init(s->gamma_power);
  mpfr_inits2(bits, s->gamma, s->target, s->x, s->r, s->h, s->span, s->stop,
              s->slack, s->flat, s->a, s->b, s->c, (mpfr_ptr)NULL);
  mpq_init(half);
  mpq_set_ui(half, s->L, 2);
  mpq_canonicalize(half);
  mpq_set(s->gamma_power, model->product);
  for (size_t i = 0; i < s->L; i++)
    mpq_mul(s->gamma_power, s->gamma_power, half);
  mpq_clear(half);
  mpfr_set_q(s->gamma, s->gamma_power, MPFR_RNDN);
  mpfr_rootn_ui(s->gamma, s->gamma, s->L, MPFR_RNDN);
  return ufm__tangent_init(&s->tangent, model, bits, error);
}

static void cover_clear(cover *s)
{
  ufm__tangent_clear(&s->tangent);
  mpq_clear(s->gamma_power);
  mpfr_clears(s->gamma, s->target, s->x, s->r, s->h, s->span, s->stop, s->slack,
              s->flat, s->a, s->b, s->c, (mpfr_ptr)NULL);
}

/* out = gamma x^{2/L} */
static void penalty(const cover *s, mpfr_srcptr x, mpfr_t out)
{
  mpfr_sqr(out, x, MPFR_RNDN);
  mpfr_rootn_ui(out, out, s->L, MPFR_RNDN);
  mpfr_mul(out, out, s->gamma, MPFR_RNDN);
}

/* out = D - mu x + q(x) - target for the tangent as it stands */
static void margin(cover *s, mpfr_srcptr x, mpfr_t out)
{
  penalty(s, x, out);
  mpfr_mul(s->c, s->tangent.mu, x, MPFR_RNDN);
  mpfr_sub(out, out, s->c, MPFR_RNDN);
  mpfr_add(out, out, s->tangent.D, MPFR_RNDN);
  mpfr_sub(out, out, s->target, MPFR_RNDN);
}

/* phi(x) + q(x) along the family, in double precision; phi(x) = D - mu x where
   the tangent touches. */
static double value_at(cover *s, double r)
{
  mpfr_set_d(s->r, r, MPFR_RNDN);
  ufm__tangent_at(&s->tangent, s->r);
  penalty(s, s->tangent.x, s->a);
  mpfr_mul(s->b, s->tangent.mu, s->tangent.x, MPFR_RNDN);
  mpfr_sub(s->b, s->tangent.D, s->b, MPFR_RNDN);
  mpfr_add(s->a, s->a, s->b, MPFR_RNDN);
  return mpfr_get_d(s->a, MPFR_RNDN);
}

/* Golden-section search around a grid minimum. */
static double polish(cover *s, double lo, double hi)
{
  const double ratio = 0.6180339887498949;
  double a = hi - ratio * (hi - lo), b = lo + ratio * (hi - lo);
  double fa = value_at(s, a), fb = value_at(s, b);

  for (int k = 0; k < 80; k++) {
    if (fa < fb) {
      hi = b;
      b = a;
      fb = fa;
      a = hi - ratio * (hi - lo);
      fa = value_at(s, a);
    } else {
      lo = a;
      a = b;
      fa = fb;
      b = lo + ratio * (hi - lo);
      fb = value_at(s, b);
    }
  }
  return fa < fb ? fa : fb;
}

/* The least value along the family, to double precision; *at_zero tells whether
   the zero point attains it. */
static double scan(cover *s, bool *at_zero)
{
  double zero = value_at(s, 0.0), best = zero;
  double steepest = mpfr_get_d(s->tangent.mu, MPFR_RNDN);
  double step = s->tangent.balanced ? 0.05 : 1e-6, r[3] = {0.0, 0.0, 0.0};
  double f[3] = {HUGE_VAL, HUGE_VAL, zero};

  for (int k = 0; k < SCAN_STEPS; k++) {
    double next = r[2] + step;

    step = s->tangent.balanced ? step * 1.02 : next * 0.1 + 1e-6;
    r[0] = r[1], r[1] = r[2], r[2] = next;
    f[0] = f[1], f[1] = f[2], f[2] = value_at(s, next);
    if (f[1] <= f[0] && f[1] <= f[2] && k > 0)
      best = fmin(best, polish(s, r[0], r[2]));
    best = fmin(best, f[2]);
    /* from where the loss is negligible, or flat, the value only grows */
    penalty(s, s->tangent.x, s->a);
    if (mpfr_cmp_d(s->a, zero) > 0 ||
        mpfr_cmp_d(s->a, f[2] * (1.0 - 1e-9)) > 0 ||
        mpfr_cmp_d(s->tangent.mu, 1e-10 * steepest) < 0)
      break;
  }
  *at_zero = !(best < zero);
  return best;
}

/* Largest step h in doubling and halving from `h` for which good(r + h); about
   2^-REFINE of it accurate.  False when no step is good. */
static bool largest_step(cover *s, bool (*good)(cover *, mpfr_srcptr),
                         mpfr_srcptr from, mpfr_t h)
{
  bool up;
  mpfr_t place, part;

  mpfr_inits2(s->bits, place, part, (mpfr_ptr)NULL);
  mpfr_add(place, from, h, MPFR_RNDN);
  up = good(s, place);
  for (int k = 0; k < HALVINGS; k++) {
    mpfr_mul_2si(h, h, up ? 1 : -1, MPFR_RNDN);
    mpfr_add(place, from, h, MPFR_RNDN);
    if (good(s, place) != up)
      break;
    if (k == HALVINGS - 1) {
      mpfr_clears(place, part, (mpfr_ptr)NULL);
      return up;
    }
  }
  if (up)
    mpfr_div_2ui(h, h, 1, MPFR_RNDN); /* the last good one */
  mpfr_set(part, h, MPFR_RNDN);
  for (int k = 0; k < REFINE; k++) {
    mpfr_div_2ui(part, part, 1, MPFR_RNDN);
    mpfr_add(place, from, h, MPFR_RNDN);
    mpfr_add(place, place, part, MPFR_RNDN);
    if (good(s, place))
      mpfr_add(h, h, part, MPFR_RNDN);
  }
  mpfr_clears(place, part, (mpfr_ptr)NULL);
  return true;
}

/* Whether the tangent at r is above the target at the current end x. */
static bool tangent_good(cover *s, mpfr_srcptr r)
{
  if (mpfr_greater_p(r, s->flat))
    return false;
  ufm__tangent_at(&s->tangent, r);
  margin(s, s->x, s->b);
  return mpfr_sgn(s->b) >= 0;
}

/* Whether the current tangent is above the target at x. */
static bool end_good(cover *s, mpfr_srcptr x)
{
  margin(s, x, s->b);
  return mpfr_sgn(s->b) >= 0;
}

/* The line of the current tangent: a feasible dual point, a proved bound of its
   norm. */
static ufm_status add_line(ufm_certificate *certificate, const cover *s,
                           ufm_error *error)
{
  ufm__proof *proof = certificate->proof;
  mpfr_prec_t bits = s->bits;
  ufm__line *line = &proof->line[proof->lines];
  const char *reason;
  bool proved = false;
  ufm__norm norm;
  ufm_status status =
      ufm__dual_init(&line->dual, &proof->model, (long)bits, error);
  mpfr_t mu;
  mpq_t omega;

  if (status != UFM_OK)
    return status;
  mpq_init(line->mu);
  proof->lines++;
  ufm__dual_round(&line->dual, s->tangent.p, NULL, &reason);
  if (reason != NULL)
    return ufm__fail(error, UFM_EINTERNAL, "verify: tangent: %s", reason);
  status = ufm__norm_init(&norm, &line->dual, bits, error);
  if (status != UFM_OK)
    return status;
  mpfr_init2(mu, bits);
  mpq_init(omega);
  mpfr_set(mu, s->tangent.mu, MPFR_RNDU);
  for (mpfr_exp_t k = (mpfr_exp_t)bits - 8; !proved && status == UFM_OK;
       k -= 12) {
    /* mu (1 + 2^-k) + 2^-k: the last is for a flat tangent */
    mpfr_set_ui_2exp(mu, 1, -k, MPFR_RNDU);
    mpfr_fma(mu, mu, s->tangent.mu, mu, MPFR_RNDU);
    mpfr_add(mu, mu, s->tangent.mu, MPFR_RNDU);
    mpfr_get_q(line->mu, mu);
    mpq_mul(omega, line->mu, line->mu);
    status = ufm__norm_test(&norm, omega, bits + 64, &proved, error);
    if (k < -(mpfr_exp_t)bits && !proved)
      status = ufm__fail(error, UFM_EINTERNAL, "verify: tangent without norm");
  }
  mpq_clear(omega);
  mpfr_clear(mu);
  ufm__norm_clear(&norm);
  return status;
}

/* Pieces from 0 to s->stop; *complete is false when the target is too high. */
static ufm_status lay_pieces(ufm_certificate *certificate, cover *s,
                             bool *complete, ufm_error *error)
{
  ufm__proof *proof = certificate->proof;
  ufm_status status = UFM_OK;

  *complete = false;
  mpfr_set_zero(s->x, 1);
  mpfr_set_zero(s->r, 1);
  mpfr_set_d(s->h, 0.25, MPFR_RNDN);
  mpfr_set(s->span, s->stop, MPFR_RNDN);
  while (proof->pieces < MOST_PIECES && status == UFM_OK && !*complete) {
    ufm__piece *piece = &proof->piece[proof->pieces];

    if (largest_step(s, tangent_good, s->r, s->h))
      mpfr_add(s->r, s->r, s->h, MPFR_RNDN);
    if (!tangent_good(s, s->r)) /* leaves the tangent at r */
      return UFM_OK;
    if (!largest_step(s, end_good, s->x, s->span))
      return UFM_OK;
    mpfr_add(s->x, s->x, s->span, MPFR_RNDN);
    *complete = mpfr_greaterequal_p(s->x, s->stop);
    status = add_line(certificate, s, error);
    if (status != UFM_OK)
      return status;
    mpfr_init2(piece->to, s->bits);
    mpfr_set(piece->to, *complete ? s->stop : s->x, MPFR_RNDN);
    piece->line = proof->lines - 1;
    proof->pieces++;
  }
  return status;
}

/* out = gamma x^{2/L}, enclosed */
static void penalty_iv(const cover *s, mpfr_srcptr x, iv *out)
{
  ufm__iv_set_mp(out, x);
  ufm__iv_sqr(out, out);
  ufm__iv_mul_q(out, out, s->gamma_power);
  ufm__iv_root(out, out, s->L);
}

/* The bound the pieces prove, whatever they were meant to prove. */
static void prove_pieces(const ufm_certificate *certificate, const cover *s,
                         mpfr_t lower)
{
  const ufm__proof *proof = certificate->proof;
  iv D, q, part;

  ufm__iv_init(&D, proof->bits);
  ufm__iv_init(&q, proof->bits);
  ufm__iv_init(&part, proof->bits);
  penalty_iv(s, proof->piece[proof->pieces - 1].to, &q);
  mpfr_set(lower, q.lo, MPFR_RNDD);
  for (size_t i = 0; i < proof->pieces; i++) {
    const ufm__line *line = &proof->line[proof->piece[i].line];

    ufm__dual_value(&line->dual, &D);
    for (int end = 0; end < 2; end++) {
      if (end == 0 && i == 0) {
        mpfr_min(lower, lower, D.lo, MPFR_RNDD);
        continue;
      }
      ufm__iv_set_mp(&part, proof->piece[i - 1 + (size_t)end].to);
      penalty_iv(s, proof->piece[i - 1 + (size_t)end].to, &q);
      ufm__iv_mul_q(&part, &part, line->mu);
      ufm__iv_sub(&part, &D, &part);
      ufm__iv_add(&part, &part, &q);
      if (!mpfr_number_p(part.lo))
        mpfr_set_inf(part.lo, -1);
      mpfr_min(lower, lower, part.lo, MPFR_RNDD);
    }
  }
  ufm__iv_clear(&D);
  ufm__iv_clear(&q);
  ufm__iv_clear(&part);
}

/* A parameter whose tangent loses less than a part of the slack before the
   stop, from mu = x/(theta ratio) with x below the stop, or mu < K exp(-alpha).
 */
static void set_flat(cover *s)
{
  const ufm__model *model = s->tangent.model;

  mpfr_div(s->flat, s->stop, s->slack, MPFR_RNDU);
  mpfr_mul_2ui(s->flat, s->flat, 6, MPFR_RNDU);
  if (s->tangent.balanced) {
    mpfr_mul_ui(s->flat, s->flat, model->K, MPFR_RNDU);
    mpfr_add_ui(s->flat, s->flat, 2, MPFR_RNDU);
    mpfr_log(s->flat, s->flat, MPFR_RNDU);
  } else {
    mpfr_mul(s->flat, s->flat, s->stop, MPFR_RNDU);
    mpfr_div_q(s->flat, s->flat, model->ratio, MPFR_RNDU);
    mpfr_add_ui(s->flat, s->flat, 1, MPFR_RNDU);
  }
}

static ufm_status try_target(ufm_certificate *certificate, cover *s,
                             bool *complete, ufm_error *error)
{
  ufm__proof *proof = certificate->proof;
  ufm_status status;
  mpfr_t lower;

  ufm__envelope_clear(proof);
  proof->line = calloc(MOST_PIECES, sizeof *proof->line);
  proof->piece = calloc(MOST_PIECES, sizeof *proof->piece);
  if (proof->line == NULL || proof->piece == NULL)
    return ufm__no_memory(error, "verify: envelope");
  /* q(stop) = target, and a little more */
  mpfr_div(s->stop, s->target, s->gamma, MPFR_RNDU);
  mpfr_pow_ui(s->stop, s->stop, s->L, MPFR_RNDU);
  mpfr_sqrt(s->stop, s->stop, MPFR_RNDU);
  mpfr_mul_d(s->stop, s->stop, 1.0 + 0x1p-20, MPFR_RNDU);
  set_flat(s);
  status = lay_pieces(certificate, s, complete, error);
  if (status != UFM_OK || !*complete)
    return status;
  mpfr_init2(lower, proof->bits);
  prove_pieces(certificate, s, lower);
  if (mpfr_greater_p(lower, certificate->lower)) {
    mpfr_set(certificate->lower, lower, MPFR_RNDD);
    certificate->kind = UFM_PROOF_ENVELOPE;
  }
  mpfr_clear(lower);
  return UFM_OK;
}

ufm_status ufm__prove_envelope(ufm_certificate *certificate, ufm_error *error)
{
  const ufm__model *model = &certificate->proof->model;
  bool complete = false, at_zero;
  cover s;
  ufm_status status;
  double best;

  if (!ufm__tangent_covers(model))
    return UFM_OK;
  status = cover_init(&s, model, 64, error);
  if (status == UFM_OK) {
    best = scan(&s, &at_zero);
    cover_clear(&s);
    status = cover_init(&s, model, certificate->proof->bits, error);
  }
  if (status != UFM_OK) {
    cover_clear(&s);
    return status;
  }
  /* Where the bound can be tight, aim at the point's own value less a quarter
     of the tolerance; a point that is not optimal makes that fail. */
  if (mpfr_get_d(certificate->upper, MPFR_RNDN) <= best * (1.0 + 1e-9)) {
    mpfr_div_2ui(s.slack, certificate->tolerance, 2, MPFR_RNDN);
    mpfr_sub(s.target, certificate->upper, s.slack, MPFR_RNDD);
    status = try_target(certificate, &s, &complete, error);
  }
  if (status == UFM_OK && !complete) {
    double slack = at_zero || model->K == 2 ? 1e-9 : 1e-4;

    mpfr_set_d(s.slack, best * slack, MPFR_RNDD);
    mpfr_set_d(s.target, best * (1.0 - slack), MPFR_RNDD);
    status = try_target(certificate, &s, &complete, error);
  }
  if (status == UFM_OK && certificate->kind != UFM_PROOF_ENVELOPE)
    ufm__note(certificate, "the envelope of tangents gave no bound");
  cover_clear(&s);
  return status;
}
