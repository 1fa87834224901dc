/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CE, depth M >= 2, balanced one-hot: exact for K = 2, the best of the named
   candidates for K >= 3 (doc/mathematics.md, section 7). */
#include <config.h>

#include "core/error.h"
#include "theory/ce_deep.h"
#include "theory/ce_family.h"
#include "theory/ce_output.h"
#include "theory/ce_threshold.h"
#include "theory/theorem.h"

enum {
  GUARD_BITS = 64,
  /* How far past the digits asked for a threshold is pursued. */
  UNDECIDED_BITS = 1024
};

/* A prediction being made: the problem's exact numbers and its families. */
typedef struct work {
  const ufm_problem *problem;
  unsigned long L;
  mpq_t weight;      /* n Lam */
  ufm__ce_side side; /* of the lower bound LB1, which is F for K = 2 */
  size_t families;
  ufm__ce_family family[UFM__CE_FAMILIES];
} work;

static bool covers(const ufm_problem *problem, const char **reason)
{
  if (!ufm__ce_labels(problem) || ufm_problem_depth(problem) == 1)
    return false;
  if (!ufm__ce_balanced(problem)) {
    *reason = "no closed form is known for imbalanced counts";
    return false;
  }
  if (!ufm__ce_onehot(problem)) {
    *reason = "label smoothing is covered at depth 1 only";
    return false;
  }
  return true;
}

/* out = weight (steps/2)^2: with G = rank out^{1/L} a family's objective is
   phi(a) + (L/2) G a^{2/L}. */
static void family_weight(mpq_srcptr weight, size_t steps, mpq_t out)
{
  mpq_set(out, weight);
  mpz_mul_ui(mpq_numref(out), mpq_numref(out), steps);
  mpz_mul_ui(mpq_numref(out), mpq_numref(out), steps);
  mpq_canonicalize(out);
  mpq_div_2exp(out, out, 2);
}

ufm_status ufm__ce_lower_bound(const ufm_problem *problem, mpfr_ptr bound,
                               ufm_error *error)
{
  size_t K = ufm_problem_classes(problem);
  ufm__ce_family etf = ufm__ce_etf(K);
  bool found;
  ufm_status status;
  mpq_t weight;
  mpfr_t a, zero;

  mpq_init(weight);
  mpfr_inits2(mpfr_get_prec(bound), a, zero, (mpfr_ptr)NULL);
  ufm__ce_weight(problem, weight);
  family_weight(weight, 2 * (K - 1), weight);
  mpfr_log_ui(zero, K, MPFR_RNDN);
  status = ufm__ce_minimum(&etf.loss, ufm_problem_depth(problem) + 1, 1, weight,
                           a, bound, &found, error);
  if (status == UFM_OK && (!found || mpfr_greater_p(bound, zero)))
    mpfr_set(bound, zero, MPFR_RNDN);
  mpfr_clears(a, zero, (mpfr_ptr)NULL);
  mpq_clear(weight);
  return status;
}

