/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inner products at the optimum from its logits and residuals: the recovery
   formulas of doc/certificates.md, section 1,

     w_i . w_l = (1/lambda_W) sum_j pi_j E_ij z_lj,
     h_j . h_k = (pi_k/(nu_k lambda_H)) sum_i z_ij E_ik,

   where columns in which i and l play the same part, and classes that play the
   same part in j and k, are counted at once. */
#include <config.h>

#include "verify/orbit_bars.h"

/* out += count a b */
static void add_product(iv *out, unsigned long count, const iv *a, const iv *b)
{
  iv term;

  if (count == 0)
    return;
  ufm__iv_init(&term, mpfr_get_prec(out->lo));
  ufm__iv_mul(&term, a, b);
  ufm__iv_mul_ui(&term, &term, count);
  ufm__iv_add(out, out, &term);
  ufm__iv_clear(&term);
}

/* Columns of orbit c in which one class of group f is mark l.  Marks without
   order are counted in either: twice as many columns. */
static unsigned long as_mark(const ufm__orbit_model *m, size_t c, size_t l,
                             size_t f)
{
  const ufm_column_orbit *column = &m->column[c];
  size_t other = column->group[1 - l];

  if (l >= column->marks || column->group[l] != f)
    return 0;
  return column->marks == 1 ? 1 : m->classes[other] - (other == f);
}

static unsigned long all_columns(const ufm_column_orbit *column)
{
  return column->unordered ? 2 * column->columns : column->columns;
}

/* Sum over the columns of orbit c of E_ij z_ij, i in group f. */
static void one_class(const ufm__orbit_proof *proof, size_t c, size_t f,
                      iv *out)
{
  const ufm__orbit_model *m = &proof->model;
  const iv *E = proof->E + c * ufm__orbit_entries(m);
  const iv *z = proof->z + c * ufm__orbit_entries(m);
  unsigned long rest = all_columns(&m->column[c]);

  for (size_t l = 0; l < 2; l++) {
    unsigned long count = as_mark(m, c, l, f);

    add_product(out, count, &E[m->G + l], &z[m->G + l]);
    rest -= count;
  }
  add_product(out, rest, &E[f], &z[f]);
}

/* Of E_ij z_kj for two classes, i in group f and k in group g. */
static void two_classes(const ufm__orbit_proof *proof, size_t c, size_t f,
                        size_t g, iv *out)
{
  const ufm__orbit_model *m = &proof->model;
  const ufm_column_orbit *column = &m->column[c];
  const iv *E = proof->E + c * ufm__orbit_entries(m);
  const iv *z = proof->z + c * ufm__orbit_entries(m);
  unsigned long rest = all_columns(column);

  for (size_t l = 0; l < column->marks; l++) {
    /* i is mark l and k the other mark: in one column */
    unsigned long both = column->marks == 2 && column->group[l] == f &&
                         column->group[1 - l] == g;
    unsigned long mirror = column->marks == 2 && column->group[l] == g &&
                           column->group[1 - l] == f;
    unsigned long first = as_mark(m, c, l, f) - both;
    unsigned long second = as_mark(m, c, l, g) - mirror;

    add_product(out, both, &E[m->G + l], &z[m->G + 1 - l]);
    add_product(out, first, &E[m->G + l], &z[g]);
    add_product(out, second, &E[f], &z[m->G + l]);
    rest -= both + first + second;
  }
  add_product(out, rest, &E[f], &z[g]);
}

/* out = pi_c times that, for all columns of orbit c. */
static void orbit_sum(const ufm__orbit_proof *proof, size_t c, size_t f,
                      size_t g, bool same, iv *out)
{
  const ufm__orbit_model *m = &proof->model;

  ufm__iv_set_ui(out, 0);
  if (same)
    one_class(proof, c, f, out);
  else
    two_classes(proof, c, f, g, out);
  ufm__iv_mul(out, out, &proof->pi[c]);
  if (m->column[c].unordered) {
    mpfr_div_2ui(out->lo, out->lo, 1, MPFR_RNDD);
    mpfr_div_2ui(out->hi, out->hi, 1, MPFR_RNDU);
  }
}

/* True when some class of group g is a mark in columns of this orbit. */
static bool marks(const ufm_column_orbit *column, size_t g)
{
  return column->group[0] == g || column->group[1] == g;
}

void ufm__orbit_gram_w(const ufm__orbit_proof *proof, size_t f, size_t g,
                       bool same, iv *out)
{
  const ufm__orbit_model *m = &proof->model;
  iv sum;
  mpq_t factor;

  ufm__iv_init(&sum, mpfr_get_prec(out->lo));
  ufm__iv_set_ui(out, 0);
  for (size_t c = 0; c < m->C; c++) {
    if (marks(&m->column[c], f) || marks(&m->column[c], g))
      orbit_sum(proof, c, f, g, same, &sum);
    else /* both are no marks in all columns */
      ufm__iv_mul(&sum, &proof->all[c * m->G + f],
                  &proof->z[c * ufm__orbit_entries(m) + g]);
    ufm__iv_add(out, out, &sum);
  }
  mpq_init(factor);
  mpq_inv(factor, m->lambda_w);
  ufm__iv_mul_q(out, out, factor);
  mpq_clear(factor);
  ufm__iv_clear(&sum);
}

/* Entry of a column for the class with this name, in group g. */
static size_t entry(const ufm__orbit_model *m, const ufm__orbit_member *column,
                    size_t name, size_t g)
{
  for (size_t l = 0; l < m->column[column->orbit].marks; l++)
    if (column->mark[l] == name)
      return m->G + l;
  return g;
}

void ufm__orbit_gram_h(const ufm__orbit_proof *proof,
                       const ufm__orbit_member *i, const ufm__orbit_member *k,
                       iv *out)
{
  const ufm__orbit_model *m = &proof->model;
  const ufm_column_orbit *first = &m->column[i->orbit];
  const ufm_column_orbit *second = &m->column[k->orbit];
  const iv *z = proof->z + i->orbit * ufm__orbit_entries(m);
  const iv *E = proof->E + k->orbit * ufm__orbit_entries(m);
  mpq_t factor;

  ufm__iv_set_ui(out, 0);
  for (size_t l = 0; l < first->marks; l++)
    add_product(out, 1, &z[m->G + l],
                &E[entry(m, k, i->mark[l], first->group[l])]);
  for (size_t l = 0; l < second->marks; l++) {
    size_t e = entry(m, i, k->mark[l], second->group[l]);

    if (e < m->G) /* else it was a mark of the first, too */
      add_product(out, 1, &z[e], &E[m->G + l]);
  }
  for (size_t g = 0; g < m->G; g++) {
    unsigned long rest = ufm__orbit_many(m, i->orbit, g);

    for (size_t l = 0; l < second->marks; l++)
      rest -= entry(m, i, k->mark[l], second->group[l]) == g;
    add_product(out, rest, &z[g], &E[g]);
  }
  mpq_init(factor);
  mpq_div(factor, second->pi, second->nu);
  mpq_div(factor, factor, m->lambda_h);
  ufm__iv_mul_q(out, out, factor);
  mpq_clear(factor);
}
