/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether to reduce. */
#include <config.h>

#include <string.h>

#include <ufm/reduce.h>

#include "core/error.h"
#include "core/suggest.h"

/* Below this the full problem is solved in a moment. */
enum { LEAST_CLASSES = 128, LEAST_RATIO = 4 };

static ufm_status read_choice(const ufm_spec *spec, ufm_reduce *out,
                              ufm_error *error)
{
#define TEXT(name, text, help) text,
  static const char *const names[] = {UFM_REDUCE_LIST(TEXT)};
#undef TEXT
  enum { COUNT = sizeof names / sizeof names[0] };
  const char *text = ufm_spec_get(spec, "reduce");

  *out = UFM_REDUCE_AUTO;
  if (text == NULL)
    return UFM_OK;
  for (size_t i = 0; i < COUNT; i++)
    if (strcmp(text, names[i]) == 0) {
      *out = (ufm_reduce)i;
      return UFM_OK;
    }
  return ufm__unknown_name(error, "reduce", text, names, COUNT);
}

/* An option whose value asks for more than the one start of the reduced problem
   and its method, or NULL. */
static const char *obstacle(const ufm_spec *spec)
{
  static const char *const options[][2] = {{"start", "auto"},
                                           {"method", "auto"},
                                           {"starts", "1"},
                                           {"swaps", "0"},
                                           {"refute", ""}};

  for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
    const char *value = ufm_spec_get(spec, options[i][0]);

    if (value != NULL && strcmp(value, options[i][1]) != 0)
      return options[i][0];
  }
  return NULL;
}

ufm_status ufm_reduce_decide(bool *out, const ufm_problem *problem,
                             const ufm_spec *spec, ufm_error *error)
{
  const ufm_groups *groups = ufm_problem_groups(problem);
  ufm_reduce choice;
  ufm_status status = read_choice(spec, &choice, error);
  const char *option = obstacle(spec);
  ufm_orbits *orbits = NULL;

  *out = false;
  if (status != UFM_OK || choice == UFM_REDUCE_NONE)
    return status;
  if (choice == UFM_REDUCE_AUTO &&
      (option != NULL || ufm_problem_classes(problem) < LEAST_CLASSES ||
       ufm_problem_classes(problem) / LEAST_RATIO < groups->G))
    return UFM_OK;
  if (option != NULL)
    return ufm__fail(error, UFM_EINVAL,
                     "reduce: got orbits together with %s, want one of them",
                     option);
  status = ufm_orbits_new(&orbits, problem, error);
  ufm_orbits_free(orbits);
  *out = status == UFM_OK;
  if (status == UFM_EUNSUPPORTED)
    return choice == UFM_REDUCE_AUTO ? UFM_OK : UFM_EINVAL;
  return status;
}
