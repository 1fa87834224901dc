/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * @file
 * Proved comparison of the named candidates of balanced deep cross entropy.
 *
 * For cross entropy of depth M >= 2 with one-hot targets, equal counts and bias
 * none or free, no global optimum is known for K >= 3; several families of
 * logits (simplex ETF, hypercube, orthoplex, line, two classes apart) compete,
 * each with its own best scale.  Here the least objective of each family is
 * enclosed in intervals, so that "the simplex ETF is not globally optimal" is
 * proved by two disjoint enclosures.
 *
 * Formulas: doc/mathematics.md, section 7.2; the proof of a minimum over the
 * scale: section 7.5.
 */
#ifndef UFM_FAMILIES_H
#define UFM_FAMILIES_H

#include <stdbool.h>
#include <stddef.h>

#include <mpfr.h>

#include <ufm/problem.h>
#include <ufm/status.h>
#include <ufm/verify.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The least objective of one family over its scales a >= 0. */
typedef struct ufm_family {
  const char *name; /**< "etf", "hypercube", "orthoplex", "line", "partial", or
                         "zero"; static */
  bool zero;        /**< the scale found is 0: the zero point, log K */
  size_t rank;      /**< of the logits at that scale; 0 when zero */
  mpfr_t lower, upper; /**< lower <= least objective <= upper, proved */
  bool located;        /**< every best scale lies in [scale_lo, scale_hi] */
  mpfr_t scale_lo, scale_hi; /**< NaN when not located */
} ufm_family;

/** The families whose rank fits the widths, ascending in `upper`; the zero
    point is one of them, last among equals. */
typedef struct ufm_families {
  size_t count;
  ufm_family *at;
  bool decided; /**< at[0] is proved less than all others */
} ufm_families;

/**
 * Encloses the candidates to about `digits` digits (1 to 100000).
 * UFM_EUNSUPPORTED when the problem has no families: other losses, depth 1,
 * K < 3 (proved otherwise), ridge bias, unequal counts, soft targets.
 * Cost: some hundred interval evaluations of each family, O(1) terms each,
 * O(K^2) for the line.
 */
UFM_API UFM_MUST_CHECK ufm_status
ufm_families_enclose(ufm_families **out, const ufm_problem *problem,
                     size_t digits, ufm_error *error);

/** The family of that name, or NULL when it does not fit. */
UFM_API const ufm_family *ufm_families_find(const ufm_families *families,
                                            const char *name);

/** Frees families; NULL is allowed. */
UFM_API void ufm_families_free(ufm_families *families);

/** True when the point of the certificate, or the best scale of another family,
    is proved better than every scale of `family`, one of its families. */
UFM_API bool ufm_certificate_refutes(const ufm_certificate *certificate,
                                     const ufm_family *family);

/**
 * Writes the proof that no simplex ETF is a global optimum of the problem,
 * because the point of the certificate is better (kind "refutation" of
 * doc/certificate-format.md).  The file appears whole or not at all.
 * UFM_EUNSUPPORTED: the ETF does not fit the widths, the certificate has no
 * families, or its point is not proved better than the best ETF (the message
 * has both values).  UFM_EIO names the file.
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_refutation_write(
    const ufm_certificate *certificate, const char *path, ufm_error *error);

#ifdef __cplusplus
}
#endif

#endif
