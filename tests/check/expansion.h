/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificates of orbits written out class by class and column by column,
   exactly.  Nothing of the reduction is used: a contrast matrix is P_g = I -
   J/K_g itself (P P^T = P), in K_g dimensions. */
#ifndef UFM_TESTS_EXPANSION_H
#define UFM_TESTS_EXPANSION_H

#include <stddef.h>

#include <gmp.h>
#include <jansson.h>

/* Any number of the format. */
void exact_number(mpq_t out, const json_t *value);

/* Classes in the order of groups; columns by orbits, pairs in both orders where
   both exist.  Pairs without order are two columns of half the weight and half
   the multiplicity, which is the same problem (all weights are doubled). */
typedef struct expansion {
  size_t K, J, d, G;
  size_t *of;         /* K: group */
  size_t *start;      /* G + 1: first class of each group */
  size_t *orbit;      /* J */
  size_t (*marks)[2]; /* J: classes, equal for one mark */
  mpq_t *a, *nu;      /* J */
  mpq_t *t, *M;       /* K x J */
  mpq_t *W, *H, *b;   /* K x d, d x J, K */
} expansion;

/* NULL when there are too many classes, columns or dimensions. */
expansion *expansion_new(const json_t *root);
void expansion_free(expansion *x);

/* The same certificate of kind "dual", without optional claims. */
json_t *expansion_json(const expansion *x, const json_t *root);

#endif
