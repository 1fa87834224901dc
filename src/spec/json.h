/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON files of options, as the files of this room see them. */
#ifndef UFM_SPEC_JSON_H
#define UFM_SPEC_JSON_H

#include <jansson.h>

#include <ufm/spec.h>

/* A file that was read: its name and text stay for messages. */
typedef struct ufm__json_file {
  const char *path;
  char *text;
  json_t *root; /* an object */
} ufm__json_file;

/* Reads a JSON object; messages name file, line and column. */
UFM_MUST_CHECK ufm_status ufm__json_file_read(ufm__json_file *file,
                                              const char *path,
                                              ufm_error *error);

void ufm__json_file_clear(ufm__json_file *file);

/* "FILE:LINE:COLUMN: MESSAGE", at the first place where "key" stands. */
ufm_status ufm__json_fail(const ufm__json_file *file, const char *key,
                          const ufm_error *why, ufm_error *error);

/* The text that an option gets from a value: a string, a number in its shortest
   decimal form, true or false, or a list of these with commas between them;
   `key` begins the message.  *text is the caller's to free. */
UFM_MUST_CHECK ufm_status ufm__json_option_text(const json_t *value,
                                                const char *key, char **text,
                                                ufm_error *error);

/* Sets the options that `object`, a part of the file, has. */
UFM_MUST_CHECK ufm_status ufm__json_put_options(ufm_spec *spec,
                                                const ufm__json_file *file,
                                                json_t *object,
                                                ufm_error *error);

#endif
