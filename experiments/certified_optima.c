/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Optima of many kinds of unconstrained features models, each enclosed by a
   certificate to more than 30 digits; deep cross entropy, where no optimum is
   known for K >= 3, with the proof that no simplex ETF is one.  The first table
   has the enclosures, outward rounded, the gap, the widest enclosure of a
   cosine between rows of W, the proved rank of the logits and the seconds of
   refinement and proof. */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"

enum { PROOF_DIGITS = 60, SHOWN = 30, BITS = 256 };

#define IMBALANCED                                                             \
  "counts=500,300,180,108,65,39,23,14,8,5 width=16 lambda-W=1/2000 "           \
  "lambda-H=1/100000 "
#define BALANCED                                                               \
  "classes=10 per-class=100 width=16 lambda-W=1/2000 lambda-H=1/100000 "
#define MINORITY                                                               \
  "counts=1000,1000,1000,1000,1000,2,2,2,2,2 width=16 lambda-W=1/200 "         \
  "lambda-H=1/20000 "
#define DEEP "counts=40,20,10,5 width=6 starts=20 lambda-W=1/100 lambda-H=1/80 "

/* Optima that can be proved.  `known`: the first digits of the value, computed
   apart from this library with 40 digits and more. */
static const struct {
  const char *name, *options, *known;
  size_t merged; /* classes of one group with proved equal rows of W */
  bool full;     /* only with --full */
} optima[] = {
    {"ce balanced", "loss=ce " BALANCED, NULL, 0, false},
    {"ce balanced, free bias", "loss=ce bias=free " BALANCED, NULL, 0, false},
    {"ce imbalanced", "loss=ce " IMBALANCED, "0.04811552045916360243465542441",
     0, false},
    {"ce imbalanced, free bias", "loss=ce bias=free " IMBALANCED,
     "0.04278007036698539428389757609", 0, false},
    {"ce imbalanced, ridge bias",
     "loss=ce bias=ridge lambda-b=1/100 " IMBALANCED, NULL, 0, false},
    {"ce minority collapse", "loss=ce " MINORITY,
     "0.4262992449560982837677834846", 5, false},
    {"ce minority collapse, free bias", "loss=ce bias=free " MINORITY, NULL, 5,
     false},
    {"ce smooth:1/10 balanced", "loss=ce targets=smooth:1/10 " BALANCED, NULL,
     0, false},
    {"ce smooth:1/10 imbalanced",
     "loss=ce targets=smooth:1/10 bias=free " IMBALANCED, NULL, 0, false},
    {"ce two classes, depth 2",
     "loss=ce counts=10,3 depth=2 width=3 lambda-W=1/100 lambda-H=1/100", NULL,
     0, false},
    {"mse imbalanced", IMBALANCED, "0.006431845191498348709066502813", 0,
     false},
    {"mse imbalanced, free bias", "bias=free " IMBALANCED,
     "0.005350858646544661802766042727", 0, false},
    {"mse smooth:1/10, free bias", "targets=smooth:1/10 bias=free " IMBALANCED,
     NULL, 0, false},
    {"mse depth 2", "depth=2 " DEEP, NULL, 0, false},
    {"mse depth 3", "depth=3 " DEEP, NULL, 0, false},
    {"mse depth 3, free bias", "depth=3 bias=free " DEEP, NULL, 0, false},
    {"mse depth 6",
     "counts=200,100,50,50 depth=6 width=64 lambda-W=1/2000 lambda-H=1/2000",
     NULL, 0, false},
    {"ce 50 classes",
     "loss=ce profile=exp:50:500:100 width=50 lambda-W=1/2000 "
     "lambda-H=1/100000",
     NULL, 0, true},
    {"ce 100 classes, free bias",
     "loss=ce bias=free profile=exp:100:500:100 width=100 lambda-W=1/2000 "
     "lambda-H=1/100000",
     NULL, 0, true}};

