/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The problem of interchangeable classes, exactly (doc/orbits.md).  Points are
   vectors in the order of <ufm/orbits.h>.

   A column of orbit c has up to G + 2 different entries: entry f < G belongs to
   the classes of group f that are no marks, entries G and G + 1 to its first
   and second mark.  Columns stand one after the other with G + 2 entries each;
   those that stand for no class are not looked at. */
#ifndef UFM_VERIFY_ORBIT_MODEL_H
#define UFM_VERIFY_ORBIT_MODEL_H

#include <gmp.h>
#include <mpfr.h>

#include <ufm/orbits.h>

#include "verify/interval.h"

typedef struct ufm__orbit_model {
  ufm_loss loss;
  ufm_bias bias;
  size_t K, G, C, Q, r, d;
  size_t w, h, v, y, b, size;     /* offsets in a point, and its length */
  ufm_orbits *orbits;             /* own, with copies of size and of */
  const ufm_column_orbit *column; /* C */
  const ufm_contrast *contrast;   /* Q */
  unsigned long *classes;         /* G: K_g */
  size_t *of;                     /* K: group of each class */
  mpz_t *weight;                  /* C: a_c, so that pi_c = a_c/A */
  mpz_t total;                    /* A = sum N_c a_c */
  mpq_t *share;                   /* C: N_c pi_c */
  mpq_t lambda_w, lambda_h, lambda_b;
  mpq_t omega; /* lambda_W lambda_H */
} ufm__orbit_model;

/* *out must be all zero, and is so on failure.  Errors of ufm_orbits_new;
   UFM_EINVAL when `orbits` is of another problem. */
UFM_MUST_CHECK ufm_status ufm__orbit_model_init(ufm__orbit_model *out,
                                                const ufm_problem *problem,
                                                const ufm_orbits *orbits,
                                                ufm_error *error);
void ufm__orbit_model_clear(ufm__orbit_model *model);

/* Number of all columns, SIZE_MAX when that overflows. */
size_t ufm__orbit_columns(const ufm__orbit_model *model);

static inline size_t ufm__orbit_entries(const ufm__orbit_model *model)
{
  return model->G + 2;
}

/* How many classes entry e of a column of orbit c stands for. */
static inline unsigned long ufm__orbit_many(const ufm__orbit_model *model,
                                            size_t c, size_t e)
{
  const ufm_column_orbit *column = &model->column[c];

  if (e >= model->G)
    return e - model->G < column->marks;
  return model->classes[e] - (e == column->group[0]) -
         (column->marks == 2 && e == column->group[1]);
}

/* Entry e of its target. */
static inline mpq_srcptr ufm__orbit_target(const ufm__orbit_model *model,
                                           size_t c, size_t e)
{
  const ufm_column_orbit *column = &model->column[c];

  return e < model->G ? column->background : column->target[e - model->G];
}

/* Contrasts of orbit c: from its `contrast` to this. */
static inline size_t ufm__orbit_contrasts_end(const ufm__orbit_model *model,
                                              size_t c)
{
  return c + 1 < model->C ? model->column[c + 1].contrast : model->Q;
}

/* Adds (pi_c^2/nu_c) e_cg(eta) to out, g the group of mark `l` of orbit c
   (doc/orbits.md, section 2); 0 for the second of two marks in one group, which
   the first speaks for. */
void ufm__orbit_add_contrast(const ufm__orbit_model *model, size_t c, size_t l,
                             mpq_t eta[2], mpq_t out);

#endif
