/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * @file
 * Phases of the global optimum: the rank of its logits, proved point by point,
 * where it changes along the scale of the penalties, and maps over scale and
 * imbalance ratio.
 *
 * A point is a problem whose lambda_W and lambda_H are the given ones times a
 * scale s, and whose profile has a given imbalance ratio.  Its rank is
 * enclosed: from the scalar problems for squared error (ufm_optimum_enclose),
 * from a solve and its certificate (ufm_verify) otherwise.
 */
#ifndef UFM_PHASE_H
#define UFM_PHASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <ufm/spec.h>
#include <ufm/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The rank of the logits of every global optimum: lo <= rank <= hi, proved.
    At a tie (a jump of deep squared error) hi is the larger of the ranks. */
typedef struct ufm_phase_rank {
  size_t lo, hi;
} ufm_phase_rank;

/** Evaluates points of one family of problems; opaque. */
typedef struct ufm_phase ufm_phase;

/**
 * Prepares the family of a spec: problem options, of which lambda-W and
 * lambda-H are the direction of the penalties, and solve options (default
 * start: spectral).  UFM_EINVAL for what ufm_spec_problem refuses.
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_phase_new(ufm_phase **out,
                                                const ufm_spec *spec,
                                                ufm_error *error);

/** Frees it; NULL is allowed. */
UFM_API void ufm_phase_free(ufm_phase *phase);

/** The imbalance ratio that is used for `ratio`: the nearest multiple of 1/64.
 */
UFM_API double ufm_phase_ratio(double ratio);

/**
 * The rank at scale > 0 and, when ratio is not 0, with the RATIO of the exp or
 * step profile replaced by ufm_phase_ratio(ratio), 1 to 16000.  A rank that
 * cannot be proved has lo < hi; with no proof at all it is [0, K].  UFM_EINVAL
 * for a ratio without such a profile.  Cost: one solve and at most three
 * certificates.
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_phase_evaluate(ufm_phase *phase,
                                                     double scale, double ratio,
                                                     ufm_phase_rank *out,
                                                     ufm_error *error);

/** A bracket of scales: at `lower` the rank is at least `from`, at `upper` it
    is at most `to` < from, both proved.  That nothing else happens in between
    is not. */
typedef struct ufm_rank_change {
  double lower, upper;
  size_t from, to;
  bool reached; /**< upper <= (1 + tolerance) lower; false when the ranks in
                     between could not be decided */
} ufm_rank_change;

/** The brackets found, ascending. */
typedef struct ufm_rank_changes {
  size_t count;
  ufm_rank_change *at;
  size_t evaluations; /**< points evaluated */
} ufm_rank_changes;

/**
 * Brackets every change of the rank between full rank and 0 by bisection,
 * starting around scale `start` > 0, to the relative width `tolerance` (1e-12
 * to 1).  About K log2(4/tolerance) evaluations, fewer when changes coincide.
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_phase_rank_changes(ufm_rank_changes **out,
                                                         ufm_phase *phase,
                                                         double start,
                                                         double tolerance,
                                                         ufm_error *error);

/** Frees changes; NULL is allowed. */
UFM_API void ufm_rank_changes_free(ufm_rank_changes *changes);

#ifdef __cplusplus
}
#endif

#endif
