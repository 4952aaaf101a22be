// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * instance.c - all operations for one format in one variant.
 *
 * CMake compiles this file once for each, with
 *	PT_FORMAT         the format's name, "amdv1"
 *	PT_FORMAT_HEADER  its header, "formats/amdv1.h"
 *	PT_INLINE         defined for the inline variant, and not for the recursive one
 */
#include "generic/bits.h"
#include "generic/levels.h"
#include "generic/platform.h"

#include PT_FORMAT_HEADER

#include "iommu/unmap.h"
#include "iommu/map.h"
#include "iommu/iova_to_phys.h"
#include "iommu/dirty.h"
#include "iommu/resize.h"
#include "iommu/join.h"
#include "iommu/collapse.h"
#include "iommu/create.h"
#include "iommu/visit.h"
#include "iommu/alternative.h"

#define PT_STRING_(token) #token
#define PT_STRING(token) PT_STRING_(token)

const struct pt_format PT_SYMBOL(format) = {
	.name = PT_STRING(PT_FORMAT),
	.title = FMT_TITLE,
	.granule_lg2 = FMT_GRANULE_LG2,
	.page_sizes = FMT_PAGE_SIZES,
	.default_ia_bits = FMT_IA_BITS,
	.default_oa_bits = FMT_OA_BITS,
	.quirks = FMT_QUIRKS,
	.may_be_incoherent = FMT_MAY_BE_INCOHERENT,
	.has_dirty = FMT_DIRTY,
	.table_marks = FMT_WRITTEN_BACK,
	.create = PT_WITH_ALTERNATIVE(create),
	.visit = PT_WITH_ALTERNATIVE(visit),
	.comparable = PT_WITH_ALTERNATIVE(comparable),
};
