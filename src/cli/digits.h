/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Digits of closed forms and certificates: defaults and largest. */
#ifndef UFM_CLI_DIGITS_H
#define UFM_CLI_DIGITS_H

enum { CLI_DIGITS = 30, CLI_PROOF_DIGITS = 50, CLI_DIGITS_MAX = 100000 };

#endif
