/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that are never half-written, and whole-file reading. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "core/file.h"

static ufm_status io_failure(ufm_error *error, const char *path,
                             const char *what)
{
  return ufm__fail(error, UFM_EIO, "%.300s: %s: %s", path, what,
                   strerror(errno));
}

static void output_free(ufm__output *out)
{
  free(out->path);
  free(out->temporary);
  *out = (ufm__output){0};
}

/* mkstemp makes files for the owner only; give what fopen would have given. */
static void apply_umask(int descriptor)
{
  mode_t mask = umask(0);

  umask(mask);
  (void)!fchmod(descriptor, 0666 & ~mask);
}

static ufm_status open_temporary(ufm__output *out, ufm_error *error)
{
  static const char suffix[] = ".XXXXXX";
  size_t length = strlen(out->path);
  int descriptor;

  out->temporary = malloc(length + sizeof suffix);
  if (out->temporary == NULL)
    return ufm__no_memory(error, "output file");
  memcpy(out->temporary, out->path, length);
  memcpy(out->temporary + length, suffix, sizeof suffix);
  descriptor = mkstemp(out->temporary);
  if (descriptor < 0) {
    free(out->temporary);
    out->temporary = NULL;
    return io_failure(error, out->path, "cannot create");
  }
  apply_umask(descriptor);
  out->stream = fdopen(descriptor, "wb");
  if (out->stream == NULL) {
    close(descriptor);
    return io_failure(error, out->path, "cannot open");
  }
  return UFM_OK;
}

ufm_status ufm__output_open(ufm__output *out, const char *path,
                            ufm_error *error)
{
  struct stat info;
  ufm_status status = UFM_OK;

  *out = (ufm__output){.path = strdup(path)};
  if (out->path == NULL)
    return ufm__no_memory(error, "output file");
  if (stat(path, &info) == 0 && !S_ISREG(info.st_mode)) {
    out->stream = fopen(path, "wb");
    if (out->stream == NULL)
      status = io_failure(error, path, "cannot open");
  } else {
    status = open_temporary(out, error);
  }
  if (status != UFM_OK)
    ufm__output_abort(out);
  return status;
}

ufm_status ufm__output_commit(ufm__output *out, ufm_error *error)
{
  ufm_status status = UFM_OK;
  FILE *stream = out->stream;

  if (fflush(stream) != 0 || ferror(stream) ||
      (out->temporary != NULL && fsync(fileno(stream)) != 0))
    status = io_failure(error, out->path, "cannot write");
  out->stream = NULL;
  if (fclose(stream) != 0 && status == UFM_OK)
    status = io_failure(error, out->path, "cannot close");
  if (status == UFM_OK && out->temporary != NULL) {
    if (rename(out->temporary, out->path) != 0) {
      status = io_failure(error, out->path, "cannot rename");
    } else {
      free(out->temporary);
      out->temporary = NULL;
    }
  }
  ufm__output_abort(out);
  return status;
}

void ufm__output_abort(ufm__output *out)
{
  if (out->stream != NULL)
    fclose(out->stream);
  if (out->temporary != NULL)
    unlink(out->temporary);
  output_free(out);
}

ufm_status ufm_file_write(const char *path, ufm_writer write, const void *what,
                          ufm_error *error)
{
  ufm__output out;
  ufm_status status = ufm__output_open(&out, path, error);

  if (status != UFM_OK)
    return status;
  status = write(what, out.stream, error);
  if (status == UFM_OK)
    return ufm__output_commit(&out, error);
  ufm__output_abort(&out);
  return status;
}

ufm_status ufm__file_read(const char *path, size_t limit, char **text,
                          size_t *length, ufm_error *error)
{
  FILE *stream = fopen(path, "rb");
  size_t size = 0, room = 0, got = 0;
  char *buffer = NULL;
  ufm_status status = UFM_OK;

  *text = NULL;
  if (stream == NULL)
    return io_failure(error, path, "cannot open");
  do {
    size += got;
    if (size + 1 >= room) {
      char *larger = realloc(buffer, room = 2 * room + 4096);

      if (larger == NULL) {
        status = ufm__no_memory(error, path);
        break;
      }
      buffer = larger;
    }
    if (size > limit) {
      status = ufm__fail(error, UFM_ERANGE, "%.300s: longer than %zu bytes",
                         path, limit);
      break;
    }
    got = fread(buffer + size, 1, room - size - 1, stream);
  } while (got > 0);
  if (status == UFM_OK && ferror(stream))
    status = io_failure(error, path, "cannot read");
  fclose(stream);
  if (status != UFM_OK) {
    free(buffer);
    return status;
  }
  buffer[size] = '\0';
  *text = buffer;
  *length = size;
  return UFM_OK;
}
