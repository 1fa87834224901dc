/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Targets and the fixed classifier, as users state them. */
#ifndef UFM_RECORD_TARGETS_H
#define UFM_RECORD_TARGETS_H

#include <stdio.h>

#include <jansson.h>

#include <ufm/problem.h>

/* "onehot", "smooth:1/10", "mixup:beta=1,nodes=65,rule=tanh-sinh,same=1/10",
   "file"; the caller's to free, NULL when memory is exhausted. */
char *ufm__targets_text(const ufm_problem *problem);

/* Rule, nodes, columns, second moment and its error; null without mixup. */
json_t *ufm__json_mixing(const ufm_problem *problem);

/* Frame, multiplier and row norm; null when the classifier is free. */
json_t *ufm__json_fixed(const ufm_problem *problem);

/* The same as a line; nothing when the classifier is free. */
void ufm__text_fixed(const ufm_problem *problem, FILE *f);

#endif
