// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * golden.c - the bits of one format, in both variants: leaves of every size and
 * permission and the table items above them are read back out of memory and
 * compared with words that were not written by this engine; so are root shapes
 * and the configurations to be refused.
 *
 * Usage: test-formats-golden FORMAT
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "golden_words.h"
#include "table_pages.h"

#define VARIANTS 2

static const char *name;
static const struct pt_format *formats[VARIANTS];

static unsigned int ia_bits_of(const struct pt_format *format, const struct pt_config *config)
{
	return config->ia_bits ? config->ia_bits : format->default_ia_bits;
}

/* The lowest address that a table made with @config takes. */
static uint64_t base_of(const struct pt_format *format, const struct pt_config *config)
{
	return config->quirks & PT_QUIRK_TTBR1 ? ~0ULL << ia_bits_of(format, config) : 0;
}

struct reading {
	const struct pt_format *format;
	const struct golden *golden;
	const struct golden_leaf *leaf;
	uint64_t iova, items;
	unsigned int next_table_level;
};

static void read_table_item(struct reading *reading, const struct pt_item *item)
{
	uint64_t word = reading->format->comparable(&reading->golden->config, item);

	/* A root that has grown points to the old one as well. */
	if ((reading->iova ^ item->iova) >> item->lg2 == 0) {
		assert_int_equal(item->level, reading->next_table_level);
		reading->next_table_level--;
	}
	if (word != reading->golden->tables[item->level])
		fail_msg("level %u table item %#lx, expected %#lx", item->level,
			 (unsigned long)word, (unsigned long)reading->golden->tables[item->level]);
}

static int read_item(void *context, const struct pt_item *item)
{
	struct reading *reading = context;
	const struct golden_leaf *leaf = reading->leaf;
	uint64_t expected = leaf->word + reading->items * leaf->step;

	if (item->is_table) {
		read_table_item(reading, item);
		return 0;
	}
	if (item->word != expected)
		fail_msg("size %#lx prot %#x item %lu is %#lx, expected %#lx",
			 (unsigned long)leaf->size, leaf->prot, (unsigned long)reading->items,
			 (unsigned long)item->word, (unsigned long)expected);
	assert_int_equal(reading->format->comparable(&reading->golden->config, item), item->word);
	assert_int_equal(item->level, reading->next_table_level);
	assert_int_equal(item->iova, reading->iova + (reading->items << item->lg2));
	reading->items++;
	return reading->items << item->lg2 > leaf->size;
}

static void check_leaf(const struct pt_format *format, const struct golden *golden,
		       const struct golden_leaf *leaf)
{
	struct reading reading = { .format = format, .golden = golden, .leaf = leaf };
	struct pt_gather gather = PT_GATHER_INIT;
	struct pt_config config = golden->config;
	struct pagetable *table;
	uint64_t granule;
	const void *root;

	/* Sizes between those that the leaf needs are not in its way. */
	reading.iova = base_of(format, &config) + leaf->size;
	assert_int_equal(format->create(&config, &table), 0);
	assert_int_equal(table->ops->map(table, reading.iova, leaf->oa, leaf->size, leaf->prot), 0);
	root = pt_root(table, &reading.next_table_level);
	assert_int_equal(
		format->visit(&config, root, reading.next_table_level, read_item, &reading), 0);
	assert_true(reading.items > 0);
	assert_int_equal(table->ops->iova_to_phys(table, reading.iova + leaf->size - 1),
			 leaf->oa + leaf->size - 1);
	/* It is one leaf, not several with the same words: all of it goes at once. */
	granule = config.page_sizes ? config.page_sizes : 1ULL << format->granule_lg2;
	assert_int_equal(table->ops->unmap(table, reading.iova, granule, &gather), leaf->size);
	pt_sync(table, &gather);
	assert_int_equal(table->ops->iova_to_phys(table, reading.iova), PT_NOT_MAPPED);
	table->ops->destroy(table);
}

