/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MSE, ridge bias, balanced counts (doc/mathematics.md, section 5.4).

   With b = beta 1 the target keeps its K - 1 centred directions, m = n e^2
   (e = 1 - eps), and along the vector 1 it becomes n (1 - K beta)^2.  There the
   minimum over beta is quadratic, and what remains is the scalar problem

     min over z of lambda_b/(1 + lambda_b) (z - sqrt n)^2/(2N) + gamma z^{2/L},

   the usual one with m = n and N (1 + 1/lambda_b) in place of N.  Its fraction
   zeta = z/sqrt(n) gives K beta = (1 - zeta)/(1 + lambda_b), and against the
   target at this bias, m = n y^2,

     y = (lambda_b + zeta)/(1 + lambda_b),   t = zeta/y,
     1 - t = lambda_b (1 - zeta)/(lambda_b + zeta).

   For M = 1 and width K the problem is convex and symmetric in the classes, so
   its optimum is of this form; if its rank fits a smaller width, it is optimal
   there too.  Otherwise it is the best symmetric point, a candidate.  Mixup
   changes m of the centred directions to E (t_k - t_l)^2/2 and of the vector 1
   to 1/K (doc/soft-targets.md, section 4).  Derived here. */
#include <config.h>

#include <string.h>

#include "core/error.h"
#include "theory/mse_ridge_parts.h"
#include "theory/scalar.h"
#include "theory/theorem.h"

enum {
  CENTRED = UFM__RIDGE_CENTRED,
  ONES = UFM__RIDGE_ONES,
  PARTS = UFM__RIDGE_PARTS
};

/* Turns the scalar problem of the vector 1 into its direction at the optimal
   bias: m, t, 1 - t as above, and c for N instead of N (1 + 1/lambda_b). */
static void refer_to_bias(ufm_direction *d, const ufm__ridge *ridge)
{
  mpfr_t sum, factor; /* lambda_b + zeta, 1 + lambda_b */

  mpfr_inits2(mpfr_get_prec(d->m), sum, factor, (mpfr_ptr)NULL);
  mpfr_add_q(sum, d->t, ridge->lambda_b, MPFR_RNDN);
  mpfr_set_ui(factor, 1, MPFR_RNDN);
  mpfr_add_q(factor, factor, ridge->lambda_b, MPFR_RNDN);
  mpfr_mul_q(d->one_minus_t, d->one_minus_t, ridge->lambda_b, MPFR_RNDN);
  mpfr_div(d->one_minus_t, d->one_minus_t, sum, MPFR_RNDN);
  mpfr_mul(d->t, d->t, factor, MPFR_RNDN);
  mpfr_div(d->t, d->t, sum, MPFR_RNDN);
  mpfr_div(sum, sum, factor, MPFR_RNDN);
  mpfr_sqr(sum, sum, MPFR_RNDN); /* y^2 */
  mpfr_mul(d->m, d->m, sum, MPFR_RNDN);
  mpfr_div_q(factor, d->c, ridge->part[ONES].ratio, MPFR_RNDN);
  mpfr_mul_q(factor, factor, ridge->part[CENTRED].ratio, MPFR_RNDN);
  ufm__scalar_c(d->c, factor, sum, ridge->M);
  mpfr_clears(sum, factor, (mpfr_ptr)NULL);
}

static void write_direction(ufm_direction *out, const ufm__ridge *ridge,
                            size_t part, bool cut)
{
  const ufm__ridge_part *from = &ridge->part[part];

  out->multiplicity = cut ? from->cut : from->multiplicity;
  out->state = cut ? UFM_DIRECTION_RANK_CUT : from->scalar.state;
  mpfr_set(out->m, from->scalar.m, MPFR_RNDN);
  mpfr_set(out->c, from->scalar.c, MPFR_RNDN);
  mpfr_set_zero(out->t, 1);
  mpfr_set_ui(out->one_minus_t, 1, MPFR_RNDN);
  if (!cut) {
    mpfr_set(out->t, from->scalar.t, MPFR_RNDN);
    mpfr_set(out->one_minus_t, from->scalar.one_minus_t, MPFR_RNDN);
  }
  if (part == ONES)
    refer_to_bias(out, ridge);
}

static ufm_status fill_directions(ufm_prediction *p, const ufm__ridge *ridge,
                                  ufm_error *error)
{
  const ufm__ridge_part *part = ridge->part;
  size_t n = 0;
  ufm_status status;

  for (size_t i = 0; i < PARTS; i++)
    n += (part[i].multiplicity > 0 ? 1u : 0u) + (part[i].cut > 0 ? 1u : 0u);
  status = ufm__prediction_directions(p, n, error);
  if (status != UFM_OK)
    return status;
  n = 0;
  for (size_t i = 0; i < PARTS; i++) {
    if (part[i].multiplicity > 0)
      write_direction(&p->direction[n++], ridge, i, false);
    if (part[i].cut > 0)
      write_direction(&p->direction[n++], ridge, i, true);
  }
  /* the vector 1 was written last; with smoothing it may be the largest */
  if (mpfr_greater_p(p->direction[n - 1].m, p->direction[0].m)) {
    ufm_direction last = p->direction[n - 1];

    memmove(p->direction + 1, p->direction, (n - 1) * sizeof last);
    p->direction[0] = last;
  }
  return UFM_OK;
}

