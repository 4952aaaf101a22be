// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * baseline_subject.c - the kernel's drivers as subjects: only making a page table
 * needs translating, every other function is the driver's adapter itself.
 */
#include "baseline_subject.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

/* Permissions and quirks are handed on as they are. */
static_assert(BASELINE_READ == PT_READ && BASELINE_WRITE == PT_WRITE &&
		      BASELINE_CACHE == PT_CACHE && BASELINE_NOEXEC == PT_NOEXEC &&
		      BASELINE_MMIO == PT_MMIO && BASELINE_PRIV == PT_PRIV,
	      "prot differs");
static_assert(BASELINE_QUIRK_HARDWARE_DIRTY == PT_QUIRK_HARDWARE_DIRTY &&
		      BASELINE_QUIRK_NON_SECURE == PT_QUIRK_NON_SECURE &&
		      BASELINE_QUIRK_TTBR1 == PT_QUIRK_TTBR1 &&
		      BASELINE_QUIRK_FORCE_SNOOP == PT_QUIRK_FORCE_SNOOP &&
		      BASELINE_QUIRK_NO_PERMS == PT_QUIRK_NO_PERMS &&
		      BASELINE_QUIRK_MTK_EXT == PT_QUIRK_MTK_EXT &&
		      BASELINE_QUIRK_MTK_TTBR_EXT == PT_QUIRK_MTK_TTBR_EXT &&
		      BASELINE_QUIRK_CONTIGUOUS == PT_QUIRK_CONTIGUOUS &&
		      BASELINE_QUIRK_FIRST_STAGE == PT_QUIRK_FIRST_STAGE,
	      "quirks differ");

/* Runs too: one struct under two names, so that no list has to be copied. */
static_assert(sizeof(struct baseline_run) == sizeof(struct pt_run) &&
		      offsetof(struct baseline_run, size) == offsetof(struct pt_run, length),
	      "runs differ");

typedef int (*map_runs_fn)(void *handle, unsigned long long iova, const struct pt_run *runs,
			   unsigned long count, unsigned int prot);
typedef unsigned long long (*unmap_runs_fn)(void *handle, unsigned long long iova,
					    unsigned long long length, int lazy,
					    struct pt_run *runs, unsigned long room,
					    unsigned long *count);

static int create(const struct subject *subject, const struct pt_config *config,
		  const struct subject_window *window, struct subject_table *table)
{
	const struct baseline *baseline = subject->implementation;
	struct baseline_config own = {
		.ia_bits = config->ia_bits,
		.oa_bits = config->oa_bits,
		.page_sizes = config->page_sizes,
		.quirks = config->quirks,
		.incoherent = config->incoherent,
	};

	(void)window;
	*table = (struct subject_table){ subject, NULL };
	return baseline->create(&own, &table->handle);
}

static void destroy(struct subject_table *table)
{
	const struct baseline *baseline = table->subject->implementation;

	baseline->destroy(table->handle);
	table->handle = NULL;
}

/*
 * Bits in which a kernel's rule is another than the engine's usual one, which is 6.12's: DART 2 says of
 * cacheable pages in 7.x that they may be cached. Tests compare them too, with the engine's quirk.
 */
static uint64_t other_rule(const struct baseline *baseline)
{
	if (strcmp(baseline->format, "dart_v2") == 0 && baseline_kernel(baseline)->version >= 7000)
		return 1 << 1;
	return 0;
}

struct subject baseline_subject(const struct format_facts *facts, const struct baseline *baseline)
{
	return (struct subject){
		.format = facts->name,
		.variant = baseline->version,
		.source = facts->driver && !strstr(baseline->source, "generic_pt")
				  ? facts->driver
				  : baseline->source,
		.implementation = baseline,
		.own_bits = baseline->own_bits | other_rule(baseline),
		.create = create,
		.destroy = destroy,
		.map = baseline->map,
		.unmap = baseline->unmap,
		.map_runs = (map_runs_fn)(void (*)(void))baseline->map_runs,
		.unmap_runs = (unmap_runs_fn)(void (*)(void))baseline->unmap_runs,
		.resize = baseline->resize,
		.reassemble = baseline->reassemble,
		.punch = baseline->punch,
		.read_dirty = baseline->read_dirty,
		.set_dirty = baseline->set_dirty,
		.iova_to_phys = baseline->iova_to_phys,
		.root = baseline->root,
	};
}
