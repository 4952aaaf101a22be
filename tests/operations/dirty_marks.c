// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * dirty_marks.c - shows that a write is reported for the leaf it went to, as far as that
 * lies in the range, in bits of any size, until the mark is cleared; that a mark
 * counts for all items of its leaf; and that a scan in pieces loses none.
 */
#include "twin_sizes.h"

#include <errno.h>

static struct twin twin;

/* Only formats with marks, and marks that are not set by map already. */
static bool has_marks(const struct instance *instance)
{
	return instance->format->has_dirty && is_about_leaves(instance);
}

/* Read with every choice of range and of bit size, which twin_read_dirty() compares. */
static void read_all_ways(uint64_t iova, uint64_t size)
{
	uint64_t page = twin.instance->granule, part = size / 2 < page ? page : size / 2;
	unsigned int page_lg2 = size_lg2(page), size_bits = size_lg2(size);

	if (size / page <= 4096) {
		twin_read_dirty(&twin, iova, 4 * size, page_lg2, false);
		twin_read_dirty(&twin, iova, 2 * size, page_lg2 - 1, false);
		twin_read_dirty(&twin, iova + page, 4 * size - page, page_lg2 + 1, false);
	}
	twin_read_dirty(&twin, iova, 4 * size, size_bits, false);
	twin_read_dirty(&twin, iova, 4 * size, 63, false);
	twin_read_dirty(&twin, iova + part, part, size_bits, false);
	twin_read_dirty(&twin, iova + size - page, page, page_lg2, false);
	twin_read_dirty(&twin, iova + part, page, page_lg2, false);
	twin_read_dirty(&twin, iova + size, part, size_bits, false);
}

static void check_every_size(const struct instance *instance)
{
	uint64_t page = instance->granule;

	if (!has_marks(instance))
		return;
	twin_open(&twin, instance);
	FOR_EACH_SIZE(size, instance)
	{
		uint64_t iova = size_iova(instance, size), oa = size_oa(instance, size);
		const uint64_t writes[] = { 0, page, size / 2, size - page };

		for (unsigned int i = 0; i < 3; i++)
			assert_int_equal(twin_map(&twin, iova + i * size, oa + i * size, size,
						  i % twin.kinds.count),
					 0);
		read_all_ways(iova, size);
		twin_read_dirty(&twin, iova, 4 * size, size_lg2(size), true);
		twin_compare(&twin);
		read_all_ways(iova, size);
		for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
			twin_set_dirty(&twin, iova + writes[i] % size + 7);
			twin_set_dirty(&twin, iova + 2 * size + writes[i] % size);
			twin_compare(&twin);
			read_all_ways(iova, size);
			/* A part of a larger leaf is reported and leaves it as it is. */
			twin_read_dirty(&twin, iova + size - page, page, size_lg2(page), true);
			twin_compare(&twin);
			twin_read_dirty(&twin, iova, 2 * size - page, size_lg2(size), true);
			twin_compare(&twin);
			read_all_ways(iova, size);
			twin_read_dirty(&twin, iova, size, 63, true);
			twin_compare(&twin);
			read_all_ways(iova, size);
		}
		assert_int_equal(twin_unmap(&twin, iova, 4 * size), 4 * size);
	}
	twin_close(&twin);
}

static void a_write_marks_its_leaf(void **state)
{
	(void)state;
	for_each_configuration(check_every_size);
}

/* Is the piece reported that begins at @iova? Marks are cleared where they may be. */
static bool scan_piece(uint64_t iova, uint64_t piece)
{
	uint64_t bit = 0;
	struct pt_dirty dirty = {
		.iova = iova, .page_lg2 = size_lg2(piece), .clear = true, .bits = &bit
	};

	assert_int_equal(twin.table->ops->read_dirty(twin.table, &dirty, piece, &twin.gather), 0);
	assert_true(bit <= 1);
	return bit;
}

