/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A program of somebody else: uses the installed library and what its headers
   bring along.  Prints the version, the product of two penalties and the file
   that serves CBLAS calls. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>

#include <gsl/gsl_cblas.h>
#include <gsl/gsl_errno.h>

#include <ufm/ufm.h>

/* 1/2000 * 1/3, through a problem with two classes. */
static int print_product(void)
{
  const size_t counts[] = {5, 3}, widths[] = {2};
  ufm_problem *problem = NULL;
  ufm_error error = {{0}};
  mpq_t lambda_w, lambda_h, product;
  ufm_status status;

  mpq_inits(lambda_w, lambda_h, product, (mpq_ptr)NULL);
  mpq_set_ui(lambda_w, 1, 2000);
  mpq_set_ui(lambda_h, 1, 3);
  status = ufm_problem_new(
      &problem,
      &(ufm_problem_settings){.loss = UFM_LOSS_MSE,
                              .bias = UFM_BIAS_NONE,
                              .K = 2,
                              .counts = counts,
                              .M = 1,
                              .widths = widths,
                              .lambda_w = (const mpq_t *)&lambda_w,
                              .lambda_h = lambda_h,
                              .targets = UFM_TARGETS_ONEHOT},
      &error);
  if (status == UFM_OK) {
    ufm_problem_lambda_product(problem, product);
    gmp_printf("%Qd\n", product);
  } else {
    fprintf(stderr, "%s: %s\n", ufm_strstatus(status), error.text);
  }
  ufm_problem_free(problem);
  mpq_clears(lambda_w, lambda_h, product, (mpq_ptr)NULL);
  return status == UFM_OK;
}

/* Where the dynamic linker found cblas_ddot; one call, so that it is needed. */
static int print_cblas(void)
{
  const double x[] = {3, 4};
  Dl_info where;

  if (cblas_ddot(2, x, 1, x, 1) != 25 ||
      dladdr((const void *)(uintptr_t)&cblas_ddot, &where) == 0)
    return 0;
  puts(where.dli_fname);
  return 1;
}

int main(void)
{
  gsl_set_error_handler_off();
  puts(ufm_version());
  return print_product() && print_cblas() ? 0 : 1;
}
