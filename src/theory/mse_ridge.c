/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MSE, ridge bias, balanced counts (doc/mathematics.md, section 5.4).

   With b = beta 1 the target keeps its K - 1 centred directions, m = n e^2
   (e = 1 - eps), and along the vector 1 it becomes n (1 - K beta)^2.  There the
   minimum over beta is quadratic, and what remains is the scalar problem

     min over z of lambda_b/(1 + lambda_b) (z - sqrt n)^2/(2N) + gamma z^{2/L},

   the usual one with m = n and N' = N (1 + 1/lambda_b) in place of N.  Its
   fraction zeta = z/sqrt(n) gives K beta = (1 - zeta)/(1 + lambda_b) and

     t = zeta (1 + lambda_b)/(lambda_b + zeta),
     1 - t = lambda_b (1 - zeta)/(lambda_b + zeta)

   against the target at this bias.  For M = 1 and width K the problem is convex
   and symmetric in the classes, so the optimum is of this form; if its rank
   fits a smaller width, it is optimal there too.  Otherwise it is the best
   symmetric point, a candidate.  Derived here. */
#include <config.h>

#include <string.h>

#include "core/error.h"
#include "theory/mse.h"
#include "theory/scalar.h"
#include "theory/theorem.h"

/* One of the two kinds of directions: centred vectors, and the vector 1. */
typedef struct ridge_part {
  size_t multiplicity, cut; /* kept and cut by the width */
  mpq_t ratio;              /* N, and N' for the vector 1 */
  mpq_t scale;              /* m = n scale for its scalar problem */
  ufm_direction scalar;     /* m, c, t, 1 - t of that problem */
  mpfr_t psi, base, z;
} ridge_part;

enum { CENTRED, ONES, PARTS };

typedef struct ridge_work {
  const ufm_problem *problem;
  size_t n, K, M;
  mpq_t lambda_b;
  ridge_part part[PARTS];
  long lost;
} ridge_work;

static void work_init(ridge_work *w, const ufm_problem *problem,
                      mpfr_prec_t bits)
{
  mpq_srcptr eps = ufm_problem_smoothing(problem);
  mpq_ptr scale, ratio;

  *w = (ridge_work){.problem = problem,
                    .n = ufm_problem_counts(problem)[0],
                    .K = ufm_problem_classes(problem),
                    .M = ufm_problem_depth(problem)};
  mpq_init(w->lambda_b);
  mpq_set(w->lambda_b, ufm_problem_lambda_b(problem));
  for (size_t i = 0; i < PARTS; i++) {
    ridge_part *part = &w->part[i];

    mpq_inits(part->ratio, part->scale, (mpq_ptr)NULL);
    mpfr_inits2(bits, part->scalar.m, part->scalar.c, part->scalar.t,
                part->scalar.one_minus_t, part->psi, part->base, part->z,
                (mpfr_ptr)NULL);
    mpq_set_ui(part->scale, 1, 1);
    mpq_set(part->ratio, ufm_problem_columns(problem)->ratio);
    part->multiplicity = i == CENTRED ? w->K - 1 : 1;
  }
  scale = w->part[CENTRED].scale;
  if (eps != NULL)
    mpq_sub(scale, scale, eps);
  mpq_mul(scale, scale, scale);
  ratio = w->part[ONES].ratio; /* N + N/lambda_b */
  mpq_div(ratio, ratio, w->lambda_b);
  mpq_add(ratio, ratio, w->part[CENTRED].ratio);
}

static void work_clear(ridge_work *w)
{
  mpq_clear(w->lambda_b);
  for (size_t i = 0; i < PARTS; i++) {
    ridge_part *part = &w->part[i];

    mpq_clears(part->ratio, part->scale, (mpq_ptr)NULL);
    mpfr_clears(part->scalar.m, part->scalar.c, part->scalar.t,
                part->scalar.one_minus_t, part->psi, part->base, part->z,
                (mpfr_ptr)NULL);
  }
}

/* The scalar problem of a part, its state decided exactly. */
static void solve_part(ridge_work *w, ridge_part *part)
{
  ufm__threshold theta;
  ufm_direction *d = &part->scalar;
  mpq_t lambda;
  int sign;
  long lost;

  mpq_init(lambda);
  ufm_problem_lambda_product(w->problem, lambda);
  ufm__threshold_init(&theta, part->ratio, lambda, w->M, part->scale);
  sign = ufm__threshold_compare(&theta, w->n);
  ufm__threshold_clear(&theta);
  if (sign == 0)
    d->state = w->M == 1 ? UFM_DIRECTION_THRESHOLD : UFM_DIRECTION_TIE;
  else
    d->state = sign > 0 ? UFM_DIRECTION_ACTIVE : UFM_DIRECTION_COLLAPSED;
  mpfr_set_q(d->m, part->scale, MPFR_RNDN);
  mpfr_mul_ui(d->m, d->m, w->n, MPFR_RNDN);
  ufm__scalar_penalty(d->c, part->ratio, lambda, w->M);
  ufm__scalar_c(part->z, d->c, d->m, w->M);
  mpfr_set(d->c, part->z, MPFR_RNDN);
  mpq_clear(lambda);
  lost = ufm__mse_root(d, w->M);
  w->lost = lost > w->lost ? lost : w->lost;
}