/* The best point of one family: scale 0 when that is Z = 0. */
static ufm_status solve_family(const work *w, const ufm__ce_family *family,
                               ufm_candidate *c, ufm_error *error)
{
  size_t K = ufm_problem_classes(w->problem);
  bool found = false;
  ufm_status status = UFM_OK;
  mpq_t weight;
  mpfr_t zero;

  mpq_init(weight);
  mpfr_init2(zero, mpfr_get_prec(c->objective));
  mpfr_log_ui(zero, K, MPFR_RNDN);
  family_weight(w->weight, family->half_steps, weight);
  if (w->side != UFM__CE_ZERO)
    status = ufm__ce_minimum(&family->loss, w->L, family->rank, weight,
                             c->scale, c->objective, &found, error);
  if (K > 2)
    found = found && mpfr_less_p(c->objective, zero);
  else if (status == UFM_OK && w->side == UFM__CE_NONZERO && !found)
    status = ufm__fail(error, UFM_EINTERNAL,
                       "ce: no scale found below a proved threshold");
  c->family = family->name;
  c->scaled = true;
  c->rank = found ? family->rank : 0;
  if (found) {
    mpfr_sqrt_ui(c->singular_value, ufm_problem_counts(w->problem)[0],
                 MPFR_RNDN);
    mpfr_mul(c->singular_value, c->singular_value, c->scale, MPFR_RNDN);
    mpfr_mul_ui(c->singular_value, c->singular_value, family->half_steps,
                MPFR_RNDN);
    mpfr_div_2ui(c->singular_value, c->singular_value, 1, MPFR_RNDN);
  } else {
    mpfr_set_zero(c->scale, 1);
    mpfr_set_zero(c->singular_value, 1);
    mpfr_set(c->objective, zero, MPFR_RNDN);
  }
  mpfr_clear(zero);
  mpq_clear(weight);
  return status;
}

/* Best first; equal objectives stay in order (zero, then the families).  For
   K = 2 the better one is proved and rounding has no say. */
static bool better(const work *w, const ufm_candidate *a,
                   const ufm_candidate *b)
{
  if (ufm_problem_classes(w->problem) == 2)
    return a->rank > b->rank;
  return mpfr_less_p(a->objective, b->objective);
}

static void sort_candidates(ufm_prediction *p, const work *w)
{
  for (size_t i = 1; i < p->candidates; i++)
    for (size_t j = i;
         j > 0 && better(w, &p->candidate[j], &p->candidate[j - 1]); j--) {
      ufm_candidate swap = p->candidate[j];

      p->candidate[j] = p->candidate[j - 1];
      p->candidate[j - 1] = swap;
    }
}

static ufm_status compare_families(ufm_prediction *p, const work *w,
                                   ufm_error *error)
{
  ufm_status status = ufm__prediction_candidates(p, w->families + 1, error);

  if (status != UFM_OK)
    return status;
  p->candidate[0].family = "zero";
  p->candidate[0].rank = 0;
  p->candidate[0].scaled = false;
  mpfr_set_zero(p->candidate[0].scale, 1);
  mpfr_set_zero(p->candidate[0].singular_value, 1);
  mpfr_log_ui(p->candidate[0].objective, p->K, MPFR_RNDN);
  for (size_t i = 0; i < w->families && status == UFM_OK; i++)
    status = solve_family(w, &w->family[i], &p->candidate[i + 1], error);
  if (status == UFM_OK)
    sort_candidates(p, w);
  return status;
}

/* The family a candidate belongs to; NULL for the zero point. */
static const ufm__ce_family *family_of(const work *w, const ufm_candidate *c)
{
  for (size_t i = 0; i < w->families; i++)
    if (c->rank > 0 && c->family == w->family[i].name)
      return &w->family[i];
  return NULL;
}

/* Spectra, matrices and bias of the candidate the prediction is about. */
static ufm_status describe(ufm_prediction *p, const work *w,
                           const ufm_candidate *c, ufm_error *error)
{
  const ufm__ce_family *family = family_of(w, c);
  ufm_status status = UFM_OK;

  if (family != NULL)
    status = ufm__ce_spectra(p, w->problem, c->rank, c->singular_value, error);
  if (status == UFM_OK && p->claim != UFM_CLAIM_TIE_UNDECIDED &&
      (family == NULL || family->symmetric))
    status = ufm__ce_etf_grams(p, family != NULL ? c->scale : NULL, error);
  if (status == UFM_OK && (family == NULL || family->bias_is_zero))
    status = ufm__ce_zero_bias(p, w->problem, error);
  return status;
}

/* K = 2: the ETF with its best scale is optimal, by symmetry and a scalar
   minimisation (section 7.4).  A tie of a rational weight with the threshold
   cannot be told from a near miss by enclosures, so `tie` is never claimed. */
