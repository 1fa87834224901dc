/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grid of bench/solve: classes x width x counts x penalties x depth, after
   two problems whose costs have goals (bench/README.md). */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "grid.h"

static const size_t classes[] = {10, 100, 300, 1000};
static const char *const counts[] = {"balanced", "exp", "step"};
static const char *const lambdas[] = {"1e-5", "1e-3"}; /* weak, strong */
enum {
  GOALS = 4,
  CLASSES = 4,
  WIDTHS = 2,
  COUNTS = 3,
  LAMBDAS = 2,
  DEPTHS = 2,
  GRID = CLASSES * WIDTHS * COUNTS * LAMBDAS * DEPTHS
};

void grid_must(ufm_status status, const ufm_error *error)
{
  if (status == UFM_OK)
    return;
  fprintf(stderr, "solve: %s\n",
          error->text[0] != '\0' ? error->text : "out of memory");
  exit(3);
}

static void usage(void)
{
  fputs("usage: solve [--full] [--budget SECONDS] [--methods NAME;...] "
        "[--export FOLDER] [NAME...]\n",
        stderr);
  exit(2);
}

void grid_read(grid_options *o, int argc, char **argv)
{
  int i = 1;

  *o = (grid_options){.budget = 0.0};
  for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
    char *end;

    if (strcmp(argv[i], "--full") == 0) {
      o->full = true;
    } else if (strcmp(argv[i], "--budget") == 0 && i + 1 < argc) {
      o->budget = strtod(argv[++i], &end);
      if (*end != '\0' || !(o->budget > 0.0))
        usage();
    } else if (strcmp(argv[i], "--methods") == 0 && i + 1 < argc) {
      o->methods = argv[++i];
    } else if (strcmp(argv[i], "--export") == 0 && i + 1 < argc) {
      o->export = argv[++i];
    } else {
      usage();
    }
  }
  if (!(o->budget > 0.0))
    o->budget = o->full ? 60.0 : 5.0;
  o->names = argv + i;
  o->wanted = argc - i;
}

/* Problems 0 to GOALS-1: K = 100, d = 128 and K = 300, d = 320, each from both
   starts. */
static void goal(size_t index, grid_point *p)
{
  *p = (grid_point){.K = index < 2 ? 100 : 300,
                    .d = index < 2 ? 128 : 320,
                    .M = 1,
                    .counts = "exp",
                    .lambda_w = lambdas[0],
                    .spectral = index % 2 == 1};
  snprintf(p->name, sizeof p->name, "goal-k%zu-%s", p->K,
           p->spectral ? "spectral" : "random");
}

static void place(size_t index, grid_point *p)
{
  size_t strength;

  *p = (grid_point){.M = index % DEPTHS == 0 ? 1 : 3};
  index /= DEPTHS;
  strength = index % LAMBDAS;
  p->lambda_w = lambdas[strength];
  index /= LAMBDAS;
  p->counts = counts[index % COUNTS];
  index /= COUNTS;
  p->K = classes[index / WIDTHS];
  p->d = index % WIDTHS == 0 ? p->K / 4 : p->K + 20;
  snprintf(p->name, sizeof p->name, "k%zu-d%zu-%s-%s-m%zu", p->K, p->d,
           p->counts, strength == 0 ? "weak" : "strong", p->M);
}

/* What is run without --full: 10 classes, and a few of the 100s. */
static bool quick(const grid_point *p)
{
  return p->K == 10 || (p->K == 100 && strcmp(p->counts, "exp") == 0 &&
                        (strncmp(p->name, "goal", 4) == 0 || p->M == 1));
}

static bool wanted(const grid_options *o, const grid_point *p)
{
  for (int i = 0; i < o->wanted; i++)
    if (strncmp(p->name, o->names[i], strlen(o->names[i])) == 0)
      return true;
  return o->wanted == 0 && (o->full || quick(p));
}

bool grid_method(const grid_options *o, const char *method)
{
  size_t length = strlen(method);
  const char *at = o->methods;

  while (at != NULL && (at = strstr(at, method)) != NULL) {
    if ((at == o->methods || at[-1] == ';') &&
        (at[length] == '\0' || at[length] == ';'))
      return true;
    at += length;
  }
  return o->methods == NULL;
}

bool grid_next(grid_options *o, grid_point *p)
{
  while (o->next < GOALS + GRID) {
    size_t index = o->next++;

    if (index < GOALS)
      goal(index, p);
    else
      place(index - GOALS, p);
    if (wanted(o, p))
      return true;
  }
  return false;
}

static void set(ufm_spec *spec, const char *name, const char *value)
{
  ufm_error error = {{0}};

  grid_must(ufm_spec_set(spec, name, value, &error), &error);
}

ufm_problem *grid_problem(const grid_point *p)
{
  ufm_problem *problem = NULL;
  ufm_error error = {{0}};
  ufm_spec *spec = NULL;
  char text[96], lambdas_w[96];
  size_t N = 0;

  for (int pass = 0; pass < 2; pass++) { /* N first, then lambda_H = .. K/N */
    grid_must(ufm_spec_new(&spec, &error), &error);
    set(spec, "loss", "ce");
    if (strcmp(p->counts, "exp") == 0)
      snprintf(text, sizeof text, "exp:%zu:500:100", p->K);
    else
      snprintf(text, sizeof text, "step:%zu:500:%s:%zu", p->K,
               strcmp(p->counts, "step") == 0 ? "100" : "1", p->K / 2);
    set(spec, "profile", text);
    snprintf(text, sizeof text, "%zu", p->M);
    set(spec, "depth", text);
    snprintf(text, sizeof text, "%zu", p->d);
    set(spec, "width", text);
    snprintf(lambdas_w, sizeof lambdas_w, "1/%s",
             strcmp(p->lambda_w, "1e-5") == 0 ? "100000" : "1000");
    set(spec, "lambda-W", lambdas_w);
    snprintf(text, sizeof text, "%zu/%zu", p->K,
             (pass == 0 ? 1 : N) *
                 (strcmp(p->lambda_w, "1e-5") == 0 ? 100000 : 1000));
    set(spec, "lambda-H", text);
    grid_must(ufm_spec_problem(spec, &problem, &error), &error);
    ufm_spec_free(spec);
    if (pass == 0) {
      N = ufm_problem_samples(problem);
      ufm_problem_free(problem);
    }
  }
  return problem;
}

void grid_export(const grid_options *o, const grid_point *p,
                 const ufm_problem *problem, const double *theta)
{
  const size_t *n = ufm_problem_counts(problem);
  ufm_layout *layout = NULL;
  ufm_error error = {{0}};
  char path[4096];
  json_t *list = json_array(), *file;

  grid_must(ufm_layout_new(&layout, problem, &error), &error);
  snprintf(path, sizeof path, "%s/%s", o->export, p->name);
  grid_must(ufm_point_save(layout, theta, path, &error), &error);
  for (size_t k = 0; k < p->K; k++)
    json_array_append_new(list, json_integer((json_int_t)n[k]));
  file = json_pack("{ss, ss, sI, sI, sI, ss, ss, so}", "problem", p->name,
                   "start", p->spectral ? "spectral" : "random", "classes",
                   (json_int_t)p->K, "width", (json_int_t)p->d, "depth",
                   (json_int_t)p->M, "counts", p->counts, "lambda_W",
                   p->lambda_w, "samples", list);
  snprintf(path, sizeof path, "%s/%s.json", o->export, p->name);
  if (json_dump_file(file, path, 0) != 0) {
    perror(path);
    exit(3);
  }
  json_decref(file);
  ufm_layout_free(layout);
}
