/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lower bounds for deep cross entropy (doc/certificates.md, section
   6).  The penalty gamma sum_i sigma_i^{2/L} of logits with
   nuclear norm x is at least q(x) = gamma x^{2/L}, the loss at least any
   tangent D - mu x of phi, so F* >= min over x of max over lines of (D_k - mu_k
   x) + q(x). [0, x_n] is cut into pieces with one line each; line + q is
   concave, so its minimum over a piece is at an end.  Tight when one singular
   value is all there is (K = 2) and when the zero point is optimal. */
#include <config.h>

#include <stdlib.h>

#include "core/error.h"
#include "verify/certificate.h"
#include "verify/cover.h"

enum { MOST_PIECES = 3000 };

/* Whether the tangent at r is above the target at the current end x. */
static bool tangent_good(ufm__cover *s, mpfr_srcptr r)
{
  if (mpfr_greater_p(r, s->flat))
    return false;
  ufm__tangent_at(&s->tangent, r);
  ufm__cover_margin(s, s->x, s->b);
  return mpfr_sgn(s->b) >= 0;
}

/* Whether the current tangent is above the target at x. */
static bool end_good(ufm__cover *s, mpfr_srcptr x)
{
  ufm__cover_margin(s, x, s->b);
  return mpfr_sgn(s->b) >= 0;
}

/* The line of the current tangent: a feasible dual point, a proved bound of its
   norm. */
static ufm_status add_line(ufm_certificate *certificate, const ufm__cover *s,
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
static ufm_status lay_pieces(ufm_certificate *certificate, ufm__cover *s,
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

    if (ufm__cover_step(s, tangent_good, s->r, s->h))
      mpfr_add(s->r, s->r, s->h, MPFR_RNDN);
    if (!tangent_good(s, s->r)) /* leaves the tangent at r */
      return UFM_OK;
    if (!ufm__cover_step(s, end_good, s->x, s->span))
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
static void penalty_iv(const ufm__cover *s, mpfr_srcptr x, iv *out)
{
  ufm__iv_set_mp(out, x);
  ufm__iv_sqr(out, out);
  ufm__iv_mul_q(out, out, s->gamma_power);
  ufm__iv_root(out, out, s->L);
}

/* The bound the pieces prove, whatever they were meant to prove. */
static void prove_pieces(const ufm_certificate *certificate,
                         const ufm__cover *s, mpfr_t lower)
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
static void set_flat(ufm__cover *s)
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

static ufm_status try_target(ufm_certificate *certificate, ufm__cover *s,
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
  ufm__cover s;
  ufm_status status;
  double best;

  if (!ufm__tangent_covers(model))
    return UFM_OK;
  status = ufm__cover_init(&s, model, 64, error);
  if (status == UFM_OK) {
    best = ufm__cover_least(&s, &at_zero);
    ufm__cover_clear(&s);
    status = ufm__cover_init(&s, model, certificate->proof->bits, error);
  }
  if (status != UFM_OK) {
    ufm__cover_clear(&s);
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
  ufm__cover_clear(&s);
  return status;
}