static ufm_status conclude_binary(ufm_prediction *p, const work *w,
                                  ufm_error *error)
{
  ufm_status status = UFM_OK;

  p->source = "derived here (doc/mathematics.md, section 7.4)";
  p->claim = w->side == UFM__CE_ZERO ? UFM_CLAIM_ZERO : UFM_CLAIM_UNIQUE;
  if (w->side == UFM__CE_UNDECIDED) {
    p->claim = UFM_CLAIM_TIE_UNDECIDED;
    status = ufm__prediction_note(p, error,
                                  "the ETF described and zero have objectives "
                                  "equal to %zu digits and more",
                                  p->digits);
  }
  return status == UFM_OK ? describe(p, w, &p->candidate[0], error) : status;
}

static ufm_status conclude(ufm_prediction *p, const work *w, ufm_error *error)
{
  const ufm_candidate *best = &p->candidate[0];
  bool etf_fits = w->family[0].symmetric;
  ufm_status status;
  mpfr_t bound;

  if (w->side == UFM__CE_ZERO) {
    p->claim = UFM_CLAIM_ZERO;
    p->source = "derived here (doc/mathematics.md, section 7.3)";
    return describe(p, w, best, error);
  }
  p->claim = UFM_CLAIM_CANDIDATE;
  mpfr_init2(bound, p->bits);
  status = ufm__ce_lower_bound(w->problem, bound, error);
  if (status == UFM_OK) {
    char lower[32];

    mpfr_snprintf(lower, sizeof lower, "%.6RDg", bound);
    status = ufm__prediction_note(
        p, error,
        "no proof: the simplex ETF is not globally optimal in general at depth "
        ">= 2%s; best of %zu candidates is %s, rank %zu; the optimum is at "
        "least %s",
        etf_fits ? "" : " and does not fit the widths", p->candidates,
        best->family, best->rank, lower);
  }
  mpfr_clear(bound);
  return status == UFM_OK ? describe(p, w, best, error) : status;
}

static ufm_status predict(ufm_prediction **out, const ufm_problem *problem,
                          const ufm_theorem *theorem, size_t digits,
                          ufm_error *error)
{
  work w = {.problem = problem, .L = ufm_problem_depth(problem) + 1};
  mpfr_prec_t bits = ufm__bits_for_digits(digits, GUARD_BITS);
  size_t K = ufm_problem_classes(problem);
  ufm_prediction *p = NULL;
  ufm_status status;
  mpq_t bound;

  *out = NULL;
  mpq_inits(w.weight, bound, (mpq_ptr)NULL);
  ufm__ce_weight(problem, w.weight);
  family_weight(w.weight, 2 * (K - 1), bound);
  w.side = ufm__ce_zero_test(K, w.L, bound, bits + UNDECIDED_BITS);
  w.families = ufm__ce_families(problem, w.family);
  status = ufm__prediction_new(&p, problem, theorem, digits, bits, error);
  if (status == UFM_OK)
    status = compare_families(p, &w, error);
  if (status == UFM_OK) {
    mpfr_set(p->objective, p->candidate[0].objective, MPFR_RNDN);
    status = K == 2 ? conclude_binary(p, &w, error) : conclude(p, &w, error);
  }
  mpq_clears(w.weight, bound, (mpq_ptr)NULL);
  if (status != UFM_OK) {
    ufm_prediction_free(p);
    return status;
  }
  *out = p;
  return UFM_OK;
}

const ufm__theorem_rule ufm__theorem_ce_deep = {
    .about = {.name = "ce-deep-balanced",
              .covers =
                  "CE, depth at least 2, balanced counts, one-hot, any bias "
                  "and widths: "
                  "exact for 2 classes, else the best of named candidates",
              .source =
                  "derived here (doc/mathematics.md, sections 7.1 and 7.2)"},
    .covers = covers,
    .predict = predict};
