/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the lines of bench/solve and bench/peers.py and prints what they say:

     profile FILE...         a table: evaluations and seconds to 1e-4, 1e-8
                             and 1e-12
     profile --plot FILE...  performance profiles (Dolan and More, Math.
                             Program. 91, 2002) as CSV: the part of the
                             problems that a method solves within a factor of
                             the fastest, one column for each

   and, after the table, by what factor `auto` is faster than each method to the
   last decade that method reaches: geometric mean and least over the problems
   from one start. */
#include <config.h>

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

enum { MOST = 4096, TOLERANCES = 3, DECADES = 12 };

static const int decade[TOLERANCES] = {4, 8, 12};

/* One line; NaN: not reached. */
typedef struct entry {
  const char *problem, *method;
  double seconds[DECADES], evaluations[DECADES], best;
  double fastest[TOLERANCES]; /* of all methods on the problem */
  json_t *line;
} entry;

static entry entries[MOST];
static size_t count;

static void fail(const char *path, const char *what)
{
  fprintf(stderr, "profile: %s: %s\n", path, what);
  exit(2);
}

static void numbers(json_t *line, const char *key, double *out,
                    const char *path)
{
  json_t *list = json_object_get(line, key);

  if (json_array_size(list) != DECADES)
    fail(path, "a line without its twelve decades");
  for (size_t i = 0; i < DECADES; i++) {
    json_t *value = json_array_get(list, i);

    out[i] = json_is_number(value) ? json_number_value(value) : (double)NAN;
  }
}

static void read_file(const char *path)
{
  FILE *f = fopen(path, "r");
  json_error_t error;

  if (f == NULL)
    fail(path, "cannot be read");
  for (;;) {
    entry *e = &entries[count];
    json_t *line;
    int c;

    while ((c = getc(f)) == '\n')
      ;
    if (c == EOF)
      break;
    ungetc(c, f);
    line = json_loadf(f, JSON_DISABLE_EOF_CHECK, &error);
    if (line == NULL)
      fail(path, error.text);
    if (count == MOST)
      fail(path, "too many lines");
    e->line = line;
    e->problem = json_string_value(json_object_get(line, "problem"));
    e->method = json_string_value(json_object_get(line, "method"));
    e->best =
        json_number_value(json_object_get(line, "best_relative_gradient"));
    if (e->problem == NULL || e->method == NULL)
      fail(path, "a line without problem or method");
    numbers(line, "seconds", e->seconds, path);
    numbers(line, "evaluations", e->evaluations, path);
    count++;
  }
  fclose(f);
}

static void cell(double value, int digits)
{
  if (isnan(value))
    printf(" %9s", "-");
  else
    printf(" %9.*f", digits, value);
}

static void table(void)
{
  const char *before = "";

  for (size_t i = 0; i < count; i++) {
    const entry *e = &entries[i];

    if (strcmp(before, e->problem) != 0)
      printf(
          "%s%s\n  %-30s %29s %31s\n  %-30s %9s %9s %9s  %9s %9s %9s  best\n",
          i > 0 ? "\n" : "", e->problem, "", "evaluations to", "seconds to", "",
          "1e-4", "1e-8", "1e-12", "1e-4", "1e-8", "1e-12");
    before = e->problem;
    printf("  %-30s", e->method);
    for (int t = 0; t < TOLERANCES; t++)
      cell(e->evaluations[decade[t] - 1], 0);
    putchar(' ');
    for (int t = 0; t < TOLERANCES; t++)
      cell(e->seconds[decade[t] - 1], 4);
    printf("  %.1e\n", e->best);
  }
}

static const entry *find(const char *problem, const char *method)
{
  for (size_t i = 0; i < count; i++)
    if (strcmp(entries[i].problem, problem) == 0 &&
        strcmp(entries[i].method, method) == 0)
      return &entries[i];
  return NULL;
}

static bool first_of_method(size_t i)
{
  for (size_t k = 0; k < i; k++)
    if (strcmp(entries[k].method, entries[i].method) == 0)
      return false;
  return true;
}

/* Over the problems where the method reached a decade, and auto did too. */
static void factors(const char *method)
{
  double sum = 0.0, least = HUGE_VAL;
  int n = 0, beyond = 0;

  for (size_t i = 0; i < count; i++) {
    const entry *e = &entries[i], *ours = find(e->problem, "auto");
    int last = DECADES;
    double factor;

    if (strcmp(e->method, method) != 0 || ours == NULL)
      continue;
    while (last > 0 && isnan(e->seconds[last - 1]))
      last--;
    if (last == 0 || isnan(ours->seconds[last - 1])) {
      beyond++;
      continue;
    }
    factor = e->seconds[last - 1] / ours->seconds[last - 1];
    sum += log(factor);
    least = fmin(least, factor);
    n++;
  }
  if (n > 0)
    printf("  %-30s %9.2f %9.2f %6d %6d\n", method, exp(sum / n), least, n,
           beyond);
  else
    printf("  %-30s %9s %9s %6d %6d\n", method, "-", "-", 0, beyond);
}

/* Seconds of the fastest method on a problem; NaN when none solved it. */
static double fastest(const char *problem, int t)
{
  double least = (double)NAN;

  for (size_t i = 0; i < count; i++)
    if (strcmp(entries[i].problem, problem) == 0)
      least = fmin(least, entries[i].seconds[decade[t] - 1]);
  return least;
}

/* Part of a method's problems that it solves within `factor` of the fastest. */
static double solved(const char *method, int t, double factor)
{
  int solved = 0, problems = 0;

  for (size_t i = 0; i < count; i++) {
    const entry *e = &entries[i];

    if (strcmp(e->method, method) != 0)
      continue;
    problems++;
    solved +=
        e->seconds[decade[t] - 1] <= factor * e->fastest[t] * (1.0 + 1e-12);
  }
  return (double)solved / problems;
}

/* A name as the head of a column: without commas. */
static void heading(const char *method, int t)
{
  putchar(',');
  for (const char *c = method; *c != '\0'; c++)
    if (*c != ',')
      putchar(*c);
  printf(" 1e-%d", decade[t]);
}

static void plot(void)
{
  enum { STEPS = 40 };

  for (size_t i = 0; i < count; i++)
    for (int t = 0; t < TOLERANCES; t++)
      entries[i].fastest[t] = fastest(entries[i].problem, t);
  printf("factor");
  for (int t = 0; t < TOLERANCES; t++)
    for (size_t m = 0; m < count; m++)
      if (first_of_method(m))
        heading(entries[m].method, t);
  for (int step = 0; step <= STEPS; step++) {
    double factor = pow(2.0, step / 4.0);

    printf("\n%.4g", factor);
    for (int t = 0; t < TOLERANCES; t++)
      for (size_t m = 0; m < count; m++)
        if (first_of_method(m))
          printf(",%.4f", solved(entries[m].method, t, factor));
  }
  putchar('\n');
}

int main(int argc, char **argv)
{
  bool curves = argc > 1 && strcmp(argv[1], "--plot") == 0;

  if (argc < (curves ? 3 : 2)) {
    fputs("usage: profile [--plot] FILE...\n", stderr);
    return 2;
  }
  for (int i = curves ? 2 : 1; i < argc; i++)
    read_file(argv[i]);
  if (curves) {
    plot();
  } else {
    table();
    printf("\n  %-30s %9s %9s %6s %6s\n", "auto is faster than", "mean",
           "least", "cases", "none");
    for (size_t i = 0; i < count; i++)
      if (first_of_method(i))
        factors(entries[i].method);
  }
  for (size_t i = 0; i < count; i++)
    json_decref(entries[i].line);
  return 0;
}
