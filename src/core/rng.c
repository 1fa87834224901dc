/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Independent random streams. */
#include <config.h>

#include "core/rng.h"

/* Finaliser of SplitMix64 (Steele, Lea and Flood 2014): a bijection whose
   output bits all depend on all input bits. */
static uint64_t mix(uint64_t x)
{
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 27) * 0x94d049bb133111ebu;
  return x ^ x >> 31;
}

gsl_rng *ufm__rng_new(uint64_t seed, uint64_t stream)
{
  gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
  uint64_t mixed = mix(mix(seed) ^ stream) >> 32;

  if (rng != NULL)
    gsl_rng_set(rng, mixed != 0 ? (unsigned long)mixed : 1);
  return rng;
}
