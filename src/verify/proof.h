/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands behind a certificate: the exact problem, the point, and the dual
   object that proves the lower bound. */
#ifndef UFM_VERIFY_PROOF_H
#define UFM_VERIFY_PROOF_H

#include <ufm/verify.h>

#include "verify/dual_norm.h"
#include "verify/dual_point.h"
#include "verify/interval.h"
#include "verify/model.h"

/* One tangent of the loss as a function of the nuclear norm. */
typedef struct ufm__line {
  ufm__dual dual;
  mpq_t mu; /* slope */
} ufm__line;

typedef struct ufm__piece {
  mpfr_t to;
  size_t line;
} ufm__piece;

/* One singular direction of a spectral proof. */
typedef struct ufm__root {
  bool active;
  mpfr_t lo, hi; /* bracket of u */
} ufm__root;

typedef struct ufm__proof {
  ufm__model model;
  mpfr_prec_t bits; /* of interval evaluations */
  mpfr_t *x;        /* the point, model.size numbers, exactly as written */

  /* UFM_PROOF_DUAL */
  bool has_dual;
  ufm__dual dual;
  mpq_t omega;

  /* UFM_PROOF_SPECTRAL */
  size_t roots;      /* R, or 0 */
  mpq_t *eigenvalue; /* K lower bounds, descending */
  ufm__root *root;

  /* UFM_PROOF_ENVELOPE */
  size_t lines, pieces;
  ufm__line *line;
  ufm__piece *piece;

  /* UFM_PROOF_ORBITS: everything, and nothing of the rest */
  struct ufm__orbit_proof *orbits;

  /* Error bars: enclosures of quantities of the optimum, NULL without. */
  iv *E, *p, *z; /* J x K */
  iv *weighted;  /* J x K: pi_j E_ij / lambda_W */
  iv *bias;      /* K, or NULL */
  iv *norm_w;    /* K: squared norms of the rows of W */
  iv *norm_h;    /* J: squared norms of the features */
} ufm__proof;

#endif
