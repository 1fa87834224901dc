/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_CHECK_ALLOC_H
#define UFM_CHECK_ALLOC_H

#include <stddef.h>

#include <gmp.h>

/* Memory that is there: when it runs out, the program says so and exits with
   status 3, here as inside GMP.  Nothing in this program returns NULL. */

/* Routes the allocations of GMP through this file; call it first. */
void chk_memory_setup(void);

/* Zeroed memory for count objects (at least one); free() releases it. */
void *chk_alloc(size_t count, size_t size);

/* n integers, all zero. */
mpz_t *chk_integers_new(size_t n);
void chk_integers_free(mpz_t *x, size_t n);

#endif
