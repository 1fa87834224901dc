/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of losses. */
#include <config.h>

#include "objective/loss.h"

const ufm__loss *ufm__loss_get(ufm_loss loss)
{
  switch (loss) {
  case UFM_LOSS_MSE:
    return &ufm__loss_mse;
  case UFM_LOSS_CE:
    return &ufm__loss_ce;
  }
  return NULL;
}
