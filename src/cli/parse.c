/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Command lines by argp, from the library's list of options. */
#include <config.h>

#include <argp.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

enum {
  FIRST_KEY = 0x1000,
  MAX_OPTIONS = 64,
  KEY_JSON = 0x100,
  KEY_SAVE,
  FIRST_FLAG = 0x200 /* of flags without a letter */
};

typedef struct parse_state {
  const cli_command *command;
  cli_options *options;
  bool help; /* --help was given */
  int code;  /* exit code of the first failure; CLI_OK so far */
} parse_state;

UFM_PRINTF(2, 3)
static void usage_error(parse_state *state, const char *format, ...)
{
  char text[UFM_ERROR_SIZE];
  va_list values;

  va_start(values, format);
  vsnprintf(text, sizeof text, format, values);
  va_end(values);
  for (char *c = text; *c != '\0'; c++)
    if (iscntrl((unsigned char)*c))
      *c = '?';
  fprintf(stderr, "ufm %s: %s\n", state->command->name, text);
  state->code = CLI_USAGE;
}

static bool takes_file(const cli_command *command)
{
  return command->problem || command->grid;
}

/* The key of option i of the library's list: a letter or a number. */
static int key_of(size_t i)
{
  return strcmp(ufm_option_list()[i].name, "jobs") == 0 ? 'j'
                                                        : FIRST_KEY + (int)i;
}

static error_t parse_spec_option(int key, char *arg, parse_state *state)
{
  const ufm_option *option = ufm_option_list();
  ufm_error error = {{0}};
  ufm_status status;

  for (size_t i = 0; key_of(i) != key; i++)
    option++;
  status = ufm_spec_set(state->options->spec, option->name,
                        arg != NULL ? arg : "true", &error);
  if (status == UFM_OK)
    return 0;
  state->code = cli_fail(status, &error);
  return EINVAL;
}

static error_t file_name(parse_state *state, const char *option,
                         const char *arg)
{
  if (*arg != '\0')
    return 0;
  usage_error(state, "--%s: got an empty name", option);
  return EINVAL;
}

/* The number of a command's own option; CLI_FLAGS when it is none. */
static int find_flag(const cli_command *command, int key)
{
  int i = 0;

  while (command->flags != NULL && command->flags[i].name != NULL) {
    if (key == command->flags[i].key || key == FIRST_FLAG + i)
      return i;
    i++;
  }
  return CLI_FLAGS;
}

static error_t parse_other(int key, char *arg, parse_state *state)
{
  int flag = find_flag(state->command, key);

  if (flag == CLI_FLAGS)
    return key == 'j' || (key >= FIRST_KEY && key < FIRST_KEY + MAX_OPTIONS)
               ? parse_spec_option(key, arg, state)
               : ARGP_ERR_UNKNOWN;
  state->options->flag[flag] = arg != NULL ? arg : "true";
  return 0;
}

static error_t parse_option(int key, char *arg, struct argp_state *argp)
{
  parse_state *state = argp->input;

  switch (key) {
  case KEY_JSON:
    state->options->json = true;
    return 0;
  case KEY_SAVE:
    state->options->save = arg;
    return file_name(state, "save", arg);
  case 'q':
    state->options->quiet = true;
    return 0;
  case 'o':
    state->options->output = arg;
    return file_name(state, "output", arg);
  case '?':
    state->help = true;
    return 0;
  case ARGP_KEY_ARG:
    if (state->command->files) {
      state->options->files[state->options->file_count++] = arg;
      return 0;
    }
    if (state->options->spec_file != NULL || !takes_file(state->command)) {
      usage_error(state, "unexpected argument '%.80s'", arg);
      return EINVAL;
    }
    state->options->spec_file = arg;
    return 0;
  default:
    return parse_other(key, arg, state);
  }
}

static bool takes(const cli_command *command, ufm_option_kind kind)
{
  switch (kind) {
  case UFM_OPTION_PROBLEM:
    return command->problem;
  case UFM_OPTION_SOLVE:
    return command->solve;
  case UFM_OPTION_DIGITS:
    return command->digits;
  case UFM_OPTION_VERIFY:
    return command->verify;
  case UFM_OPTION_PHASE:
    return command->phase;
  }
  return false;
}

/* Fills `out`, which ends with an empty entry. */
static void make_options(const cli_command *command,
                         struct argp_option out[MAX_OPTIONS])
{
  const ufm_option *list = ufm_option_list();
  static const char *const headers[] = {
      [UFM_OPTION_PROBLEM] = "Problem (as in SPEC.json, with _ for -):",
      [UFM_OPTION_SOLVE] = "Solver:",
      [UFM_OPTION_DIGITS] = "Digits:",
      [UFM_OPTION_VERIFY] = "Proof:",
      [UFM_OPTION_PHASE] = "Phases:"};
  size_t n = 0;
  int last = -1;

