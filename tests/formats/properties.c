// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * properties.c - what must hold for any format, whatever its bits: one body,
 * compiled for each format's header as the engine is. Arithmetic is compared
 * with the plainest way to compute the same; words are built and read back.
 *
 * CMake defines PT_FORMAT_HEADER. PTBENCH_SEED in the environment.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "generic/bits.h"
#include "generic/platform.h"

#include PT_FORMAT_HEADER

#include "iommu/items.h"
#include "property_shapes.h"
#include "random.h"

#define ALL_PROTS 64 /* all combinations of enum pt_prot */

static void levels_follow_each_other(void **state)
{
	(void)state;
	assert_int_equal(fmt_item_lg2(0), FMT_GRANULE_LG2);
	for (unsigned int level = 0; level <= FMT_TOP_LEVEL_MAX; level++) {
		unsigned int bytes = (unsigned int)sizeof(fmt_word) << fmt_index_lg2(level);

		if (level < FMT_TOP_LEVEL_MAX)
			assert_int_equal(fmt_item_lg2(level) + fmt_index_lg2(level),
					 fmt_item_lg2(level + 1));
		assert_true(fmt_item_lg2(level) + fmt_index_lg2(level) <= 64);
		assert_true(bytes <= 1u << fmt_table_lg2(level));
		assert_in_range(fmt_table_lg2(level), TABLE_MIN_LG2, TABLE_MAX_LG2);
	}
	assert_true(fmt_leaf_level(0));
}

static void check_shape(const struct pt_config *config, const struct pt_shape *shape)
{
	unsigned int root_lg2 =
		shape->root_index_lg2 + (unsigned int)__builtin_ctz(sizeof(fmt_word));

	(void)config;
	assert_in_range(shape->top_level, FMT_TOP_LEVEL_MIN, FMT_TOP_LEVEL_MAX);
	assert_true(root_lg2 <= TABLE_MAX_LG2);
	if (!FMT_ROOT_VARIES)
		assert_int_equal(shape->root_index_lg2, fmt_index_lg2(shape->top_level));
	assert_int_equal(shape->page_sizes & -shape->page_sizes, PT_BIT(FMT_GRANULE_LG2));
}

static void roots_fit(void **state)
{
	(void)state;
	with_every_width(check_shape);
}

static void check_sizes(const struct pt_config *config, const struct pt_shape *shape)
{
	(void)config;
	for (uint64_t sizes = shape->page_sizes; sizes; sizes &= sizes - 1) {
		unsigned int lg2 = (unsigned int)__builtin_ctzll(sizes), level = level_of_size(lg2);

		assert_true(level <= top_level_of(shape));
		assert_true(fmt_leaf_level(level));
		if (!FMT_CONTIGUOUS)
			assert_int_equal(lg2, fmt_item_lg2(level));
		/* All items of a leaf lie in one table. */
		assert_true(lg2 - fmt_item_lg2(level) <= fmt_index_lg2(level));
	}
}

static void sizes_lie_in_leaf_levels(void **state)
{
	(void)state;
	with_every_width(check_sizes);
}

/* The indices of @iova, by division from the top, give the same items, and the address back. */
static void check_decoding(const struct pt_shape *shape, uint64_t iova)
{
	struct pt_state table = { .root_index_mask = lg2_mask(shape->root_index_lg2) };
	unsigned int top = shape->top_level;
	uint64_t span_lg2 = fmt_item_lg2(top) + shape->root_index_lg2;
	uint64_t rest = span_lg2 < 64 ? iova % (1ULL << span_lg2) : iova, back = 0;

	for (unsigned int level = top + 1; level-- > 0;) {
		uint64_t size = 1ULL << fmt_item_lg2(level), index = rest / size;

		rest %= size;
		assert_int_equal(level == top ? root_index(&table, iova, level)
					      : item_index(iova, level),
				 index);
		assert_true(index <
			    1ULL << (level == top ? shape->root_index_lg2 : fmt_index_lg2(level)));
		back += index * size;
	}
	assert_true(rest < PT_BIT(FMT_GRANULE_LG2));
	if (span_lg2 < 64)
		assert_int_equal((iova - back - rest) % (1ULL << span_lg2), 0);
}

static bool inside(const struct pt_shape *shape, uint64_t iova)
{
	return !((iova + shape->ia_bias) & shape->ia_outside);
}

static void check_addresses(const struct pt_config *config, const struct pt_shape *shape)
{
	unsigned int top = shape->top_level;

	(void)config;
	if (FMT_DYNAMIC_TOP) /* takes what no root reaches yet */
		return;
	for (unsigned int i = 0; i < 200; i++) {
		uint64_t iova = random_next() >> random_below(64);

		if (random_below(2))
			iova = -iova;
		if (inside(shape, iova))
			check_decoding(shape, iova);
	}
	/* Both sides of the border between two items, of every level. */
	for (unsigned int level = 0; level <= top; level++)
		for (uint64_t i = 0; i < 20; i++) {
			uint64_t border = random_below(64) << fmt_item_lg2(level);

			if (inside(shape, border))
				check_decoding(shape, border);
			if (inside(shape, border - 1))
				check_decoding(shape, border - 1);
		}
}

