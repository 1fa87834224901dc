/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Thresholds in the scale of the penalties, for programs and for people. */
#include <config.h>

#include "record/json.h"
#include "record/phase.h"

static json_t *outward(mpfr_srcptr x, size_t digits, mpfr_rnd_t direction)
{
  char *text = NULL;
  json_t *value = NULL;
  int code = direction == MPFR_RNDD
                 ? mpfr_asprintf(&text, "%.*RDg", (int)digits, x)
                 : mpfr_asprintf(&text, "%.*RUg", (int)digits, x);

  if (code >= 0) {
    value = json_string(text);
    mpfr_free_str(text);
  }
  return value;
}

static json_t *json_threshold(const ufm_threshold *t, size_t digits)
{
  json_t *o = json_pack(
      "{s:s, s:s, s:I, s:b}", "change", ufm_change_name(t->change), "evidence",
      "proved", "multiplicity", (json_int_t)t->multiplicity, "jump", t->jump);

  if (o == NULL ||
      !ufm__json_put(o, "count",
                     t->count > 0 ? json_integer((json_int_t)t->count)
                                  : json_null()) ||
      !ufm__json_put(o, "from",
                     t->from != NULL ? json_string(t->from) : json_null()) ||
      !ufm__json_put(o, "to",
                     t->to != NULL ? json_string(t->to) : json_null()) ||
      !ufm__json_put(o, "power",
                     t->exact ? ufm__json_rational(t->value) : json_null()) ||
      !ufm__json_put(o, "lower", outward(t->lower, digits, MPFR_RNDD)) ||
      !ufm__json_put(o, "upper", outward(t->upper, digits, MPFR_RNDU))) {
    json_decref(o);
    return NULL;
  }
  return o;
}

static json_t *json_thresholds(const ufm_thresholds *thresholds, size_t digits)
{
  json_t *list = json_array();

  for (size_t i = 0; list != NULL && i < thresholds->count; i++)
    if (json_array_append_new(
            list, json_threshold(&thresholds->at[i], digits)) != 0) {
      json_decref(list);
      list = NULL;
    }
  return list;
}

static json_t *json_rank_changes(const ufm_rank_changes *changes)
{
  json_t *list = json_array();

  for (size_t i = 0; list != NULL && i < changes->count; i++) {
    const ufm_rank_change *c = &changes->at[i];

    if (json_array_append_new(
            list, json_pack("{s:s, s:I, s:I, s:f, s:f, s:b}", "evidence",
                            "proved", "from", (json_int_t)c->from, "to",
                            (json_int_t)c->to, "lower", c->lower, "upper",
                            c->upper, "reached", c->reached)) != 0) {
      json_decref(list);
      list = NULL;
    }
  }
  return list;
}

json_t *ufm__json_phase(const ufm_report *report)
{
  const ufm_thresholds *t = report->thresholds;
  json_t *o;

  if (t == NULL && report->rank_changes == NULL)
    return json_null();
  o = json_pack("{s:s, s:I}", "variable",
                "scale of every lambda_W and of lambda_H", "exponent",
                (json_int_t)ufm_problem_depth(report->problem) + 1);
  if (o == NULL ||
      !ufm__json_put(o, "thresholds",
                     t != NULL ? json_thresholds(t, report->digits)
                               : json_null()) ||
      !ufm__json_put(o, "thresholds_reason",
                     t == NULL && report->no_thresholds != NULL
                         ? json_string(report->no_thresholds)
                         : json_null()) ||
      !ufm__json_put(o, "rank_changes",
                     report->rank_changes != NULL
                         ? json_rank_changes(report->rank_changes)
                         : json_null())) {
    json_decref(o);
    return NULL;
  }
  return o;
}

static void describe(const ufm_threshold *t, FILE *f)
{
  switch (t->change) {
  case UFM_CHANGE_CLASS:
    fprintf(f, "classes with %zu samples vanish (%zu of them)", t->count,
            t->multiplicity);
    break;
  case UFM_CHANGE_MERGE:
    fprintf(f, "the %zu classes with %zu samples become equal",
            t->multiplicity + 1, t->count);
    break;
  case UFM_CHANGE_DIRECTION:
    fprintf(f, "%zu singular direction%s vanish%s", t->multiplicity,
            t->multiplicity > 1 ? "s" : "", t->multiplicity > 1 ? "" : "es");
    break;
  case UFM_CHANGE_TOTAL:
    fprintf(f, "the zero point becomes optimal");
    break;
  case UFM_CHANGE_CANDIDATE:
    fprintf(f, "the best named candidate is %s, no longer %s", t->to, t->from);
    break;
  }
  fprintf(f, ", %s\n", t->jump ? "a jump" : "continuous");
}

static void print_thresholds(const ufm_thresholds *thresholds, size_t digits,
                             FILE *f)
{
  fprintf(f, "thresholds all lambda_W and lambda_H times s; as s grows "
             "(proved)\n");
  for (size_t i = 0; i < thresholds->count; i++) {
    const ufm_threshold *t = &thresholds->at[i];

    mpfr_fprintf(f, "           s >= %.*RDg\n           s <= %.*RUg\n",
                 (int)digits, t->lower, (int)digits, t->upper);
    if (t->exact)
      gmp_fprintf(f, "             s^%zu = %Qd (exact)\n", thresholds->L,
                  t->value);
    fputs("             ", f);
    describe(t, f);
  }
}

static void print_rank_changes(const ufm_rank_changes *changes, FILE *f)
{
  fprintf(
      f,
      "ranks      of the optimal logits, %zu points (each rank proved; that "
      "nothing\n           else happens in between is not)\n",
      changes->evaluations);
  for (size_t i = 0; i < changes->count; i++) {
    const ufm_rank_change *c = &changes->at[i];

    fprintf(f, "           %zu to %zu for s between %.17g and %.17g%s\n",
            c->from, c->to, c->lower, c->upper,
            c->reached ? "" : " (ranks in between undecided)");
  }
}

void ufm__text_phase(const ufm_report *report, FILE *f)
{
  if (report->thresholds != NULL)
    print_thresholds(report->thresholds, report->digits, f);
  else if (report->no_thresholds != NULL)
    fprintf(f, "thresholds none: %s\n", report->no_thresholds);
  if (report->rank_changes != NULL)
    print_rank_changes(report->rank_changes, f);
}
