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

#include <ufm/spec.h>
#include <ufm/status.h>
#include <ufm/sweep.h>

#ifdef __cplusplus
extern "C" {
#endif

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