static void addresses_decode_without_gap_or_overlap(void **state)
{
	(void)state;
	with_every_width(check_addresses);
}

static unsigned int brute_best_lg2(uint64_t sizes, uint64_t iova, uint64_t oa, uint64_t bytes)
{
	for (unsigned int lg2 = 63;; lg2--) {
		uint64_t size = 1ULL << lg2;

		if ((sizes & size) && iova % size == 0 && oa % size == 0 && bytes >= size)
			return lg2;
	}
}

/* Page by page until one does not fit any more, or a larger size becomes aligned. */
static uint64_t brute_run(uint64_t sizes, uint64_t iova, uint64_t oa, uint64_t bytes,
			  unsigned int lg2)
{
	uint64_t page = 1ULL << lg2, next = page * 2, run = page;

	while (next && !(sizes & next))
		next *= 2;
	while (bytes - run >= page && !(next && (iova + run) % next == 0 && (oa + run) % next == 0))
		run += page;
	return run;
}

static void check_size_choice(const struct pt_config *config, const struct pt_shape *shape)
{
	uint64_t granule = PT_BIT(FMT_GRANULE_LG2), sizes = shape->page_sizes;
	unsigned int largest = 63 - (unsigned int)__builtin_clzll(sizes);

	(void)config;
	for (unsigned int i = 0; i < 1000; i++) {
		uint64_t oa = random_below(1ULL << 36) & -granule;
		uint64_t iova = random_below(1ULL << 36) & -granule, run;
		uint64_t bytes =
			(1 + (random_below(1ULL << (1 + random_below(largest))) >> FMT_GRANULE_LG2))
			<< FMT_GRANULE_LG2;
		unsigned int lg2, aligned = (unsigned int)random_below(largest + 1);

		/* Congruent, or aligned, as often as not. */
		if (random_below(2))
			oa = (oa >> aligned << aligned) | (iova & lg2_mask(aligned));
		if (random_below(4) == 0) {
			iova = iova >> aligned << aligned;
			oa = oa >> aligned << aligned;
		}
		lg2 = best_size_lg2(sizes, iova, oa, bytes);
		assert_int_equal(lg2, brute_best_lg2(sizes, iova, oa, bytes));
		if (bytes >> lg2 > 1 << 16)
			continue;
		run = best_size_run(sizes, iova, oa, bytes, lg2);
		assert_int_equal(run, brute_run(sizes, iova, oa, bytes, lg2));
		if (run < bytes)
			assert_int_equal(brute_best_lg2(sizes, iova + run - (1ULL << lg2),
							oa + run - (1ULL << lg2),
							bytes - run + (1ULL << lg2)),
					 lg2);
	}
}

static void the_best_size_is_the_best(void **state)
{
	(void)state;
	with_usual_widths(check_size_choice);
}

/* Write a table item over an empty one, read it back, take it away again. */
static void check_table_item(const struct pt_config *config, unsigned int level, uint64_t address)
{
	void *table = (void *)(uintptr_t)(address >> fmt_table_lg2(level - 1)
							     << fmt_table_lg2(level - 1));
	fmt_word item = fmt_empty(level), word;

	for (int marked = 0; marked <= FMT_MAY_BE_INCOHERENT; marked++) {
		word = fmt_table(config->quirks, table, level) | (marked ? FMT_WRITTEN_BACK : 0);
		assert_true(item_install(&item, fmt_empty(level), word));
		assert_int_equal(item_load(&item), word);
		assert_true(fmt_is_table(word, level));
		assert_false(fmt_is_leaf(word, level));
		assert_false(fmt_is_empty(word, level));
		assert_ptr_equal(fmt_table_address(word, level), table);
		assert_false(fmt_no_tables(word, word, level));
		assert_false(
			fmt_no_tables(word & fmt_empty(level), word | fmt_empty(level), level));
		assert_false(item_install(&item, fmt_empty(level), word));
		item_store(&item, fmt_empty(level));
		assert_true(fmt_is_empty(item_load(&item), level));
	}
}

static void check_tables(const struct pt_config *config, const struct pt_shape *shape)
{
	/* Where tables can be: what a word of the format can address. */
	unsigned int bits = sizeof(fmt_word) == 4 ? 32 : FMT_OA_BITS_MAX;

	for (unsigned int level = 1; level <= top_level_of(shape); level++)
		for (unsigned int i = 0; i < 50; i++)
			check_table_item(config, level, random_next() >> (64 - bits));
}

