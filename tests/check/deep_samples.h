/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Samples of the kinds spectral, envelope and refutation; used by samples.c. */
#ifndef UFM_TESTS_DEEP_SAMPLES_H
#define UFM_TESTS_DEEP_SAMPLES_H

#include <stdbool.h>

#include <jansson.h>

size_t deep_sample_count(void);
const char *deep_sample_name(size_t index);
bool deep_sample_tight(size_t index);
json_t *deep_sample_make(size_t index);

#endif
