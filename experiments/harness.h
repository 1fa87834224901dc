/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every experiment shares: options, problems from option texts, the chain
   solve - predict - measure - compare, one JSON record per case, and the table

     claim | cases | worst deviation | verdict.

   A row is a published or derived claim.  A case supports it when its deviation
   is at most the row's tolerance.  The verdict of a row is `agrees` when all
   cases support it, else `refuted`; an experiment succeeds when every verdict
   is the expected one. */
#ifndef UFM_EXPERIMENTS_HARNESS_H
#define UFM_EXPERIMENTS_HARNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <ufm/ufm.h>

typedef struct experiment experiment;

/* Reads --quick, --full, --out DIR, --brief, --rows; exits on bad usage or when
   DIR cannot be made.  NAME.jsonl appears in DIR when the experiment finishes.
 */
experiment *experiment_begin(int argc, char **argv, const char *name,
                             const char *about);

/* True with --full: more cases, longer runs. */
bool experiment_full(const experiment *x);

/* Adds a row; returns its index.  `expected` is what the verdict should be. */
size_t experiment_claim(experiment *x, const char *claim, double tolerance,
                        ufm_verdict expected);

/* Adds a case to a row.  A NaN deviation never supports a claim. */
void experiment_case(experiment *x, size_t row, double deviation);

/* One problem and all that is known of it. */
typedef struct instance {
  ufm_problem *problem;
  ufm_solution *solution;
  ufm_prediction *prediction; /* NULL: no theorem; see reason */
  ufm_geometry *geometry;
  ufm_certificate *certificate; /* NULL unless proved by experiment_prove */
  ufm_comparison comparison;
  ufm_error reason;
} instance;

/* Builds the problem of a printf-like list of options, such as
   "loss=mse counts=4,2 lambda-W=1/%d", solves it with `starts` starts and the
   options among them (seed, start, method, tol, ...), predicts, measures,
   compares and records.  Any failure of the library ends the program. */
UFM_PRINTF(3, 4)
void experiment_solve(experiment *x, instance *out, const char *options, ...);

/* The same, and a certificate to `digits` digits; returns the seconds of the
   refinement and the certificate. */
UFM_PRINTF(4, 5)
double experiment_prove(experiment *x, instance *out, size_t digits,
                        const char *options, ...);

/* Only the problem and its prediction. */
UFM_PRINTF(3, 4)
void experiment_predict(experiment *x, instance *out, const char *options, ...);

/* How far the closed-form objective is outside the certified enclosure, in
   units of its upper end; NaN without either. */
double instance_outside(const instance *it);

void instance_clear(instance *instance);

/* A stream for a table of the experiment's own, printed before that of the
   claims; not with --rows. */
FILE *experiment_table(experiment *x);

/* A CSV file for a figure: NAME.csv in DIR when the experiment finishes, with a
   first line that names the command and this header; the numbers in it are the
   caller's.  Without --out they go nowhere. */
FILE *experiment_csv(experiment *x, const char *name, const char *header);

/* Prints the table, writes NAME.jsonl and the CSV files, frees x; the exit
   status of main. */
int experiment_end(experiment *x);

#endif
