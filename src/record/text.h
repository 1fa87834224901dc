/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef UFM_RECORD_TEXT_H
#define UFM_RECORD_TEXT_H

#include <stdio.h>

#include <ufm/verify.h>

/* What a certificate proves, for people; bounds rounded outward. */
void ufm__text_certificate(const ufm_certificate *certificate, FILE *f);

#endif
