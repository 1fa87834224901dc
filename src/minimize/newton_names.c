/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of what the Newton minimizer reports. */
#include <config.h>

#include <ufm/minimize.h>

#define CASE_NAME(name, text, help)                                            \
  case name:                                                                   \
    return text;
#define CASE_MEANING(name, text, help)                                         \
  case name:                                                                   \
    return help;

const char *ufm_newton_outcome_name(ufm_newton_outcome outcome)
{
  switch (outcome) {
    UFM_NEWTON_LIST(CASE_NAME)
  }
  return "unknown";
}

const char *ufm_newton_outcome_meaning(ufm_newton_outcome outcome)
{
  switch (outcome) {
    UFM_NEWTON_LIST(CASE_MEANING)
  }
  return "unknown";
}
