/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A hash that stays the same on every machine. */
#include <config.h>

#include <inttypes.h>
#include <stdio.h>

#include "core/hash.h"

uint64_t ufm__hash_text(uint64_t hash, const char *text)
{
  static const uint64_t prime = UINT64_C(0x100000001b3);
  const char *c = text;

  do
    hash = (hash ^ (unsigned char)*c) * prime;
  while (*c++ != '\0');
  return hash;
}

void ufm__hash_digits(uint64_t hash, char text[17])
{
  snprintf(text, 17, "%016" PRIx64, hash);
}
