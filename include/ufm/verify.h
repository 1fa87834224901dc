/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * @file
 * Multiprecision refinement of points, and proofs of global optimality.
 *
 * A point of any solver is refined to many digits (*refined*: correct by
 * working precision) and then certified (*proved*): an enclosure
 *
 *     lower <= F* <= F(point) <= upper
 *
 * of the global minimum F*, computed with directed rounding and exactly
 * feasible dual points, independent of every other part of the library and
 * of the point being any good.  Formulas: the certificates chapter of
 * doc/mathematics.md; file format: doc/certificate-format.md.
 *
 * Equal columns are merged first (their features averaged with their weights),
 * which never raises the objective; results are in terms of merged columns.
 */
#ifndef UFM_VERIFY_H
#define UFM_VERIFY_H

#include <stdbool.h>
#include <stddef.h>

#include <mpfr.h>

#include <ufm/layout.h>
#include <ufm/problem.h>
#include <ufm/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Why a refinement ended: X(enumerator, name, meaning). */
#define UFM_REFINEMENT_END_LIST(X)                                             \
  X(UFM_REFINEMENT_REACHED, "reached", "the digits asked for")                 \
  X(UFM_REFINEMENT_STALLED, "stalled",                                         \
    "three steps without progress: the minimum is singular, or the start is "  \
    "far from any")                                                            \
  X(UFM_REFINEMENT_INDEFINITE, "indefinite",                                   \
    "negative curvature: the start is not near a minimum")                     \
  X(UFM_REFINEMENT_STEPS, "steps", "the limit of steps")

/** What a certificate establishes: X(enumerator, name, meaning). */
#define UFM_PROOF_STATUS_LIST(X)                                               \
  X(UFM_PROOF_PROVED, "proved",                                                \
    "global optimum: upper - lower is at most the tolerance")                  \
  X(UFM_PROOF_BRACKETED, "bracketed",                                          \
    "lower and upper are rigorous but further apart than the tolerance")       \
  X(UFM_PROOF_REFUSED, "refused", "no enclosure; the note says why")

/** How a lower bound is proved: X(enumerator, name, meaning). */
#define UFM_PROOF_KIND_LIST(X)                                                 \
  X(UFM_PROOF_DUAL, "dual", "an exactly feasible point of the convex dual")    \
  X(UFM_PROOF_SPECTRAL, "spectral", "decoupled singular directions (MSE)")     \
  X(UFM_PROOF_ENVELOPE, "envelope",                                            \
    "tangents of the loss as a function of the nuclear norm")

#define UFM_ENUM_MEMBER(name, text, help) name,
typedef enum ufm_refinement_end {
  UFM_REFINEMENT_END_LIST(UFM_ENUM_MEMBER)
} ufm_refinement_end;
typedef enum ufm_proof_status {
  UFM_PROOF_STATUS_LIST(UFM_ENUM_MEMBER)
} ufm_proof_status;
typedef enum ufm_proof_kind {
  UFM_PROOF_KIND_LIST(UFM_ENUM_MEMBER)
} ufm_proof_kind;
#undef UFM_ENUM_MEMBER

/** Names ("reached", "proved", "spectral"); static strings. */
UFM_API const char *ufm_refinement_end_name(ufm_refinement_end end);
UFM_API const char *ufm_proof_status_name(ufm_proof_status status);
UFM_API const char *ufm_proof_kind_name(ufm_proof_kind kind);

/** A point in multiprecision. */
typedef struct ufm_refinement {
  ufm_refinement_end end;
  double digits; /**< -log10(|gradient| / kappa), kappa = Lam^{1/L}, in balanced
                      variables; may be negative */
  size_t steps;
  double *trace;    /**< steps + 1: digits at the start and after each step */
  mpfr_prec_t bits; /**< precision of theta */
  size_t columns;   /**< merged columns; fewer than those of the problem when
                         equal columns were merged */
  size_t size;      /**< length of theta */
  mpfr_t *theta;    /**< layout order, with `columns` features */
} ufm_refinement;

/**
 * Refines the double point theta to `digits` significant digits (1 to 100000)
 * by Newton steps: residual in MPFR, system in double precision by conjugate
 * gradients, about 13 digits per step near a regular minimum.  The result is
 * *a* stationary point near theta; only a certificate makes it global.
 *
 * Not reaching `digits` is no error: `end` and `digits` of the result say what
 * was reached.  UFM_ENAN when theta is not finite; UFM_EINVAL for digits out of
 * range; UFM_ENOMEM, UFM_ERANGE.
 * Cost per step: O(J sum_m d_m d_{m+1}) MPFR operations and some hundred
 * gradients in double precision.
 */
UFM_API UFM_MUST_CHECK ufm_status
ufm_refine(ufm_refinement **out, const ufm_problem *problem,
           const double *theta, size_t digits, ufm_error *error);

/** Frees a refinement; NULL is allowed. */
UFM_API void ufm_refinement_free(ufm_refinement *refinement);

#ifdef __cplusplus
}
#endif

#endif
