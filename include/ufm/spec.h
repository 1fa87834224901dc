/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * @file
 * Problems and settings by option names and texts, the same on the command
 * line ("lambda-W" = "5e-4") and in a JSON file ({"lambda_W": "5e-4"}).
 */
#ifndef UFM_SPEC_H
#define UFM_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ufm/problem.h>
#include <ufm/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What an option belongs to. */
typedef enum ufm_option_kind {
  UFM_OPTION_PROBLEM, /**< defines the problem; every command takes it */
  UFM_OPTION_SOLVE,   /**< how to minimise */
  UFM_OPTION_DIGITS,  /**< precision of closed forms and certificates */
  UFM_OPTION_VERIFY,  /**< proofs */
  UFM_OPTION_PHASE    /**< phase diagrams */
} ufm_option_kind;

/** An option: its name on the command line, its argument, its meaning. */
typedef struct ufm_option {
  const char *name;
  const char *argument; /**< placeholder, or NULL for an on/off option */
  ufm_option_kind kind;
  const char *help;
} ufm_option;

/** All options, in the order of the manual; ends with name NULL. */
UFM_API const ufm_option *ufm_option_list(void);

/** A set of option values. */
typedef struct ufm_spec ufm_spec;

UFM_API UFM_MUST_CHECK ufm_status ufm_spec_new(ufm_spec **out,
                                               ufm_error *error);

/** A copy with the same values, which later changes of either leave alone. */
UFM_API UFM_MUST_CHECK ufm_status ufm_spec_copy(ufm_spec **out,
                                                const ufm_spec *spec,
                                                ufm_error *error);

/** Frees a spec; NULL is allowed. */
UFM_API void ufm_spec_free(ufm_spec *spec);

/**
 * Sets an option by its command line name; an on/off option takes "true" or
 * "false".  The last value of a name counts.  UFM_EINVAL for an unknown name,
 * with the closest known one.
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_spec_set(ufm_spec *spec, const char *name,
                                               const char *value,
                                               ufm_error *error);

/**
 * Reads a JSON object of options from a file.  Names have '_' or '-'; values
 * are strings, numbers (each stands for its shortest decimal form), booleans or
 * lists of strings and numbers.  An option set by ufm_spec_set, before or
 * after, overrides the file.  Messages on syntax, names and kinds of values
 * give file, line and column.  Integers beyond 2^63 - 1 (seeds) must be
 * strings.
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_spec_read(ufm_spec *spec,
                                                const char *path,
                                                ufm_error *error);

/** The text of an option, or NULL when it was not set. */
UFM_API const char *ufm_spec_get(const ufm_spec *spec, const char *name);

/**
 * 16 hexadecimal digits that stand for the options: FNV-1a, 64 bits, over names
 * and texts in the order of ufm_option_list.  The same on every machine; it
 * tells specs apart by accident, not against forgery.
 */
UFM_API void ufm_spec_hash(const ufm_spec *spec, char hash[17]);

/** Builds the problem.  UFM_EINVAL with the option that is wrong. */
UFM_API UFM_MUST_CHECK ufm_status ufm_spec_problem(const ufm_spec *spec,
                                                   ufm_problem **out,
                                                   ufm_error *error);

/**
 * Reads an option as a number; *out keeps its value when the option was not
 * set.  Integers are in [lo, hi].
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_spec_size(const ufm_spec *spec,
                                                const char *name, size_t lo,
                                                size_t hi, size_t *out,
                                                ufm_error *error);
UFM_API UFM_MUST_CHECK ufm_status ufm_spec_u64(const ufm_spec *spec,
                                               const char *name, uint64_t *out,
                                               ufm_error *error);
UFM_API UFM_MUST_CHECK ufm_status ufm_spec_positive(const ufm_spec *spec,
                                                    const char *name,
                                                    double *out,
                                                    ufm_error *error);

#ifdef __cplusplus
}
#endif

#endif
