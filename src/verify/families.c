/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The named candidates of balanced deep cross entropy, enclosed and compared.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/number.h"
#include "verify/families.h"
#include "verify/family_minimum.h"

enum { MOST_DIGITS = 100000, GUARD_BITS = 64 };

static void family_from(ufm_family *out, const ufm__family *family,
                        const ufm__family_minimum *minimum)
{
  mpfr_prec_t bits = mpfr_get_prec(minimum->lower);

  out->name = family->name;
  out->zero = minimum->zero;
  out->rank = minimum->zero ? 0 : family->rank;
  out->located = minimum->located;
  mpfr_inits2(bits, out->lower, out->upper, out->scale_lo, out->scale_hi,
              (mpfr_ptr)NULL); /* NaN */
  mpfr_set(out->lower, minimum->lower, MPFR_RNDD);
  mpfr_set(out->upper, minimum->upper, MPFR_RNDU);
  if (minimum->located) {
    mpfr_set(out->scale_lo, minimum->scale.lo, MPFR_RNDD);
    mpfr_set(out->scale_hi, minimum->scale.hi, MPFR_RNDU);
  }
}

static void zero_point(ufm_family *out, size_t K, mpfr_prec_t bits)
{
  out->name = "zero";
  out->zero = true;
  out->rank = 0;
  out->located = false;
  mpfr_inits2(bits, out->lower, out->upper, out->scale_lo, out->scale_hi,
              (mpfr_ptr)NULL);
  mpfr_log_ui(out->lower, K, MPFR_RNDD);
  mpfr_log_ui(out->upper, K, MPFR_RNDU);
}

/* Ascending in `upper`, equals in the order given. */
static void sort(ufm_families *families)
{
  for (size_t i = 1; i < families->count; i++)
    for (size_t j = i;
         j > 0 && mpfr_less_p(families->at[j].upper, families->at[j - 1].upper);
         j--) {
      ufm_family swap = families->at[j];

      families->at[j] = families->at[j - 1];
      families->at[j - 1] = swap;
    }
}

static void conclude(ufm_families *families)
{
  families->decided = true;
  for (size_t i = 1; i < families->count; i++)
    families->decided = families->decided && mpfr_less_p(families->at[0].upper,
                                                         families->at[i].lower);
}

ufm_status ufm__families_enclose(ufm_families **out, const ufm__model *model,
                                 mpfr_prec_t bits, ufm_error *error)
{
  ufm__family family[UFM__FAMILIES];
  ufm_families *families = calloc(1, sizeof *families);
  size_t n;
  mpq_t one;

  *out = NULL;
  if (families != NULL)
    families->at = calloc(UFM__FAMILIES + 1, sizeof *families->at);
  if (families == NULL || families->at == NULL) {
    free(families);
    return ufm__no_memory(error, "verify: families");
  }
  mpq_init(one);
  mpq_set_ui(one, 1, 1);
  n = ufm__families(model, one, family);
  mpq_clear(one);
  for (size_t i = 0; i < n; i++) {
    ufm__family_minimum minimum;

    ufm__family_minimum_init(&minimum, bits);
    ufm__family_minimise(&family[i], &minimum);
    family_from(&families->at[families->count++], &family[i], &minimum);
    ufm__family_minimum_clear(&minimum);
    ufm__family_clear(&family[i]);
  }
  zero_point(&families->at[families->count++], model->K, bits);
  sort(families);
  conclude(families);
  *out = families;
  return UFM_OK;
}

ufm_status ufm_families_enclose(ufm_families **out, const ufm_problem *problem,
                                size_t digits, ufm_error *error)
{
  ufm__model model = {0};
  ufm_status status;

  *out = NULL;
  if (digits < 1 || digits > MOST_DIGITS)
    return ufm__fail(error, UFM_EINVAL, "digits: got %zu, want 1 to %d", digits,
                     MOST_DIGITS);
  status = ufm__model_init(&model, problem, error);
  if (status != UFM_OK)
    return status;
  if (ufm__family_covers(&model))
    status = ufm__families_enclose(
        out, &model, ufm__bits_for_digits(digits, GUARD_BITS), error);
  else
    status = ufm__fail(error, UFM_EUNSUPPORTED,
                       "families: want ce, depth >= 2, at least 3 classes, "
                       "one-hot targets, equal counts, bias none or free");
  ufm__model_clear(&model);
  return status;
}

const ufm_family *ufm_families_find(const ufm_families *families,
                                    const char *name)
{
  for (size_t i = 0; families != NULL && i < families->count; i++)
    if (strcmp(families->at[i].name, name) == 0)
      return &families->at[i];
  return NULL;
}

bool ufm_certificate_refutes(const ufm_certificate *certificate,
                             const ufm_family *family)
{
  const ufm_families *all = certificate->families;

  return mpfr_less_p(certificate->upper, family->lower) ||
         (all != NULL && mpfr_less_p(all->at[0].upper, family->lower));
}

void ufm_families_free(ufm_families *families)
{
  if (families == NULL)
    return;
  for (size_t i = 0; i < families->count; i++)
    mpfr_clears(families->at[i].lower, families->at[i].upper,
                families->at[i].scale_lo, families->at[i].scale_hi,
                (mpfr_ptr)NULL);
  free(families->at);
  free(families);
}
