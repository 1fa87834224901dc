/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of a record.  Each function returns a new reference, or NULL when
   memory ran out; NULL inputs give JSON null. */
#ifndef UFM_RECORD_JSON_H
#define UFM_RECORD_JSON_H

#include <stdbool.h>

#include <jansson.h>

#include <ufm/record.h>

json_t *ufm__json_problem(const ufm_problem *problem);
json_t *ufm__json_solution(const ufm_solution *solution);
/* `reduced`: lists over many classes are left to ufm__json_orbits. */
json_t *ufm__json_geometry(const ufm_geometry *geometry,
                           const ufm_problem *problem, bool reduced);
json_t *ufm__json_orbits(const ufm_solution *solution,
                         const ufm_geometry *geometry);
json_t *ufm__json_theory(const ufm_prediction *prediction);
json_t *ufm__json_comparison(const ufm_comparison *comparison);
json_t *ufm__json_certificate(const ufm_certificate *certificate, size_t K);
json_t *ufm__json_versions(void);

/* A finite number, else null (JSON has no NaN). */
json_t *ufm__json_real(double x);

/* n such numbers. */
json_t *ufm__json_reals(const double *x, size_t n);

/* A rational as "p/q" or "p". */
json_t *ufm__json_rational(mpq_srcptr x);

/* `digits` significant decimal digits of x, as a string. */
json_t *ufm__json_decimal(mpfr_srcptr x, size_t digits);

/* Puts `value` (a new reference, or NULL) under key; false when either the
   value is missing or memory ran out. */
bool ufm__json_put(json_t *object, const char *key, json_t *value);

#endif
