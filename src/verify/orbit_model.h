/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The problem of interchangeable classes, exactly (doc/orbits.md).  Points are
   vectors in the order of <ufm/orbits.h>.

   A column of group g has G + 1 different entries: entry f < G belongs to the
   classes of group f, without the column's own class for f = g, and entry G to
   that class.  Columns stand one after the other: G (G + 1) entries. */
#ifndef UFM_VERIFY_ORBIT_MODEL_H
#define UFM_VERIFY_ORBIT_MODEL_H

#include <gmp.h>
#include <mpfr.h>

#include <ufm/orbits.h>

#include "verify/interval.h"

typedef struct ufm__orbit_model {
  ufm_loss loss;
  ufm_bias bias;
  size_t K, G, r, d;
  size_t w, h, v, y, b, size; /* offsets in a point, and its length */
  unsigned long *classes;     /* G: K_g */
  unsigned long *weight;      /* G: a_g = n_g */
  unsigned long total;        /* A = sum K_g a_g */
  mpq_t *pi;                  /* G: a_g/A */
  mpq_t *nu;                  /* G */
  mpq_t eps, on, off;         /* t = on at the column's class, off elsewhere */
  mpq_t lambda_w, lambda_h, lambda_b;
  mpq_t omega; /* lambda_W lambda_H */
} ufm__orbit_model;

/* *out must be all zero.  Errors of ufm_orbits_new; UFM_EINVAL when `orbits` is
   of another problem. */
UFM_MUST_CHECK ufm_status ufm__orbit_model_init(ufm__orbit_model *out,
                                                const ufm_problem *problem,
                                                const ufm_orbits *orbits,
                                                ufm_error *error);
void ufm__orbit_model_clear(ufm__orbit_model *model);

/* How many classes entry f of a column of group g stands for. */
static inline unsigned long ufm__orbit_many(const ufm__orbit_model *model,
                                            size_t g, size_t f)
{
  return f == model->G ? 1 : model->classes[f] - (f == g);
}

/* Entry f of a target. */
static inline mpq_srcptr ufm__orbit_target(const ufm__orbit_model *model,
                                           size_t f)
{
  return f == model->G ? model->on : model->off;
}

#endif
