/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The columns that a journal has already. */
#include <config.h>

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <ufm/thresholds.h>

#include "phase/diagram.h"
#include "phase/fail.h"

static void add_curve(ufm__column *c, double at, unsigned kind)
{
  if (c->curves == UFM__CURVES)
    return;
  c->at[c->curves] = at;
  c->kind[c->curves++] = kind;
}

/* The number of a change by name. */
static unsigned change_kind(const char *name)
{
#define TEXT(name, text, help) text,
  static const char *const names[] = {UFM_CHANGE_LIST(TEXT)};
#undef TEXT
  unsigned i = 0;

  while (i < sizeof names / sizeof *names &&
         (name == NULL || strcmp(name, names[i]) != 0))
    i++;
  return i;
}

/* Thresholds of the same change keep their order as the ratio grows. */
static void read_thresholds(ufm__column *c, const json_t *list)
{
  size_t i;
  const json_t *t;

  json_array_foreach(list, i, t)
  {
    const char *at = json_string_value(json_object_get(t, "lower"));

    if (at != NULL)
      add_curve(c, strtod(at, NULL),
                change_kind(json_string_value(json_object_get(t, "change"))));
  }
}

static void read_changes(ufm__column *c, const json_t *list)
{
  size_t i;
  const json_t *t;

  json_array_foreach(list, i, t)
  {
    json_int_t from = json_integer_value(json_object_get(t, "from"));
    json_int_t to = json_integer_value(json_object_get(t, "to"));

    add_curve(c, json_number_value(json_object_get(t, "lower")),
              1000U + 1000U * (unsigned)from + (unsigned)to);
  }
}

/* Counts that are equal give the same number; by accident alone others do. */
static unsigned long long read_counts(const json_t *list)
{
  uint64_t sum = 0;
  size_t i;
  const json_t *n;

  json_array_foreach(list, i, n) sum =
      (sum ^ (uint64_t)json_integer_value(n)) * UINT64_C(0x100000001b3);
  return sum;
}

static void read_record(ufm__column *c, const json_t *record)
{
  const json_t *phase = json_object_get(record, "phase");
  const char *status = json_string_value(json_object_get(record, "status"));

  *c = (ufm__column){
      .number = (size_t)json_integer_value(json_object_get(record, "index")),
      .done = status != NULL && strcmp(status, "done") == 0};
  c->counts = read_counts(
      json_object_get(json_object_get(record, "problem"), "counts"));
  read_thresholds(c, json_object_get(phase, "thresholds"));
  read_changes(c, json_object_get(phase, "rank_changes"));
}

static ufm__column *add_column(ufm__diagram *d)
{
  if (d->count == d->room) {
    size_t room = 2 * d->room + 64;
    ufm__column *larger = realloc(d->column, room * sizeof *larger);

    if (larger == NULL)
      return NULL;
    d->column = larger;
    d->room = room;
  }
  return &d->column[d->count++];
}

static int by_number(const void *a, const void *b)
{
  const ufm__column *x = a, *y = b;

  return (x->number > y->number) - (x->number < y->number);
}

ufm_status ufm__diagram_read(ufm__diagram *d, const char *path,
                             ufm_error *error)
{
  FILE *stream = fopen(path, "r");
  char *text = NULL;
  size_t room = 0;
  ssize_t length;
  ufm_status status = UFM_OK;

  *d = (ufm__diagram){0};
  if (stream == NULL)
    return errno == ENOENT
               ? UFM_OK
               : ufm__phase_fail(error, UFM_EIO, "%.300s: cannot open: %s",
                                 path, strerror(errno));
  while (status == UFM_OK && (length = getline(&text, &room, stream)) > 0) {
    json_t *record = json_loadb(text, (size_t)length, 0, NULL);
    ufm__column *c = record != NULL ? add_column(d) : NULL;

    /* what is torn or foreign is for the journal to judge */
    if (c != NULL)
      read_record(c, record);
    else if (record != NULL)
      status = ufm__phase_fail(error, UFM_ENOMEM, "phase: out of memory");
    json_decref(record);
  }
  free(text);
  fclose(stream);
  if (d->count > 0)
    qsort(d->column, d->count, sizeof *d->column, by_number);
  return status;
}

void ufm__diagram_clear(ufm__diagram *d)
{
  free(d->column);
  *d = (ufm__diagram){0};
}
