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
 * of the point being any good.  Formulas: doc/certificates.md; file
 * format: doc/certificate-format.md.
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
#include <ufm/orbits.h>
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
    "tangents of the loss as a function of the nuclear norm")                  \
  X(UFM_PROOF_FRAME, "frame",                                                  \
    "an exactly feasible dual point, the classifier being fixed")              \
  X(UFM_PROOF_ORBITS, "orbits",                                                \
    "an exactly feasible dual point, by groups of interchangeable classes")

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
  mpfr_t *theta;    /**< layout order, with `columns` features; a fixed
                         classifier as m (I - J/K), of width K */
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
UFM_API UFM_MUST_CHECK ufm_status ufm_refine(ufm_refinement **out,
                                             const ufm_problem *problem,
                                             const double *theta, size_t digits,
                                             ufm_error *error);

/** Frees a refinement; NULL is allowed. */
UFM_API void ufm_refinement_free(ufm_refinement *refinement);

/** What stands behind a certificate; opaque. */
typedef struct ufm__proof ufm_proof;

/** Rigorous bounds of the global minimum, and what follows from them. */
typedef struct ufm_certificate {
  ufm_proof_status status;
  ufm_proof_kind kind; /**< of the lower bound */
  mpfr_prec_t bits;    /**< precision of the bounds */
  mpfr_t lower;        /**< <= F*; rounded down */
  mpfr_t upper;        /**< >= F(point); rounded up */
  mpfr_t gap;          /**< >= upper - lower */
  mpfr_t tolerance;    /**< largest gap that counts as proved */
  size_t columns;      /**< merged columns; of kind orbits SIZE_MAX if more */
  size_t notes;        /**< sentences on merging, width, ties, ... */
  char **note;
  /** Bounds of the rank of the optimal logits, when `ranked`. */
  bool ranked;
  size_t rank_lo, rank_hi;
  /** True when ufm_certificate_enclose has answers: depth 1, width at least
      rank_hi, and a gap small enough for every probability. */
  bool bars;
  mpfr_t cosine_error; /**< width of the widest enclosure of a cosine between
                            rows of W; NaN without bars or cosines */
  /** K: classes with the same number < K have exactly equal rows of W and equal
      features at every optimum; UFM_NO_LABEL for a class on its own.  NULL when
      nothing is known. */
  size_t *collapsed;
  /** Named candidates of balanced deep cross entropy with K >= 3, enclosed and
      compared (<ufm/families.h>); NULL for other problems. */
  struct ufm_families *families;
  ufm_proof *proof;
} ufm_certificate;

/**
 * Certifies a refined point: an enclosure of the global minimum, proved
 * with directed rounding and exact dual points.  `digits` (1 to 100000) sets
 * the tolerance: the status is proved when upper - lower <= 10^-digits upper.
 *
 * Depth 1: convex duality; proved whenever the point is a refined optimum and
 * the width is at least the rank of the optimum; below it bracketed, with a
 * lower bound from the problem without a rank limit (MSE without or with free
 * bias: proved at any width).  Depth >= 2: MSE without or with free bias
 * proved; CE with two classes proved; other CE and ridge bias bracketed.  A
 * fixed classifier: proved at any refined optimum.
 * A point far from any optimum gives a true but wide bracket.
 *
 * UFM_EINVAL: digits out of range, or the refinement is of another problem.
 * UFM_EINTERNAL: a contradiction was found (upper < lower), a bug.
 * Cost at depth 1: about 10 Cholesky factorisations of order min(K, J) and
 * O(K^2 J) interval operations.
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_certify(ufm_certificate **out,
                                              const ufm_problem *problem,
                                              const ufm_refinement *refinement,
                                              size_t digits, ufm_error *error);

/**
 * Refines theta and certifies it, with a second, finer refinement when the
 * first one missed the tolerance 10^-digits.  *refinement may be NULL; else it
 * receives the refined point (NULL when the status is refused).
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_verify(ufm_certificate **out,
                                             ufm_refinement **refinement,
                                             const ufm_problem *problem,
                                             const double *theta, size_t digits,
                                             ufm_error *error);

/**
 * The same for a point that treats interchangeable classes alike, of any
 * number of classes and columns; `refinement` then is in the order of
 * <ufm/orbits.h>.  The certificate is of kind orbits; its columns are numbered
 * as in ufm_orbits_column.  Cost with G groups and C orbits of columns: about
 * 10 Cholesky factorisations of order G, O(G^2 C) interval operations, and
 * O(G C r) MPFR operations for each step of the refinement.
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_verify_orbits(ufm_certificate **out,
                                                    ufm_refinement **refinement,
                                                    const ufm_problem *problem,
                                                    const ufm_orbits *orbits,
                                                    size_t digits,
                                                    ufm_error *error);

/** Frees a certificate; NULL is allowed. */
UFM_API void ufm_certificate_free(ufm_certificate *certificate);