/* What one dimension of a part gains over z = 0: (m/2N) t (1 - M (1 - t)). */
static void gain(mpfr_t out, const ridge_part *part, size_t M)
{
  mpfr_mul_ui(out, part->scalar.one_minus_t, M, MPFR_RNDN);
  mpfr_ui_sub(out, 1, out, MPFR_RNDN);
  mpfr_mul(out, out, part->scalar.t, MPFR_RNDN);
  mpfr_mul(out, out, part->scalar.m, MPFR_RNDN);
  mpfr_div_q(out, out, part->ratio, MPFR_RNDN);
}

static size_t fitted(const ridge_work *w, size_t i)
{
  return ufm__mse_fitted(w->part[i].scalar.state, w->M)
             ? w->part[i].multiplicity
             : 0;
}

/* Drops the directions that gain least when more are fitted than the width
   allows.  Returns the number dropped. */
static size_t cut_rank(ridge_work *w)
{
  size_t R = ufm_problem_rank_limit(w->problem);
  size_t excess = fitted(w, CENTRED) + fitted(w, ONES), cut;
  ridge_part *first = &w->part[ONES], *second = &w->part[CENTRED];

  if (excess <= R)
    return 0;
  excess -= R;
  cut = excess;
  gain(first->psi, first, w->M);
  gain(second->psi, second, w->M);
  if (fitted(w, ONES) > 0 && mpfr_cmp(first->psi, second->psi) <= 0) {
    first->multiplicity = 0;
    first->cut = 1;
    excess--;
  }
  second->multiplicity -= excess;
  second->cut = excess;
  return cut;
}

/* psi, base = lambda_f sigma_f^2 and z of a part. */
static void evaluate_part(ridge_part *part, size_t M)
{
  const ufm_direction *d = &part->scalar;

  ufm__scalar_value(part->psi, d->m, part->ratio, d->t, d->one_minus_t, M);
  ufm__mse_base(part->base, d, part->ratio);
  mpfr_sqrt(part->z, d->m, MPFR_RNDN);
  mpfr_mul(part->z, part->z, d->t, MPFR_RNDN);
}

/* Writes a direction of the prediction; zeta = t of the scalar problem. */
static void write_direction(ufm_direction *out, const ridge_work *w,
                            size_t which, bool cut)
{
  const ridge_part *part = &w->part[which];
  mpfr_t sum, factor;

  out->multiplicity = cut ? part->cut : part->multiplicity;
  out->state = cut ? UFM_DIRECTION_RANK_CUT : part->scalar.state;
  mpfr_set(out->m, part->scalar.m, MPFR_RNDN);
  mpfr_set(out->c, part->scalar.c, MPFR_RNDN);
  mpfr_set(out->t, part->scalar.t, MPFR_RNDN);
  mpfr_set(out->one_minus_t, part->scalar.one_minus_t, MPFR_RNDN);
  if (cut) {
    mpfr_set_zero(out->t, 1);
    mpfr_set_ui(out->one_minus_t, 1, MPFR_RNDN);
  }
  if (which == CENTRED)
    return;
  /* m = n y^2 with y = (lambda_b + zeta)/(1 + lambda_b), so that
     c N'/N = c of the scalar problem times y^{-2M/L} */
  mpfr_inits2(mpfr_get_prec(out->m), sum, factor, (mpfr_ptr)NULL);
  mpfr_add_q(sum, out->t, w->lambda_b, MPFR_RNDN);
  mpfr_set_q(factor, w->lambda_b, MPFR_RNDN);
  mpfr_mul(out->one_minus_t, out->one_minus_t, factor, MPFR_RNDN);
  mpfr_div(out->one_minus_t, out->one_minus_t, sum, MPFR_RNDN);
  mpfr_add_ui(factor, factor, 1, MPFR_RNDN);
  mpfr_mul(out->t, out->t, factor, MPFR_RNDN);
  mpfr_div(out->t, out->t, sum, MPFR_RNDN);
  mpfr_div(sum, sum, factor, MPFR_RNDN); /* y */
  mpfr_sqr(sum, sum, MPFR_RNDN);
  mpfr_mul(out->m, out->m, sum, MPFR_RNDN);
  mpfr_div_q(out->c, out->c, part->ratio, MPFR_RNDN);
  mpfr_mul_q(out->c, out->c, w->part[CENTRED].ratio, MPFR_RNDN);
  ufm__scalar_c(factor, out->c, sum, w->M);
  mpfr_set(out->c, factor, MPFR_RNDN);
  mpfr_clears(sum, factor, (mpfr_ptr)NULL);
}

