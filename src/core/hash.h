/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_CORE_HASH_H
#define UFM_CORE_HASH_H

#include <stdint.h>

/* FNV-1a (Fowler, Noll, Vo; RFC 9923), 64 bits, continued from `hash` over the
   text and its terminating zero.  It tells texts apart by accident, not against
   an adversary. */
uint64_t ufm__hash_text(uint64_t hash, const char *text);

/* 16 hexadecimal digits. */
void ufm__hash_digits(uint64_t hash, char text[17]);

/* The hash of nothing. */
#define UFM__HASH_START UINT64_C(0xcbf29ce484222325)

#endif
