/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The problems of bench/solve. */
#ifndef UFM_BENCH_GRID_H
#define UFM_BENCH_GRID_H

#include <stdbool.h>
#include <stddef.h>

#include <ufm/ufm.h>

typedef struct grid_options {
  bool full;
  double budget;       /* processor seconds a run */
  const char *methods; /* names with semicolons between them, or NULL: all */
  const char *export;  /* folder, or NULL */
  char **names;        /* beginnings of names */
  int wanted;          /* how many; 0: all */
  size_t next;         /* problem */
} grid_options;

/* Cross entropy without bias: K classes, M factors of width d, counts 500, or
   500 to 5 exponentially, or half 500 and half 5; all lambda_W equal, lambda_H
   = lambda_W K/N. */
typedef struct grid_point {
  char name[64];
  size_t K, d, M;
  const char *counts; /* balanced, exp or step */
  const char *lambda_w;
  bool spectral; /* start */
} grid_point;

/* Exits with a message unless `status` is UFM_OK. */
void grid_must(ufm_status status, const ufm_error *error);

/* Reads the command line; exits with status 2 when it is wrong. */
void grid_read(grid_options *options, int argc, char **argv);

/* Whether a method is among those asked for. */
bool grid_method(const grid_options *options, const char *method);

/* The next problem that is wanted; false after the last. */
bool grid_next(grid_options *options, grid_point *point);

ufm_problem *grid_problem(const grid_point *point);

/* Writes FOLDER/NAME.json and the start as FOLDER/NAME.W1.npy and so on. */
void grid_export(const grid_options *options, const grid_point *point,
                 const ufm_problem *problem, const double *theta);

#endif
