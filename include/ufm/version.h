/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * @file
 * Version of the library.
 */
#ifndef UFM_VERSION_H
#define UFM_VERSION_H

#include <ufm/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Version of the library that is running, for example "0.1.0". */
UFM_API const char *ufm_version(void);

#ifdef __cplusplus
}
#endif

#endif
