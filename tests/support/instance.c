// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * instance.c - see instance.h.
 */
#define _GNU_SOURCE
#include "instance.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <urcu/urcu-memb.h>

#include "table_pages.h"

/* Every input width that some format has. */
static const unsigned int widths[] = { 30, 32, 34, 36, 38, 39, 40, 42, 43, 44, 47, 48, 52, 57, 64 };
#define WIDTHS (sizeof(widths) / sizeof(widths[0]))

static struct instance current;
static bool checking;

/*
 * liburcu's thread sleeps for 10 ms after each grace period, in a poll() without files. Tests
 * wait for hundreds of them: for such a call it is replaced by doing nothing.
 */
int poll(struct pollfd *files, nfds_t count, int milliseconds)
{
	struct timespec time = { .tv_sec = milliseconds / 1000,
				 .tv_nsec = milliseconds % 1000 * 1000000L };

	return count ? ppoll(files, count, milliseconds < 0 ? NULL : &time, NULL) : 0;
}

int instance_report(void **state)
{
	(void)state;
	table_fail_after(-1);
	if (checking)
		print_error("in %s\n", current.name);
	checking = false;
	while (urcu_memb_read_ongoing())
		urcu_memb_read_unlock();
	return 0;
}

void arena_or_exit(void)
{
	int error = table_pages_init(-1, 0);

	if (error) {
		fprintf(stderr, "table_pages_init returns %d\n", error);
		exit(1);
	}
	urcu_memb_register_thread();
}

static void describe(struct instance *instance)
{
	const struct pt_config *config = &instance->config;
	size_t at = 0, room = sizeof(instance->name);
	char *text = instance->name;

	at += (size_t)snprintf(text + at, room - at, "%s/%s", instance->format->name,
			       instance->variant);
	if (config->ia_bits)
		at += (size_t)snprintf(text + at, room - at, " ia_bits=%u", config->ia_bits);
	if (config->oa_bits)
		at += (size_t)snprintf(text + at, room - at, " oa_bits=%u", config->oa_bits);
	if (config->page_sizes)
		at += (size_t)snprintf(text + at, room - at, " page_sizes=%#" PRIx64,
				       config->page_sizes);
	if (config->quirks)
		at += (size_t)snprintf(text + at, room - at, " quirks=%#x", config->quirks);
	if (config->freeing)
		at += (size_t)snprintf(text + at, room - at, " %s",
				       config->freeing == PT_FREE_NEVER ? "never" : "eager");
	else if (config->rcu_readers)
		at += (size_t)snprintf(text + at, room - at, " rcu");
	if (config->incoherent)
		snprintf(text + at, room - at, " incoherent");
}

static bool accepts(const struct pt_format *format, const struct pt_config *config)
{
	struct pagetable *table;

	if (format->create(config, &table))
		return false;
	table->ops->destroy(table);
	return true;
}

/* The smallest length that @table maps: all that is smaller is misaligned. */
static uint64_t find_granule(struct pagetable *table)
{
	for (uint64_t size = 1; size; size <<= 1) {
		int error = table->ops->map(table, -size, 0, size, RW);

		if (error == -ERANGE)
			error = table->ops->map(table, 0, 0, size, RW);
		if (error != -EINVAL)
			return size;
	}
	fail_msg("no page size works");
	return 0;
}

/* The leaf sizes that @config may be narrowed to: those that it has. */
static uint64_t find_sizes(const struct pt_format *format, const struct pt_config *config)
{
	struct pt_config narrowed = *config;
	struct pagetable *table;
	uint64_t sizes, granule;

	if (config->page_sizes)
		return config->page_sizes;
	assert_int_equal(format->create(config, &table), 0);
	sizes = granule = find_granule(table);
	table->ops->destroy(table);
	for (uint64_t size = granule << 1; size; size <<= 1) {
		narrowed.page_sizes = granule | size;
		if (accepts(format, &narrowed))
			sizes |= size;
	}
	return sizes;
}

static bool takes_address(struct pagetable *table, uint64_t iova, uint64_t granule)
{
	struct pt_gather gather = PT_GATHER_INIT;
	int error = table->ops->map(table, iova, 0, granule, RW);

	if (error == -ERANGE)
		return false;
	if (error)
		fail_msg("map of one page at %#" PRIx64 ": %d", iova, error);
	table->ops->unmap(table, iova, granule, &gather);
	pt_sync(table, &gather);
	return true;
}

