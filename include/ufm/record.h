/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * @file
 * What was found, for people and for programs: a comparison of a computed point
 * with a closed form, one JSON record, one text report.
 */
#ifndef UFM_RECORD_H
#define UFM_RECORD_H

#include <stdio.h>

#include <ufm/geometry.h>
#include <ufm/grid.h>
#include <ufm/phase.h>
#include <ufm/problem.h>
#include <ufm/solve.h>
#include <ufm/status.h>
#include <ufm/theory.h>
#include <ufm/thresholds.h>
#include <ufm/verify.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Does the computed point agree with the closed form?
 *  X(enumerator, name, meaning). */
#define UFM_VERDICT_LIST(X)                                                    \
  X(UFM_VERDICT_AGREES, "agrees", "objectives are equal to 1e-9 relative")     \
  X(UFM_VERDICT_REFUTED, "refuted",                                            \
    "the computed point is better than the closed form")                       \
  X(UFM_VERDICT_NOT_REACHED, "not-reached",                                    \
    "the computed point is worse than the closed form: a local minimum or an " \
    "unfinished run")                                                          \
  X(UFM_VERDICT_NO_THEOREM, "no-theorem", "no closed form covers the problem")

#define UFM_ENUM_MEMBER(name, text, help) name,
typedef enum ufm_verdict { UFM_VERDICT_LIST(UFM_ENUM_MEMBER) } ufm_verdict;
#undef UFM_ENUM_MEMBER

UFM_API const char *ufm_verdict_name(ufm_verdict verdict);
UFM_API const char *ufm_verdict_meaning(ufm_verdict verdict);

/** A computed point against a closed form; NaN where nothing is determined. */
typedef struct ufm_comparison {
  double objective_error;      /**< (computed - closed form) / |closed form| */
  double singular_value_error; /**< largest over Z and all factors of the
                                    largest difference, relative to the largest
                                    singular value of that matrix */
  double gram_error; /**< larger of the relative Frobenius errors of W W^T and
                          of the class means' H^T H */
  ufm_verdict verdict;
} ufm_comparison;

/**
 * Compares.  `prediction` may be NULL (verdict no-theorem).  The verdict rests
 * on objectives alone: below the closed form by more than 1e-12 relative is
 * refuted, above it by more than 1e-9 is not-reached.  Spectra are not compared
 * for ties, Grams only where the theorem determines them.  Grams are compared
 * up to K = 4096, O(K^2 d); of a reduced solution always, O(G^2 r).
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_compare(ufm_comparison *out,
                                              const ufm_problem *problem,
                                              const ufm_solution *solution,
                                              const ufm_geometry *geometry,
                                              const ufm_prediction *prediction,
                                              ufm_error *error);

/** How a point of a sweep ended: X(enumerator, name, meaning). */
#define UFM_POINT_LIST(X)                                                      \
  X(UFM_POINT_DONE, "done", "computed; the record says with what result")      \
  X(UFM_POINT_FAILED, "failed", "refused or not computable; the reason says")  \
  X(UFM_POINT_CRASHED, "crashed",                                              \
    "its process died or ran out of memory or disk; --resume tries it again")

#define UFM_ENUM_MEMBER(name, text, help) name,
typedef enum ufm_point_status {
  UFM_POINT_LIST(UFM_ENUM_MEMBER)
} ufm_point_status;
#undef UFM_ENUM_MEMBER

/** Names ("crashed") and meanings; static strings. */
UFM_API const char *ufm_point_status_name(ufm_point_status status);
UFM_API const char *ufm_point_status_meaning(ufm_point_status status);

/** The place of a record in a sweep or in a phase diagram. */
typedef struct ufm_place {
  const char *hash; /**< ufm_grid_hash or ufm_spec_hash */
  size_t index;
  const ufm_grid *grid; /**< NULL outside of sweeps */
  double ratio; /**< imbalance ratio of a column, 0 outside of diagrams */
  const ufm_spec *spec; /**< of the point */
  ufm_point_status status;
  const char *reason; /**< of a status other than done, else NULL */
  double seconds;     /**< wall time of the point; NaN when it crashed */
} ufm_place;

/** What is reported; everything but the problem may be NULL, and that too when
 *  there is a place. */
typedef struct ufm_report {
  const ufm_place *place;
  const ufm_problem *problem;
  const ufm_solution *solution;
  const ufm_geometry *geometry;
  const ufm_prediction *prediction;
  const char *no_theory; /**< why there is no prediction */
  const ufm_comparison *comparison;
  const ufm_certificate *certificate;
  const ufm_thresholds *thresholds;
  const char *no_thresholds; /**< why there are none */
  const ufm_rank_changes *rank_changes;
  size_t digits; /**< shown of thresholds */
} ufm_report;

/** Writes one JSON object ("format": "ufm-record-1") and a newline.  Matrices
 *  over classes appear up to K = 64.  UFM_EIO when the stream fails. */
UFM_API UFM_MUST_CHECK ufm_status
ufm_report_write_json(const ufm_report *report, FILE *stream, ufm_error *error);

/** The same as a text of *length bytes, the caller's to free; NULL when memory
 *  ran out. */
UFM_API char *ufm_report_line(const ufm_report *report, size_t *length);

/** Writes a report to be read by people. */
UFM_API UFM_MUST_CHECK ufm_status
ufm_report_write_text(const ufm_report *report, FILE *stream, ufm_error *error);

#ifdef __cplusplus
}
#endif

#endif