static void words_are_as_the_drivers_write_them(void **state)
{
	unsigned int leaves = 0;

	(void)state;
	for (const struct golden *g = golden_words; g->format; g++) {
		if (strcmp(g->format, name))
			continue;
		for (const struct golden_leaf *l = g->leaves; l->prot; l++, leaves++)
			for (size_t v = 0; v < VARIANTS; v++)
				check_leaf(formats[v], g, l);
	}
	assert_true(leaves > 0);
}

/* Every leaf size of every configuration above has a word to compare with. */
static void no_size_is_without_words(void **state)
{
	uint64_t sizes = 0;

	(void)state;
	if (!strcmp(name, "amdv1")) /* all powers of two, of which some stand for a group */
		skip();
	for (const struct golden *g = golden_words; g->format; g++)
		for (const struct golden_leaf *l = g->leaves; !strcmp(g->format, name) && l->prot;
		     l++)
			sizes |= l->size;
	assert_int_equal(formats[0]->page_sizes & ~sizes, 0);
}

struct first_item {
	unsigned int items, level, lg2;
};

static int keep_first(void *context, const struct pt_item *item)
{
	struct first_item *first = context;

	if (!first->items++) {
		first->level = item->level;
		first->lg2 = item->lg2;
	}
	return 0;
}

/* What the format's tables are like; those of most fill one granule with 8-byte items. */
static struct golden_tables tables_of(const struct pt_format *format,
				      const struct pt_config *config)
{
	uint64_t granule = 1ULL << format->granule_lg2;

	for (const struct golden_tables *t = golden_tables; t->format; t++)
		if (!strcmp(t->format, name))
			return *t;
	if (config->page_sizes)
		granule = config->page_sizes & -config->page_sizes;
	return (struct golden_tables){ name, 8, granule, granule, false };
}

/* Map one page: it is there, and took @bytes of tables. */
static void map_page(struct pagetable *table, uint64_t iova, uint64_t size, uint64_t bytes)
{
	long live = table_bytes_live();

	assert_int_equal(table->ops->map(table, iova, size, size, PT_READ), 0);
	assert_int_equal(table->ops->iova_to_phys(table, iova + size - 1), 2 * size - 1);
	assert_int_equal(table_bytes_live() - live, bytes);
}

/* The first and the last page are mapped through the root, and none beyond. */
static void check_width(const struct pt_format *format, const struct golden_root *expected,
			struct pagetable *table)
{
	const struct pt_config *config = &expected->config;
	struct golden_tables tables = tables_of(format, config);
	uint64_t size = config->page_sizes ? config->page_sizes : 1ULL << format->granule_lg2;
	uint64_t base = base_of(format, config);
	uint64_t half = 1ULL << (ia_bits_of(format, config) - tables.sign_bit);
	uint64_t below = tables.leaf_bytes + (expected->top_level - 1) * tables.upper_bytes;

	map_page(table, base + half - size, size, below);
	if (base + half)
		assert_int_equal(table->ops->map(table, base + half, 0, size, PT_READ), -ERANGE);
	if (base)
		assert_int_equal(table->ops->map(table, base - size, 0, size, PT_READ), -ERANGE);
	if (!tables.sign_bit)
		return;
	if (!strcmp(name, "x86_64") && !(config->quirks & PT_QUIRK_SIGN_EXTEND)) {
		assert_int_equal(table->ops->map(table, -half, 0, size, PT_READ), -ERANGE);
		return;
	}
	map_page(table, -half, size, below);
	map_page(table, -size, size, below);
	assert_int_equal(table->ops->map(table, -half - size, 0, size, PT_READ), -ERANGE);
}

/* The root's level, memory, and width: so many items span all addresses. */
static void check_root(const struct pt_format *format, const struct golden_root *expected)
{
	const struct pt_config *config = &expected->config;
	struct golden_tables tables = tables_of(format, config);
	uint64_t items = expected->bytes / tables.word_bytes;
	struct first_item first = { 0 };
	struct pagetable *table;
	unsigned int top_level;
	long live = table_bytes_live();
	const void *root;

	assert_int_equal(format->create(config, &table), 0);
	root = pt_root(table, &top_level);
	assert_int_equal(top_level, expected->top_level);
	assert_int_equal(table_bytes_live() - live, expected->bytes < tables.upper_bytes
							    ? tables.upper_bytes
							    : expected->bytes);
	check_width(format, expected, table);
	assert_int_equal(format->visit(config, root, top_level, keep_first, &first), 0);
	assert_int_equal(first.level, top_level);
	if (items > 1)
		assert_int_equal(items << first.lg2, 1ULL << ia_bits_of(format, config));
	table->ops->destroy(table);
	assert_int_equal(table_bytes_live(), live);
}