/* From the addresses 2^n - granule and -2^n that it takes. */
static void find_ranges(struct instance *instance, struct pagetable *table)
{
	unsigned int granule_lg2 = (unsigned int)__builtin_ctzll(instance->granule), lg2;

	instance->ranges = 0;
	for (lg2 = granule_lg2; lg2 < 64; lg2++)
		if (!takes_address(table, (2ULL << lg2) - instance->granule, instance->granule))
			break;
	if (takes_address(table, 0, instance->granule)) {
		instance->range[instance->ranges].first = 0;
		instance->range[instance->ranges++].last =
			lg2 == 64 ? UINT64_MAX : (1ULL << lg2) - 1;
		if (lg2 == 64)
			return;
	}
	for (lg2 = granule_lg2; lg2 < 63; lg2++)
		if (!takes_address(table, -(2ULL << lg2), instance->granule))
			break;
	if (takes_address(table, -instance->granule, instance->granule)) {
		instance->range[instance->ranges].first = -(1ULL << lg2);
		instance->range[instance->ranges++].last = UINT64_MAX;
	}
	assert_int_not_equal(instance->ranges, 0);
}

bool instance_init(struct instance *instance, const struct pt_format *format, const char *variant,
		   const struct pt_config *config)
{
	struct pagetable *table;
	int error;

	*instance = (struct instance){ .format = format, .variant = variant, .config = *config };
	describe(instance);
	error = format->create(config, &table);
	if (error) {
		assert_int_equal(error, -EINVAL);
		return false;
	}
	instance->sizes = find_sizes(format, config);
	instance->granule = instance->sizes & -instance->sizes;
	instance->oa_bits = config->oa_bits ? config->oa_bits : format->default_oa_bits;
	find_ranges(instance, table);
	table->ops->destroy(table);
	return true;
}

struct pagetable *instance_create_with(const struct instance *instance,
				       const struct pt_config *config)
{
	struct pagetable *table = NULL;

	assert_int_equal(instance->format->create(config, &table), 0);
	assert_non_null(table);
	return table;
}

struct pagetable *instance_create(const struct instance *instance)
{
	return instance_create_with(instance, &instance->config);
}

uint64_t instance_oa(const struct instance *instance, uint64_t size)
{
	return 0x5aa5a5a55a5aa5a5ULL & (~0ULL >> (64 - instance->oa_bits)) & -size;
}

bool instance_fits(const struct instance *instance, uint64_t size)
{
	return size - 1 <= instance->range[0].last - instance->range[0].first &&
	       size - 1 <= ~0ULL >> (64 - instance->oa_bits);
}

uint64_t instance_large_size(const struct instance *instance)
{
	uint64_t larger = instance->sizes ^ instance->granule;
	uint64_t size = larger & -larger;

	return larger && instance_fits(instance, 64 * size) ? size : 0;
}

uint64_t instance_block(const struct instance *instance)
{
	uint64_t block = instance_large_size(instance);

	if (block)
		return block;
	for (block = 256 * instance->granule; !instance_fits(instance, 64 * block);)
		block /= 2;
	return block;
}

uint64_t leaf_table_span(const struct instance *instance)
{
	struct pagetable *table = instance_create(instance);
	uint64_t page = instance->granule, span = page;
	uint64_t iova = page;
	long live;

	while (instance_fits(instance, 8 * iova) && iova < 1ULL << 34)
		iova *= 2;
	iova = instance_middle(instance, iova);

	assert_int_equal(table->ops->map(table, iova, 0, page, RW), 0);
	live = table_bytes_live();
	while (!table->ops->map(table, iova + span, 0, page, RW) && table_bytes_live() == live)
		span *= 2;
	table->ops->destroy(table);
	return span;
}

uint64_t instance_middle(const struct instance *instance, uint64_t size)
{
	uint64_t first = instance->range[0].first, bytes = instance->range[0].last - first;

	return first + ((bytes / 3 * 2) & -size);
}

long instance_bytes_live(const struct instance *instance)
{
	if (instance->config.rcu_readers) {
		urcu_memb_read_unlock();
		pt_barrier();
		urcu_memb_read_lock();
	}
	return table_bytes_live();
}

