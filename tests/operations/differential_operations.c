// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * differential_operations.c - random sequences of all operations on every format and
 * variant, each compared with the model: see twin.h for what is compared.
 *
 * PTBENCH_SEED, PTBENCH_STEPS (of each configuration) and PTBENCH_TEST_FORMAT in the environment.
 */
#include "twin_sizes.h"

#include <string.h>
#include <urcu/urcu-memb.h>

#include "random.h"
#include "table_pages.h"

/* No operation makes more leaves than this, and beyond LEAVES_MANY there are no new ones. */
#define LEAVES_MAX 1500
#define LEAVES_MANY 4000
#define RUNS_MAX 64
#define COMPARE_EVERY 16

static struct instance instance;
static struct twin twin;
static uint64_t base, window; /* IOVAs lie in [base, base + window) */
static unsigned int step;
static bool running;

struct range {
	uint64_t iova, length;
};

static uint64_t random_size(void)
{
	uint64_t sizes = instance.sizes & (window / 2 - 1);
	unsigned int skip = (unsigned int)random_below((unsigned int)__builtin_popcountll(sizes));

	while (skip--)
		sizes &= sizes - 1;
	return sizes & -sizes;
}

/* A few pages, or some leaves of one size, and a few pages more or less. */
static uint64_t random_length(void)
{
	uint64_t page = instance.granule, length = page * (1 + random_below(20));

	if (random_below(2))
		length = random_size() * (1 + random_below(4));
	if (random_below(4) == 0)
		length += page * random_below(8);
	return length > window / 2 ? page : length;
}

/* Anywhere, or where a leaf is: at its ends, inside, or before it. */
static struct range random_range(void)
{
	struct range range = { .length = random_length() };
	uint64_t page = instance.granule;

	if (random_below(8) == 0)
		return (struct range){ base, window };
	range.iova = base + random_below(window / range.length) * range.length / page * page;
	if (twin.model.count && random_below(5)) {
		const struct model_leaf *leaf = &twin.model.leaves[random_below(twin.model.count)];
		uint64_t bytes = leaf->last - leaf->iova + 1;

		range.iova = leaf->iova + random_below(3) * (bytes / page / 2) * page;
		if (random_below(4) == 0 && range.iova - base >= page)
			range.iova -= page;
		if (random_below(3) == 0)
			range.length = bytes;
	}
	if (range.iova - base > window - range.length)
		range.iova = base + window - range.length;
	return range;
}

/*
 * Where to map: mostly so that what lies side by side here does so there, that is into one
 * of two windows; else a page off, or anywhere.
 */
static uint64_t random_oa(const struct range *range)
{
	uint64_t page = instance.granule, offset = range->iova - base;
	unsigned int kind = (unsigned int)random_below(10);

	if (kind < 8 || range->length / page > LEAVES_MAX)
		return offset + (kind & 1) * window;
	if (kind == 8)
		return offset + page;
	return random_below(window / page) * page;
}

/* Does a range that would become too many leaves? */
static bool too_long(const struct range *range)
{
	uint64_t page = instance.granule;

	return (range->iova - base) % random_size() && range->length / page > LEAVES_MAX;
}

static unsigned int random_kind(void)
{
	return random_below(4) ? 0 : (unsigned int)random_below(twin.kinds.count);
}

static void step_map(void)
{
	struct range range = random_range();

	if (range.length < window && !too_long(&range))
		twin_map(&twin, range.iova, random_oa(&range), range.length, random_kind());
}

static void step_map_batch(void)
{
	struct pt_run runs[RUNS_MAX];
	struct range range = random_range(), at = { .iova = range.iova };
	size_t count = 1 + random_below(RUNS_MAX), used = 0;

	while (used < count) {
		at.length =
			random_below(3) ? instance.granule * (1 + random_below(4)) : random_size();
		if (at.iova + at.length - base > window || too_long(&at))
			break;
		runs[used].length = at.length;
		runs[used].oa = used && random_below(2) ? runs[used - 1].oa + runs[used - 1].length
							: random_oa(&at);
		if (runs[used].oa + at.length > 2 * window)
			runs[used].oa = 0;
		at.iova += at.length;
		used++;
	}
	if (used)
		twin_map_batch(&twin, range.iova, runs, used, random_kind());
}

