/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* walk.h - reading items out of the tables that a driver has built, as hardware would. */
#ifndef PTBENCH_TEST_WALK_H
#define PTBENCH_TEST_WALK_H

#include "baseline.h"

/*
 * The item of @level (0 = leaves only) that @iova's walk meets in the tables of
 * @driver's @handle. The levels above must hold tables.
 */
unsigned long long walk_item(const struct baseline *driver, void *handle, unsigned long long iova,
			     unsigned int level);

/* Where that item is, in memory. */
const void *walk_item_address(const struct baseline *driver, void *handle, unsigned long long iova,
			      unsigned int level);

/* The bits of a table item of @level that are not the lower table's address. */
unsigned long long walk_table_attributes(const struct baseline *driver, unsigned int level,
					 unsigned long long item);

#endif
