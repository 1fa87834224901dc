/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening, appending to and sorting the file of a sweep. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ufm/support.h>

#include "sweep/fail.h"
#include "sweep/journal.h"

enum { LOCK_TRIES = 50 };

/* The entry of a new file is on the disk only when its directory is. */
static void sync_directory(const char *path)
{
  char *copy = strdup(path);
  int directory = copy != NULL ? open(dirname(copy), O_RDONLY) : -1;

  /* a file system that cannot sync directories is not asked again */
  if (directory >= 0) {
    (void)fsync(directory);
    close(directory);
  }
  free(copy);
}

/* A worker of a sweep that was killed may hold the lock for a moment. */
static ufm_status lock(const ufm__journal *j, ufm_error *error)
{
  const struct timespec moment = {0, 20000000};

  for (int i = 0; i < LOCK_TRIES; i++) {
    if (flock(j->file, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
      return UFM_OK; /* file systems without locks are used without */
    nanosleep(&moment, NULL);
  }
  return ufm__sweep_fail(error, UFM_EIO, "%.300s: in use by another sweep",
                         j->path);
}

static ufm_status check_file(const ufm__journal *j, ufm_sweep_mode mode,
                             ufm_error *error)
{
  struct stat info;

  if (fstat(j->file, &info) != 0)
    return ufm__sweep_io(error, j->path, "cannot read");
  if (!S_ISREG(info.st_mode))
    return ufm__sweep_fail(error, UFM_EINVAL,
                           "%.300s: want a regular file for the records",
                           j->path);
  if (mode == UFM_SWEEP_NEW && info.st_size > 0)
    return ufm__sweep_fail(error, UFM_EINVAL,
                           "%.300s: exists already, want --resume to go on "
                           "with it or --force to begin again",
                           j->path);
  return UFM_OK;
}

ufm_status ufm__journal_open(ufm__journal *j, const char *path,
                             const ufm_tasks *tasks, ufm_sweep_mode mode,
                             ufm_error *error)
{
  ufm_status status;

  *j = (ufm__journal){.path = path, .tasks = tasks, .sorted = true};
  j->file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (j->file < 0)
    return ufm__sweep_io(error, path, "cannot open");
  status = lock(j, error);
  if (status == UFM_OK)
    status = check_file(j, mode, error);
  if (status == UFM_OK) {
    j->at = calloc(tasks->size, sizeof *j->at);
    if (j->at == NULL)
      status = ufm__sweep_no_memory(error);
  }
  if (status == UFM_OK && mode == UFM_SWEEP_RESUME)
    status = ufm__journal_read(j, error);
  if (status == UFM_OK && ftruncate(j->file, j->end) != 0)
    status = ufm__sweep_io(error, path, "cannot shorten");
  if (status != UFM_OK)
    ufm__journal_close(j);
  else
    sync_directory(path);
  return status;
}

void ufm__journal_close(ufm__journal *j)
{
  if (j->file >= 0)
    close(j->file);
  free(j->at);
  free(j->pending);
  *j = (ufm__journal){.file = -1};
}

ufm_status ufm__journal_enter(ufm__journal *j, size_t index,
                              ufm_point_status status, off_t offset,
                              size_t length, ufm_error *error)
{
  ufm__entry *entry = &j->at[index];

  if (length > UINT32_MAX)
    return ufm__sweep_fail(error, UFM_ERANGE,
                           "%.300s: a record of %zu bytes, want less than 2^32",
                           j->path, length);
  if (entry->length > 0 || (offset > 0 && index < j->last))
    j->sorted = false;
  j->last = index;
  if (entry->length == 0 || entry->status == UFM_POINT_CRASHED)
    *entry = (ufm__entry){offset, (uint32_t)length, (uint8_t)status};
  return UFM_OK;
}

ufm_status ufm__journal_add(ufm__journal *j, size_t index,
                            ufm_point_status status, const char *text,
                            size_t length, ufm_error *error)
{
  if (j->used + length > j->room) {
    size_t room = 2 * j->room + length;
    char *larger = realloc(j->pending, room);

    if (larger == NULL)
      return ufm__sweep_no_memory(error);
    j->pending = larger;
    j->room = room;
  }
  memcpy(j->pending + j->used, text, length);
  j->used += length;
  return ufm__journal_enter(
      j, index, status, j->end + (off_t)j->used - (off_t)length, length, error);
}

static ufm_status write_pending(ufm__journal *j, ufm_error *error)
{
  size_t written = 0;

  while (written < j->used) {
    ssize_t n = pwrite(j->file, j->pending + written, j->used - written,
                       j->end + (off_t)written);

    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0) {
      ufm_status status = ufm__sweep_io(error, j->path, "cannot write");

      /* when this fails too, resuming cuts off the torn line */
      (void)!ftruncate(j->file, j->end);
      return status;
    }
    written += (size_t)n;
  }
  j->dirty = j->dirty || j->used > 0;
  j->end += (off_t)j->used;
  j->used = 0;
  return UFM_OK;
}

ufm_status ufm__journal_commit(ufm__journal *j, bool now, ufm_error *error)
{
  static const double pause = 0.05;
  ufm_status status = write_pending(j, error);

  if (status != UFM_OK || !j->dirty ||
      (!now && ufm_clock() < j->synced + pause))
    return status;
  if (fdatasync(j->file) != 0)
    return ufm__sweep_io(error, j->path, "cannot sync");
  j->dirty = false;
  j->synced = ufm_clock();
  return UFM_OK;
}

/* Reads a record into *text, which grows to *room bytes. */
static ufm_status load(const ufm__journal *j, const ufm__entry *entry,
                       char **text, size_t *room, ufm_error *error)
{
  if (entry->length > *room) {
    char *larger = realloc(*text, entry->length);

    if (larger == NULL)
      return ufm__sweep_no_memory(error);
    *text = larger;
    *room = entry->length;
  }
  return pread(j->file, *text, entry->length, entry->offset) ==
                 (ssize_t)entry->length
             ? UFM_OK
             : ufm__sweep_io(error, j->path, "cannot read");
}

static ufm_status write_sorted(const void *what, FILE *stream, ufm_error *error)
{
  const ufm__journal *j = what;
  size_t room = 0;
  char *text = NULL;
  ufm_status status = UFM_OK;

  for (size_t i = 0; status == UFM_OK && i < j->tasks->size; i++) {
    const ufm__entry *entry = &j->at[i];

    if (entry->length == 0)
      continue;
    status = load(j, entry, &text, &room, error);
    if (status == UFM_OK &&
        fwrite(text, 1, entry->length, stream) != entry->length)
      status = ufm__sweep_io(error, j->path, "cannot write in order");
  }
  free(text);
  return status;
}

ufm_status ufm__journal_sort(ufm__journal *j, ufm_error *error)
{
  if (j->sorted)
    return UFM_OK;
  return ufm_file_write(j->path, write_sorted, j, error);
}
