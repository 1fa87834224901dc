/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificates of kind "orbits" as JSON. */
#include <config.h>

#include "verify/error_bars.h"
#include "verify/json_number.h"
#include "verify/orbit_bars.h"
#include "verify/proof.h"

/* Cosines are listed for at most this many groups. */
enum { MOST_GROUPS = 50 };

/* `list`, or NULL when something failed. */
static json_t *whole(json_t *list, int failed)
{
  if (failed) {
    json_decref(list);
    return NULL;
  }
  return list;
}

static json_t *groups(const ufm__orbit_model *m)
{
  json_t *list = json_array();
  int failed = 0;

  for (size_t g = 0; g < m->G; g++)
    failed |=
        json_array_append_new(list, json_integer((json_int_t)m->classes[g]));
  return whole(list, failed);
}

static json_t *column(const ufm__orbit_model *m, size_t c)
{
  const ufm_column_orbit *orbit = &m->column[c];
  json_t *marks = json_array(), *targets = json_array();
  int failed = 0;

  for (size_t l = 0; l < orbit->marks; l++) {
    failed |=
        json_array_append_new(marks, json_integer((json_int_t)orbit->group[l]));
    failed |= json_array_append_new(
        targets, ufm__certificate_json_rational(orbit->target[l]));
  }
  return json_pack("{s:o, s:o, s:o, s:o, s:o}", "marks", whole(marks, failed),
                   "targets", whole(targets, failed), "background",
                   ufm__certificate_json_rational(orbit->background), "weight",
                   ufm__certificate_json_integer(m->weight[c]), "multiplicity",
                   ufm__certificate_json_rational(orbit->nu));
}

static json_t *columns(const ufm__orbit_model *m)
{
  json_t *list = json_array();
  int failed = 0;

  for (size_t c = 0; c < m->C; c++)
    failed |= json_array_append_new(list, column(m, c));
  return whole(list, failed);
}

static json_t *problem(const ufm__orbit_model *m)
{
  return json_pack("{s:s, s:s, s:I, s:I, s:o, s:o, s:o, s:o, s:o}", "loss",
                   ufm_loss_name(m->loss), "bias", ufm_bias_name(m->bias), "K",
                   (json_int_t)m->K, "d", (json_int_t)m->d, "lambda_W",
                   ufm__certificate_json_rational(m->lambda_w), "lambda_H",
                   ufm__certificate_json_rational(m->lambda_h), "lambda_b",
                   m->bias == UFM_BIAS_RIDGE
                       ? ufm__certificate_json_rational(m->lambda_b)
                       : json_null(),
                   "groups", groups(m), "columns", columns(m));
}

/* `rows` rows of n numbers: entry i of row k is x[k + i stride]. */
static json_t *numbers(mpfr_t *x, size_t rows, size_t n, size_t stride)
{
  json_t *list = json_array();
  int failed = 0;

  for (size_t k = 0; k < rows; k++)
    for (size_t i = 0; i < n; i++)
      failed |= json_array_append_new(
          list, ufm__certificate_json_dyadic(x[k + i * stride]));
  return whole(list, failed);
}

static json_t *primal(const ufm__orbit_model *m, mpfr_t *x)
{
  return json_pack(
      "{s:I, s:o, s:o, s:o, s:o, s:o}", "r", (json_int_t)m->r, "w",
      numbers(x + m->w, 1, m->G, 1), "h", numbers(x + m->h, 1, m->Q, 1), "V",
      numbers(x + m->v, 1, m->G * m->r, 1), "Y",
      numbers(x + m->y, m->r, m->C, m->r), "b",
      m->bias == UFM_BIAS_NONE ? json_null() : numbers(x + m->b, 1, m->G, 1));
}

/* Masses column by column, of entries that may stand for no class. */
static json_t *dual(const ufm__orbit_dual *d)
{
  const ufm__orbit_model *m = d->model;
  json_t *mass = json_array();
  int failed = 0;

  for (size_t c = 0; c < m->C; c++)
    for (size_t e = 0; e < m->G + m->column[c].marks; e++)
      failed |= json_array_append_new(
          mass, ufm__certificate_json_mass(
                    d->mass[c * ufm__orbit_entries(m) + e], d->grid));
  return json_pack("{s:o, s:o}", "M", whole(mass, failed), "s",
                   ufm__certificate_json_mass(d->s, d->s_shift));
}

static json_t *collapsed(const ufm__orbit_proof *proof)
{
  json_t *list = json_array();
  int failed = 0;

  for (size_t g = 0; g < proof->model.G; g++)
    if (proof->collapsed[g])
      failed |= json_array_append_new(list, json_integer((json_int_t)g));
  return whole(list, failed);
}

static int append_cosine(json_t *list, char letter, size_t f, size_t g,
                         const iv *cosine)
{
  json_t *entry = json_pack("{s:o, s:o, s:o}", "what",
                            json_sprintf("%c%zu.%c%zu", letter, f, letter, g),
                            "lower", ufm__certificate_json_dyadic(cosine->lo),
                            "upper", ufm__certificate_json_dyadic(cosine->hi));

  return json_array_append_new(list, entry);
}

/* Of w between classes in groups f and g. */
static int append_rows(json_t *list, const ufm__orbit_proof *proof, size_t f,
                       size_t g, iv *x)
{
  const iv *norm = proof->norm_w;

  if (mpfr_sgn(norm[f].lo) <= 0 || mpfr_sgn(norm[g].lo) <= 0)
    return 0;
  ufm__orbit_gram_w(proof, f, g, false, x);
  ufm__cosine(x, &norm[f], &norm[g], x);
  return append_cosine(list, 'w', f, g, x);
}

/* Of h between columns with one mark, which are the first orbits. */
static int append_features(json_t *list, const ufm__orbit_proof *proof,
                           size_t f, size_t g, iv *x)
{
  const iv *norm = proof->norm_h;
  const ufm__orbit_member first = {f, {0, 0}}, second = {g, {1, 1}};

  if (proof->model.column[0].marks != 1 || mpfr_sgn(norm[f].lo) <= 0 ||
      mpfr_sgn(norm[g].lo) <= 0)
    return 0;
  ufm__orbit_gram_h(proof, &first, &second, x);
  ufm__cosine(x, &norm[f], &norm[g], x);
  return append_cosine(list, 'h', f, g, x);
}

/* Cosines between two classes of every pair of groups whose vectors are surely
   not 0. */
static json_t *cosines(const ufm__orbit_proof *proof)
{
  size_t G = proof->model.G <= MOST_GROUPS ? proof->model.G : 0;
  json_t *list = json_array();
  int failed = 0;
  iv x;

  ufm__iv_init(&x, mpfr_get_prec(proof->E[0].lo));
  for (size_t f = 0; f < G; f++)
    for (size_t g = f; g < G; g++) {
      if (f == g && proof->model.classes[f] < 2)
        continue;
      failed |= append_rows(list, proof, f, g, &x);
      failed |= append_features(list, proof, f, g, &x);
    }
  ufm__iv_clear(&x);
  return whole(list, failed);
}

int ufm__orbit_json(json_t *root, const ufm_certificate *certificate)
{
  const ufm__orbit_proof *proof = certificate->proof->orbits;
  int failed = 0;

  failed |= json_object_set_new(root, "problem", problem(&proof->model));
  failed |=
      json_object_set_new(root, "primal", primal(&proof->model, proof->x));
  failed |= json_object_set_new(root, "dual", dual(&proof->dual));
  if (certificate->bars)
    failed |= json_object_set_new(root, "cosines", cosines(proof));
  return failed | json_object_set_new(root, "collapsed", collapsed(proof));
}
