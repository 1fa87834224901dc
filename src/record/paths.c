/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts of a record by dotted path, and the path that was probably meant. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ufm/support.h>

#include "record/fail.h"
#include "record/paths.h"

enum { PATH_SIZE = 512, NEAR = 3 };

/* The member or item that a word names. */
static const json_t *step(const json_t *at, const char *word, size_t length)
{
  char name[PATH_SIZE];

  if (json_is_array(at)) {
    char *end;
    unsigned long i = strtoul(word, &end, 10);

    if (length == 2 && strncmp(word, "-1", 2) == 0 && json_array_size(at) > 0)
      return json_array_get(at, json_array_size(at) - 1);
    return *word >= '0' && *word <= '9' && end == word + length
               ? json_array_get(at, i)
               : NULL;
  }
  if (length >= sizeof name)
    return NULL;
  memcpy(name, word, length);
  name[length] = '\0';
  return json_object_get(at, name);
}

ufm__found ufm__path_find(const json_t *record, const char *path)
{
  ufm__found found = {record, path, false, false};

  for (const char *word = path; word != NULL && found.value != NULL;) {
    size_t length = strcspn(word, ".");
    const char *evidence;

    if (strcmp(word, "#") == 0 && json_is_array(found.value)) {
      found.size = true;
      return found;
    }
    found.value = step(found.value, word, length);
    found.name = word;
    evidence = json_string_value(json_object_get(found.value, "evidence"));
    if (evidence != NULL)
      found.proved = strcmp(evidence, "proved") == 0;
    word = word[length] == '.' ? word + length + 1 : NULL;
  }
  return found;
}

bool ufm__path_valid(const char *path)
{
  size_t length = strlen(path);

  return length > 0 && length < PATH_SIZE && path[0] != '.' &&
         path[length - 1] != '.' && strstr(path, "..") == NULL;
}

static bool collect(json_t *names, json_t *object, const char *prefix)
{
  const char *key;
  json_t *value;

  json_object_foreach(object, key, value)
  {
    char path[PATH_SIZE];
    int length = snprintf(path, sizeof path, "%s%s%s", prefix,
                          *prefix != '\0' ? "." : "", key);

    if (length < 0 || (size_t)length >= sizeof path)
      continue;
    if (json_object_get(names, path) == NULL &&
        json_object_set_new(names, path, json_true()) != 0)
      return false;
    if (json_is_object(value) && !collect(names, value, path))
      return false;
  }
  return true;
}

bool ufm__path_collect(json_t *names, json_t *record)
{
  return collect(names, record, "");
}

/* All names, to be freed by the caller, *n of them; NULL without memory. */
static const char **list(json_t *names, size_t *n)
{
  const char **all = calloc(json_object_size(names) + 1, sizeof *all), *key;
  json_t *value;

  *n = 0;
  if (all == NULL)
    return NULL;
  json_object_foreach(names, key, value) all[(*n)++] = key;
  return all;
}

ufm_status ufm__path_unknown(ufm_error *error, const char *what,
                             const char *path, json_t *names)
{
  char near[UFM_ERROR_SIZE / 2] = "";
  size_t n, used = 0;
  const char **all = list(names, &n);

  if (all == NULL)
    return ufm__record_no_memory(error);
  for (size_t i = 0; i < NEAR && used < sizeof near; i++) {
    const char *closest = ufm_closest_name(path, all, n);

    if (closest == NULL)
      break;
    used += (size_t)snprintf(near + used, sizeof near - used, "%s'%.80s'",
                             i > 0 ? ", " : "", closest);
    for (size_t k = 0; k < n; k++)
      if (all[k] == closest)
        all[k] = all[--n];
  }
  free(all);
  if (*near == '\0')
    return ufm__record_fail(error, UFM_EINVAL,
                            "%s: '%.120s' is in no record (doc/record.md has "
                            "the names)",
                            what, path);
  return ufm__record_fail(error, UFM_EINVAL,
                          "%s: '%.120s' is in no record, near it: %s", what,
                          path, near);
}