static void table_items_read_back(void **state)
{
	(void)state;
	with_usual_widths(check_tables);
}

static void empty_is_nothing_else(void **state)
{
	(void)state;
	for (unsigned int level = 0; level <= FMT_TOP_LEVEL_MAX; level++) {
		assert_true(fmt_is_empty(fmt_empty(level), level));
		assert_false(fmt_is_leaf(fmt_empty(level), level));
		assert_false(fmt_is_table(fmt_empty(level), level));
	}
}

/* Marking a leaf as written to and as clean changes nothing else and can be undone. */
static void check_dirty(fmt_word word, unsigned int level)
{
#if FMT_DIRTY
	fmt_word dirty = fmt_make_dirty(word, level), clean = fmt_make_clean(word, level);

	assert_false(fmt_is_dirty(fmt_empty(level), level));
	if (!fmt_is_dirty(dirty, level)) { /* this leaf has no marks */
		assert_true(dirty == word && clean == word);
		return;
	}
	assert_false(fmt_is_dirty(clean, level));
	assert_true(word == dirty || word == clean);
	assert_true(fmt_make_clean(dirty, level) == clean && fmt_make_dirty(clean, level) == dirty);
	assert_true(fmt_is_leaf(dirty, level) && fmt_is_leaf(clean, level));
	assert_int_equal(fmt_leaf_oa(dirty, level), fmt_leaf_oa(clean, level));
	assert_int_equal(fmt_leaf_lg2(dirty, level), fmt_leaf_lg2(clean, level));
#else
	(void)word;
	(void)level;
#endif
}

/* Every item of a leaf tells the whole leaf, and writing what it tells gives the same word. */
static void check_leaf(unsigned int quirks, fmt_attributes attributes, uint64_t oa,
		       unsigned int lg2)
{
	unsigned int level = level_of_size(lg2), item_lg2 = fmt_item_lg2(level);
	uint64_t items = 1ULL << (lg2 - item_lg2);
	fmt_word table = level ? fmt_table(quirks, NULL, level) : 0;

	for (uint64_t i = 0; i < items; i++) {
		fmt_word word = fmt_leaf(attributes, oa + (i << item_lg2), lg2, level);
		uint64_t told;

		if (level) /* a table beside it is found */
			assert_false(fmt_no_tables(table & word, table | word, level));
		check_dirty(word, level);
		assert_true(fmt_is_leaf(word, level));
		assert_false(fmt_is_table(word, level));
		assert_false(fmt_is_empty(word, level));
		assert_int_equal(fmt_leaf_lg2(word, level), lg2);
		told = fmt_leaf_oa(word, level);
		assert_int_equal(told, oa);
		assert_true(fmt_leaf(fmt_attributes_of(quirks, word, level), told + (i << item_lg2),
				     lg2, level) == word);
		word = fmt_clear(&word, level);
		assert_true(fmt_is_empty(word, level));
		assert_false(fmt_is_leaf(word, level) || fmt_is_table(word, level));
	}
}

/* What is read out of a leaf of one size makes leaves of every other size as @attributes do. */
static void check_resizing(unsigned int quirks, fmt_attributes attributes, uint64_t sizes,
			   unsigned int lg2)
{
	unsigned int level = level_of_size(lg2);
	fmt_attributes told = fmt_attributes_of(quirks, fmt_leaf(attributes, 0, lg2, level), level);

	for (; sizes; sizes &= sizes - 1) {
		unsigned int other = (unsigned int)__builtin_ctzll(sizes);

		assert_true(fmt_leaf(told, 0, other, level_of_size(other)) ==
			    fmt_leaf(attributes, 0, other, level_of_size(other)));
	}
}

/* @prot changes the same bits whatever the address, and permissions that differ are told apart. */
static void check_attributes(unsigned int quirks, unsigned int prot, uint64_t oa, uint64_t other,
			     unsigned int lg2)
{
	unsigned int level = level_of_size(lg2);
	fmt_attributes read_write, asked;

	assert_true(fmt_leaf_attributes(quirks, PT_READ | PT_WRITE, &read_write));
	assert_true(fmt_leaf_attributes(quirks, prot, &asked));
	assert_true((fmt_leaf(read_write, oa, lg2, level) ^ fmt_leaf(asked, oa, lg2, level)) ==
		    (fmt_leaf(read_write, other, lg2, level) ^ fmt_leaf(asked, other, lg2, level)));
	if (prot == PT_READ && !(quirks & PT_QUIRK_NO_PERMS))
		assert_true(fmt_leaf(read_write, oa, lg2, level) !=
			    fmt_leaf(asked, oa, lg2, level));
}