/* psi of what is kept, m/2N of what is cut; the value of the vector 1 holds
   the penalty of the bias. */
static void fill_objective(ufm_prediction *p, const ufm__ridge *ridge)
{
  mpfr_t term;

  mpfr_init2(term, p->bits);
  mpfr_set_zero(p->objective, 1);
  for (size_t i = 0; i < PARTS; i++) {
    const ufm__ridge_part *part = &ridge->part[i];

    mpfr_mul_ui(term, part->psi, part->multiplicity, MPFR_RNDN);
    mpfr_add(p->objective, p->objective, term, MPFR_RNDN);
    mpfr_div_q(term, part->scalar.m, part->ratio, MPFR_RNDN);
    mpfr_mul_ui(term, term, part->cut, MPFR_RNDN);
    mpfr_div_2ui(term, term, 1, MPFR_RNDN);
    mpfr_add(p->objective, p->objective, term, MPFR_RNDN);
  }
  mpfr_clear(term);
}

static ufm_status fill_spectra(ufm_prediction *p, const ufm__ridge *ridge,
                               ufm_error *error)
{
  const ufm__ridge_part *part = ridge->part;
  size_t first = mpfr_greater_p(part[ONES].z, part[CENTRED].z) ? ONES : CENTRED;
  size_t order[] = {first, PARTS - 1 - first}, spectra = 0, s = 0;
  ufm_status status;

  for (size_t i = 0; i < PARTS; i++) {
    size_t fitted = ufm__ridge_fitted(ridge, i);

    p->rank += fitted;
    spectra += fitted > 0 ? 1u : 0u;
  }
  status = ufm__prediction_spectra(p, spectra, error);
  for (size_t k = 0; status == UFM_OK && k < PARTS; k++) {
    size_t i = order[k], fitted = ufm__ridge_fitted(ridge, i);

    if (fitted > 0)
      ufm__mse_singular_values(p, ridge->problem, s++, fitted, part[i].z,
                               part[i].base);
  }
  return status;
}

/* beta = (1 - zeta)/(K (1 + lambda_b)) */
static ufm_status fill_bias(ufm_prediction *p, const ufm__ridge *ridge,
                            ufm_error *error)
{
  ufm_status status = ufm__prediction_bias(p, error);
  mpq_t divisor;

  if (status != UFM_OK)
    return status;
  mpq_init(divisor);
  mpq_set_ui(divisor, 1, 1);
  mpq_add(divisor, divisor, ridge->lambda_b);
  mpfr_set_ui(p->bias[0], 1, MPFR_RNDN);
  if (ridge->part[ONES].cut == 0)
    mpfr_set(p->bias[0], ridge->part[ONES].scalar.one_minus_t, MPFR_RNDN);
  mpfr_div_q(p->bias[0], p->bias[0], divisor, MPFR_RNDN);
  mpfr_div_ui(p->bias[0], p->bias[0], ridge->K, MPFR_RNDN);
  mpq_clear(divisor);
  return UFM_OK;
}

/* x (I - J/K) + y J/K; returns the bits its off-diagonal entry loses. */
static long fill_matrix(ufm_block_matrix *matrix, mpfr_srcptr x, mpfr_srcptr y,
                        size_t K)
{
  mpfr_srcptr larger = mpfr_cmp(x, y) > 0 ? x : y;
  mpfr_ptr block = matrix->block[0];
  long lost;

  mpfr_set(matrix->extra[0], x, MPFR_RNDN);
  mpfr_sub(block, y, x, MPFR_RNDN);
  if (mpfr_zero_p(larger))
    return 0;
  lost = mpfr_zero_p(block) ? UFM__MSE_MOST_LOST
                            : mpfr_get_exp(larger) - mpfr_get_exp(block);
  mpfr_div_ui(block, block, K, MPFR_RNDN);
  return lost < UFM__MSE_MOST_LOST ? lost : UFM__MSE_MOST_LOST;
}

