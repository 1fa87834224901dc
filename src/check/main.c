/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program: files in, one line per file out. */
#include <config.h>

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gmp.h>
#include <jansson.h>

#include "check/alloc.h"
#include "check/decimal.h"
#include "check/verify.h"

enum { EXIT_IO = 3, MAX_FILE = 1 << 30, MAX_DIGITS = 100000 };

typedef struct options {
  size_t digits;
  char **files;
  size_t count;
} options;

static const char description[] =
    "Verify certificates of global optimality (format ufm-certificate-1) with "
    "integer arithmetic only."
    "\vOne line per file: FILE: VERIFIED lower=X upper=Y, where X <= minimum "
    "<= "
    "Y is proved and both are rounded outward; FILE: REJECTED: what is not "
    "proved; FILE: MALFORMED: what is wrong with the file.  A verified "
    "refutation says REFUTED ETF instead: every simplex ETF has an objective "
    "of "
    "at least X, and the point of the file one of at most Y < X.\n\n"
    "Exit status: 0 all verified, 1 some rejected, 2 some malformed or bad "
    "usage, 3 some unreadable.";

static const struct argp_option option_list[] = {
    {"digits", 'd', "N", 0, "Significant digits of the bounds [30]", 0}, {0}};

static void print_version(FILE *stream, struct argp_state *state)
{
  (void)state;
  fprintf(stream, "ufm-check %s\nGMP %s, Jansson %s\n", PACKAGE_VERSION,
          gmp_version, jansson_version_str());
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
  options *o = state->input;
  char *end;
  long value;

  switch (key) {
  case 'd':
    errno = 0;
    value = strtol(argument, &end, 10);
    if (end == argument || *end != '\0' || errno != 0 || value < 1 ||
        value > MAX_DIGITS)
      argp_error(state, "--digits: got '%s', want an integer from 1 to %d",
                 argument, MAX_DIGITS);
    o->digits = (size_t)value;
    return 0;
  case ARGP_KEY_ARGS:
    o->files = state->argv + state->next;
    o->count = (size_t)(state->argc - state->next);
    return 0;
  case ARGP_KEY_NO_ARGS:
    argp_error(state, "no FILE given");
    return EINVAL;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

/* The whole file; NULL with errno set, EFBIG above MAX_FILE. */
static char *read_file(const char *name, size_t *size)
{
  FILE *file = fopen(name, "rb");
  size_t room = 1 << 16, used = 0;
  char *bytes;

  if (file == NULL)
    return NULL;
  bytes = chk_alloc(room, 1);
  for (;;) {
    size_t got = fread(bytes + used, 1, room - used, file);

    used += got;
    if (got == 0 || used > MAX_FILE)
      break;
    if (used == room) {
      char *more = chk_alloc(room, 2);

      memcpy(more, bytes, used);
      free(bytes);
      bytes = more;
      room *= 2;
    }
  }
  if (ferror(file) || used > MAX_FILE) {
    int code = used > MAX_FILE ? EFBIG : errno;

    free(bytes);
    fclose(file);
    errno = code;
    return NULL;
  }
  fclose(file);
  *size = used;
  return bytes;
}

/* Text from a file or a file name stays on its line. */
static void print_text(const char *text)
{
  for (; *text != '\0'; text++)
    putchar((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text);
}

static int report(const char *name, const chk_result *result, size_t digits)
{
  static const char *const words[] = {
      [CHK_REJECTED] = "REJECTED", [CHK_MALFORMED] = "MALFORMED"};

  print_text(name);
  if (result->session.outcome == CHK_VERIFIED) {
    char *lower = chk_decimal(result->lower, digits, false);
    char *upper = chk_decimal(result->upper, digits, true);

    printf(": VERIFIED%s lower=%s upper=%s\n",
           result->refutation ? " REFUTED ETF" : "", lower, upper);
    free(lower);
    free(upper);
    return 0;
  }
  printf(": %s: ", words[result->session.outcome]);
  print_text(result->session.reason);
  putchar('\n');
  return result->session.outcome == CHK_REJECTED ? 1 : 2;
}

static int check_file(const char *name, size_t digits)
{
  size_t size;
  char *bytes = read_file(name, &size);
  chk_result result;
  int code;

  if (bytes == NULL) {
    fprintf(stderr, "ufm-check: %s: %s\n", name, strerror(errno));
    return EXIT_IO;
  }
  chk_result_init(&result);
  chk_verify(&result, bytes, size, &chk_default_limits);
  free(bytes);
  code = report(name, &result, digits);
  chk_result_clear(&result);
  return code;
}

int main(int argc, char **argv)
{
  static const struct argp parser = {
      option_list, parse_option, "FILE...", description, NULL, NULL, NULL};
  options o = {.digits = 30};
  int worst = 0;

  argp_program_version_hook = print_version;
  argp_err_exit_status = 2;
  chk_memory_setup();
  if (argp_parse(&parser, argc, argv, 0, NULL, &o) != 0)
    return 2;
  for (size_t i = 0; i < o.count; i++) {
    int code = check_file(o.files[i], o.digits);

    fflush(stdout);
    if (code > worst)
      worst = code;
  }
  if (fflush(stdout) != 0 || ferror(stdout)) {
    fputs("ufm-check: cannot write to standard output\n", stderr);
    return EXIT_IO;
  }
  return worst;
}
