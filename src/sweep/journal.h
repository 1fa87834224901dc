/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file of a sweep: records in the order they came, every one either whole
   and synced to the disk, or not there. */
#ifndef UFM_SWEEP_JOURNAL_H
#define UFM_SWEEP_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include <sys/types.h>

#include <ufm/tasks.h>

/* Where the record of a point is; length 0: nowhere. */
typedef struct ufm__entry {
  off_t offset;
  uint32_t length;
  uint8_t status; /* ufm_point_status */
} ufm__entry;

typedef struct ufm__journal {
  const char *path;
  const ufm_tasks *tasks;
  int file;
  off_t end;      /* of what is written */
  double synced;  /* when it was last synced */
  bool dirty;     /* something was written since */
  ufm__entry *at; /* one per task */
  char *pending;  /* records that are not yet written */
  size_t used, room;
  size_t last; /* index of the last record */
  bool sorted; /* one record for each point, ascending */
} ufm__journal;

/* Opens or makes the file, locks it and, to resume, reads it. */
UFM_MUST_CHECK ufm_status ufm__journal_open(ufm__journal *journal,
                                            const char *path,
                                            const ufm_tasks *tasks,
                                            ufm_sweep_mode mode,
                                            ufm_error *error);

/* Takes a record, a line of `length` bytes, without writing it yet.  Of two
   records of a point one that did not crash counts, else the later one. */
UFM_MUST_CHECK ufm_status ufm__journal_add(ufm__journal *journal, size_t index,
                                           ufm_point_status status,
                                           const char *text, size_t length,
                                           ufm_error *error);

/* Writes what was added, which then survives the death of every process here,
   and syncs it to the disk when `now`, or when the last time was 50 ms ago: a
   sync may take as long as a point.  When writing fails the file is cut back to
   whole records. */
UFM_MUST_CHECK ufm_status ufm__journal_commit(ufm__journal *journal, bool now,
                                              ufm_error *error);

/* Writes the file again in the order of the points, whole or not at all;
   nothing when it is in order already. */
UFM_MUST_CHECK ufm_status ufm__journal_sort(ufm__journal *journal,
                                            ufm_error *error);

void ufm__journal_close(ufm__journal *journal);

/* Enters the record at `offset` into the table. */
UFM_MUST_CHECK ufm_status ufm__journal_enter(ufm__journal *journal,
                                             size_t index,
                                             ufm_point_status status,
                                             off_t offset, size_t length,
                                             ufm_error *error);

/* Fills the table from the file and cuts off a torn last line. */
UFM_MUST_CHECK ufm_status ufm__journal_read(ufm__journal *journal,
                                            ufm_error *error);

#endif
