/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * @file
 * Minimising the objective from one or many starts, in double precision.
 *
 * Everything runs in balanced variables (ufm/objective.h).  The stop test is
 * the relative gradient
 *
 *   |grad F| / max(|grad of the loss|, |grad of the penalties|, floor),
 *
 * all in balanced variables, with floor = 1e-3 sqrt(2 kappa F(0)): a thousandth
 * of the largest penalty gradient a point no worse than 0 can have.  The floor
 * decides only near the zero solution, where all parts vanish.
 */
#ifndef UFM_SOLVE_H
#define UFM_SOLVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ufm/layout.h>
#include <ufm/objective.h>
#include <ufm/orbits.h>
#include <ufm/problem.h>
#include <ufm/spec.h>
#include <ufm/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Why a run ended: X(enumerator, name, meaning). */
#define UFM_TERMINATION_LIST(X)                                                \
  X(UFM_TERMINATION_GRADIENT, "gradient",                                      \
    "the relative gradient reached the tolerance")                             \
  X(UFM_TERMINATION_ROUNDOFF, "roundoff",                                      \
    "no better point can be told apart in double precision")                   \
  X(UFM_TERMINATION_STALLED, "stalled",                                        \
    "the method found no better point although one should exist")              \
  X(UFM_TERMINATION_ITERATIONS, "iterations", "the iteration limit")           \
  X(UFM_TERMINATION_INTERRUPTED, "interrupted", "the caller asked to stop")    \
  X(UFM_TERMINATION_FAILED, "failed", "the objective or gradient overflowed")

/** Where runs start: X(enumerator, name, meaning). */
#define UFM_START_LIST(X)                                                      \
  X(UFM_START_AUTO, "auto",                                                    \
    "random; where minima compete, codes and homotopies by turns from the "    \
    "second start on")                                                         \
  X(UFM_START_RANDOM, "random", "random factors of the natural size")          \
  X(UFM_START_SPECTRAL, "spectral",                                            \
    "singular vectors of the gradient at zero, plus a small random part")      \
  X(UFM_START_THEORY, "theory", "the closed form, where there is one")         \
  X(UFM_START_CODES, "codes",                                                  \
    "spherical codes, constructed and by repulsion, with class swaps")         \
  X(UFM_START_HOMOTOPY, "homotopy",                                            \
    "minima followed from strong and from weak penalties, with class swaps")   \
  X(UFM_START_FILE, "file", "a saved point")

#define UFM_ENUM_MEMBER(name, text, help) name,
typedef enum ufm_termination {
  UFM_TERMINATION_LIST(UFM_ENUM_MEMBER)
} ufm_termination;
typedef enum ufm_start { UFM_START_LIST(UFM_ENUM_MEMBER) } ufm_start;
#undef UFM_ENUM_MEMBER

/** Names ("roundoff", "random") and meanings; static strings. */
UFM_API const char *ufm_termination_name(ufm_termination termination);
UFM_API const char *ufm_termination_meaning(ufm_termination termination);
UFM_API const char *ufm_start_name(ufm_start start);

/** A minimisation method, known by name. */
typedef struct ufm_method {
  const char *name;
  const char *summary; /**< one line */
} ufm_method;

/** The methods of this build; ends with name NULL.  The first is the default.*/
UFM_API const ufm_method *ufm_method_list(void);

/** What a progress callback is told: after every iteration; with several
    processes after every run, and every 0.1 s without news (both NaN). */
typedef struct ufm_progress {
  size_t start;     /**< index of the start, from 0 */
  size_t iteration; /**< of this start */
  double objective, relative_gradient;
} ufm_progress;

/** Class swaps after starts of kind codes and homotopy, and of kind auto from
    the second on where minima compete; at most 20 K trials. */
#define UFM_SWAPS_AUTO ((size_t)-1)

/** Settings of a solve; ufm_solve_defaults fills them. */
typedef struct ufm_solve_settings {
  const char *method;     /**< a name from ufm_method_list */
  double tol;             /**< relative gradient; in (0, 1); 1e-10 */
  size_t max_iter;        /**< per start, at least 1; 10000 */
  size_t starts;          /**< at least 1; 1 */
  size_t jobs;            /**< processes, 1 to 1024; 1 */
  size_t swaps;           /**< minimisations after class swaps, per start;
                               UFM_SWAPS_AUTO */
  uint64_t seed;          /**< of the random starts; 0 */
  ufm_start start;        /**< UFM_START_AUTO */
  const char *start_file; /**< prefix of a saved point, for UFM_START_FILE */
  int (*progress)(const ufm_progress *progress, void *user); /**< or NULL;
                                non-zero stops, and what was found is kept */
  void *user;
} ufm_solve_settings;

