/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands behind a certificate of kind "orbits". */
#ifndef UFM_VERIFY_ORBIT_PROOF_H
#define UFM_VERIFY_ORBIT_PROOF_H

#include <jansson.h>

#include <ufm/verify.h>

#include "verify/orbit_dual.h"

typedef struct ufm__orbit_proof {
  ufm__orbit_model model;
  mpfr_t *x; /* the point, model.size numbers, exactly as written */
  ufm__orbit_dual dual;
  bool *collapsed; /* G: the classes of the group are exactly equal */

  /* Error bars: enclosures of quantities of the optimum, NULL without. */
  iv *E, *p, *z; /* C (G + 2) */
  iv *pi;        /* C */
  iv *all;       /* C x G: N_c pi_c E of classes that are no marks */
  iv *bias;      /* G */
  iv *norm_w;    /* G: squared norms */
  iv *norm_h;    /* C */
} ufm__orbit_proof;

void ufm__orbit_proof_free(ufm__orbit_proof *proof);

/* Sets the keys "problem", "primal", "dual", "cosines" and "collapsed" of a
   file (doc/certificate-format.md, section 9); not 0 when memory is exhausted.
 */
int ufm__orbit_json(json_t *root, const ufm_certificate *certificate);

#endif
