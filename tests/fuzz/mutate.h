/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random changes of certificates that keep them JSON: what a fuzzer that
   only knows bytes would hardly ever find. */
#ifndef UFM_TESTS_MUTATE_H
#define UFM_TESTS_MUTATE_H

#include <gmp.h>
#include <jansson.h>

/* Changes one value somewhere in `root`, an object or array, in place: a digit,
   a sign, a sum with a power of 2, an enormous exponent or count, a key or
   entry removed, doubled, exchanged or copied from elsewhere, a value of
   another type, deep nesting. */
void mutate(json_t *root, gmp_randstate_t random);

#endif
