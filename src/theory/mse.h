/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of the MSE theorem: what is decided exactly (the plan), and what
   is then evaluated at a working precision. */
#ifndef UFM_THEORY_MSE_H
#define UFM_THEORY_MSE_H

#include "theory/prediction.h"
#include "theory/secular.h"

/* Which singular vectors of the target a direction stands for. */
typedef enum ufm__mse_kind {
  UFM__MSE_CLASSES, /* every vector on the classes of the group; mu = n_g */
  UFM__MSE_CENTRED, /* those whose entries sum to 0; mu = n_g */
  UFM__MSE_SECULAR, /* one vector, constant on groups; mu is root `group` */
  UFM__MSE_ONES     /* the vector 1, which a free bias removes; mu = 0 */
} ufm__mse_kind;

typedef struct ufm__mse_direction {
  ufm__mse_kind kind;
  size_t group;
  size_t multiplicity;
  ufm_direction_state state;
} ufm__mse_direction;

/* The directions of a problem, by descending m = fit^2 mu, cut to the rank and
   with their states; all decisions are exact. */
typedef struct ufm__mse_plan {
  mpq_t fit;   /* 1 - eps */
  mpq_t shift; /* left singular vectors are n_g/(n_g - mu) - shift */
  ufm__secular secular;
  size_t n;
  ufm__mse_direction *direction;
  ufm_claim claim;
  size_t rank; /* of Z, the largest one if tied */
  bool grams;  /* false when the width cuts through equal directions */
} ufm__mse_plan;

/* True for MSE with one target per class, one-hot or smoothed. */
bool ufm__mse_labels(const ufm_problem *problem);

UFM_MUST_CHECK ufm_status ufm__mse_plan_init(ufm__mse_plan *plan,
                                             const ufm_problem *problem,
                                             mpfr_prec_t cap, ufm_error *error);
void ufm__mse_plan_clear(ufm__mse_plan *plan);

/* State of a direction from the sign of mu - theta, or UFM__UNDECIDED. */
ufm_direction_state ufm__mse_state(int sign, size_t M);

/* True for the states with t > 0 at the given depth. */
bool ufm__mse_fitted(ufm_direction_state state, size_t M);

/* Per direction of a plan, at a working precision. */
typedef struct ufm__mse_values {
  mpfr_t *mu;
  mpfr_t *base; /* (m/N) t (1-t) */
  ufm__secular_root *root;
} ufm__mse_values;

/* Fills the matrices of section 4, all 0 so far, from the directions.  *lost is
   the number of bits the worst entry loses to cancellation. */
UFM_MUST_CHECK ufm_status ufm__mse_matrices(ufm_prediction *p,
                                            const ufm_problem *problem,
                                            const ufm__mse_plan *plan,
                                            const ufm__mse_values *values,
                                            long *lost, ufm_error *error);

/* Value s of the spectra: z for Z, sqrt(base / lambda_f) for factor f. */
void ufm__mse_singular_values(ufm_prediction *p, const ufm_problem *problem,
                              size_t s, size_t multiplicity, mpfr_srcptr z,
                              mpfr_srcptr base);

/* t and 1 - t of a direction whose m, c and state are set.  Returns the bits
   t loses to cancellation. */
long ufm__mse_root(ufm_direction *direction, size_t M);

/* base = (m/N) t (1-t). */
void ufm__mse_base(mpfr_t base, const ufm_direction *direction,
                   mpq_srcptr ratio);

/* Bits that rounding may cost a prediction beside cancellation. */
mpfr_prec_t ufm__mse_margin(const ufm_problem *problem);

/* An entry of a matrix may be 0 without our knowing: cancellation is made good
   up to this many bits, beyond them the entry is small against its terms. */
enum { UFM__MSE_MOST_LOST = 1024 };

#endif
