// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* engine_options.c - the one table of choices, see engine_options.h. */
#include "engine_options.h"

#include <stddef.h>

const struct engine_option engine_options[] = {
	{ .name = "", .what = "as the drivers have it" },
	{ .name = "rcu",
	  .rcu_readers = true,
	  .what = "tables are freed after a grace period, so that readers need no lock" },
	{ .name = "eager",
	  .freeing = PT_FREE_EAGER,
	  .rcu_readers = true,
	  .what = "a table is freed, after a grace period, when its last leaf goes" },
	{ .name = "never",
	  .freeing = PT_FREE_NEVER,
	  .what = "tables are freed with the page table only" },
	{ .name = "contiguous",
	  .quirks = PT_QUIRK_CONTIGUOUS,
	  .what = "ARM's contiguous hint, or RISC-V's Svnapot" },
	{ .name = "no-fc",
	  .quirks = PT_QUIRK_NO_FORCE_COHERENCE,
	  .what = "AMD's leaves without FC" },
	{ .name = "exact",
	  .quirks = PT_QUIRK_EXACT_PERMISSIONS,
	  .what = "VT-d's leaves without a right to read that nobody asked for" },
	{ .name = NULL },
};

bool engine_option_fits(const struct engine_option *option, const struct pt_format *format)
{
	return (option->quirks & ~format->quirks) == 0;
}
