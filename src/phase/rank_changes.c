/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Brackets of the scales at which the proved rank changes. */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <ufm/phase.h>

#include "phase/fail.h"

/* Full rank and rank 0 are looked for by factors of STEP, at most MOST_STEPS
   of them each way: scales beyond 2^200 are outside double precision. */
enum { MOST_STEPS = 100 };
static const double step = 4.0;

typedef struct sample {
  double scale;
  ufm_phase_rank rank;
} sample;

/* Evaluated points, ascending in scale. */
typedef struct samples {
  ufm_phase *phase;
  size_t count, room;
  sample *at;
} samples;

/* Evaluates a scale and inserts it; *index is its place. */
static ufm_status add(samples *s, double scale, size_t *index, ufm_error *error)
{
  sample fresh = {.scale = scale};
  size_t i = s->count;
  ufm_status status =
      ufm_phase_evaluate(s->phase, scale, 0.0, &fresh.rank, error);

  if (status != UFM_OK)
    return status;
  if (s->count == s->room) {
    size_t room = 2 * s->room + 16;
    sample *larger = realloc(s->at, room * sizeof *larger);

    if (larger == NULL)
      return ufm__phase_fail(error, UFM_ENOMEM, "phase: out of memory");
    s->at = larger;
    s->room = room;
  }
  for (; i > 0 && s->at[i - 1].scale > scale; i--)
    s->at[i] = s->at[i - 1];
  s->at[i] = fresh;
  s->count++;
  *index = i;
  return UFM_OK;
}

/* Outward from `start` until the rank is 0 above and stays the same over two
   steps below: there it is as large as it gets, up to what the width allows. */
static ufm_status span(samples *s, double start, ufm_error *error)
{
  size_t index;
  ufm_status status = add(s, start, &index, error);

  for (int i = 0; status == UFM_OK && i < MOST_STEPS; i++) {
    if (s->at[s->count - 1].rank.hi == 0)
      break;
    status = add(s, s->at[s->count - 1].scale * step, &index, error);
  }
  for (int i = 0; status == UFM_OK && i < MOST_STEPS; i++) {
    if (s->count > 2 && s->at[0].rank.lo == s->at[0].rank.hi &&
        s->at[0].rank.lo > 0 && s->at[1].rank.lo == s->at[0].rank.lo &&
        s->at[2].rank.lo == s->at[0].rank.lo)
      break;
    status = add(s, s->at[0].scale / step, &index, error);
  }
  return status;
}

/* The tightest bracket of a change from rank >= r to rank < r: neighbours among
   the decided samples. */
static bool bracket(const samples *s, size_t r, size_t *lower, size_t *upper)
{
  bool have = false;

  for (size_t i = 0; i < s->count; i++) {
    if (s->at[i].rank.lo >= r) {
      *lower = i;
      have = true;
    } else if (have && s->at[i].rank.hi < r) {
      *upper = i;
      return true;
    }
  }
  return false;
}

/* Halves the bracket of rank r until it is narrow; a midpoint whose rank cannot
   be told from r is tried at other fractions before giving up. */
static ufm_status refine(samples *s, size_t r, double tolerance,
                         ufm_rank_change *out, ufm_error *error)
{
  static const double fractions[] = {0.5, 0.3, 0.7, 0.1, 0.9};
  size_t lower = 0, upper = 0, index, tries = 0;
  ufm_status status = UFM_OK;

  while (bracket(s, r, &lower, &upper)) {
    double a = s->at[lower].scale, b = s->at[upper].scale;
    double t = tries < 5 ? fractions[tries] : 0.0;
    double middle = a * pow(b / a, t);

    *out = (ufm_rank_change){a, b, s->at[lower].rank.lo, s->at[upper].rank.hi,
                             b <= (1.0 + tolerance) * a};
    if (out->reached || tries == 5 || !(a < middle && middle < b))
      break;
    status = add(s, middle, &index, error);
    if (status != UFM_OK)
      break;
    tries =
        s->at[index].rank.lo >= r || s->at[index].rank.hi < r ? 0 : tries + 1;
  }
  return status;
}

static bool same_bracket(const ufm_rank_change *a, const ufm_rank_change *b)
{
  return a->lower >= b->lower && a->upper <= b->upper;
}

ufm_status ufm_phase_rank_changes(ufm_rank_changes **out, ufm_phase *phase,
                                  double start, double tolerance,
                                  ufm_error *error)
{
  samples s = {.phase = phase};
  ufm_rank_changes *changes = calloc(1, sizeof *changes);
  ufm_status status;
  size_t most = 0;

  *out = NULL;
  if (changes == NULL)
    return ufm__phase_fail(error, UFM_ENOMEM, "phase: out of memory");
  if (!(tolerance >= 1e-12 && tolerance <= 1.0)) {
    free(changes);
    return ufm__phase_fail(error, UFM_EINVAL,
                           "tolerance: got %g, want 1e-12 to 1", tolerance);
  }
  status = span(&s, start, error);
  for (size_t i = 0; status == UFM_OK && i < s.count; i++)
    if (s.at[i].rank.lo > most)
      most = s.at[i].rank.lo;
  changes->at = calloc(most + 1, sizeof *changes->at);
  if (status == UFM_OK && changes->at == NULL)
    status = ufm__phase_fail(error, UFM_ENOMEM, "phase: out of memory");
  /* from the highest rank on, so from the smallest scale */
  for (size_t r = most; status == UFM_OK && r > 0; r--) {
    ufm_rank_change change = {0};

    status = refine(&s, r, tolerance, &change, error);
    if (status != UFM_OK || change.upper == 0.0)
      continue;
    if (changes->count == 0 ||
        !same_bracket(&change, &changes->at[changes->count - 1]))
      changes->at[changes->count++] = change;
  }
  changes->evaluations = s.count;
  free(s.at);
  if (status != UFM_OK) {
    ufm_rank_changes_free(changes);
    return status;
  }
  *out = changes;
  return UFM_OK;
}

void ufm_rank_changes_free(ufm_rank_changes *changes)
{
  if (changes == NULL)
    return;
  free(changes->at);
  free(changes);
}
