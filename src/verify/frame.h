/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A classifier fixed to W = m (I - J/K), W W^T = m^2 (I - J/K).  The problem is
   convex in the features and the bias, and for any residuals r_j that are dual
   feasible but for the norm

     F >= sum_j pi_j phi_j(r_j) - sum_j pi_j^2 |W^T r_j|^2/(2 lambda_H nu_j)
          [- |sum_j pi_j r_j|^2/(2 lambda_b)] + (lambda_W/2) m^2 (K - 1),
     |W^T r|^2 = m^2 (|r|^2 - (1.r)^2/K),

   from loss(z + b, t) >= phi(r) - r.(z + b) and the minimum over h_j (derived
   here; doc/certificate-format.md, section 8). */
#ifndef UFM_VERIFY_FRAME_H
#define UFM_VERIFY_FRAME_H

#include "verify/certificate.h"

/* out += (lambda_W/2) m^2 (K - 1) */
void ufm__add_frame_penalty(const ufm__model *model, iv *out);

/* The bound above with the residuals of the point. */
UFM_MUST_CHECK ufm_status ufm__prove_frame(ufm_certificate *certificate,
                                           ufm_error *error);

#endif
