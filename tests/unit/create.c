// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * create.c - shows which configurations each format takes and that it refuses all
 * others with -EINVAL; that both variants offer the same formats; and what a format
 * says about itself.
 */
#include "instance.h"

#include <errno.h>
#include <string.h>

#include "snapshot.h"
#include "table_pages.h"

#define QUIRKS_END 32

/* 0 or -EINVAL, nothing else; whatever was created is gone again. */
static bool accepts(const struct pt_format *format, struct pt_config config)
{
	struct pagetable *table = NULL;
	long live = table_bytes_live();
	int error = format->create(&config, &table);

	if (error) {
		assert_int_equal(error, -EINVAL);
		assert_null(table);
	} else {
		assert_true(table_bytes_live() > live);
		table->ops->destroy(table);
	}
	assert_int_equal(table_bytes_live(), live);
	return !error;
}

static void both_variants_have_the_same_formats(void **state)
{
	const struct pt_format *const *straight = pt_formats("inline");
	const struct pt_format *const *recursive = pt_formats("recursive");
	size_t i;

	(void)state;
	assert_null(pt_formats("other"));
	assert_null(pt_formats(""));
	assert_null(pt_format_find("amdv1", "other"));
	assert_null(pt_format_find("other", "inline"));
	for (i = 0; straight[i]; i++) {
		assert_non_null(recursive[i]);
		assert_string_equal(straight[i]->name, recursive[i]->name);
		assert_string_equal(straight[i]->title, recursive[i]->title);
		assert_int_equal(straight[i]->page_sizes, recursive[i]->page_sizes);
		assert_int_equal(straight[i]->quirks, recursive[i]->quirks);
		assert_ptr_equal(pt_format_find(straight[i]->name, "inline"), straight[i]);
		assert_ptr_equal(pt_format_find(recursive[i]->name, "recursive"), recursive[i]);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(straight[i]->name, straight[j]->name);
	}
	assert_null(recursive[i]);
	assert_true(i >= 2);
}

/* What the format says of itself is what it does by default. */
static void check_facts(const struct instance *instance)
{
	const struct pt_format *format = instance->format;
	struct pt_config config = { .ia_bits = format->default_ia_bits,
				    .oa_bits = format->default_oa_bits,
				    .page_sizes = format->page_sizes };
	struct pagetable *one = instance_create(instance);
	struct pagetable *other = instance_create_with(instance, &config);
	unsigned int level, other_level;
	struct snapshot snapshot = { .count = 0 };

	assert_true(strlen(format->title) > strlen("x"));
	assert_int_equal(format->page_sizes & -format->page_sizes, 1ULL << format->granule_lg2);
	assert_int_equal(instance->sizes, format->page_sizes);
	pt_root(one, &level);
	pt_root(other, &other_level);
	assert_int_equal(level, other_level);
	snapshot_of(&snapshot, format, &instance->config, one);
	assert_int_equal(snapshot.count, 0);
	one->ops->destroy(one);
	other->ops->destroy(other);
	snapshot_free(&snapshot);
}

static void defaults_are_as_told(void **state)
{
	(void)state;
	for_each_instance(check_facts);
}

static void check_quirks(const struct instance *instance)
{
	const struct pt_format *format = instance->format;

	for (unsigned int bit = 0; bit < QUIRKS_END; bit++)
		if (!(format->quirks & 1u << bit)) {
			assert_false(accepts(format, (struct pt_config){ .quirks = 1u << bit }));
			assert_false(accepts(format, (struct pt_config){ .quirks = format->quirks |
										   1u << bit }));
		}
}

static void foreign_quirks(void **state)
{
	(void)state;
	for_each_instance(check_quirks);
}

/* Are 2^@bits addresses what the instance takes, in one piece, or half of them in each half? */
static bool spans(const struct instance *instance, unsigned int bits)
{
	uint64_t bytes = instance->range[0].last - instance->range[0].first + 1;

	if (instance->ranges == 2)
		return bytes == 1ULL << (bits - 1) &&
		       bytes == instance->range[1].last - instance->range[1].first + 1;
	/* x86-64's drivers give out the lower half only. */
	return bits == 64 || bytes == 1ULL << bits || bytes == 1ULL << (bits - 1);
}

static void check_input_widths(const struct instance *instance)
{
	static const unsigned int nonsense[] = { 65, 66, 96, 127, 128, 255, 256, 1u << 31, ~0u };
	const struct pt_format *format = instance->format;
	unsigned int taken = 0;

	for (unsigned int bits = 1; bits <= 64; bits++) {
		struct pt_config config = { .ia_bits = bits };
		struct instance wide;

		if (!accepts(format, config))
			continue;
		assert_true(bits > format->granule_lg2);
		assert_true(instance_init(&wide, format, instance->variant, &config));
		/* A root that grows is not bound by its first width. */
		assert_true(spans(&wide, bits) || wide.range[0].last == UINT64_MAX);
		taken++;
	}
	assert_int_not_equal(taken, 0);
	for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++)
		assert_false(accepts(format, (struct pt_config){ .ia_bits = nonsense[i] }));
}

static void input_widths(void **state)
{
	(void)state;
	for_each_instance(check_input_widths);
}

static void check_output_widths(const struct instance *instance)
{
	static const unsigned int nonsense[] = { 65, 66, 96, 128, 256, 1u << 31, ~0u };
	const struct pt_format *format = instance->format;

	assert_true(accepts(format, (struct pt_config){ .oa_bits = format->default_oa_bits }));
	for (unsigned int bits = 1; bits <= 64; bits++)
		if (accepts(format, (struct pt_config){ .oa_bits = bits }))
			assert_true(bits >= 12);
	for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++)
		assert_false(accepts(format, (struct pt_config){ .oa_bits = nonsense[i] }));
}

static void output_widths(void **state)
{
	(void)state;
	for_each_instance(check_output_widths);
}

/* A size that is not offered is refused, alone or beside those that are. */
static void check_sizes(const struct instance *instance)
{
	const struct pt_format *format = instance->format;

	for (uint64_t size = 1; size; size <<= 1) {
		struct pt_config config = instance->config;

		config.page_sizes = size;
		if (instance->sizes & size) {
			assert_true(accepts(format, config));
			continue;
		}
		config.page_sizes = size | instance->sizes;
		assert_false(accepts(format, config));
	}
}

static void foreign_sizes(void **state)
{
	(void)state;
	for_each_instance(check_sizes);
}

static void check_ways(const struct instance *instance)
{
	const struct pt_format *format = instance->format;

	assert_int_equal(accepts(format, (struct pt_config){ .incoherent = true }),
			 format->may_be_incoherent);
	assert_true(accepts(format, (struct pt_config){ .freeing = PT_FREE_NEVER }));
	assert_false(accepts(format, (struct pt_config){ .freeing = PT_FREE_EAGER }));
	assert_false(accepts(format, (struct pt_config){ .freeing = PT_FREE_NEVER + 1 }));
	assert_true(accepts(format,
			    (struct pt_config){ .freeing = PT_FREE_EAGER, .rcu_readers = true }));
}

static void coherence_and_freeing(void **state)
{
	(void)state;
	for_each_instance(check_ways);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_variants_have_the_same_formats),
		INSTANCE_TEST(defaults_are_as_told),
		INSTANCE_TEST(foreign_quirks),
		INSTANCE_TEST(input_widths),
		INSTANCE_TEST(output_widths),
		INSTANCE_TEST(foreign_sizes),
		INSTANCE_TEST(coherence_and_freeing),
	};

	arena_or_exit();
	return cmocka_run_group_tests_name("unit.create", tests, NULL, NULL);
}
