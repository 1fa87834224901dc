/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of the choices that define a problem. */
#include <config.h>

#include <ufm/problem.h>

#define CASE_TEXT(name, text, help)                                            \
  case name:                                                                   \
    return text;

const char *ufm_loss_name(ufm_loss loss)
{
  switch (loss) {
    UFM_LOSS_LIST(CASE_TEXT)
  }
  return "unknown";
}

const char *ufm_bias_name(ufm_bias bias)
{
  switch (bias) {
    UFM_BIAS_LIST(CASE_TEXT)
  }
  return "unknown";
}

const char *ufm_targets_name(ufm_targets targets)
{
  switch (targets) {
    UFM_TARGETS_LIST(CASE_TEXT)
  }
  return "unknown";
}
