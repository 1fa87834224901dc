/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes all sample certificates into the folder named on the command line. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include <mpfr.h>

#include "samples.h"

int main(int argc, char **argv)
{
  if (argc != 2) {
    fputs("usage: write_samples FOLDER\n", stderr);
    return 2;
  }
  for (size_t i = 0; i < sample_count(); i++) {
    json_t *root = sample_make(i);
    char name[4096];

    snprintf(name, sizeof name, "%s/%s.json", argv[1], sample_name(i));
    if (root == NULL || json_dump_file(root, name, JSON_INDENT(1)) != 0) {
      fprintf(stderr, "write_samples: cannot write %s\n", name);
      return 1;
    }
    json_decref(root);
  }
  mpfr_free_cache();
  return 0;
}
