/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Target for libFuzzer: any bytes to ufm-check.  Besides what the sanitizers
   see, a claim that is verified although it is false is a crash. */
#include <config.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/decimal.h"
#include "check/verify.h"
#include "mutate.h"
#include "truth.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
                               unsigned int seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* A hundredth of a second instead of seconds: more runs. */
static const chk_limits limits = {.work_base = 0x1p24,
                                  .work_per_byte = 0x1p12,
                                  .memory_base = 0x1p26,
                                  .memory_per_byte = 0x1p6};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  chk_result result;

  chk_result_init(&result);
  chk_verify(&result, (const char *)data, size, &limits);
  if (result.session.outcome == CHK_VERIFIED) {
    json_t *root = json_loadb((const char *)data, size, 0, NULL);

    if (root == NULL || claim_is_false(root)) {
      fputs("fuzz_check: a false claim was verified\n", stderr);
      abort();
    }
    json_decref(root);
    free(chk_decimal(result.lower, 30, false));
    free(chk_decimal(result.upper, 30, true));
  } else if (result.session.reason[0] == '\0') {
    fputs("fuzz_check: no reason was given\n", stderr);
    abort();
  }
  chk_result_clear(&result);
  return 0;
}

/* One to four changes of values; one time in four, and when the bytes are not
   JSON, changes of bytes. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
                               unsigned int seed)
{
  json_t *root = seed % 4 == 0 ? NULL : json_loadb((char *)data, size, 0, NULL);
  gmp_randstate_t random;
  size_t length = 0;

  if (root == NULL)
    return LLVMFuzzerMutate(data, size, max_size);
  gmp_randinit_lc_2exp_size(random, 64);
  gmp_randseed_ui(random, seed);
  for (unsigned long n = 1 + gmp_urandomm_ui(random, 4); n > 0; n--)
    mutate(root, random);
  gmp_randclear(random);
  length = json_dumpb(root, (char *)data, max_size, JSON_COMPACT);
  json_decref(root);
  return length > 0 && length <= max_size
             ? length
             : LLVMFuzzerMutate(data, size, max_size);
}
