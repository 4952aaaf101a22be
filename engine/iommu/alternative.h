/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * alternative.h - a format whose geometry or items depend on the configuration.
 *
 * Such a format has two headers, each of them a set of constants. The one with
 * the format's name defines FMT_ALTERNATIVE, the name of the other, and
 * fmt_wants_alternative(), true for configurations that are the other's. The
 * choice is made here, when a table is created or read back; a created table has
 * its own instance's operations, so no operation ever asks.
 */
#ifndef PT_IOMMU_ALTERNATIVE_H
#define PT_IOMMU_ALTERNATIVE_H

#include "pagetable.h"

#ifdef FMT_ALTERNATIVE

#define PT_ALTERNATIVE PT_SYMBOL_OF(FMT_ALTERNATIVE, format)
#define PT_WITH_ALTERNATIVE(name) PT_SYMBOL(name##_either)

extern const struct pt_format PT_ALTERNATIVE;

static int PT_SYMBOL(create_either)(const struct pt_config *config, struct pagetable **result)
{
	return fmt_wants_alternative(config) ? PT_ALTERNATIVE.create(config, result)
					     : PT_SYMBOL(create)(config, result);
}

static int PT_SYMBOL(visit_either)(const struct pt_config *config, const void *root,
				   unsigned int top_level,
				   int (*visit)(void *context, const struct pt_item *item),
				   void *context)
{
	return fmt_wants_alternative(config)
		       ? PT_ALTERNATIVE.visit(config, root, top_level, visit, context)
		       : PT_SYMBOL(visit)(config, root, top_level, visit, context);
}

static uint64_t PT_SYMBOL(comparable_either)(const struct pt_config *config,
					     const struct pt_item *item)
{
	return fmt_wants_alternative(config) ? PT_ALTERNATIVE.comparable(config, item)
					     : PT_SYMBOL(comparable)(config, item);
}

#else

#define PT_WITH_ALTERNATIVE(name) PT_SYMBOL(name)

#endif

#endif
