/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Data of figures: streams in memory until the experiment has finished. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include <ufm/support.h>

#include "csv.h"

FILE *csv_add(csv_files *files, const char *name, const char *made_by,
              const char *header)
{
  size_t i = files->count;

  if (i == CSV_MAX)
    return NULL;
  files->at[i].name = strdup(name);
  files->at[i].stream =
      open_memstream(&files->at[i].text, &files->at[i].length);
  if (files->at[i].name == NULL || files->at[i].stream == NULL)
    return NULL;
  fprintf(files->at[i].stream, "# %s\n%s\n", made_by, header);
  files->count++;
  return files->at[i].stream;
}

static ufm_status write_text(const void *what, FILE *stream, ufm_error *error)
{
  (void)error;
  return fputs(what, stream) >= 0 ? UFM_OK : UFM_EIO;
}

char *csv_finish(csv_files *files, const char *directory)
{
  char *failed = NULL;

  for (size_t i = 0; i < files->count; i++) {
    char *path = NULL;
    int closed = fclose(files->at[i].stream);

    if (failed == NULL && directory != NULL &&
        (closed != 0 ||
         asprintf(&path, "%s/%s.csv", directory, files->at[i].name) < 0 ||
         ufm_file_write(path, write_text, files->at[i].text, NULL) != UFM_OK)) {
      failed = files->at[i].name;
      files->at[i].name = NULL;
    }
    free(path);
    free(files->at[i].name);
    free(files->at[i].text);
  }
  files->count = 0;
  return failed;
}