static void check_one(const struct pt_format *format, const char *variant,
		      const struct pt_config *config, instance_check check)
{
	long live = table_bytes_live();

	checking = true;
	if (config->rcu_readers)
		urcu_memb_read_lock();
	if (instance_init(&current, format, variant, config)) {
		check(&current);
		assert_int_equal(instance_bytes_live(&current), live);
	}
	if (config->rcu_readers)
		urcu_memb_read_unlock();
	checking = false;
}

static void check_quirks(const struct pt_format *format, const char *variant, instance_check check)
{
	struct pt_config config = { 0 };

	for (unsigned int a = 1; a && a <= format->quirks; a <<= 1)
		for (unsigned int b = a; b && b <= format->quirks; b <<= 1) {
			config.quirks = a | b;
			if ((config.quirks & format->quirks) == config.quirks)
				check_one(format, variant, &config, check);
		}
	/* ARMv7s with all that MediaTek has added needs wider addresses too. */
	config = (struct pt_config){ .quirks = PT_QUIRK_NO_PERMS | PT_QUIRK_MTK_EXT |
					       PT_QUIRK_MTK_TTBR_EXT };
	if ((config.quirks & format->quirks) == config.quirks)
		for (config.ia_bits = 32; config.ia_bits <= 34; config.ia_bits += 2)
			for (config.oa_bits = 32; config.oa_bits <= 35; config.oa_bits += 3)
				check_one(format, variant, &config, check);
	config = (struct pt_config){ .quirks = format->quirks };
	check_one(format, variant, &config, check);
}

static void check_configurations(const struct pt_format *format, const char *variant,
				 instance_check check)
{
	uint64_t smallest = format->page_sizes & -format->page_sizes;
	uint64_t without_smallest = format->page_sizes ^ smallest;
	struct pt_config config = { 0 };

	check_quirks(format, variant, check);
	for (size_t i = 0; i < WIDTHS; i++) {
		config.ia_bits = widths[i];
		check_one(format, variant, &config, check);
	}
	config = (struct pt_config){ .ia_bits = 52, .oa_bits = 52 };
	check_one(format, variant, &config, check);
	config = (struct pt_config){ .oa_bits = 36 };
	check_one(format, variant, &config, check);
	config = (struct pt_config){ .page_sizes = smallest };
	check_one(format, variant, &config, check);
	if (without_smallest) {
		config.page_sizes = without_smallest;
		check_one(format, variant, &config, check);
		config.page_sizes = smallest | (without_smallest & -without_smallest);
		check_one(format, variant, &config, check);
	}
	/* Sizes that exclude the usual ones. */
	for (config.page_sizes = 1024; config.page_sizes; config.page_sizes <<= 1)
		if (!(config.page_sizes & format->page_sizes))
			check_one(format, variant, &config, check);
}

static void check_policies(const struct pt_format *format, const char *variant,
			   instance_check check)
{
	struct pt_config config = { .freeing = PT_FREE_NEVER };

	check_one(format, variant, &config, check);
	config = (struct pt_config){ .rcu_readers = true };
	check_one(format, variant, &config, check);
	config.freeing = PT_FREE_EAGER;
	check_one(format, variant, &config, check);
	config = (struct pt_config){ .incoherent = true };
	check_one(format, variant, &config, check);
	config = (struct pt_config){ .incoherent = true,
				     .rcu_readers = true,
				     .freeing = PT_FREE_EAGER };
	check_one(format, variant, &config, check);
}

static void for_each(instance_check check, bool configurations)
{
	static const char *const variants[] = { "inline", "recursive" };
	const char *wanted = getenv("PTBENCH_TEST_FORMAT");
	const struct pt_config config = { 0 };

	for (size_t v = 0; v < sizeof(variants) / sizeof(variants[0]); v++)
		for (const struct pt_format *const *f = pt_formats(variants[v]); *f; f++) {
			if (wanted && strcmp(wanted, (*f)->name) != 0)
				continue;
			check_one(*f, variants[v], &config, check);
			if (!configurations)
				continue;
			check_configurations(*f, variants[v], check);
			check_policies(*f, variants[v], check);
		}
}

void for_each_instance(instance_check check)
{
	for_each(check, false);
}

void for_each_configuration(instance_check check)
{
	for_each(check, true);
}