UFM_API ufm_solve_settings ufm_solve_defaults(void);

/**
 * Overrides the settings that `spec` has options for (method, tol, max-iter,
 * starts, jobs, swaps, seed, start).  The texts stay those of the spec, which
 * must outlive the settings.  UFM_EINVAL with the option that is wrong.
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_solve_settings_read(
    ufm_solve_settings *settings, const ufm_spec *spec, ufm_error *error);

/** How one start ended. */
typedef struct ufm_run {
  size_t index;       /**< of this start, and of its random stream */
  ufm_start start;    /**< kind of this start; never auto */
  const char *detail; /**< "24-cell", "weak penalties"; static, or NULL */
  const char *used; /**< minimizers that ran: "lbfgs", "lbfgs+newton"; static */
  ufm_termination termination;
  const char *why;  /**< what Newton says when it makes no progress; or NULL */
  double objective; /**< NaN when the run failed before its first value */
  double gradient_norm; /**< in balanced variables */
  double relative_gradient;
  size_t swaps; /**< exchanges of two classes that were kept */
  size_t iterations;
  ufm_evaluations evaluations;
  double seconds;
} ufm_run;

/** Runs that ended at one value. */
typedef struct ufm_level {
  double objective; /**< the least of them */
  size_t count;     /**< how many */
  size_t first;     /**< the first: run[first] */
} ufm_level;

/** The best point over all starts, and how every start ended. */
typedef struct ufm_solution {
  const char *method;
  const char
      *used; /**< minimizers of the best run; NULL: those of the method */
  ufm_start start;
  uint64_t seed;
  ufm_layout *layout;
  double *theta;      /**< the point, in plain variables */
  ufm_orbits *orbits; /**< instead of layout and theta, which are NULL then,
                           for a reduced problem (<ufm/reduce.h>); else NULL */
  double objective;   /**< F(theta), by compensated sums */
  size_t starts;      /**< runs that took place */
  size_t hits;        /**< runs within 1e-9 |objective| of it */
  bool interrupted;   /**< the caller stopped it; later starts are missing */
  size_t best;        /**< the run theta is from: run[best] */
  size_t levels;      /**< distinct values of the runs that converged */
  ufm_level *level;   /**< ascending; neighbours differ by more than 1e-9 */
  ufm_run *run;       /**< starts entries, ascending in index; a failed run
                           stands here too */
  double seconds;     /**< from the first start to the last, by the clock */
} ufm_solution;

/**
 * Minimises F.  Run i uses random stream (seed, i) and depends on the problem,
 * the settings, seed and i alone, not on the number of starts or processes;
 * the best run is the first of those with the least objective.
 *
 * Kinds of starts (doc/multistart.md).  theory and file: the first run, the
 * others are random.  codes: even runs start from the codes that fit the
 * widths, best first, odd ones (and all others then) from codes by repulsion.
 * homotopy: even runs come from strong penalties, odd ones from weak.  auto:
 * random; when cross entropy is deep or has a width below K - 1, runs 1, 5, 9,
 * ... are codes, 2, 3, 6, 7, ... homotopies.
 *
 * With jobs > 1 runs are spread over that many child processes (fork); the
 * caller's progress function is then told of runs that ended, about ten times a
 * second at least, and never called in a child.
 *
 * A run that fails is recorded and the others go on; the status is UFM_ENAN
 * when all fail, UFM_EINTERNAL when a child process ends before its run does.
 * Errors: UFM_EINVAL for bad settings, also when no theorem gives the start
 * asked for or a saved point cannot be read; what ufm_objective_new returns.
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_solve(ufm_solution **out,
                                            const ufm_problem *problem,
                                            const ufm_solve_settings *settings,
                                            ufm_error *error);

/** Frees a solution; NULL is allowed. */
UFM_API void ufm_solution_free(ufm_solution *solution);

#ifdef __cplusplus
}
#endif

#endif
