/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether to reduce. */
#include <config.h>

#include <string.h>

#include <ufm/reduce.h>

#include "core/error.h"
#include "core/suggest.h"

/* Numbers of a point below which the full problem is solved in a moment, and
   how much smaller the reduced one must be in each dimension. */
enum { LEAST_POINT = 32768, LEAST_RATIO = 4 };

/* For labels: 128 classes, and four times as many as groups. */
static bool pays(const ufm_orbits *o)
{
  double all = (double)o->K + (double)ufm_orbits_columns(o);

  return (double)o->K * all >= LEAST_POINT &&
         all >= LEAST_RATIO * (double)(o->G + o->C);
}

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

/* Whether to reduce when nothing was said; groups of two classes on average
   never pay, and their orbits may be many. */
static ufm_status decide(bool *out, const ufm_problem *problem,
                         ufm_error *error)
{
  ufm_orbits *orbits = NULL;
  ufm_error reason = {{0}};
  ufm_status status;

  if (2 * ufm_problem_groups(problem)->G > ufm_problem_classes(problem))
    return UFM_OK;
  status = ufm_orbits_new(&orbits, problem, &reason);
  if (status == UFM_OK)
    *out = pays(orbits);
  ufm_orbits_free(orbits);
  return status == UFM_ENOMEM ? ufm__no_memory(error, "reduce") : UFM_OK;
}

ufm_status ufm_reduce_decide(bool *out, const ufm_problem *problem,
                             const ufm_spec *spec, ufm_error *error)
{
  ufm_reduce choice;
  ufm_status status = read_choice(spec, &choice, error);
  const char *option = obstacle(spec);
  ufm_orbits *orbits = NULL;

  *out = false;
  if (status != UFM_OK || choice == UFM_REDUCE_NONE)
    return status;
  if (choice == UFM_REDUCE_AUTO)
    return option != NULL ? UFM_OK : decide(out, problem, error);
  if (option != NULL)
    return ufm__fail(error, UFM_EINVAL,
                     "reduce: got orbits together with %s, want one of them",
                     option);
  status = ufm_orbits_new(&orbits, problem, error);
  ufm_orbits_free(orbits);
  *out = status == UFM_OK;
  return status == UFM_EUNSUPPORTED ? UFM_EINVAL : status;
}
