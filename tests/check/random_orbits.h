/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_TESTS_RANDOM_ORBITS_H
#define UFM_TESTS_RANDOM_ORBITS_H

#include <jansson.h>

/* A bracketed certificate of orbits with a random problem of up to 9 classes,
   any loss and bias, orbits of one and two marks (some twice, some without
   order), a random point that fits, and a random dual point that violates a
   condition now and then; claims no bounds yet. */
json_t *random_orbits(unsigned long seed);

#endif