/* Deep cross entropy: `better` is the family that beats the simplex ETF. */
static const struct {
  const char *name, *options, *better;
} deep[] = {
    {"ce depth 2, K = 4",
     "classes=4 per-class=1 depth=2 width=4 lambda-W=1/50 lambda-H=1/50",
     "hypercube"},
    {"ce depth 2, K = 4, n = 2",
     "classes=4 per-class=2 depth=2 width=4 lambda-W=1/100 lambda-H=1/100",
     "hypercube"},
    {"ce depth 2, K = 6",
     "classes=6 per-class=1 depth=2 width=6 lambda-W=1/100 lambda-H=1/100",
     "orthoplex"},
    {"ce depth 2, K = 10",
     "classes=10 per-class=1 depth=2 width=10 lambda-W=1/100 lambda-H=1/100",
     "orthoplex"},
    {"ce depth 3, K = 10, free bias",
     "classes=10 per-class=1 depth=3 width=10 lambda-W=1/100 lambda-H=1/100 "
     "bias=free",
     "orthoplex"}};

static void print_bounds(FILE *out, mpfr_srcptr lower, mpfr_srcptr upper)
{
  mpfr_fprintf(out, " %-#32.*RDg %-#32.*RUg", SHOWN, lower, SHOWN, upper);
}

/* 0 when the enclosure has a number with these first digits, else 1. */
static double outside_digits(const char *digits, const ufm_certificate *c)
{
  mpfr_t low, high;
  double result;

  mpfr_inits2(BITS, low, high, (mpfr_ptr)NULL);
  mpfr_set_str(low, digits, 10, MPFR_RNDD);
  mpfr_set_ui(high, 10, MPFR_RNDN);
  mpfr_pow_si(high, high, -(long)strlen(strchr(digits, '.') + 1), MPFR_RNDU);
  mpfr_add(high, high, low, MPFR_RNDU);
  /* the value is in [low, high]: so must be some point of the enclosure */
  result = mpfr_lessequal_p(c->lower, high) && mpfr_lessequal_p(low, c->upper)
               ? 0.0
               : 1.0;
  mpfr_clears(low, high, (mpfr_ptr)NULL);
  return result;
}

/* Largest number of classes proved to have the same row of W. */
static size_t largest_group(const ufm_certificate *c, size_t K)
{
  size_t most = 0;

  for (size_t k = 0; c->collapsed != NULL && k < K; k++) {
    size_t size = 0;

    for (size_t i = 0; i < K; i++)
      size +=
          c->collapsed[k] != UFM_NO_LABEL && c->collapsed[i] == c->collapsed[k];
    if (size > most)
      most = size;
  }
  return most;
}

static void print_optimum(FILE *out, const char *name, const ufm_certificate *c,
                          double seconds)
{
  fprintf(out, "  %-32s", name);
  print_bounds(out, c->lower, c->upper);
  mpfr_fprintf(out, " %-8.1RUe", c->gap);
  if (c->bars && mpfr_number_p(c->cosine_error))
    mpfr_fprintf(out, " %-8.1RUe", c->cosine_error);
  else
    fprintf(out, " %-8s", "-");
  if (c->ranked)
    fprintf(out, " %2zu to %-2zu", c->rank_lo, c->rank_hi);
  else
    fprintf(out, " %-8s", "-");
  fprintf(out, " %7.3f\n", seconds);
}

