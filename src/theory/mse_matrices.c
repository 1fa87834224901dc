/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gram matrices and logits of the MSE theorem (doc/mathematics.md, section 4).

   For a root mu_j let r_gj = 1/(n_g - mu_j) and V_j = sum_g q_g n_g r_gj^2.
   The singular vectors of the target and the features are, on group g,

     u_gj = (n_g r_gj - shift)/sqrt(mu_j V_j),   v_gj/sqrt(n_g) = r_gj/sqrt(V_j)

   (shift 0 for a free bias, e/(1 + e) for smoothing without bias), so every
   entry is built from A = sum_j a_j, S_g = sum_j a_j r_gj and

     C_gh = sum_j a_j r_gj r_hj = (S_g - S_h)/(n_h - n_g),  g != h:

   O(G^2) in all, where the plain sum over j would be O(G^3).  The bits this
   and the sums lose to cancellation are measured.  Derived here. */
#include <config.h>

#include <stdlib.h>

#include "core/error.h"
#include "theory/mse.h"
#include "theory/scalar.h"

/* Sums over the fitted roots for one family of coefficients a_j. */
typedef struct root_sums {
  mpfr_t total;       /* A */
  mpfr_t *first;      /* S_g */
  mpfr_t *second;     /* C_gg */
  mpfr_exp_t *size;   /* log2 of the terms of S_g, at least */
  mpfr_t coefficient; /* a_j of the root being added */
} root_sums;

enum { FAMILY_W, FAMILY_H, FAMILY_Z, FAMILIES };

typedef struct matrix_work {
  size_t G;
  size_t roots; /* fitted roots added so far */
  mpfr_t shift;
  root_sums family[FAMILIES];
  mpfr_t *r;      /* G */
  mpfr_t V, x, y; /* scratch */
} matrix_work;

static ufm_status work_init(matrix_work *w, size_t G, mpfr_prec_t bits,
                            mpq_srcptr shift, ufm_error *error)
{
  bool whole = true;

  *w = (matrix_work){.G = G, .r = ufm__mpfr_array_new(G, bits)};
  mpfr_inits2(bits, w->shift, w->V, w->x, w->y, (mpfr_ptr)NULL);
  mpfr_set_q(w->shift, shift, MPFR_RNDN);
  for (size_t f = 0; f < FAMILIES; f++) {
    root_sums *s = &w->family[f];

    mpfr_inits2(bits, s->total, s->coefficient, (mpfr_ptr)NULL);
    mpfr_set_zero(s->total, 1);
    s->first = ufm__mpfr_array_new(G, bits);
    s->second = ufm__mpfr_array_new(G, bits);
    s->size = calloc(G, sizeof *s->size);
    whole = whole && s->first != NULL && s->second != NULL && s->size != NULL;
  }
  return whole && w->r != NULL
             ? UFM_OK
             : ufm__no_memory(error, "sums over singular directions");
}

static void work_clear(matrix_work *w)
{
  for (size_t f = 0; f < FAMILIES; f++) {
    root_sums *s = &w->family[f];

    mpfr_clears(s->total, s->coefficient, (mpfr_ptr)NULL);
    ufm__mpfr_array_free(s->first, w->G);
    ufm__mpfr_array_free(s->second, w->G);
    free(s->size);
  }
  ufm__mpfr_array_free(w->r, w->G);
  mpfr_clears(w->shift, w->V, w->x, w->y, (mpfr_ptr)NULL);
}

/* Adds a fitted root: its a_j are base/(lambda_M mu V), base/(lambda_H V) and
   (1 - eps) t/V. */