/*
 * A leaf is scanned piece by piece, from any piece on. Before the last @after of them comes a write.
 * Once more round, and it has been reported.
 */
static void check_pieces_of(uint64_t iova, uint64_t size, unsigned int pieces)
{
	uint64_t piece = size / pieces;

	for (unsigned int first = 0; first < pieces; first++)
		for (unsigned int after = 0; after < pieces; after++)
			for (unsigned int written = 0; written < pieces; written++) {
				bool found = false;

				scan_piece(iova, size);
				for (unsigned int i = 0; i < 2 * pieces - after; i++) {
					unsigned int at = (first + i) % pieces;

					if (i == pieces - after)
						assert_int_equal(
							twin.table->ops->set_dirty(
								twin.table, iova + written * piece),
							0);
					if (scan_piece(iova + at * piece, piece) && at == written)
						found = true;
				}
				if (!found)
					fail_msg("of a leaf of %#llx bytes the write to piece %u "
						 "of %u, "
						 "after %u from %u on, is not reported",
						 (unsigned long long)size, written, pieces,
						 pieces - after, first);
			}
}

static void check_scan_in_pieces(const struct instance *instance)
{
	if (!has_marks(instance))
		return;
	twin_open(&twin, instance);
	FOR_EACH_SIZE(size, instance)
	{
		uint64_t iova = size_iova(instance, size);

		assert_int_equal(twin_map(&twin, iova, size_oa(instance, size), size, 0), 0);
		for (unsigned int pieces = 2; twin.kinds.kind[0].takes_marks && pieces <= 4;
		     pieces *= 2)
			if (size / instance->granule >= pieces)
				check_pieces_of(iova, size, pieces);
		twin_unmap(&twin, iova, size);
	}
	twin_close(&twin);
}

static void a_scan_in_pieces_loses_no_write(void **state)
{
	(void)state;
	for_each_configuration(check_scan_in_pieces);
}

/* Leaves of all sizes below a large one, next to each other, written to here and there. */
static void check_mixture(const struct instance *instance)
{
	uint64_t page = instance->granule, block = instance_block(instance);
	uint64_t iova = instance_middle(instance, 8 * block);

	if (!has_marks(instance))
		return;
	twin_open(&twin, instance);
	for (unsigned int i = 0; i < 2; i++)
		assert_int_equal(twin_map(&twin, iova + page + 4 * i * block, page, 3 * block, i),
				 0);
	twin_read_dirty(&twin, iova, 8 * block, size_lg2(page), true);
	twin_compare(&twin);
	for (uint64_t at = 0; at < 8 * block; at += block / 2 + page)
		twin_set_dirty(&twin, iova + at);
	twin_compare(&twin);
	for (uint64_t at = 0; at < 8 * block; at += block / 2)
		twin_read_dirty(&twin, iova + at, block, size_lg2(page), false);
	twin_read_dirty(&twin, iova, 8 * block, size_lg2(page), false);
	twin_read_dirty(&twin, iova + block, 5 * block, size_lg2(page), true);
	twin_compare(&twin);
	twin_read_dirty(&twin, iova, 8 * block, size_lg2(page), false);
	twin_close(&twin);
}

static void leaves_of_all_sizes(void **state)
{
	(void)state;
	for_each_configuration(check_mixture);
}

