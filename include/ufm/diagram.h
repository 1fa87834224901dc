/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * @file
 * Phase diagrams over the imbalance ratio and the scale of the penalties.
 *
 * A column of a diagram is one ratio of an exp or step profile, with all
 * boundaries along the scale: the thresholds of ufm_thresholds_enclose and,
 * when the spec has option bracket, the changes of ufm_phase_rank_changes.
 * Every boundary is a proved bracket.  Columns are halved where the boundaries
 * of neighbours are far apart or not the same ones.
 */
#ifndef UFM_DIAGRAM_H
#define UFM_DIAGRAM_H

#include <ufm/phase.h>
#include <ufm/problem.h>
#include <ufm/record.h>
#include <ufm/spec.h>
#include <ufm/status.h>
#include <ufm/sweep.h>
#include <ufm/thresholds.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Everything that is known of the boundaries of one problem along the scale.
 */
typedef struct ufm_boundaries {
  ufm_problem *problem;
  size_t digits;              /**< of the thresholds */
  ufm_thresholds *thresholds; /**< NULL when none is known */
  ufm_error no_thresholds;    /**< then why */
  ufm_rank_changes *changes;  /**< with option bracket, else NULL */
} ufm_boundaries;

/**
 * Finds them: the thresholds to as many digits as option digits says and, with
 * option bracket, the changes of the rank around the last threshold.  Errors:
 * those of ufm_spec_problem, ufm_thresholds_enclose and ufm_phase_rank_changes;
 * that no threshold is known is none.
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_boundaries_find(ufm_boundaries **out,
                                                      const ufm_spec *spec,
                                                      ufm_error *error);

/** Frees boundaries; NULL is allowed. */
UFM_API void ufm_boundaries_free(ufm_boundaries *boundaries);

/** The report of them; it points into `boundaries`. */
UFM_API ufm_report ufm_boundaries_report(const ufm_boundaries *boundaries);

/** Settings of a diagram; ufm_diagram_defaults fills them. */
typedef struct ufm_diagram_settings {
  double from, to;          /**< ratios, 1 <= from < to <= 16000; 1 and 100 */
  double step;              /**< columns are halved while a boundary moves by
                                 more than this factor minus 1; 0.01 to 10;
                                 0.25 */
  ufm_sweep_settings sweep; /**< mode, workers, time budget, progress */
} ufm_diagram_settings;

UFM_API ufm_diagram_settings ufm_diagram_defaults(void);

/**
 * Makes or goes on with the diagram of the family of `spec` (ufm_phase_new) in
 * the journal `path` (ufm_sweep_run describes journals): one record for each
 * column, with the keys `ratio` and `phase`.  Ratios are multiples of 1/64.  A
 * column is not halved when its neighbour has the same counts, or when the two
 * ratios differ by less than a factor 1 + step/64.
 *
 * The journal belongs to the family alone: resuming with other ratios or a
 * smaller step refines what is there.  The points of *out are
 * the columns in the end, kept those that were there before.  Errors: those of
 * ufm_phase_new and ufm_sweep_run; UFM_EINVAL for a family without a profile
 * that has a RATIO.
 */
UFM_API UFM_MUST_CHECK ufm_status
ufm_diagram_run(ufm_sweep_state *out, const ufm_spec *spec, const char *path,
                const ufm_diagram_settings *settings, ufm_error *error);

#ifdef __cplusplus
}
#endif

#endif
