/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Allocation that does not fail, for this program and for GMP. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include "check/alloc.h"

enum { EXIT_RESOURCES = 3 };

static _Noreturn void out_of_memory(void)
{
  fputs("ufm-check: out of memory\n", stderr);
  exit(EXIT_RESOURCES);
}

void *chk_alloc(size_t count, size_t size)
{
  void *memory = calloc(count > 0 ? count : 1, size);

  if (memory == NULL)
    out_of_memory();
  return memory;
}

static void *allocate(size_t size)
{
  return chk_alloc(size, 1);
}

static void *reallocate(void *memory, size_t old_size, size_t size)
{
  (void)old_size;
  memory = realloc(memory, size);
  if (memory == NULL)
    out_of_memory();
  return memory;
}

static void release(void *memory, size_t size)
{
  (void)size;
  free(memory);
}

void chk_memory_setup(void)
{
  mp_set_memory_functions(allocate, reallocate, release);
}

mpz_t *chk_integers_new(size_t n)
{
  mpz_t *x = chk_alloc(n, sizeof *x);

  for (size_t i = 0; i < n; i++)
    mpz_init(x[i]);
  return x;
}

void chk_integers_free(mpz_t *x, size_t n)
{
  if (x == NULL)
    return;
  for (size_t i = 0; i < n; i++)
    mpz_clear(x[i]);
  free(x);
}
