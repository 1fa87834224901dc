/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Valid certificates made for tests from closed forms and from random points,
   without the certificate writer. */
#ifndef UFM_TESTS_SAMPLES_H
#define UFM_TESTS_SAMPLES_H

#include <stdbool.h>

#include <jansson.h>

enum { SAMPLE_SLACK = 240 }; /* bounds are loosened by 2^-SAMPLE_SLACK */

size_t sample_count(void);

/* File name of a sample without the extension; tight samples have a gap below
   2^-150 and the status "proved". */
const char *sample_name(size_t index);
bool sample_tight(size_t index);

/* The certificate; the caller owns the reference. */
json_t *sample_make(size_t index);

/* A random problem with soft targets and unrelated multiplicities, with a
   random point and a feasible dual point; not tight. */
json_t *sample_random(unsigned long seed, bool ce, const char *bias, size_t K,
                      size_t J, size_t depth);

#endif