/* Where nothing was written nothing is gathered; where something was, no more than needs be. */
static void check_gather(const struct instance *instance)
{
	uint64_t page = instance->granule, iova = instance_middle(instance, 64 * page);

	if (!has_marks(instance))
		return;
	twin_open(&twin, instance);
	for (unsigned int i = 0; i < 64; i++) /* never touching: single pages */
		assert_int_equal(twin_map(&twin, iova + i * page, 2 * i * page, page, 0), 0);
	twin_read_dirty(&twin, iova, 64 * page, size_lg2(page), true);
	twin.keeps_gather = true;
	twin_read_dirty(&twin, iova, 64 * page, size_lg2(page), true);
	assert_true(twin.gather.start > twin.gather.last);
	twin_set_dirty(&twin, iova + 9 * page);
	twin_set_dirty(&twin, iova + 30 * page);
	twin_read_dirty(&twin, iova, 64 * page, size_lg2(page), false);
	assert_true(twin.gather.start > twin.gather.last);
	twin_read_dirty(&twin, iova, 64 * page, size_lg2(page), true);
	if (twin.kinds.kind[0].takes_marks) {
		assert_int_equal(twin.gather.start, iova + 9 * page);
		assert_int_equal(twin.gather.last, iova + 31 * page - 1);
	}
	assert_null(twin.gather.tables);
	twin_close(&twin);
}

static void only_what_was_cleared_is_flushed(void **state)
{
	(void)state;
	for_each_configuration(check_gather);
}

/* Bits that are set stay set; those before and after the range's are not touched. */
static void check_bits(const struct instance *instance)
{
	uint64_t page = instance->granule, iova = instance_middle(instance, 256 * page);
	uint64_t bits[4] = { 1, 1ULL << 63, 0, 0x5555555555555555 };
	struct pt_dirty dirty = { .iova = iova, .page_lg2 = size_lg2(page), .bits = bits };

	if (!has_marks(instance))
		return;
	twin_open(&twin, instance);
	for (unsigned int i = 0; i < 150; i++)
		assert_int_equal(twin_map(&twin, iova + i * page, 2 * i * page, page, 0), 0);
	twin_read_dirty(&twin, iova, 256 * page, size_lg2(page), true);
	for (unsigned int i = 62; i < 130; i++)
		twin_set_dirty(&twin, iova + i * page);
	assert_int_equal(twin.table->ops->read_dirty(twin.table, &dirty, 129 * page, NULL), 0);
	if (twin.kinds.kind[0].takes_marks) {
		assert_true(bits[0] == (1 | 3ULL << 62));
		assert_true(bits[1] == UINT64_MAX);
		assert_true(bits[2] == 1);
	}
	assert_true(bits[3] == 0x5555555555555555);
	twin_close(&twin);
}

static void bits_are_only_set(void **state)
{
	(void)state;
	for_each_configuration(check_bits);
}

/* Holes, and beyond the root of a table that could grow. */
static void check_nothing_there(const struct instance *instance)
{
	uint64_t page = instance->granule;

	if (!has_marks(instance))
		return;
	twin_open(&twin, instance);
	for (unsigned int i = 0; i < instance->ranges; i++) {
		uint64_t first = instance->range[i].first, last = instance->range[i].last;
		uint64_t all = last - first + 1;

		twin_set_dirty(&twin, first);
		twin_set_dirty(&twin, last);
		twin_set_dirty(&twin, first + (last - first) / 2);
		twin_read_dirty(&twin, first, all ? all : 1ULL << 63, 63, true);
		twin_read_dirty(&twin, last - (page - 1), page, 0, true);
		assert_int_equal(twin_map(&twin, first, 0, page, 0), 0);
		twin_set_dirty(&twin, first + page);
		twin_read_dirty(&twin, first, all ? all : 1ULL << 63, 63, true);
	}
	twin_close(&twin);
}

static void nothing_there(void **state)
{
	(void)state;
	for_each_configuration(check_nothing_there);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		INSTANCE_TEST(a_write_marks_its_leaf),
		INSTANCE_TEST(a_scan_in_pieces_loses_no_write),
		INSTANCE_TEST(leaves_of_all_sizes),
		INSTANCE_TEST(only_what_was_cleared_is_flushed),
		INSTANCE_TEST(bits_are_only_set),
		INSTANCE_TEST(nothing_there),
	};

	arena_or_exit();
	return cmocka_run_group_tests_name("operations.dirty_marks", tests, NULL, NULL);
}
