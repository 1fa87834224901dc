/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Solves that must succeed. */
#ifndef UFM_TESTS_SOLVE_H
#define UFM_TESTS_SOLVE_H

#include <check.h>

#include <ufm/solve.h>

static inline ufm_solution *must_solve(const ufm_problem *problem,
                                       const ufm_solve_settings *settings)
{
  ufm_solution *solution = NULL;
  ufm_error error = {{0}};

  ck_assert_msg(ufm_solve(&solution, problem, settings, &error) == UFM_OK, "%s",
                error.text);
  return solution;
}

#endif
