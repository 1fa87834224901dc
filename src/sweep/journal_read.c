/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading the file of an earlier run. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <unistd.h>

#include <ufm/record.h>

#include "sweep/fail.h"
#include "sweep/journal.h"

/* What a line has to say. */
typedef struct entry {
  size_t index;
  ufm_point_status status;
} entry;

/* False when the name is none of the list. */
static bool status_by_name(const char *name, ufm_point_status *status)
{
#define VALUE(value, text, help) value,
  static const ufm_point_status all[] = {UFM_POINT_LIST(VALUE)};
#undef VALUE

  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (strcmp(name, ufm_point_status_name(all[i])) == 0) {
      *status = all[i];
      return true;
    }
  return false;
}

static ufm_status read_record(const ufm__journal *j, size_t line,
                              const json_t *record, entry *out,
                              ufm_error *error)
{
  const char *hash = json_string_value(json_object_get(record, "spec_hash"));
  const char *name = json_string_value(json_object_get(record, "status"));
  const json_t *index = json_object_get(record, "index");

  if (hash == NULL || name == NULL || !json_is_integer(index))
    return ufm__sweep_fail(error, UFM_EINVAL,
                           "%.300s:%zu: not a record of a sweep", j->path,
                           line);
  if (strcmp(hash, j->tasks->hash) != 0)
    return ufm__sweep_fail(error, UFM_EINVAL,
                           "%.300s:%zu: a record of another specification (got "
                           "spec_hash %.20s, want %s)",
                           j->path, line, hash, j->tasks->hash);
  out->index = (size_t)json_integer_value(index);
  if (json_integer_value(index) < 0 || out->index >= j->tasks->size ||
      !status_by_name(name, &out->status))
    return ufm__sweep_fail(error, UFM_EINVAL,
                           "%.300s:%zu: index or status out of range", j->path,
                           line);
  return UFM_OK;
}

static ufm_status read_line(ufm__journal *j, size_t line, const char *text,
                            size_t length, bool *record, ufm_error *error)
{
  json_t *root = json_loadb(text, length, 0, NULL);
  entry e = {0};
  ufm_status status = UFM_OK;

  *record = root != NULL;
  if (root != NULL)
    status = read_record(j, line, root, &e, error);
  if (root != NULL && status == UFM_OK)
    status = ufm__journal_enter(j, e.index, e.status, j->end, length, error);
  json_decref(root);
  return status;
}

/* Only the last line may be torn: it was being written when the run ended. */
static ufm_status read_lines(ufm__journal *j, FILE *stream, ufm_error *error)
{
  char *text = NULL;
  size_t room = 0, line = 0, torn = 0;
  ssize_t length;
  ufm_status status = UFM_OK;

  while (status == UFM_OK && (length = getline(&text, &room, stream)) > 0) {
    bool record = false;

    line++;
    if (torn > 0)
      status = ufm__sweep_fail(error, UFM_EINVAL, "%.300s:%zu: not a record",
                               j->path, torn);
    else if (text[length - 1] == '\n')
      status = read_line(j, line, text, (size_t)length, &record, error);
    if (record)
      j->end += length;
    else
      torn = line;
  }
  if (status == UFM_OK && ferror(stream))
    status = ufm__sweep_io(error, j->path, "cannot read");
  free(text);
  return status;
}

ufm_status ufm__journal_read(ufm__journal *j, ufm_error *error)
{
  int copy = dup(j->file);
  FILE *stream = copy >= 0 ? fdopen(copy, "r") : NULL;
  ufm_status status;

  if (stream == NULL) {
    if (copy >= 0)
      close(copy);
    return ufm__sweep_io(error, j->path, "cannot read");
  }
  status = read_lines(j, stream, error);
  fclose(stream);
  return status;
}