static void step_unmap(void)
{
	struct range range = random_range();

	twin_unmap(&twin, range.iova, range.length);
}

static void step_unmap_batch(void)
{
	static const size_t rooms[] = { 1, 2, 3, 17, 4096 };
	struct range range = random_range();

	if (range.length < window || random_below(4) == 0)
		twin_unmap_batch(&twin, range.iova, range.length,
				 rooms[random_below(sizeof(rooms) / sizeof(rooms[0]))]);
}

static void step_cut(void)
{
	struct range range = random_range();

	twin_cut(&twin, range.iova, range.length);
}

/* To a random size, as small as the number of pieces allows. */
static void step_fragment(void)
{
	struct range range = random_range();
	uint64_t pieces, bytes = 0, piece = random_size();

	for (size_t i = model_first(&twin.model, range.iova);
	     i < twin.model.count && twin.model.leaves[i].iova - range.iova < range.length; i++)
		bytes += twin.model.leaves[i].last - twin.model.leaves[i].iova + 1;
	for (pieces = bytes / piece; pieces > LEAVES_MAX; pieces /= 2)
		piece *= 2;
	twin_fragment(&twin, range.iova, range.length, size_lg2(piece));
}

static void step_reassemble(void)
{
	struct range range = random_range();
	unsigned int largest = random_below(2) ? 63 : size_lg2(random_size());

	if (random_below(4) == 0)
		range = (struct range){ base, window };
	twin_reassemble(&twin, range.iova, range.length, largest);
}

static void step_collapse(void)
{
	struct range range = random_range();
	uint64_t length = model_run_length(&twin.model, range.iova);

	if (length && random_below(2))
		length = instance.granule * (1 + random_below(length / instance.granule));
	if (length)
		twin_collapse(&twin, range.iova, length,
			      random_below(2) ? 63 : size_lg2(random_size()));
}

static void step_set_dirty(void)
{
	for (unsigned int i = 0; i < 8; i++) {
		struct range range = random_range();

		twin_set_dirty(&twin, range.iova + random_below(range.length));
	}
}

static void step_read_dirty(void)
{
	struct range range = random_range();

	twin_read_dirty(&twin, range.iova, range.length, size_lg2(instance.granule),
			random_below(2));
}

static void random_step(void)
{
	static void (*const steps[])(void) = {
		step_map,	step_map,	  step_map,	   step_map,	  step_map_batch,
		step_unmap,	step_unmap_batch, step_cut,	   step_fragment, step_fragment,
		step_set_dirty, step_read_dirty,  step_reassemble, step_collapse, step_unmap,
	};

	if (twin.model.count > LEAVES_MANY)
		twin_unmap(&twin, base, window / 2 + instance.granule);
	else
		steps[random_below(sizeof(steps) / sizeof(steps[0]))]();
	/* Now and then one gather collects what several operations change. */
	if (!random_below(4)) {
		twin_sync(&twin);
		twin.keeps_gather = random_below(2);
		twin.gather.lazy = random_below(2);
	}
	if (step % COMPARE_EVERY == 0)
		twin_compare(&twin);
}

static void unmap_all(void)
{
	while (twin.model.count) {
		const struct model_leaf *leaf = &twin.model.leaves[random_below(twin.model.count)];

		twin_unmap(&twin, leaf->iova,
			   random_below(2) ? leaf->last - leaf->iova + 1
					   : base + window - leaf->iova);
	}
	twin_compare(&twin);
}

/* Read sections last a step only, so that grace periods end. */
static void read_lock(void)
{
	if (instance.config.rcu_readers)
		urcu_memb_read_lock();
}

static void read_unlock(void)
{
	if (instance.config.rcu_readers)
		urcu_memb_read_unlock();
}