static void check_leaves(const struct pt_config *config, const struct pt_shape *shape)
{
	unsigned int oa_bits = config->oa_bits ? config->oa_bits : FMT_OA_BITS;
	uint64_t last = ~0ULL >> (64 - oa_bits);

	for (uint64_t sizes = shape->page_sizes; sizes; sizes &= sizes - 1) {
		unsigned int lg2 = (unsigned int)__builtin_ctzll(sizes);

		for (unsigned int prot = 0; prot < ALL_PROTS; prot++) {
			uint64_t oa = (random_next() & last) >> lg2 << lg2;
			fmt_attributes attributes;

			assert_int_equal(fmt_leaf_attributes(config->quirks, prot, &attributes),
					 !!(prot & (PT_READ | PT_WRITE)));
			if (!(prot & (PT_READ | PT_WRITE)))
				continue;
			check_leaf(config->quirks, attributes, oa, lg2);
			check_leaf(config->quirks, attributes, 0, lg2);
			check_leaf(config->quirks, attributes, last >> lg2 << lg2, lg2);
			check_resizing(config->quirks, attributes, shape->page_sizes, lg2);
			check_attributes(config->quirks, prot, oa, last >> lg2 << lg2, lg2);
		}
	}
}

static void leaves_read_back(void **state)
{
	(void)state;
	with_usual_widths(check_leaves);
}

/* How many words are compared from one on. */
#define STEPS 40

/* From @oa on, as many leaves as there are: where leaves_step() says so, each word is a step more. */
static void check_steps_from(fmt_attributes attributes, unsigned int level, uint64_t oa,
			     uint64_t last)
{
	unsigned int lg2 = fmt_item_lg2(level);
	fmt_word first = fmt_leaf(attributes, oa, lg2, level);
	uint64_t count = ((last - oa) >> lg2) + 1;

	count = count < STEPS ? count : STEPS;
	for (uint64_t i = 0; i < count; i++) {
		fmt_word stepped = first + (fmt_word)i * (fmt_word)FMT_LEAF_STEP(level);
		fmt_word word = fmt_leaf(attributes, oa + (i << lg2), lg2, level);

		/* And nowhere else, where the address is split: else it would never say no. */
		assert_int_equal(leaves_step(oa, (i + 1) << lg2), stepped == word);
		assert_int_equal(fmt_leaf_oa(word, level), oa + (i << lg2));
	}
}

/*
 * Words of leaves that touch, around every address at which adding carries far; and each bit of an address is
 * in bits of the word that no other bit and no attribute has.
 */
static void check_steps(const struct pt_config *config, const struct pt_shape *shape)
{
	unsigned int oa_bits = config->oa_bits ? config->oa_bits : FMT_OA_BITS;
	uint64_t last = ~0ULL >> (64 - oa_bits);
	fmt_attributes attributes;

	assert_true(fmt_leaf_attributes(config->quirks, PT_READ | PT_WRITE, &attributes));
	for (uint64_t sizes = shape->page_sizes; sizes; sizes &= sizes - 1) {
		unsigned int lg2 = (unsigned int)__builtin_ctzll(sizes), level = level_of_size(lg2);
		fmt_word zero = fmt_leaf(attributes, 0, lg2, level), taken = 0;

		for (unsigned int bit = lg2; bit < oa_bits; bit++) {
			uint64_t oa = 1ULL << bit;
			fmt_word word = fmt_leaf(attributes, oa, lg2, level);
			fmt_attributes told = fmt_attributes_of(config->quirks, word, level);

			assert_true(word != zero && !((word ^ zero) & taken));
			taken |= word ^ zero;
			assert_true(fmt_leaf(told, 0, lg2, level) == zero);
			if (lg2 != fmt_item_lg2(level))
				continue;
			for (uint64_t back = 1; back <= 3 && back << lg2 <= oa; back++)
				check_steps_from(attributes, level, oa - (back << lg2), last);
		}
		if (lg2 == fmt_item_lg2(level) && lg2 < oa_bits)
			check_steps_from(attributes, level, (random_next() & last) >> lg2 << lg2,
					 last);
	}
}

static void words_of_leaves_that_touch(void **state)
{
	(void)state;
	with_usual_widths(check_steps);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(levels_follow_each_other),
		cmocka_unit_test(roots_fit),
		cmocka_unit_test(sizes_lie_in_leaf_levels),
		cmocka_unit_test(addresses_decode_without_gap_or_overlap),
		cmocka_unit_test(the_best_size_is_the_best),
		cmocka_unit_test(table_items_read_back),
		cmocka_unit_test(empty_is_nothing_else),
		cmocka_unit_test(leaves_read_back),
		cmocka_unit_test(words_of_leaves_that_touch),
	};

	random_seed_from_environment();
	return cmocka_run_group_tests_name(FMT_TITLE, tests, NULL, NULL);
}