static ufm_status fill_grams(ufm_prediction *p, ufm__ridge *ridge,
                             ufm_error *error)
{
  ufm_status status = ufm__prediction_grams(p, error);
  mpfr_t w[PARTS], h[PARTS], z[PARTS];
  long lost[3], worst = 0;

  if (status != UFM_OK)
    return status;
  for (size_t i = 0; i < PARTS; i++) {
    const ufm__ridge_part *part = &ridge->part[i];

    mpfr_inits2(p->bits, w[i], h[i], z[i], (mpfr_ptr)NULL);
    mpfr_div_q(w[i], part->base, ufm_problem_lambda_w(ridge->problem, ridge->M),
               MPFR_RNDN);
    mpfr_div_q(h[i], part->base, ufm_problem_lambda_h(ridge->problem),
               MPFR_RNDN);
    mpfr_div_q(h[i], h[i], part->pure, MPFR_RNDN);
    mpfr_set_q(z[i], part->pure, MPFR_RNDN);
    mpfr_sqrt(z[i], z[i], MPFR_RNDN);
    mpfr_div(z[i], part->z, z[i], MPFR_RNDN);
    if (part->multiplicity == 0) {
      mpfr_set_zero(w[i], 1);
      mpfr_set_zero(h[i], 1);
      mpfr_set_zero(z[i], 1);
    }
  }
  lost[0] = fill_matrix(&p->gram_w, w[CENTRED], w[ONES], ridge->K);
  lost[1] = fill_matrix(&p->gram_h, h[CENTRED], h[ONES], ridge->K);
  lost[2] = fill_matrix(&p->logits, z[CENTRED], z[ONES], ridge->K);
  for (size_t f = 0; f < 3; f++)
    worst = lost[f] > worst ? lost[f] : worst;
  ridge->lost += worst;
  for (size_t i = 0; i < PARTS; i++)
    mpfr_clears(w[i], h[i], z[i], (mpfr_ptr)NULL);
  return UFM_OK;
}

static ufm_status set_claim(ufm_prediction *p, const ufm__ridge *ridge,
                            ufm_error *error)
{
  if (ridge->M == 1 && ridge->cut == 0) {
    p->claim = p->rank > 0 ? UFM_CLAIM_UNIQUE : UFM_CLAIM_ZERO;
    return UFM_OK;
  }
  p->claim = UFM_CLAIM_CANDIDATE;
  return ufm__prediction_note(
      p, error, "the best point with equal bias entries; %s",
      ridge->M > 1 ? "beyond depth 1 no proof is known that it is optimal"
                   : "the width cuts its rank, and then no proof is known that "
                     "it is optimal");
}

static ufm_status fill(ufm_prediction *p, ufm__ridge *ridge, ufm_error *error)
{
  ufm_status status = fill_directions(p, ridge, error);

  fill_objective(p, ridge);
  if (status == UFM_OK)
    status = fill_spectra(p, ridge, error);
  if (status == UFM_OK)
    status = fill_bias(p, ridge, error);
  /* cut centred directions leave any subspace of them optimal */
  if (status == UFM_OK && ridge->part[CENTRED].cut == 0)
    status = fill_grams(p, ridge, error);
  if (status == UFM_OK)
    status = set_claim(p, ridge, error);
  return status;
}

static bool covers(const ufm_problem *problem, const char **reason)
{
  if (ufm_problem_loss(problem) != UFM_LOSS_MSE ||
      ufm_problem_bias(problem) != UFM_BIAS_RIDGE ||
      ufm_problem_multiplier(problem) != NULL ||
      ufm_problem_targets(problem) == UFM_TARGETS_FILE)
    return false;
  if (ufm_problem_groups(problem)->G == 1)
    return true;
  *reason = "no closed form is known for a ridge bias and imbalanced counts";
  return false;
}

/* Evaluates with room for some cancellation, measures how much there is, and
   starts again when the room was too small. */
static ufm_status predict(ufm_prediction **out, const ufm_problem *problem,
                          const ufm_theorem *theorem, size_t digits,
                          ufm_error *error)
{
  mpfr_prec_t wanted = ufm__bits_for_digits(digits, ufm__mse_margin(problem));
  ufm_prediction *p = NULL;
  ufm_status status;
  long room = 64, lost = 0;

  *out = NULL;
  do {
    ufm__ridge ridge;

    room += lost;
    ufm_prediction_free(p);
    status =
        ufm__prediction_new(&p, problem, theorem, digits, wanted + room, error);
    if (status != UFM_OK)
      return status;
    status = ufm__ridge_init(&ridge, problem, wanted + room, error);
    if (status == UFM_OK)
      status = fill(p, &ridge, error);
    lost = ridge.lost;
    ufm__ridge_clear(&ridge);
  } while (status == UFM_OK && lost > room);
  if (status == UFM_OK)
    *out = p;
  else
    ufm_prediction_free(p);
  return status;
}

const ufm__theorem_rule ufm__theorem_mse_ridge = {
    .about = {.name = "mse-ridge",
              .covers = "MSE, ridge bias, balanced counts, labels or mixup: "
                        "exact for depth 1, else a candidate",
              .source = "derived here (doc/mathematics.md, section 5.4)"},
    .covers = covers,
    .predict = predict};
