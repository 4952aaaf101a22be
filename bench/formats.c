// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* formats.c - the facts of every format, see formats.h. */
#include "formats.h"

#include <stdio.h>
#include <string.h>

#define KIB (1ULL << 10)
#define MIB (1ULL << 20)
#define MAX_FORMATS 64

/* What a format does differently from the usual: 8-byte items, tables that fill one granule. */
struct peculiarity {
	const char *name;
	const char *of; /* the engine's format that it is another configuration of, or NULL */
	unsigned int leaf_table_lg2, upper_table_lg2, word_bytes, levels; /* 0: the usual */
	unsigned int reach_bits; /* 0: as wide as it is made */
	unsigned int oa_bits; /* 0: the format's */
	bool between_levels; /* sizes between those of the levels are always in use */
	bool main;
	bool snoops; /* no hardware that would not */
	uint64_t extra_sizes;
	uint64_t contiguous_sizes; /* what ARM's hint or RISC-V's Svnapot joins */
	unsigned int quirks;
	const char *driver; /* where the adapter's own word is another configuration's */
};

static const struct peculiarity peculiarities[] = {
	{ .name = "amdv1",
	  .main = true,
	  .reach_bits = 64,
	  .between_levels = true,
	  .extra_sizes = 64 * KIB | 1 * MIB },
	/* AMD's guest tables, which one driver writes; AMD's IOMMU snoops. */
	{ .name = "x86_64", .reach_bits = 47, .snoops = true },
	/* The same items by VT-d's rules, which another writes. */
	{ .name = "vtdfs",
	  .of = "x86_64",
	  .reach_bits = 47,
	  .quirks = PT_QUIRK_FIRST_STAGE,
	  .driver = "drivers/iommu/intel/iommu.c" },
	/* Groups of 16 leaves; of 128 and 32; of 32. */
	{ .name = "armv8_4k_s1", .main = true, .contiguous_sizes = 64 * KIB | 32 * MIB },
	{ .name = "armv8_4k_s2", .contiguous_sizes = 64 * KIB | 32 * MIB },
	{ .name = "armv8_16k_s1", .contiguous_sizes = 2 * MIB | 1024 * MIB },
	/* Stage 2 has up to 16 tables of a level for a root instead of a root above them. */
	{ .name = "armv8_16k_s2", .levels = 3, .contiguous_sizes = 2 * MIB | 1024 * MIB },
	{ .name = "armv8_64k_s1", .contiguous_sizes = 2 * MIB },
	{ .name = "armv8_64k_s2", .contiguous_sizes = 2 * MIB },
	{ .name = "arm_lpae32_s2", .levels = 3 },
	{ .name = "armv7s",
	  .leaf_table_lg2 = 8,
	  .upper_table_lg2 = 12,
	  .word_bytes = 4,
	  .between_levels = true,
	  .extra_sizes = 64 * KIB },
	{ .name = "riscv64", .reach_bits = 47, .contiguous_sizes = 64 * KIB },
	{ .name = "rockchip_v1", .leaf_table_lg2 = 10, .upper_table_lg2 = 10, .word_bytes = 4 },
	/* Of 40 bits as many as the limit's items hold, which are addresses as they are. */
	{ .name = "rockchip_v2",
	  .oa_bits = 32,
	  .leaf_table_lg2 = 10,
	  .upper_table_lg2 = 10,
	  .word_bytes = 4 },
	{ .name = "s390", .leaf_table_lg2 = 8, .upper_table_lg2 = 11 },
};

static const struct peculiarity *peculiarity_of(const char *name)
{
	static const struct peculiarity usual;

	for (size_t i = 0; i < sizeof(peculiarities) / sizeof(*peculiarities); i++)
		if (strcmp(peculiarities[i].name, name) == 0)
			return &peculiarities[i];
	return &usual;
}

/* The leaf size at @level, if the format has it. */
static uint64_t size_at(const struct format_facts *facts, unsigned int level)
{
	unsigned int lg2 = format_item_lg2(facts, level);

	return lg2 < 64 ? facts->format->page_sizes & 1ULL << lg2 : 0;
}

static struct format_facts find_facts(const struct pt_format *format, const struct peculiarity *own)
{
	unsigned int usual_lg2 = format->granule_lg2 - 3;
	struct format_facts facts = {
		.name = own->name ? own->name : format->name,
		.format = format,
		.granule_lg2 = format->granule_lg2,
		.ia_bits = format->default_ia_bits,
		.oa_bits = own->oa_bits ? own->oa_bits : format->default_oa_bits,
		.reach_bits = own->reach_bits ? own->reach_bits : format->default_ia_bits,
		.leaf_table_lg2 = own->leaf_table_lg2 ? own->leaf_table_lg2 : usual_lg2,
		.upper_table_lg2 = own->upper_table_lg2 ? own->upper_table_lg2 : usual_lg2,
		.word_bytes = own->word_bytes ? own->word_bytes : 8,
		.levels = own->levels,
		.extra_sizes = (own->extra_sizes & format->page_sizes) | own->contiguous_sizes,
		.contiguous_sizes = own->contiguous_sizes,
		.quirks = own->quirks,
		.main = own->main,
		.incoherent = format->may_be_incoherent && !own->snoops,
		.driver = own->driver,
	};

	snprintf(facts.header, sizeof(facts.header), "engine/formats/%s.h", format->name);
	facts.next_size = size_at(&facts, 1);
	facts.third_size = size_at(&facts, 2);
	while (!own->levels && format_item_lg2(&facts, facts.levels) < facts.ia_bits)
		facts.levels++;
	for (unsigned int level = 0; level < facts.levels; level++)
		facts.page_sizes |= size_at(&facts, level);
	if (own->between_levels)
		facts.page_sizes = format->page_sizes;
	return facts;
}

static const struct format_facts *known(const struct format_facts *facts, const char *name)
{
	for (; facts->name; facts++)
		if (strcmp(facts->name, name) == 0)
			return facts;
	return NULL;
}

/* Add @format under its own name, and other configurations of it under theirs. */
static size_t add(struct format_facts *all, size_t count, const struct pt_format *format)
{
	if (known(all, format->name))
		return count;
	if (count < MAX_FORMATS)
		all[count++] = find_facts(format, peculiarity_of(format->name));
	for (size_t i = 0; i < sizeof(peculiarities) / sizeof(*peculiarities); i++) {
		const struct peculiarity *own = &peculiarities[i];

		if (own->of && strcmp(own->of, format->name) == 0 && count < MAX_FORMATS)
			all[count++] = find_facts(format, own);
	}
	return count;
}

const struct format_facts *formats(void)
{
	static const char *const variants[] = { "inline", "recursive" };
	static struct format_facts all[MAX_FORMATS + 1];
	size_t count = 0;

	if (all[0].name)
		return all;
	for (size_t v = 0; v < sizeof(variants) / sizeof(*variants); v++)
		for (const struct pt_format *const *list = pt_formats(variants[v]); *list; list++)
			count = add(all, count, *list);
	return all;
}

const struct format_facts *format_facts(const char *name)
{
	return known(formats(), name);
}

unsigned int format_item_lg2(const struct format_facts *facts, unsigned int level)
{
	return facts->granule_lg2 + (level ? facts->leaf_table_lg2 : 0) +
	       (level ? level - 1 : 0) * facts->upper_table_lg2;
}

unsigned int format_leaf_level(const struct format_facts *facts, unsigned int lg2)
{
	unsigned int level = 0;

	while (format_item_lg2(facts, level + 1) <= lg2)
		level++;
	return level;
}
