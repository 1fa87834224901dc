/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * @file
 * Sweeps: the findings at every point of a grid, by several processes, into a
 * journal that survives anything.  doc/sweep.md describes file formats.
 */
#ifndef UFM_SWEEP_H
#define UFM_SWEEP_H

#include <stdbool.h>
#include <stddef.h>

#include <ufm/grid.h>
#include <ufm/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What to do with a journal that exists already. */
typedef enum ufm_sweep_mode {
  UFM_SWEEP_NEW,    /**< refuse, unless it is empty */
  UFM_SWEEP_RESUME, /**< keep its records and do the points that have none */
  UFM_SWEEP_FORCE   /**< begin again */
} ufm_sweep_mode;

/** How far a sweep is. */
typedef struct ufm_sweep_state {
  size_t points;   /**< of the grid, or of the shard */
  size_t kept;     /**< had a record when the sweep began */
  size_t done;     /**< records of this run by status */
  size_t failed;   /**< with status failed */
  size_t crashed;  /**< with status crashed */
  size_t troubled; /**< records in the journal, old or new, that are not done */
  double seconds;  /**< since it began */
  bool interrupted; /**< by the callback */
  bool out_of_time; /**< points are left because of the time budget */
} ufm_sweep_state;

/** Settings of a sweep; ufm_sweep_defaults fills them. */
typedef struct ufm_sweep_settings {
  ufm_sweep_mode mode;  /**< UFM_SWEEP_NEW */
  size_t workers;       /**< processes, 1 to 4096; 1 */
  size_t shard, shards; /**< 1 <= shard <= shards: only points whose index is
                             shard - 1 modulo shards; 1, 1 */
  double time_budget; /**< seconds after which no point is begun; 0: no limit */
  int (*progress)(const ufm_sweep_state *state, void *user); /**< or NULL; ten
                           times a second at least; non-zero stops the sweep,
                           and every record that was finished is kept */
  void *user;
} ufm_sweep_settings;

UFM_API ufm_sweep_settings ufm_sweep_defaults(void);

/**
 * Checks every point of the grid as far as this goes without solving
 * (ufm_findings_check).  UFM_EINVAL names the first point that is wrong.
 * O(points).
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_sweep_check(const ufm_grid *grid,
                                                  ufm_error *error);

/**
 * Finds what there is to find at the points of the grid and keeps one record of
 * each ("ufm-record-1" with the keys of ufm_place) in the file `path`.
 *
 * The file is a journal: records are appended as they come, so that the death
 * of any process at any moment loses at most the points being computed, and
 * synced to the disk at once or after 50 ms at most.  It is sorted by index
 * when it is complete. Apart from measured seconds the records do not depend on
 * the number of workers.  A point that fails gives a record with the reason; so
 * does one whose process dies, and another process takes its place.
 *
 * The points are computed in processes made by fork, each with one BLAS thread.
 * A caller who wants a full disk or a file size limit reported, and not to be
 * killed, ignores SIGXFSZ.
 *
 * UFM_EINVAL: the file exists (mode new), has records of another grid (resume)
 * or is no journal; bad settings.  UFM_EIO: it cannot be written or is in use
 * by another sweep; records written before are intact.  UFM_ENOMEM: no memory,
 * or no process can be made.
 */
UFM_API UFM_MUST_CHECK ufm_status
ufm_sweep_run(ufm_sweep_state *out, const ufm_grid *grid, const char *path,
              const ufm_sweep_settings *settings, ufm_error *error);

#ifdef __cplusplus
}
#endif

#endif