static void prove_optima(experiment *x)
{
  size_t proved = experiment_claim(x, "proved: relative gap below 1e-60", 1e-60,
                                   UFM_VERDICT_AGREES);
  size_t bars = experiment_claim(
      x, "cosines enclosed to 1e-27 (cross entropy and MSE, depth 1)", 1e-27,
      UFM_VERDICT_AGREES);
  size_t ranks = experiment_claim(
      x, "the rank is proved: both bounds are equal", 0.0, UFM_VERDICT_AGREES);
  size_t known = experiment_claim(x, "values computed elsewhere are enclosed",
                                  0.0, UFM_VERDICT_AGREES);
  size_t closed =
      experiment_claim(x, "closed forms are enclosed to their 40 digits", 1e-39,
                       UFM_VERDICT_AGREES);
  size_t merged =
      experiment_claim(x, "minority classes: rows of W exactly equal, proved",
                       0.0, UFM_VERDICT_AGREES);

  for (size_t i = 0; i < sizeof optima / sizeof *optima; i++) {
    instance it;
    double seconds, gap;
    const ufm_certificate *c;

    if (optima[i].full && !experiment_full(x))
      continue;
    seconds = experiment_prove(x, &it, PROOF_DIGITS, "%s", optima[i].options);
    c = it.certificate;
    print_optimum(experiment_table(x), optima[i].name, c, seconds);
    gap = mpfr_get_d(c->gap, MPFR_RNDU) / mpfr_get_d(c->upper, MPFR_RNDD);
    experiment_case(x, proved,
                    c->status == UFM_PROOF_PROVED ? gap : (double)NAN);
    if (c->kind == UFM_PROOF_DUAL) {
      experiment_case(x, bars, mpfr_get_d(c->cosine_error, MPFR_RNDU));
      experiment_case(x, ranks,
                      c->ranked ? (double)(c->rank_hi - c->rank_lo)
                                : (double)NAN);
      experiment_case(x, merged,
                      largest_group(c, ufm_problem_classes(it.problem)) ==
                              optima[i].merged
                          ? 0.0
                          : 1.0);
    }
    if (optima[i].known != NULL)
      experiment_case(x, known, outside_digits(optima[i].known, c));
    if (it.prediction != NULL && it.prediction->claim != UFM_CLAIM_CANDIDATE)
      experiment_case(x, closed, instance_outside(&it));
    instance_clear(&it);
  }
}

static void refute_frames(experiment *x)
{
  size_t refuted =
      experiment_claim(x, "deep ce: no simplex ETF is globally optimal, proved",
                       0.0, UFM_VERDICT_AGREES);
  size_t better =
      experiment_claim(x, "deep ce: the best named family is the one expected",
                       0.0, UFM_VERDICT_AGREES);
  FILE *out = experiment_table(x);

  for (size_t i = 0; i < sizeof deep / sizeof *deep; i++) {
    const ufm_families *families;
    const ufm_family *etf;
    instance it;
    double seconds = experiment_prove(x, &it, PROOF_DIGITS,
                                      "loss=ce starts=20 %s", deep[i].options);

    families = it.certificate->families;
    etf = families != NULL ? ufm_families_find(families, "etf") : NULL;
    print_optimum(out, deep[i].name, it.certificate, seconds);
    for (size_t k = 0; families != NULL && k < families->count; k++) {
      const ufm_family *f = &families->at[k];

      fprintf(out, "    %-30s", f->name);
      print_bounds(out, f->lower, f->upper);
      fprintf(out, " %s\n",
              ufm_certificate_refutes(it.certificate, f)
                  ? "proved not to be optimal"
                  : "");
    }
    experiment_case(x, refuted,
                    etf != NULL && ufm_certificate_refutes(it.certificate, etf)
                        ? 0.0
                        : 1.0);
    experiment_case(x, better,
                    families != NULL && families->decided &&
                            strcmp(families->at[0].name, deep[i].better) == 0
                        ? 0.0
                        : 1.0);
    instance_clear(&it);
  }
}

int main(int argc, char **argv)
{
  experiment *x = experiment_begin(
      argc, argv, "certified_optima",
      "Global optima with proofs, and proofs that candidates are not optimal.");

  fprintf(experiment_table(x), "  %-32s %-32s %-32s %-8s %-8s %-8s %7s\n",
          "problem", "optimum at least", "and at most", "gap", "cosines",
          "rank", "seconds");
  prove_optima(x);
  refute_frames(x);
  return experiment_end(x);
}
