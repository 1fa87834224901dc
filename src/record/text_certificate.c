/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Proofs for people. */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include <ufm/families.h>

#include "record/text.h"

enum { DIGITS_SHOWN = 30 };

static const char *long_name(const char *family)
{
  static const char *const names[][2] = {
      {"etf", "simplex ETF"},
      {"hypercube", "hypercube"},
      {"orthoplex", "orthoplex"},
      {"line", "line"},
      {"partial", "pair of classes with the others at zero"},
      {"zero", "zero point"}};

  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strcmp(family, names[i][0]) == 0)
      return names[i][1];
  return family;
}

static void print_families(const ufm_certificate *c, FILE *f)
{
  const ufm_families *all = c->families;

  fprintf(f, "candidates of each family, the best scale (proved)\n");
  for (size_t i = 0; i < all->count; i++) {
    const ufm_family *at = &all->at[i];

    if (strcmp(at->name, "zero") != 0 && at->zero)
      fprintf(f, "           %-10s scale 0: the zero point\n", at->name);
    else
      mpfr_fprintf(f,
                   "           %-10s rank %-3zu F >= %.*RDg\n"
                   "                               F <= %.*RUg\n",
                   at->name, at->rank, DIGITS_SHOWN, at->lower, DIGITS_SHOWN,
                   at->upper);
  }
  for (size_t i = 0; i < all->count; i++)
    if (ufm_certificate_refutes(c, &all->at[i]))
      fprintf(f, "           PROVED: the %s is not globally optimal\n",
              long_name(all->at[i].name));
}

void ufm__text_certificate(const ufm_certificate *c, FILE *f)
{
  fprintf(f, "proof      %s\n", ufm_proof_status_name(c->status));
  if (c->status != UFM_PROOF_REFUSED) {
    mpfr_fprintf(f, "           F >= %.50RDg (proved)\n", c->lower);
    mpfr_fprintf(f, "           F <= %.50RUg (proved)\n", c->upper);
    mpfr_fprintf(f, "           gap at most %.2RUe, %s bound, %ld bits\n",
                 c->gap, ufm_proof_kind_name(c->kind), (long)c->bits);
  }
  if (c->ranked)
    fprintf(f, "           rank of the optimal logits %zu to %zu (proved)\n",
            c->rank_lo, c->rank_hi);
  if (c->bars && mpfr_number_p(c->cosine_error))
    mpfr_fprintf(f,
                 "           cosines of classifier rows to %.2RUe (proved)\n",
                 c->cosine_error);
  for (size_t i = 0; i < c->notes; i++)
    fprintf(f, "           note: %s\n", c->note[i]);
  if (c->families != NULL)
    print_families(c, f);
}
