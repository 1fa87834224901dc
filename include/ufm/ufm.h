/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * @file
 * Everything libufm offers; users may also include the parts one by one.
 *
 * The library never prints, never exits and keeps no global state.  GSL's
 * error handler is global to the process and aborts by default: programs call
 * gsl_set_error_handler_off() before they use this library.
 */
#ifndef UFM_UFM_H
#define UFM_UFM_H

#include <ufm/columns.h>
#include <ufm/decimal.h>
#include <ufm/diagram.h>
#include <ufm/families.h>
#include <ufm/findings.h>
#include <ufm/geometry.h>
#include <ufm/grid.h>
#include <ufm/layout.h>
#include <ufm/minimize.h>
#include <ufm/objective.h>
#include <ufm/orbits.h>
#include <ufm/phase.h>
#include <ufm/problem.h>
#include <ufm/record.h>
#include <ufm/reduce.h>
#include <ufm/soft.h>
#include <ufm/solve.h>
#include <ufm/spec.h>
#include <ufm/status.h>
#include <ufm/support.h>
#include <ufm/sweep.h>
#include <ufm/table.h>
#include <ufm/tasks.h>
#include <ufm/theory.h>
#include <ufm/thresholds.h>
#include <ufm/verify.h>
#include <ufm/version.h>

#endif