static void roots_have_the_drivers_shape(void **state)
{
	unsigned int roots = 0;

	(void)state;
	if (!strcmp(name, "amdv1")) /* the next test */
		skip();
	for (const struct golden_root *r = golden_roots; r->format; r++) {
		if (strcmp(r->format, name))
			continue;
		roots++;
		for (size_t v = 0; v < VARIANTS; v++)
			check_root(formats[v], r);
	}
	assert_true(roots > 0);
}

/* AMDv1's root is as high as the addresses need. */
static void the_root_grows(void **state)
{
	static const struct {
		uint64_t iova;
		unsigned int top_level;
	} steps[] = { { 0, 2 },		 { 1ULL << 38, 2 }, { 1ULL << 40, 3 },
		      { 1ULL << 48, 4 }, { 1ULL << 57, 5 }, { -4096ULL, 5 } };

	(void)state;
	if (strcmp(name, "amdv1"))
		skip();
	for (size_t v = 0; v < VARIANTS; v++) {
		const struct pt_format *format = formats[v];
		struct pt_config config = { 0 };
		struct pagetable *table;
		unsigned int top_level;

		assert_int_equal(format->create(&config, &table), 0);
		for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
			assert_int_equal(table->ops->map(table, steps[i].iova, 0, 4096, PT_READ),
					 0);
			pt_root(table, &top_level);
			assert_int_equal(top_level, steps[i].top_level);
		}
		for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
			assert_int_equal(table->ops->iova_to_phys(table, steps[i].iova), 0);
		table->ops->destroy(table);
	}
}

static void other_configurations_are_refused(void **state)
{
	unsigned int refusals = 0;

	(void)state;
	for (size_t v = 0; v < VARIANTS; v++) {
		const struct pt_format *format = formats[v];
		struct pt_config unknown_quirk = { .quirks = 1u << 31 };
		struct pagetable *table;

		assert_int_equal(format->create(&unknown_quirk, &table), -EINVAL);
		for (const struct golden_refusal *r = golden_refusals; r->format; r++)
			if (!strcmp(r->format, name)) {
				if (format->create(&r->config, &table) != -EINVAL)
					fail_msg("refusal %u was accepted", refusals);
				refusals++;
			}
	}
	assert_true(refusals > 0);
}

static void a_leaf_without_permission_is_refused(void **state)
{
	(void)state;
	for (size_t v = 0; v < VARIANTS; v++) {
		const struct pt_format *format = formats[v];
		struct pt_config config = { 0 };
		struct pagetable *table;
		uint64_t granule = 1ULL << format->granule_lg2;

		assert_int_equal(format->create(&config, &table), 0);
		assert_int_equal(table->ops->map(table, 0, 0, granule, PT_CACHE | PT_NOEXEC),
				 -EINVAL);
		assert_int_equal(table->ops->iova_to_phys(table, 0), PT_NOT_MAPPED);
		table->ops->destroy(table);
	}
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_as_the_drivers_write_them),
		cmocka_unit_test(no_size_is_without_words),
		cmocka_unit_test(roots_have_the_drivers_shape),
		cmocka_unit_test(the_root_grows),
		cmocka_unit_test(other_configurations_are_refused),
		cmocka_unit_test(a_leaf_without_permission_is_refused),
	};

	name = argc > 1 ? argv[1] : "";
	formats[0] = pt_format_find(name, "inline");
	formats[1] = pt_format_find(name, "recursive");
	if (!formats[0] || !formats[1]) {
		fprintf(stderr, "no format \"%s\"\n", name);
		return 2;
	}
	if (table_pages_init(-1, 0)) {
		fprintf(stderr, "no arena\n");
		return 1;
	}
	return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}
