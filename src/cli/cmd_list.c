/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ufm list: what this build knows. */
#include <config.h>

#include <jansson.h>

#include "cli/cli.h"

/* One entry of a list: a name and what it means. */
typedef struct entry {
  const char *name, *text;
} entry;

#define ENTRY(name, text, help) {text, help},
static const entry losses[] = {UFM_LOSS_LIST(ENTRY){NULL, NULL}};
static const entry biases[] = {UFM_BIAS_LIST(ENTRY){NULL, NULL}};
static const entry targets[] = {UFM_TARGETS_LIST(ENTRY){NULL, NULL}};
static const entry starts[] = {UFM_START_LIST(ENTRY){NULL, NULL}};
#undef ENTRY

static const struct section {
  const char *name;
  const entry *list;
} sections[] = {{"losses", losses},
                {"biases", biases},
                {"targets", targets},
                {"starts", starts}};
enum { SECTIONS = sizeof sections / sizeof sections[0] };

static ufm_status write_text(const void *unused, FILE *f, ufm_error *error)
{
  const ufm_theorem *t;

  (void)unused;
  (void)error;
  for (size_t s = 0; s < SECTIONS; s++) {
    fprintf(f, "%s\n", sections[s].name);
    for (const entry *e = sections[s].list; e->name != NULL; e++)
      fprintf(f, "  %-20s %s\n", e->name, e->text);
  }
  fputs("methods\n", f);
  for (const ufm_method *m = ufm_method_list(); m->name != NULL; m++)
    fprintf(f, "  %-20s %s\n", m->name, m->summary);
  fputs("theorems\n", f);
  for (size_t i = 0; (t = ufm_theory_at(i)) != NULL; i++)
    fprintf(f, "  %-20s %s\n  %-20s %s\n", t->name, t->covers, "", t->source);
  return UFM_OK;
}

static json_t *pair(const char *name, const char *key, const char *text)
{
  return json_pack("{s:s, s:s}", "name", name, key, text);
}

static ufm_status write_json(const void *unused, FILE *f, ufm_error *error)
{
  json_t *root = json_pack("{s:s}", "format", "ufm-list-1");
  json_t *methods = json_array(), *theorems = json_array();
  const ufm_theorem *t;
  bool good = root != NULL;

  (void)unused;
  for (size_t s = 0; good && s < SECTIONS; s++) {
    json_t *list = json_array();

    for (const entry *e = sections[s].list; good && e->name != NULL; e++)
      good =
          json_array_append_new(list, pair(e->name, "meaning", e->text)) == 0;
    good = json_object_set_new(root, sections[s].name, list) == 0 && good;
  }
  for (const ufm_method *m = ufm_method_list(); good && m->name != NULL; m++)
    good = json_array_append_new(methods,
                                 pair(m->name, "meaning", m->summary)) == 0;
  for (size_t i = 0; good && (t = ufm_theory_at(i)) != NULL; i++)
    good = json_array_append_new(
               theorems, json_pack("{s:s, s:s, s:s}", "name", t->name, "covers",
                                   t->covers, "source", t->source)) == 0;
  good = json_object_set_new(root, "methods", methods) == 0 && good;
  good = json_object_set_new(root, "theorems", theorems) == 0 && good;
  good = good && json_dumpf(root, f, JSON_COMPACT) == 0 && fputc('\n', f) >= 0;
  json_decref(root);
  if (!good)
    snprintf(error->text, sizeof error->text, "list: cannot write");
  return good ? UFM_OK : UFM_EIO;
}

static int run_list(const cli_options *options)
{
  return cli_output(options, options->json ? write_json : write_text, NULL);
}

const cli_command cli_list = {
    "list",
    "losses, methods and theorems known to this build",
    "List the losses, biases, targets, starts, methods and theorems of this "
    "build.",
    false,
    false,
    false,
    false,
    false,
    run_list,
    false,
    NULL,
    false};
