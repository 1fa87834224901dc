/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON Lines, one object at a time: memory is that of the longest line. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "record/fail.h"
#include "record/lines.h"

static ufm_status read_line(const char *text, size_t length, const char *where,
                            ufm__line_reader read, void *user, ufm_error *error)
{
  json_error_t why;
  json_t *object = json_loadb(text, length, JSON_REJECT_DUPLICATES, &why);
  const char *format = json_string_value(json_object_get(object, "format"));
  ufm_status status;

  if (object == NULL && text[length - 1] != '\n')
    status = ufm__record_fail(error, UFM_EINVAL,
                              "%s: the line is torn: the file ends within it",
                              where);
  else if (object == NULL)
    status = ufm__record_fail(
        error, UFM_EINVAL, "%s: not one JSON object: %.200s", where, why.text);
  else if (format == NULL)
    status = ufm__record_fail(error, UFM_EINVAL,
                              "%s: not a record: got no \"format\", want "
                              "\"ufm-record-1\"",
                              where);
  else
    status = read(object, format, where, user, error);
  json_decref(object);
  return status;
}

ufm_status ufm__lines_read(FILE *stream, const char *name,
                           ufm__line_reader read, void *user, ufm_error *error)
{
  char *line = NULL, where[256];
  size_t size = 0;
  ssize_t length;
  ufm_status status = UFM_OK;

  errno = 0;
  for (size_t number = 1;
       status == UFM_OK && (length = getline(&line, &size, stream)) > 0;
       number++) {
    snprintf(where, sizeof where, "%.200s:%zu", name, number);
    status = read_line(line, (size_t)length, where, read, user, error);
  }
  if (status == UFM_OK && (ferror(stream) != 0 || feof(stream) == 0))
    status = ufm__record_fail(error, UFM_EIO, "%.200s: cannot read: %s", name,
                              strerror(errno));
  free(line);
  return status;
}