static ufm_status fill_directions(ufm_prediction *p, const ridge_work *w,
                                  ufm_error *error)
{
  size_t used = 0, n = 0;
  ufm_status status;

  for (size_t i = 0; i < PARTS; i++)
    n += (w->part[i].multiplicity > 0 ? 1u : 0u) +
         (w->part[i].cut > 0 ? 1u : 0u);
  status = ufm__prediction_directions(p, n, error);
  if (status != UFM_OK)
    return status;
  for (size_t i = 0; i < PARTS; i++) {
    if (w->part[i].multiplicity > 0)
      write_direction(&p->direction[used++], w, i, false);
    if (w->part[i].cut > 0)
      write_direction(&p->direction[used++], w, i, true);
  }
  /* the vector 1 was written last; with smoothing it may be the largest */
  if (mpfr_cmp(p->direction[n - 1].m, p->direction[0].m) > 0) {
    ufm_direction last = p->direction[n - 1];

    memmove(p->direction + 1, p->direction, (n - 1) * sizeof last);
    p->direction[0] = last;
  }
  return UFM_OK;
}

/* Objective, spectra and bias beta = (1 - zeta)/(K (1 + lambda_b)). */
static ufm_status fill_values(ufm_prediction *p, ridge_work *w,
                              ufm_error *error)
{
  size_t spectra = 0, s = 0, first;
  ufm_status status;
  mpq_t factor;
  mpfr_t zero;

  mpfr_set_zero(p->objective, 1);
  mpfr_init2(zero, p->bits);
  for (size_t i = 0; i < PARTS; i++) {
    ridge_part *part = &w->part[i];

    evaluate_part(part, w->M);
    p->rank += fitted(w, i);
    spectra += fitted(w, i) > 0 ? 1 : 0;
    mpfr_mul_ui(zero, part->psi, part->multiplicity, MPFR_RNDN);
    mpfr_add(p->objective, p->objective, zero, MPFR_RNDN);
    mpfr_div_q(zero, part->scalar.m, part->ratio, MPFR_RNDN);
    mpfr_mul_ui(zero, zero, part->cut, MPFR_RNDN);
    mpfr_div_2ui(zero, zero, 1, MPFR_RNDN);
    mpfr_add(p->objective, p->objective, zero, MPFR_RNDN);
  }
  mpfr_clear(zero);
  status = ufm__prediction_spectra(p, spectra, error);
  if (status == UFM_OK)
    status = ufm__prediction_bias(p, error);
  if (status != UFM_OK)
    return status;
  first = mpfr_cmp(w->part[ONES].z, w->part[CENTRED].z) > 0 ? ONES : CENTRED;
  for (size_t k = 0; k < PARTS; k++) {
    size_t i = k == 0 ? first : PARTS - 1 - first;

    if (fitted(w, i) > 0)
      ufm__mse_singular_values(p, w->problem, s++, w->part[i].multiplicity,
                               w->part[i].z, w->part[i].base);
  }
  mpq_init(factor);
  mpq_set_ui(factor, 1, 1);
  mpq_add(factor, factor, w->lambda_b);
  mpfr_set_ui(p->bias[0], 1, MPFR_RNDN);
  if (w->part[ONES].multiplicity > 0)
    mpfr_set(p->bias[0], w->part[ONES].scalar.one_minus_t, MPFR_RNDN);
  mpfr_div_q(p->bias[0], p->bias[0], factor, MPFR_RNDN);
  mpfr_div_ui(p->bias[0], p->bias[0], w->K, MPFR_RNDN);
  mpq_clear(factor);
  return UFM_OK;
}

/* x (I - J/K) + y J/K; returns the bits the off-diagonal loses. */
static long fill_matrix(ufm_block_matrix *matrix, mpfr_srcptr x, mpfr_srcptr y,
                        size_t K)
{
  mpfr_exp_t size = mpfr_get_emin();
  mpfr_ptr block = matrix->block[0];

  mpfr_set(matrix->extra[0], x, MPFR_RNDN);
  mpfr_sub(block, y, x, MPFR_RNDN);
  mpfr_div_ui(block, block, K, MPFR_RNDN);
  if (!mpfr_zero_p(x))
    size = mpfr_get_exp(x);
  if (!mpfr_zero_p(y) && mpfr_get_exp(y) > size)
    size = mpfr_get_exp(y);
  if (size == mpfr_get_emin())
    return 0;
  size = mpfr_zero_p(block)
             ? UFM__MSE_MOST_LOST
             : size - mpfr_get_exp(block) - ufm__bit_length(K) + 2;
  return size < UFM__MSE_MOST_LOST ? (size > 0 ? size : 0) : UFM__MSE_MOST_LOST;
}

