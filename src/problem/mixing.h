/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_PROBLEM_MIXING_H
#define UFM_PROBLEM_MIXING_H

#include <ufm/mixing.h>

/* A law with `nodes` nodes of value and weight 0, to be filled in. */
UFM_MUST_CHECK ufm_status ufm__mixing_new(ufm_mixing **out,
                                          ufm_mixing_rule rule, size_t nodes,
                                          ufm_error *error);

/* Sorts and merges the nodes, divides the weights by their sum, sets the
   moment. */
void ufm__mixing_finish(ufm_mixing *mixing);

#endif
