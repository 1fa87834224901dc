/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Columns of a phase diagram: made, and read again. */
#ifndef UFM_PHASE_DIAGRAM_H
#define UFM_PHASE_DIAGRAM_H

#include <ufm/spec.h>
#include <ufm/status.h>
#include <ufm/tasks.h>

/* The number of a column is its ratio in these units. */
enum { UFM__RATIO_UNIT = 64, UFM__RATIO_MAX = 16000 };

/* The family of a diagram. */
typedef struct ufm__columns {
  const ufm_spec *spec;
  char hash[17];
} ufm__columns;

/* Replaces the RATIO of the spec's exp or step profile by number/64.
   UFM_EINVAL when there is no such profile. */
UFM_MUST_CHECK ufm_status ufm__phase_set_ratio(ufm_spec *spec, size_t number,
                                               ufm_error *error);

/* The columns as tasks; `columns` stays the caller's. */
UFM_MUST_CHECK ufm_status ufm__columns_init(ufm__columns *columns,
                                            const ufm_spec *spec,
                                            ufm_error *error);
ufm_tasks ufm__columns_tasks(const ufm__columns *columns);

/* What refining needs to know of a column. */
enum { UFM__CURVES = 64 };

typedef struct ufm__column {
  size_t number;
  bool done;                  /* else nothing below is known */
  size_t curves;              /* boundaries, at most UFM__CURVES of them */
  double at[UFM__CURVES];     /* where they are */
  unsigned kind[UFM__CURVES]; /* equal for boundaries of the same curve */
  unsigned long long counts;  /* stands for the counts of the classes */
} ufm__column;

typedef struct ufm__diagram {
  size_t count, room;
  ufm__column *column; /* ascending in number */
} ufm__diagram;

/* Reads all columns of a journal; a file that is not there has none. */
UFM_MUST_CHECK ufm_status ufm__diagram_read(ufm__diagram *diagram,
                                            const char *path, ufm_error *error);

void ufm__diagram_clear(ufm__diagram *diagram);

#endif
