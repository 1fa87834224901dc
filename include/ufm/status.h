/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * @file
 * Outcome of a library call: a status, and one line that explains it.
 */
#ifndef UFM_STATUS_H
#define UFM_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

/* UFM_API: exported by the shared library; all else stays hidden.
   UFM_MUST_CHECK: the compiler warns when a caller drops the result.
   UFM_PRINTF(F, A): argument F is a format, A the first value it prints. */
#if defined(__GNUC__)
#define UFM_API __attribute__((visibility("default")))
#define UFM_MUST_CHECK __attribute__((warn_unused_result))
#define UFM_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define UFM_API
#define UFM_MUST_CHECK
#define UFM_PRINTF(f, a)
#endif

/** Every status and its text; the enum and the strings come from this list. */
#define UFM_STATUS_LIST(X)                                                     \
  X(UFM_OK, "success")                                                         \
  X(UFM_EINVAL, "invalid argument")                                            \
  X(UFM_EDIM, "dimensions do not match")                                       \
  X(UFM_ERANGE, "value out of range")                                          \
  X(UFM_ENOMEM, "out of memory")                                               \
  X(UFM_ENAN, "a value is not a number or not finite")                         \
  X(UFM_EIO, "input or output failed")                                         \
  X(UFM_EUNSUPPORTED, "not covered by this build or by any theorem")           \
  X(UFM_EINTERNAL, "internal error")

/** Outcome of a call.  Why a solver stopped is not an error and not in here. */
typedef enum ufm_status {
#define UFM_STATUS_ENUM(name, text) name,
  UFM_STATUS_LIST(UFM_STATUS_ENUM)
#undef UFM_STATUS_ENUM
} ufm_status;

/** Text of a status: static, never NULL, "unknown status" outside the list. */
UFM_API const char *ufm_strstatus(ufm_status status);

/** Longest error text, with its terminating zero. */
#define UFM_ERROR_SIZE 512

/**
 * What went wrong, in one line: the place, what was got, what is wanted.
 * Every fallible call takes one; NULL is allowed and means "status only".
 * The text is written once, where the failure happened, and only on failure.
 */
typedef struct ufm_error {
  char text[UFM_ERROR_SIZE];
} ufm_error;

#ifdef __cplusplus
}
#endif

#endif
