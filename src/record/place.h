/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_RECORD_PLACE_H
#define UFM_RECORD_PLACE_H

#include <stdbool.h>

#include <jansson.h>

#include <ufm/record.h>

/* Puts the keys of a point of a sweep; nothing when there is no place.  False
   when memory ran out. */
bool ufm__json_put_place(json_t *root, const ufm_place *place);

#endif
