/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * @file
 * Small things that programs over the library need: files that appear whole or
 * not at all, and the name that was probably meant.
 */
#ifndef UFM_SUPPORT_H
#define UFM_SUPPORT_H

#include <stddef.h>
#include <stdio.h>

#include <ufm/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Writes something to a stream. */
typedef ufm_status (*ufm_writer)(const void *what, FILE *stream,
                                 ufm_error *error);

/**
 * Writes `path` through `write`: under a temporary name in the same directory,
 * synced, then renamed, so that the file appears whole or not at all.  A path
 * that is a device or a pipe is written directly.  UFM_EIO names the path.
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_file_write(const char *path,
                                                 ufm_writer write,
                                                 const void *what,
                                                 ufm_error *error);

/** Seconds of a clock that only goes forward, from an arbitrary beginning. */
UFM_API double ufm_clock(void);

/** The name closest to `text` by edit distance, or NULL when none is close
 *  enough to be what was meant (about a third of its letters may differ). */
UFM_API const char *ufm_closest_name(const char *text, const char *const *names,
                                     size_t n);

#ifdef __cplusplus
}
#endif

#endif
