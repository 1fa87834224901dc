/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * @file
 * Exact decimals for tables: rationals rounded to digits in a stated direction,
 * and enclosures in error-bar notation.  Nothing here goes through a double.
 */
#ifndef UFM_DECIMAL_H
#define UFM_DECIMAL_H

#include <stddef.h>

#include <gmp.h>

#include <ufm/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Where a decimal may lie with respect to the number it stands for. */
typedef enum ufm_rounding {
  UFM_ROUND_NEAREST, /**< halfway cases away from zero */
  UFM_ROUND_DOWN,    /**< at most the number: for lower bounds */
  UFM_ROUND_UP       /**< at least the number: for upper bounds, errors */
} ufm_rounding;

/**
 * Reads a decimal ("5e-4") or a fraction ("1/2000") exactly; the whole text
 * must be one, up to 4096 characters and an exponent of 4096.  UFM_EINVAL with
 * `where` otherwise, *out unchanged.
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_decimal_read(const char *text,
                                                   const char *where, mpq_t out,
                                                   ufm_error *error);

/**
 * x to `digits` significant digits, at least 1: "0.0144338", "1.5e-12".  The
 * exponent is written when the first digit is more than 4 places behind the
 * point or beyond the last significant one before it.  A number that needs
 * fewer digits gets no trailing zeros.  The caller frees the text; NULL when
 * memory ran out.
 */
UFM_API char *ufm_decimal_text(mpq_srcptr x, size_t digits,
                               ufm_rounding rounding);

/** The same with `places` digits after the point, trailing zeros and all. */
UFM_API char *ufm_decimal_fixed(mpq_srcptr x, size_t places,
                                ufm_rounding rounding);

/**
 * Error-bar notation of lower <= upper: "0.153133781(3)" stands for the
 * interval of radius 3 in the last place, and that interval holds [lower,
 * upper].  Shows as many digits as the width allows with a one-digit bar, at
 * most `digits` significant ones (the bar then covers the rounding); no bar
 * when lower = upper needs no more digits.  The caller frees the text; NULL
 * when memory ran out.
 */
UFM_API char *ufm_decimal_enclosure(mpq_srcptr lower, mpq_srcptr upper,
                                    size_t digits);

#ifdef __cplusplus
}
#endif

#endif