static void wait_for_frees(void)
{
	if (instance.config.rcu_readers)
		pt_barrier();
}

static void choose_window(bool at_the_end)
{
	uint64_t largest = instance.granule;

	FOR_EACH_SIZE(size, &instance)
	if (size <= 1ULL << 30 && instance_fits(&instance, 32 * size))
		largest = size;
	window = largest > instance.granule ? 8 * largest : 4096 * instance.granule;
	base = at_the_end ? instance.range[instance.ranges - 1].last - window + 1
			  : instance.range[0].first;
}

static void run(const struct pt_format *format, const char *variant, const struct pt_config *config,
		unsigned int steps, bool at_the_end)
{
	long live = table_bytes_live(), empty;
	unsigned int level, level_after;

	if ((config->quirks & ~format->quirks) ||
	    (config->incoherent && !format->may_be_incoherent))
		return;
	if (config->rcu_readers)
		urcu_memb_read_lock();
	assert_true(instance_init(&instance, format, variant, config));
	running = true;
	choose_window(at_the_end);
	twin_open(&twin, &instance);
	read_unlock();
	wait_for_frees();
	empty = table_bytes_live();
	pt_root(twin.table, &level);
	for (step = 0; step < steps; step++) {
		read_lock();
		random_step();
		read_unlock();
	}
	twin_sync(&twin);
	read_lock();
	unmap_all();
	read_unlock();
	twin_sync(&twin);
	wait_for_frees();
	pt_root(twin.table, &level_after);
	/* Old roots stay. */
	if (config->freeing == PT_FREE_EAGER)
		assert_int_equal(table_bytes_live(), empty + (level_after - level) * 4096L);
	twin_close(&twin);
	wait_for_frees();
	assert_int_equal(table_bytes_live(), live);
	running = false;
}

static void run_format(const struct pt_format *format, const char *variant, unsigned int steps)
{
	unsigned int contiguous = format->quirks & PT_QUIRK_CONTIGUOUS;
	const struct pt_config configs[] = {
		{ 0 },
		{ .rcu_readers = true },
		{ .rcu_readers = true, .freeing = PT_FREE_EAGER },
		{ .rcu_readers = true,
		  .freeing = PT_FREE_EAGER,
		  .quirks = contiguous,
		  .incoherent = format->may_be_incoherent },
		{ .freeing = PT_FREE_NEVER, .quirks = contiguous },
		{ .quirks = PT_QUIRK_HARDWARE_DIRTY },
		{ .quirks = PT_QUIRK_HARDWARE_DIRTY | PT_QUIRK_CONTIGUOUS, .incoherent = true },
		{ .quirks = PT_QUIRK_FIRST_STAGE },
		{ .quirks = PT_QUIRK_HARDWARE_DIRTY | PT_QUIRK_CONTIGUOUS,
		  .break_before_make = true },
	};

	for (size_t i = 0; i < sizeof(configs) / sizeof(configs[0]); i++)
		run(format, variant, &configs[i], steps, i & 1);
}

static void random_operations(void **state)
{
	static const char *const variants[] = { "inline", "recursive" };
	const char *text = getenv("PTBENCH_STEPS"), *wanted = getenv("PTBENCH_TEST_FORMAT");
	unsigned int steps = text ? (unsigned int)strtoul(text, NULL, 0) : 200;

	(void)state;
	for (size_t v = 0; v < 2; v++)
		for (const struct pt_format *const *f = pt_formats(variants[v]); *f; f++)
			if (!wanted || !strcmp(wanted, (*f)->name))
				run_format(*f, variants[v], steps);
}

static int report(void **state)
{
	(void)state;
	if (running)
		print_error("in %s, step %u\n", instance.name, step);
	while (urcu_memb_read_ongoing())
		urcu_memb_read_unlock();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_teardown(random_operations, report) };

	random_seed_from_environment();
	fflush(stdout);
	arena_or_exit();
	return cmocka_run_group_tests_name("operations.differential_operations", tests, NULL, NULL);
}
