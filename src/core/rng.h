/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_CORE_RNG_H
#define UFM_CORE_RNG_H

#include <stdint.h>

#include <gsl/gsl_rng.h>

/* A generator for stream `stream` of run `seed` (mt19937), so that every start
   of a run has numbers of its own, whatever the number of workers.  The two are
   mixed to 32 bits because mt19937 ignores the rest, and 0 is avoided because
   GSL reads it as its default seed.  NULL when out of memory. */
gsl_rng *ufm__rng_new(uint64_t seed, uint64_t stream);

#endif
