/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * @file
 * Grids of problems: a JSON file with fixed options and axes of options, and
 * the spec of each of its points.  Format and examples: doc/sweep.md.
 */
#ifndef UFM_GRID_H
#define UFM_GRID_H

#include <stddef.h>

#include <ufm/spec.h>
#include <ufm/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Most points of a grid. */
enum { UFM_GRID_MAX = 10000000 };

/** A grid; opaque. */
typedef struct ufm_grid ufm_grid;

/**
 * Reads a grid:
 *
 *     { "format": 1, "note": "free text",
 *       "problem": {option: value, ...}, "solve": {option: value, ...},
 *       "grid": {option: axis, ...} }
 *
 * An axis is a list of values or {"from": a, "to": b, "n": n, "scale":
 * "lin"|"log", "digits": D}; either may stand in {"in": "text with {}", ...},
 * the list as "values".  Points of "lin" are exact rationals, inner points of
 * "log" are rounded to D digits (default 6).  UFM_EINVAL, with file, line and
 * column, for anything unknown, an option in two places, an empty axis, a
 * value that stands twice in one, more than UFM_GRID_MAX points.
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_grid_read(ufm_grid **out,
                                                const char *path,
                                                ufm_error *error);

/** Frees a grid; NULL is allowed. */
UFM_API void ufm_grid_free(ufm_grid *grid);

/** Number of points, at least 1. */
UFM_API size_t ufm_grid_size(const ufm_grid *grid);

/** Number of axes, in the order of the file, and the option of each. */
UFM_API size_t ufm_grid_axes(const ufm_grid *grid);
UFM_API const char *ufm_grid_axis(const ufm_grid *grid, size_t axis);

/**
 * 16 hexadecimal digits that stand for the points of the grid: FNV-1a over the
 * fixed options in the order of ufm_option_list and the axes with all their
 * values, in order.  The note, the way the file is laid out and whether values
 * were listed or computed make no difference.
 */
UFM_API const char *ufm_grid_hash(const ufm_grid *grid);

/**
 * The spec of point `index`, 0 to size - 1; axes vary in the order of the file,
 * the last one fastest.  In the names of files (certificate, refute) "{index}"
 * becomes the index.  UFM_ERANGE for an index beyond the grid.
 */
UFM_API UFM_MUST_CHECK ufm_status ufm_grid_point(ufm_spec **out,
                                                 const ufm_grid *grid,
                                                 size_t index,
                                                 ufm_error *error);

#ifdef __cplusplus
}
#endif

#endif