  for (size_t i = 0; list[i].name != NULL && n + 8 + CLI_FLAGS < MAX_OPTIONS;
       i++) {
    int group = (int)list[i].kind + 1;

    if (!takes(command, list[i].kind))
      continue;
    if (group != last)
      out[n++] = (struct argp_option){
          NULL, 0, NULL, 0, headers[list[i].kind], last = group};
    out[n++] = (struct argp_option){
        list[i].name, key_of(i), list[i].argument, 0, list[i].help, group};
  }
  if (command->solve)
    out[n++] = (struct argp_option){
        "save",
        KEY_SAVE,
        "PREFIX",
        0,
        "write the point: PREFIX.W1.npy ... PREFIX.H.npy, PREFIX.b.npy",
        2};
  for (int i = 0; command->flags != NULL && command->flags[i].name != NULL;
       i++) {
    const cli_flag *f = &command->flags[i];

    out[n++] = (struct argp_option){
        f->name, f->key != 0 ? f->key : FIRST_FLAG + i, f->argument, 0, f->help,
        8};
  }
  out[n++] = (struct argp_option){NULL, 0, NULL, 0, "Output:", 9};
  if (!command->grid && !command->files)
    out[n++] = (struct argp_option){
        "json", KEY_JSON, NULL, 0, "one JSON record instead of text", 9};
  out[n++] = (struct argp_option){
      "output",
      'o',
      "FILE",
      0,
      command->grid ? "the file of the records, one a line"
                    : "write to FILE, which appears whole or not at all",
      9};
  out[n++] = (struct argp_option){"quiet", 'q', NULL, 0, "no progress line", 9};
  out[n++] = (struct argp_option){"help", '?', NULL, 0, "this help", 9};
  out[n] = (struct argp_option){0};
}

/* The option `name` (length letters) names or abbreviates; NULL if none. */
static const struct argp_option *find(const struct argp_option *options,
                                      const char *name, size_t length)
{
  const struct argp_option *found = NULL;

  for (; options->name != NULL || options->doc != NULL; options++)
    if (options->name != NULL && strncmp(options->name, name, length) == 0) {
      found = options;
      if (options->name[length] == '\0')
        break;
    }
  return found;
}

static void unknown_option(parse_state *state,
                           const struct argp_option *options, const char *arg,
                           size_t length)
{
  const char *names[MAX_OPTIONS], *closest;
  char name[64];
  size_t n = 0;

  snprintf(name, sizeof name, "%.*s", (int)(length < 60 ? length : 60), arg);
  for (; options->name != NULL || options->doc != NULL; options++)
    if (options->name != NULL)
      names[n++] = options->name;
  closest = ufm_closest_name(name, names, n);
  if (closest != NULL)
    usage_error(state, "unknown option '--%s', did you mean '--%s'?", name,
                closest);
  else
    usage_error(state, "unknown option '--%s', see ufm %s --help", name,
                state->command->name);
}

/* argp tells that something is wrong, not what: look for it. */
static void explain(parse_state *state, const struct argp_option *options,
                    int argc, char **argv)
{
  for (int i = 1; i < argc; i++) {
    const char *name = argv[i] + 2;
    size_t length;
    const struct argp_option *option;

    if (strncmp(argv[i], "--", 2) != 0)
      continue;
    length = strcspn(name, "=");
    option = find(options, name, length);
    if (option == NULL) {
      unknown_option(state, options, name, length);
      return;
    }
    if (option->arg == NULL && name[length] == '=') {
      usage_error(state, "--%s: takes no argument", option->name);
      return;
    }
    if (option->arg != NULL && name[length] == '\0' && ++i == argc) {
      usage_error(state, "--%s: missing argument", option->name);
      return;
    }
  }
  usage_error(state, "unknown option or missing argument, see ufm %s --help",
              state->command->name);
}

static int read_spec_file(const cli_command *command, cli_options *options)
{
  ufm_error error = {{0}};
  ufm_status status;

  if (options->spec_file == NULL || command->grid)
    return CLI_OK;
  status = ufm_spec_read(options->spec, options->spec_file, &error);
  /* A file that cannot be read is bad input, like one that is malformed. */
  return status == UFM_OK
             ? CLI_OK
             : cli_fail(status == UFM_EIO ? UFM_EINVAL : status, &error);
}

static const char *operands(const cli_command *command)
{
  if (command->files)
    return "FILE...";
  return command->grid ? "SPEC.json" : command->problem ? "[SPEC.json]" : NULL;
}

int cli_parse(const cli_command *command, int argc, char **argv,
              cli_options *options, bool *done)
{
  struct argp_option list[MAX_OPTIONS];
  parse_state state = {command, options, false, CLI_OK};
  struct argp argp = {
      list, parse_option, operands(command), command->about, NULL, NULL, NULL};
  char name[32];
  ufm_error error = {{0}};
  ufm_status status = ufm_spec_new(&options->spec, &error);

  if (status != UFM_OK)
    return cli_fail(status, &error);
  options->files = calloc((size_t)argc, sizeof *options->files);
  if (options->files == NULL)
    return cli_fail(UFM_ENOMEM, &error);
  make_options(command, list);
  if (argp_parse(&argp, argc, argv, ARGP_NO_HELP | ARGP_NO_ERRS | ARGP_NO_EXIT,
                 NULL, &state) != 0 &&
      state.code == CLI_OK)
    explain(&state, list, argc, argv);
  if (state.code != CLI_OK)
    return state.code;
  if (state.help) {
    snprintf(name, sizeof name, "ufm %s", command->name);
    argp_help(&argp, stdout, ARGP_HELP_STD_HELP & ~ARGP_HELP_EXIT_OK, name);
    *done = true;
    return CLI_OK;
  }
  return read_spec_file(command, options);
}

void cli_options_clear(cli_options *options)
{
  ufm_spec_free(options->spec);
  free(options->files);
}
