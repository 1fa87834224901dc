/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * @file
 * One problem from its options to all that is found of it: point, closed form,
 * geometry, comparison, certificate.  What `ufm solve` reports, and what a
 * sweep records at each of its points.
 */
#ifndef UFM_FINDINGS_H
#define UFM_FINDINGS_H

#include <ufm/geometry.h>
#include <ufm/problem.h>
#include <ufm/record.h>
#include <ufm/solve.h>
#include <ufm/spec.h>
#include <ufm/status.h>
#include <ufm/theory.h>
#include <ufm/verify.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Digits of closed forms and of certificates when the spec has none, and the
    most it may ask for. */
enum { UFM_DIGITS = 30, UFM_PROOF_DIGITS = 50, UFM_DIGITS_MAX = 100000 };

/** All that was found; NULL where nothing was asked for or known. */
typedef struct ufm_findings {
  ufm_problem *problem;
  size_t digits, proof_digits; /**< of the closed form, of the certificate */
  ufm_solution *solution;
  ufm_prediction *prediction;
  ufm_geometry *geometry;
  ufm_comparison comparison;
  ufm_certificate *certificate; /**< with options verify, certificate, refute */
  ufm_error no_theory;          /**< why there is no prediction */
  ufm_error no_refutation;      /**< why option refute wrote nothing, or "" */
} ufm_findings;

/**
 * Minimises the problem of `spec`: fills problem, digits and solution.
 * `progress` (NULL allowed) is called as ufm_solve_settings says.  Errors:
 * those of ufm_findings_check and of ufm_solve.
 */
UFM_API UFM_MUST_CHECK ufm_status
ufm_findings_solve(ufm_findings **out, const ufm_spec *spec,
                   int (*progress)(const ufm_progress *progress, void *user),
                   void *user, ufm_error *error);

/**
 * Predicts, measures and compares the point that was found and, when the spec
 * says so, certifies it, writing the files of its options certificate and
 * refute.  That no theorem applies or no refutation exists is a finding, no
 * error.  Errors: those of ufm_theory_predict, ufm_geometry_measure,
 * ufm_compare, ufm_verify and ufm_certificate_write.
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_findings_complete(ufm_findings *findings,
                                                        const ufm_spec *spec,
                                                        ufm_error *error);

/** Checks what can be checked without solving: the problem, the settings of
 *  the solver and the number of digits.  UFM_EINVAL with the option. */
UFM_API UFM_MUST_CHECK ufm_status ufm_findings_check(const ufm_spec *spec,
                                                     ufm_error *error);

/** Frees findings; NULL is allowed. */
UFM_API void ufm_findings_free(ufm_findings *findings);

/** The report of them; it points into `findings`. */
UFM_API ufm_report ufm_findings_report(const ufm_findings *findings);

#ifdef __cplusplus
}
#endif

#endif
