/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages, exit codes, and where output goes. */
#include <config.h>

#include "cli/cli.h"

int cli_fail(ufm_status status, const ufm_error *error)
{
  fprintf(stderr, "ufm: %s\n",
          error->text[0] != '\0' ? error->text : ufm_strstatus(status));
  switch (status) {
  case UFM_OK:
    return CLI_OK;
  case UFM_EINVAL:
  case UFM_EDIM:
  case UFM_ERANGE:
    return CLI_USAGE;
  case UFM_ENAN:
  case UFM_EUNSUPPORTED:
    return CLI_NEGATIVE;
  case UFM_ENOMEM:
  case UFM_EIO:
    return CLI_IO;
  case UFM_EINTERNAL:
    break;
  }
  return CLI_INTERNAL;
}

int cli_output(const cli_options *options, ufm_writer write, const void *what)
{
  ufm_error error = {{0}};
  ufm_status status = options->output != NULL
                          ? ufm_file_write(options->output, write, what, &error)
                          : write(what, stdout, &error);

  return status == UFM_OK ? CLI_OK : cli_fail(status, &error);
}

static ufm_status write_text(const void *report, FILE *f, ufm_error *error)
{
  return ufm_report_write_text(report, f, error);
}

static ufm_status write_json(const void *report, FILE *f, ufm_error *error)
{
  return ufm_report_write_json(report, f, error);
}

int cli_report(const cli_options *options, const ufm_report *report)
{
  return cli_output(options, options->json ? write_json : write_text, report);
}