static void add_root(matrix_work *w, const ufm_problem *problem,
                     const ufm__mse_plan *plan, const ufm__mse_values *values,
                     const ufm_direction *direction, size_t i)
{
  const ufm_groups *groups = plan->secular.groups;
  long slack = ufm__bit_length(w->G);

  mpfr_set_zero(w->V, 1);
  for (size_t g = 0; g < w->G; g++) {
    ufm__secular_gap(w->r[g], &plan->secular, g, &values->root[i]);
    mpfr_ui_div(w->r[g], 1, w->r[g], MPFR_RNDN);
    mpfr_sqr(w->x, w->r[g], MPFR_RNDN);
    mpfr_mul_ui(w->x, w->x, groups->size[g] * groups->count[g], MPFR_RNDN);
    mpfr_add(w->V, w->V, w->x, MPFR_RNDN);
  }
  mpfr_div(w->x, values->base[i], w->V, MPFR_RNDN);
  mpfr_div_q(w->family[FAMILY_H].coefficient, w->x,
             ufm_problem_lambda_h(problem), MPFR_RNDN);
  mpfr_div(w->x, w->x, values->mu[i], MPFR_RNDN);
  mpfr_div_q(w->family[FAMILY_W].coefficient, w->x,
             ufm_problem_lambda_w(problem, ufm_problem_depth(problem)),
             MPFR_RNDN);
  mpfr_mul_q(w->x, direction->t, plan->fit, MPFR_RNDN);
  mpfr_div(w->family[FAMILY_Z].coefficient, w->x, w->V, MPFR_RNDN);
  for (size_t f = 0; f < FAMILIES; f++) {
    root_sums *s = &w->family[f];

    mpfr_add(s->total, s->total, s->coefficient, MPFR_RNDN);
    for (size_t g = 0; g < w->G; g++) {
      mpfr_mul(w->x, s->coefficient, w->r[g], MPFR_RNDN);
      if (w->roots == 0 || mpfr_get_exp(w->x) + slack > s->size[g])
        s->size[g] = mpfr_get_exp(w->x) + slack;
      mpfr_add(s->first[g], s->first[g], w->x, MPFR_RNDN);
      mpfr_mul(w->x, w->x, w->r[g], MPFR_RNDN);
      mpfr_add(s->second[g], s->second[g], w->x, MPFR_RNDN);
    }
  }
  w->roots++;
}

/* entry += sign term, raising *size to the size of the term. */
static void add_term(mpfr_t entry, int sign, mpfr_srcptr term,
                     mpfr_exp_t term_size, mpfr_exp_t *size)
{
  if (sign > 0)
    mpfr_add(entry, entry, term, MPFR_RNDN);
  else
    mpfr_sub(entry, entry, term, MPFR_RNDN);
  *size = term_size > *size ? term_size : *size;
}

/* entry += a b C_gh, for integers a and b. */
static void add_cauchy(matrix_work *w, const root_sums *s, size_t g, size_t h,
                       const size_t *count, size_t a, size_t b, mpfr_t entry,
                       mpfr_exp_t *size)
{
  mpfr_exp_t term;

  if (g == h) {
    mpfr_set(w->x, s->second[g], MPFR_RNDN);
    term = mpfr_get_exp(w->x);
  } else {
    size_t lo = g < h ? g : h, hi = g < h ? h : g; /* count[lo] > count[hi] */

    mpfr_sub(w->x, s->first[hi], s->first[lo], MPFR_RNDN);
    mpfr_div_ui(w->x, w->x, count[lo] - count[hi], MPFR_RNDN);
    term = (s->size[g] > s->size[h] ? s->size[g] : s->size[h]) -
           ufm__bit_length(count[lo] - count[hi]) + 1;
  }
  mpfr_mul_ui(w->x, w->x, a, MPFR_RNDN);
  mpfr_mul_ui(w->x, w->x, b, MPFR_RNDN);
  term += ufm__bit_length(a) + ufm__bit_length(b);
  add_term(entry, 1, w->x, term, size);
}

/* entry -= shift b S_g */
static void add_shifted(matrix_work *w, const root_sums *s, size_t g, size_t b,
                        mpfr_t entry, mpfr_exp_t *size)
{
  mpfr_mul(w->x, w->shift, s->first[g], MPFR_RNDN);
  mpfr_mul_ui(w->x, w->x, b, MPFR_RNDN);
  add_term(entry, -1, w->x,
           s->size[g] + mpfr_get_exp(w->shift) + ufm__bit_length(b), size);
}

/* Bits the entry lost, against the size of its terms. */
static long lost_bits(mpfr_srcptr entry, mpfr_exp_t size)
{
  long lost =
      mpfr_zero_p(entry) ? UFM__MSE_MOST_LOST : size - mpfr_get_exp(entry);

  return lost < UFM__MSE_MOST_LOST ? lost : UFM__MSE_MOST_LOST;
}

/* The terms of the roots in entry (g, h) of matrix f: C_gh for features,
   n_g C_gh - shift S_h for logits, and for the classifier
   n_g n_h C_gh - shift (n_g S_g + n_h S_h) + shift^2 A. */
