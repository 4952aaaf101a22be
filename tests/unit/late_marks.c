// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * late_marks.c - shows that a mark which hardware makes in a table on its way out reaches the memory
 * that a walker which does not snoop reads: reassemble carries it over to the leaf that took the
 * table's place, and that is written back.
 */
#include "instance.h"

#include "walker.h"

static const struct instance *running;

/* An item of a leaf table, and what hardware makes of it. */
static struct {
	uint64_t iova;
	volatile uint64_t *item;
	uint64_t dirty;
} late;

static int find_item(void *context, const struct pt_item *item)
{
	uint64_t address = item->word ^ running->format->comparable(&running->config, item);

	(void)context;
	if (!item->is_table || item->level != 1 || late.iova < item->iova ||
	    (late.iova - item->iova) >> item->lg2)
		return 0;
	address &= ~running->format->table_marks;
	late.item = (volatile uint64_t *)(uintptr_t)address +
		    (late.iova - item->iova) / running->granule;
	return 1;
}

static void mark_it(void *context, uint64_t start, uint64_t last, bool tables)
{
	(void)context, (void)start, (void)last;
	if (tables && late.item)
		*late.item = late.dirty;
	late.item = NULL;
}

static bool is_dirty(struct pagetable *table, uint64_t iova, uint64_t size, bool clear)
{
	uint64_t bits = 0;
	struct pt_dirty dirty = { .iova = iova, .page_lg2 = 63, .clear = clear, .bits = &bits };
	struct pt_gather gather = PT_GATHER_INIT;

	assert_int_equal(table->ops->read_dirty(table, &dirty, size, &gather), 0);
	return bits;
}

static void check(const struct instance *of)
{
	uint64_t page = of->granule, size = page * page / 8; /* what a leaf table spans */
	struct pt_config config = { .incoherent = true };
	struct pt_gather gather = PT_GATHER_INIT;
	struct instance instance;
	struct pagetable *table;
	unsigned int level;
	uint64_t iova, clean;
	const void *root;

	if (!of->format->may_be_incoherent || !of->format->has_dirty || !(of->sizes & size))
		return;
	config.quirks = of->format->quirks & PT_QUIRK_HARDWARE_DIRTY;
	assert_true(instance_init(&instance, of->format, of->variant, &config));
	running = &instance;
	config = instance.config;
	config.flush = mark_it;
	table = instance_create_with(&instance, &config);
	iova = instance_middle(&instance, 4 * size);
	late.iova = iova + 5 * page;
	for (uint64_t at = 0; at < size; at += size / 2)
		assert_int_equal(table->ops->map(table, iova + at, at, size / 2, RW), 0);
	root = pt_root(table, &level);
	assert_int_equal(of->format->visit(&config, root, level, find_item, NULL), 1);
	is_dirty(table, iova, size, true);
	clean = *late.item;
	assert_int_equal(table->ops->set_dirty(table, late.iova), 0);
	late.dirty = *late.item;
	assert_int_not_equal(late.dirty, clean);
	*late.item = clean;
	assert_int_equal(table->ops->reassemble(table, iova, size, 63, &gather), 0);
	assert_null(late.item); /* it came */
	assert_true(is_dirty(table, iova, size, false));
	walker_swap();
	assert_true(is_dirty(table, iova, size, false));
	walker_swap();
	pt_sync(table, &gather);
	table->ops->destroy(table);
}

static void late_marks_are_written_back(void **state)
{
	(void)state;
	for_each_instance(check);
	assert_non_null(running);
}

int main(void)
{
	const struct CMUnitTest tests[] = { INSTANCE_TEST(late_marks_are_written_back) };

	arena_or_exit();
	if (walker_init()) {
		fprintf(stderr, "no memory for the walker\n");
		return 1;
	}
	return cmocka_run_group_tests_name("unit.late_marks", tests, NULL, NULL);
}
