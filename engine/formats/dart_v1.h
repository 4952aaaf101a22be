/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* dart_v1.h - Apple DART with the first layout (t8103); 16K pages, or 4K if asked; see dart.h. */
#define DART_VERSION 1
#define DART_GRANULE_LG2 14
#define FMT_TITLE "Apple DART, first layout"
#define FMT_IA_BITS 36
#include "formats/dart.h"

#define FMT_ALTERNATIVE dart_v1_4k

PT_ALWAYS_INLINE bool fmt_wants_alternative(const struct pt_config *config)
{
	return config->page_sizes == PT_BIT(12);
}