static void add_roots(matrix_work *w, size_t f, const size_t *count, size_t g,
                      size_t h, mpfr_t entry, mpfr_exp_t *size)
{
  const root_sums *s = &w->family[f];
  bool shifted = !mpfr_zero_p(w->shift);

  add_cauchy(w, s, g, h, count, f == FAMILY_H ? 1 : count[g],
             f == FAMILY_W ? count[h] : 1, entry, size);
  if (f == FAMILY_H || !shifted)
    return;
  add_shifted(w, s, h, f == FAMILY_W ? count[h] : 1, entry, size);
  if (f == FAMILY_W) {
    add_shifted(w, s, g, count[g], entry, size);
    mpfr_sqr(w->x, w->shift, MPFR_RNDN);
    mpfr_mul(w->x, w->x, s->total, MPFR_RNDN);
    add_term(entry, 1, w->x, mpfr_get_exp(w->x), size);
  }
}

/* value of a direction whose mu is the count of its group, in matrix f. */
static void group_value(matrix_work *w, size_t f, const ufm_problem *problem,
                        const ufm__mse_plan *plan,
                        const ufm__mse_values *values,
                        const ufm_direction *direction, size_t i)
{
  size_t M = ufm_problem_depth(problem), g = plan->direction[i].group;

  if (f == FAMILY_Z) {
    mpfr_mul_q(w->y, direction->t, plan->fit, MPFR_RNDN);
  } else if (f == FAMILY_W) {
    mpfr_div_q(w->y, values->base[i], ufm_problem_lambda_w(problem, M),
               MPFR_RNDN);
  } else {
    mpfr_div_q(w->y, values->base[i], ufm_problem_lambda_h(problem), MPFR_RNDN);
    mpfr_div_ui(w->y, w->y, plan->secular.groups->count[g], MPFR_RNDN);
  }
}

/* Fills matrix f: a direction on all classes of a group adds its value to the
   diagonal, one on centred vectors adds value (I - J/q); then come the roots.
   Returns the bits the worst entry loses. */
static long fill_matrix(ufm_block_matrix *matrix, matrix_work *w, size_t f,
                        const ufm_problem *problem, const ufm__mse_plan *plan,
                        const ufm__mse_values *values,
                        const ufm_direction *direction)
{
  const ufm_groups *groups = plan->secular.groups;
  long worst = 0;

  for (size_t i = 0; i < plan->n; i++) {
    const ufm__mse_direction *d = &plan->direction[i];

    if (mpfr_zero_p(direction[i].t) || d->kind == UFM__MSE_SECULAR)
      continue;
    group_value(w, f, problem, plan, values, &direction[i], i);
    mpfr_set(matrix->extra[d->group], w->y, MPFR_RNDN);
    if (d->kind == UFM__MSE_CENTRED) {
      mpfr_div_ui(w->y, w->y, groups->size[d->group], MPFR_RNDN);
      mpfr_neg(matrix->block[d->group * w->G + d->group], w->y, MPFR_RNDN);
    }
  }
  for (size_t g = 0; w->roots > 0 && g < w->G; g++)
    for (size_t h = f == FAMILY_Z ? 0 : g; h < w->G; h++) {
      mpfr_ptr entry = matrix->block[g * w->G + h];
      mpfr_exp_t size =
          mpfr_zero_p(entry) ? mpfr_get_emin() : mpfr_get_exp(entry);
      long lost;

      add_roots(w, f, groups->count, g, h, entry, &size);
      lost = lost_bits(entry, size);
      worst = lost > worst ? lost : worst;
      if (f != FAMILY_Z && h > g)
        mpfr_set(matrix->block[h * w->G + g], entry, MPFR_RNDN);
    }
  return worst;
}

ufm_status ufm__mse_matrices(ufm_prediction *p, const ufm_problem *problem,
                             const ufm__mse_plan *plan,
                             const ufm__mse_values *values, long *lost,
                             ufm_error *error)
{
  ufm_block_matrix *matrix[FAMILIES] = {[FAMILY_W] = &p->gram_w,
                                        [FAMILY_H] = &p->gram_h,
                                        [FAMILY_Z] = &p->logits};
  matrix_work w;
  ufm_status status = work_init(&w, p->groups->G, p->bits, plan->shift, error);

  *lost = 0;
  for (size_t i = 0; status == UFM_OK && i < plan->n; i++)
    if (plan->direction[i].kind == UFM__MSE_SECULAR &&
        !mpfr_zero_p(p->direction[i].t))
      add_root(&w, problem, plan, values, &p->direction[i], i);
  for (size_t f = 0; status == UFM_OK && f < FAMILIES; f++) {
    long worst =
        fill_matrix(matrix[f], &w, f, problem, plan, values, p->direction);

    *lost = worst > *lost ? worst : *lost;
  }
  work_clear(&w);
  return status;
}
