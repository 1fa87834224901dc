/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The objective on invariant points (doc/orbits.md, section 3), in double
   precision and balanced variables x', x_i = scale_i x'_i, in which every
   penalty is (kappa/2)|.|^2, kappa^2 = lambda_W lambda_H.  They are the
   orthonormal coordinates of the invariant points among all points, so the
   reduced problem is as well conditioned as the full one. */
#ifndef UFM_REDUCE_OBJECTIVE_H
#define UFM_REDUCE_OBJECTIVE_H

#include <ufm/orbits.h>

typedef struct ufm__reduced {
  const ufm_orbits *orbits;
  ufm_loss loss;
  double kappa;
  double *scale;      /* length; 0 for what must stay 0 */
  double *size;       /* G: K_g */
  double *many;       /* G: size, but for the marks of the column at work */
  double *mass;       /* C: N_c pi_c */
  double *target;     /* C x 2: of the marks */
  double *background; /* C */
  double *ridge;      /* G: penalty of b'_g, 0 without one */
  double *x;          /* length: the plain point */
  double *z;          /* G x C: v_u . y_c, then dF/d(v_u . y_c) */
  double *p;          /* G: one column, without its marks */
  double *term;       /* C + 1: parts of the value */
  /* Written by evaluations with a gradient unless NULL: */
  double *probability; /* C x (G + 2): of ce, of the other classes of each
                          group, then of the marks */
  double *R;           /* C x 2: minus dF/d(rho_l) without penalties */
  size_t values;       /* evaluations so far */
} ufm__reduced;

/* UFM_ERANGE when there are too many orbits for BLAS. */
UFM_MUST_CHECK ufm_status ufm__reduced_init(ufm__reduced *out,
                                            const ufm_problem *problem,
                                            const ufm_orbits *orbits,
                                            ufm_error *error);
void ufm__reduced_clear(ufm__reduced *reduced);

/* With cross entropy and a free bias adding a constant to b changes nothing:
   takes that direction out of g.  Other problems: nothing. */
void ufm__reduced_fix_gauge(const ufm__reduced *reduced, double *g);

/* Takes the marks of column c out of `many`, or puts them back. */
void ufm__reduced_unmark(ufm__reduced *reduced, size_t c);
void ufm__reduced_mark(ufm__reduced *reduced, size_t c);

/* The loss of column c, which is unmarked, with logits `own` of its marks and
   reduced->p of the other classes by group; both become residuals t - p or
   t - y. */
double ufm__reduced_ce(ufm__reduced *reduced, size_t c, double own[2]);
double ufm__reduced_mse(ufm__reduced *reduced, size_t c, double own[2]);

/* out[l] = N_c pi_c times x of mark l minus the mean of x over its group, x =
   own[l] on marks, rest[u] on other classes of column c, which is unmarked. */
void ufm__reduced_project(const ufm__reduced *reduced, size_t c,
                          const double own[2], const double *rest,
                          double out[2]);

/* F(x'), and its gradient in g unless that is NULL.  O(G C r). */
double ufm__reduced_value(ufm__reduced *reduced, const double *x, double *g);

/* The plain point of x'. */
void ufm__reduced_to_plain(const ufm__reduced *reduced, const double *x,
                           double *plain);

/* |gradient| over the larger of its parts at x', as in <ufm/solve.h>. */
double ufm__reduced_relative_gradient(const ufm__reduced *reduced, double floor,
                                      const double *x, const double *g);

#endif
