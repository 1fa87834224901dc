/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One axis of a grid: an option and the texts that it takes. */
#ifndef UFM_SPEC_AXIS_H
#define UFM_SPEC_AXIS_H

#include <jansson.h>

#include <ufm/spec.h>

typedef struct ufm__axis {
  const ufm_option *option;
  size_t count;
  char **value;
} ufm__axis;

/* Reads a list, a range, or one of them in a text (<ufm/grid.h>). */
UFM_MUST_CHECK ufm_status ufm__axis_read(ufm__axis *axis,
                                         const ufm_option *option, json_t *json,
                                         ufm_error *error);

/* Room for `count` texts, NULL so far. */
UFM_MUST_CHECK ufm_status ufm__axis_reserve(ufm__axis *axis, size_t count,
                                            ufm_error *error);

/* The texts of {"from": ..., "to": ..., "n": ..., "scale": ...}. */
UFM_MUST_CHECK ufm_status ufm__axis_range(ufm__axis *axis, const json_t *object,
                                          ufm_error *error);

void ufm__axis_clear(ufm__axis *axis);

/* `text` with each `hole` replaced; NULL when memory ran out. */
char *ufm__text_fill(const char *text, const char *hole, const char *with);

#endif
