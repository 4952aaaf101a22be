// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * stage2_roots.c - shows that hardware can begin every stage 2 walk of VMSAv8-64 where the
 * engine does, for all granules, input and output widths; that widths are refused for which
 * there is no beginning, and no others; and that the joined root tables translate.
 *
 * The rules are those of the pseudocode functions AArch64.S2InvalidSL and S2InconsistentSL in the Arm Architecture
 * Reference Manual (DDI 0487), without FEAT_LPA2, in the manual's own terms, with levels
 * counted as it does. No code or constant is shared with the engine.
 */
#include "instance.h"

#include <errno.h>

struct granule {
	const char *format;
	int bits; /* log2 of its bytes */
	int pa_bits_max;
};

static const struct granule granules[] = {
	{ "armv8_4k_s2", 12, 48 },
	{ "armv8_16k_s2", 14, 48 },
	{ "armv8_64k_s2", 16, 52 },
};

static const int pa_sizes[] = { 32, 36, 40, 42, 44, 48, 52 };

#define FINAL_LEVEL 3

/* Is @start_level one that VTCR_EL2.SL0 can ask of hardware with PAMax() == @pa_bits? */
static bool level_exists(const struct granule *granule, int start_level, int pa_bits)
{
	switch (granule->bits) {
	case 12:
		return start_level >= 1 || (start_level == 0 && pa_bits >= 44);
	case 14:
		return start_level >= 2 || (start_level == 1 && pa_bits >= 42);
	default:
		return start_level >= 2 || (start_level == 1 && pa_bits >= 44);
	}
}

/* Does @start_level fit an input of @ia_bits: at least one bit of index, at most 16 joined tables? */
static bool level_fits(const struct granule *granule, int start_level, int ia_bits)
{
	int stride = granule->bits - 3, levels = FINAL_LEVEL - start_level;
	int least = levels * stride + granule->bits + 1;

	return ia_bits >= least && ia_bits <= least + (stride - 1) + 4;
}

static bool may_start(const struct granule *granule, int start_level, int ia_bits, int pa_bits)
{
	return start_level >= 0 && level_exists(granule, start_level, pa_bits) &&
	       level_fits(granule, start_level, ia_bits);
}

/* Walk as the manual says, from joined tables that lie one behind the other. */
static uint64_t walk(const struct granule *granule, const void *root, int level, uint64_t ipa)
{
	const uint64_t *table = root;
	int stride = granule->bits - 3;
	bool first = true;

	for (;; level++) {
		int shift = granule->bits + stride * (FINAL_LEVEL - level);
		uint64_t index = ipa >> shift, descriptor;
		uint64_t span = 1ULL << shift, field;

		/* The first index has all bits that there are, those of the joined tables too. */
		if (!first)
			index &= (1ULL << stride) - 1;
		first = false;
		descriptor = table[index];
		if (!(descriptor & 1))
			return UINT64_MAX;
		field = descriptor & 0x0000fffffffff000ULL;
		if (granule->bits == 16)
			field = (descriptor & 0x0000ffffffff0000ULL) | (descriptor & 0xf000ULL)
									       << 36;
		if (level == FINAL_LEVEL || !(descriptor & 2))
			return (field & -span) | (ipa & (span - 1));
		table = (const uint64_t *)(uintptr_t)field;
	}
}

/* Ends, and where one joined table gives way to the next. */
static void check_translations(const struct granule *granule, struct pagetable *table,
			       int start_level, int ia_bits, int pa_bits)
{
	uint64_t page = 1ULL << granule->bits, end = 1ULL << ia_bits;
	uint64_t joined = 1ULL << (granule->bits + (granule->bits - 3) * (4 - start_level));
	uint64_t oa = ((1ULL << (pa_bits - 1)) | (1ULL << (granule->bits + 1)));
	unsigned int level;
	const void *root = pt_root(table, &level);

	for (uint64_t at = 0; at < end; at += joined < end ? joined : end) {
		const uint64_t places[] = { at, (at + joined < end ? at + joined : end) - page };

		for (unsigned int i = 0; i < 2; i++) {
			struct pt_gather gather = PT_GATHER_INIT;

			assert_int_equal(table->ops->map(table, places[i], oa, page, RW), 0);
			assert_int_equal(walk(granule, root, start_level, places[i] + 5), oa + 5);
			assert_int_equal(table->ops->unmap(table, places[i], page, &gather), page);
			pt_sync(table, &gather);
			assert_int_equal(walk(granule, root, start_level, places[i]), UINT64_MAX);
		}
	}
}

static void check_widths(const struct granule *granule, const char *variant, int ia_bits,
			 int pa_bits)
{
	const struct pt_format *format = pt_format_find(granule->format, variant);
	struct pt_config config = { .ia_bits = (unsigned int)ia_bits,
				    .oa_bits = (unsigned int)pa_bits };
	int error, start_level, possible = 0;
	unsigned int top_level = 0;
	struct pagetable *table;

	for (int level = 0; level <= FINAL_LEVEL; level++)
		possible += may_start(granule, level, ia_bits, pa_bits);
	error = format->create(&config, &table);
	if (error) {
		assert_int_equal(error, -EINVAL);
		if (possible)
			fail_msg("%s refuses %d bits with %d of output", granule->format, ia_bits,
				 pa_bits);
		return;
	}
	pt_root(table, &top_level);
	start_level = FINAL_LEVEL - (int)top_level;
	if (!may_start(granule, start_level, ia_bits, pa_bits))
		fail_msg("%s with %d bits and %d of output starts at level %d, which it may not",
			 granule->format, ia_bits, pa_bits, start_level);
	check_translations(granule, table, start_level, ia_bits, pa_bits);
	table->ops->destroy(table);
}

static void every_walk_can_begin(void **state)
{
	static const char *const variants[] = { "inline", "recursive" };

	(void)state;
	for (size_t g = 0; g < sizeof(granules) / sizeof(granules[0]); g++)
		for (size_t v = 0; v < 2; v++)
			for (size_t p = 0; p < sizeof(pa_sizes) / sizeof(pa_sizes[0]); p++)
				for (int ia_bits = granules[g].bits + 1;
				     pa_sizes[p] <= granules[g].pa_bits_max &&
				     ia_bits <= granules[g].pa_bits_max;
				     ia_bits++)
					check_widths(&granules[g], variants[v], ia_bits,
						     pa_sizes[p]);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_walk_can_begin) };

	arena_or_exit();
	return cmocka_run_group_tests_name("unit.stage2_roots", tests, NULL, NULL);
}
