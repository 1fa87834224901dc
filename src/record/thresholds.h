/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_RECORD_THRESHOLDS_H
#define UFM_RECORD_THRESHOLDS_H

#include <stdio.h>

#include <jansson.h>

#include <ufm/thresholds.h>

/* Thresholds as a JSON object, decimals rounded outward to `digits`; a new
   reference, NULL when memory ran out. */
json_t *ufm__json_thresholds(const ufm_thresholds *thresholds, size_t digits);

/* The same for people. */
void ufm__text_thresholds(const ufm_thresholds *thresholds, size_t digits,
                          FILE *f);

#endif