static ufm_status fill_grams(ufm_prediction *p, ridge_work *w, ufm_error *error)
{
  ufm_status status = ufm__prediction_grams(p, error);
  mpfr_t x[PARTS];
  long worst = 0;

  if (status != UFM_OK)
    return status;
  mpfr_inits2(p->bits, x[CENTRED], x[ONES], (mpfr_ptr)NULL);
  for (size_t f = 0; f < 3; f++) {
    ufm_block_matrix *matrix[] = {&p->gram_w, &p->gram_h, &p->logits};
    long lost;

    for (size_t i = 0; i < PARTS; i++) {
      const ridge_part *part = &w->part[i];

      mpfr_set_zero(x[i], 1);
      if (part->multiplicity == 0)
        continue;
      if (f == 0) {
        mpfr_div_q(x[i], part->base, ufm_problem_lambda_w(w->problem, w->M),
                   MPFR_RNDN);
      } else if (f == 1) {
        mpfr_div_q(x[i], part->base, ufm_problem_lambda_h(w->problem),
                   MPFR_RNDN);
        mpfr_div_ui(x[i], x[i], w->n, MPFR_RNDN);
      } else { /* z / sqrt(n) */
        mpfr_sqrt_ui(x[i], w->n, MPFR_RNDN);
        mpfr_div(x[i], part->z, x[i], MPFR_RNDN);
      }
    }
    lost = fill_matrix(matrix[f], x[CENTRED], x[ONES], w->K);
    worst = lost > worst ? lost : worst;
  }
  mpfr_clears(x[CENTRED], x[ONES], (mpfr_ptr)NULL);
  w->lost += worst;
  return UFM_OK;
}

static ufm_status fill(ufm_prediction *p, ridge_work *w, ufm_error *error)
{
  ufm_status status;
  size_t cut;

  for (size_t i = 0; i < PARTS; i++)
    solve_part(w, &w->part[i]);
  cut = cut_rank(w);
  status = fill_directions(p, w, error);
  if (status == UFM_OK)
    status = fill_values(p, w, error);
  if (status == UFM_OK &&
      (w->part[CENTRED].cut == 0 || w->part[CENTRED].multiplicity == 0))
    status = fill_grams(p, w, error);
  if (status != UFM_OK)
    return status;
  if (w->M == 1 && cut == 0) {
    p->claim = p->rank > 0 ? UFM_CLAIM_UNIQUE : UFM_CLAIM_ZERO;
    return UFM_OK;
  }
  p->claim = UFM_CLAIM_CANDIDATE;
  return ufm__prediction_note(
      p, error, "the best point with equal bias entries; %s",
      w->M > 1 ? "for depth above 1 no proof is known that the optimum is one"
               : "its rank is cut by the width, and then no proof is known "
                 "that the optimum is one");
}

static bool covers(const ufm_problem *problem, const char **reason)
{
  if (ufm_problem_loss(problem) != UFM_LOSS_MSE ||
      ufm_problem_bias(problem) != UFM_BIAS_RIDGE ||
      (ufm_problem_targets(problem) != UFM_TARGETS_ONEHOT &&
       ufm_problem_targets(problem) != UFM_TARGETS_SMOOTH))
    return false;
  if (ufm_problem_groups(problem)->G == 1)
    return true;
  *reason = "no closed form is known for a ridge bias and imbalanced counts";
  return false;
}

static ufm_status predict(ufm_prediction **out, const ufm_problem *problem,
                          const ufm_theorem *theorem, size_t digits,
                          ufm_error *error)
{
  mpfr_prec_t wanted = ufm__bits_for_digits(digits, ufm__mse_margin(problem));
  long room = 64;

  for (;;) {
    ufm_prediction *p;
    ridge_work w;
    ufm_status status =
        ufm__prediction_new(&p, problem, theorem, digits, wanted + room, error);
    long lost;

    *out = NULL;
    if (status != UFM_OK)
      return status;
    work_init(&w, problem, wanted + room);
    status = fill(p, &w, error);
    lost = w.lost;
    work_clear(&w);
    if (status == UFM_OK && lost <= room) {
      *out = p;
      return UFM_OK;
    }
    ufm_prediction_free(p);
    if (status != UFM_OK)
      return status;
    room = lost + 16;
  }
}

const ufm__theorem_rule ufm__theorem_mse_ridge = {
    .about = {.name = "mse-ridge",
              .covers = "MSE, ridge bias, balanced counts, one-hot or smoothed "
                        "labels: exact "
                        "for depth 1, else a candidate",
              .source = "derived here (doc/mathematics.md, section 5.4)"},
    .covers = covers,
    .predict = predict};
