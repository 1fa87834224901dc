/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_RECORD_PHASE_H
#define UFM_RECORD_PHASE_H

#include <stdio.h>

#include <jansson.h>

#include <ufm/record.h>

/* Thresholds and changes of rank as a JSON object, decimals rounded outward; a
   new reference, null when the report has neither, NULL when memory ran out. */
json_t *ufm__json_phase(const ufm_report *report);

/* The same for people. */
void ufm__text_phase(const ufm_report *report, FILE *f);

#endif