/** Quantities of the optimum with error bars: X(enumerator, meaning). */
#define UFM_QUANTITY_LIST(X)                                                   \
  X(UFM_QUANTITY_PROBABILITY, "p_ij of class i in column j (ce), or the "      \
                              "output z_ij + b_i (mse)")                       \
  X(UFM_QUANTITY_LOGIT, "z_ij = w_i . h_j without bias")                       \
  X(UFM_QUANTITY_BIAS, "b_i (free bias of ce: the one with sum 0)")            \
  X(UFM_QUANTITY_GRAM_W, "w_i . w_j")                                          \
  X(UFM_QUANTITY_GRAM_H, "h_i . h_j")                                          \
  X(UFM_QUANTITY_NORM_W, "|w_i|")                                              \
  X(UFM_QUANTITY_NORM_H, "|h_i|")                                              \
  X(UFM_QUANTITY_COSINE_W, "cosine of rows i and j of W")                      \
  X(UFM_QUANTITY_COSINE_H, "cosine of features i and j")

#define UFM_ENUM_MEMBER(name, help) name,
typedef enum ufm_quantity { UFM_QUANTITY_LIST(UFM_ENUM_MEMBER) } ufm_quantity;
#undef UFM_ENUM_MEMBER

/**
 * Encloses a quantity of the global optimum: lo <= value <= hi, both
 * initialised by the caller and rounded outward to their precision.  Indices
 * from 0; classes for rows of W, merged columns for features; j is not looked
 * at where the quantity has one index.  UFM_EUNSUPPORTED without bars, or for
 * the cosine of a vector that may be 0; UFM_EINVAL for an index out of range.
 * O(J) or O(K) interval operations; O(C) or O(G) for kind orbits.
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_certificate_enclose(
    const ufm_certificate *certificate, ufm_quantity quantity, size_t i,
    size_t j, mpfr_t lo, mpfr_t hi, ufm_error *error);

/**
 * Writes the certificate as JSON (doc/certificate-format.md) for an independent
 * checker.  The file appears whole or not at all.  UFM_EIO names the file;
 * UFM_EUNSUPPORTED for status refused.
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_certificate_write(
    const ufm_certificate *certificate, const char *path, ufm_error *error);

/** Enclosure of a global minimum that needs no point. */
typedef struct ufm_optimum {
  mpfr_t lower, upper;
  size_t active;    /**< singular directions of the logits that are not 0 */
  size_t tied;      /**< exactly at their threshold: 0 is optimal too (for M = 1
                         the nonzero root is 0 as well) */
  size_t undecided; /**< too close to their threshold for this precision */
} ufm_optimum;

/**
 * Encloses the global minimum of an MSE problem without or with free bias, any
 * depth, widths and columns, to about `digits` digits (1 to 100000).  Any point
 * of any solver is within F(point) - lower of it.  UFM_EUNSUPPORTED for other
 * problems.  O(K^3) operations; thresholds are decided exactly for K <= 50.
 */
UFM_API UFM_MUST_CHECK ufm_status
ufm_optimum_enclose(ufm_optimum **out, const ufm_problem *problem,
                    size_t digits, ufm_error *error);

/** Frees an optimum; NULL is allowed. */
UFM_API void ufm_optimum_free(ufm_optimum *optimum);

#ifdef __cplusplus
}
#endif

#endif
