/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_CORE_FILE_H
#define UFM_CORE_FILE_H

#include <stdio.h>

#include <ufm/support.h>

/* A file that appears whole or not at all: written under a temporary name
   beside its target, synced, then renamed.  A target that exists and is not a
   regular file (a device, a pipe) is written directly. */
typedef struct ufm__output {
  FILE *stream; /* write here */
  char *path, *temporary;
} ufm__output;

UFM_MUST_CHECK ufm_status ufm__output_open(ufm__output *out, const char *path,
                                           ufm_error *error);

/* Flushes, syncs, renames; on failure the temporary file is removed and the
   target is as it was.  Frees `out` either way. */
UFM_MUST_CHECK ufm_status ufm__output_commit(ufm__output *out,
                                             ufm_error *error);

/* Removes the temporary file and frees `out`. */
void ufm__output_abort(ufm__output *out);

/* The whole file as a string of *length bytes and a terminating zero, to be
   freed by the caller.  UFM_ERANGE beyond `limit` bytes. */
UFM_MUST_CHECK ufm_status ufm__file_read(const char *path, size_t limit,
                                         char **text, size_t *length,
                                         ufm_error *error);

#endif
