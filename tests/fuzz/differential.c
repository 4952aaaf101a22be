// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * differential.c - random operations on every format and variant, each compared
 * with the model: results, translations, the leaves in memory, memory taken.
 *
 * Every allocation point is made to fail now and then; the operation must then
 * say so, change nothing and keep nothing, and succeed when repeated.
 *
 * Usage: differential [FORMAT...]; PTBENCH_SEED and PTBENCH_STEPS in the environment.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "pagetable.h"
#include "random.h"
#include "table_pages.h"

struct run {
	const struct pt_format *format;
	const char *variant;
	struct pt_config config;
	struct pagetable *table;
	struct model model;
	uint64_t base, window; /* IOVAs lie in [base, base + window) */
	uint64_t oa_window;
	unsigned int granule_lg2;
	unsigned int step;
};

#define FAIL(run, ...)                                                                  \
	do {                                                                            \
		fprintf(stderr, "%s/%s step %u: ", (run)->format->name, (run)->variant, \
			(run)->step);                                                   \
		fprintf(stderr, __VA_ARGS__);                                           \
		fprintf(stderr, "\n");                                                  \
		exit(1);                                                                \
	} while (0)

static unsigned int floor_lg2(uint64_t value)
{
	unsigned int lg2 = 0;

	while (value >>= 1)
		lg2++;
	return lg2;
}

/* Mostly a few granules, at times many, at times a whole number of a larger page. */
static uint64_t random_length(const struct run *run)
{
	uint64_t granule = 1ULL << run->granule_lg2, sizes = run->model.page_sizes, length;
	unsigned int kind = (unsigned int)random_below(10);

	if (kind < 4)
		length = granule * (1 + random_below(8));
	else if (kind < 7)
		length = granule * (1 + random_below(1500));
	else {
		unsigned int skip =
			(unsigned int)random_below((unsigned int)__builtin_popcountll(sizes));

		while (skip--)
			sizes &= sizes - 1;
		length = (sizes & -sizes) * (1 + random_below(3));
		if (kind == 9)
			length += granule * random_below(600);
	}
	return length > run->window / 4 ? granule : length;
}

/* An address aligned like @length now and then, inside the window. */
static uint64_t random_address(const struct run *run, uint64_t window, uint64_t length)
{
	uint64_t address = random_below(window - length) >> run->granule_lg2 << run->granule_lg2;

	if (random_below(3))
		address = address >> floor_lg2(length) << floor_lg2(length);
	return address;
}

/* Where to map @length bytes at @iova: what is long is congruent, or the model would be all day. */
static uint64_t random_map_target(const struct run *run, uint64_t iova, uint64_t length)
{
	uint64_t oa = random_address(run, run->oa_window, 2 * length);

	if (length >> run->granule_lg2 > 4096)
		oa = (oa & -(1ULL << floor_lg2(length))) +
		     (iova & ((1ULL << floor_lg2(length)) - 1));
	return oa + length <= run->oa_window ? oa : iova & (run->oa_window / 4 - 1);
}

static void check_point(struct run *run, uint64_t iova)
{
	uint64_t got = run->table->ops->iova_to_phys(run->table, iova);
	uint64_t expected = model_translate(&run->model, iova);

	if (got != expected)
		FAIL(run, "iova %#" PRIx64 " translates to %#" PRIx64 ", expected %#" PRIx64, iova,
		     got, expected);
}

static void check_around(struct run *run, uint64_t iova, uint64_t length)
{
	check_point(run, iova);
	check_point(run, iova + length - 1);
	if (iova > run->base)
		check_point(run, iova - 1);
	check_point(run, iova + length);
	for (int i = 0; i < 4; i++)
		check_point(run, iova + random_below(length));
}

struct leaf_check {
	struct run *run;
	uint64_t bytes;
};

static int visit_leaf(void *context, const struct pt_item *item)
{
	struct leaf_check *check = context;
	const struct model_leaf *leaf;

	if (item->is_table)
		return 0;
	leaf = model_find(&check->run->model, item->iova);
	if (!leaf || leaf->last < item->iova + ((1ULL << item->lg2) - 1))
		FAIL(check->run,
		     "item at %#" PRIx64 " (level %u, %#" PRIx64 ") is in no expected leaf",
		     item->iova, item->level, item->word);
	check->bytes += 1ULL << item->lg2;
	return 0;
}

static uint64_t model_bytes(const struct model *model)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < model->count; i++)
		bytes += model->leaves[i].last - model->leaves[i].iova + 1;
	return bytes;
}

/* Read the tables out of memory: exactly the model's leaves. */
static void check_memory(struct run *run)
{
	struct leaf_check check = { .run = run };
	unsigned int level;
	const void *root = pt_root(run->table, &level);
	int error = run->format->visit(&run->config, root, level, visit_leaf, &check);

	if (error || check.bytes != model_bytes(&run->model))
		FAIL(run, "the tables hold %" PRIu64 " bytes of leaves, expected %" PRIu64 " (%d)",
		     check.bytes, model_bytes(&run->model), error);
}

/* More than @live bytes after a map that failed, where tables are ever freed? */
static bool kept_memory(const struct run *run, long live)
{
	return run->config.freeing != PT_FREE_NEVER && table_bytes_live() > live;
}

static int map_with_failures(struct run *run, uint64_t iova, uint64_t oa, uint64_t length,
			     unsigned int prot)
{
	const struct pt_ops *ops = run->table->ops;

	for (long successes = 0; random_below(4) == 0; successes += (long)random_below(3)) {
		unsigned int level_before, level_after;
		long live = table_bytes_live();
		int error;

		pt_root(run->table, &level_before);
		table_fail_after(successes);
		error = ops->map(run->table, iova, oa, length, prot);
		table_fail_after(-1);
		if (error != -ENOMEM)
			return error;
		check_around(run, iova, length);
		pt_root(run->table, &level_after);
		if (level_before == level_after && kept_memory(run, live))
			FAIL(run, "a failed map kept %ld bytes", table_bytes_live() - live);
	}
	return ops->map(run->table, iova, oa, length, prot);
}

static void step_map(struct run *run)
{
	unsigned int prot =
		PT_READ | (random_below(2) ? PT_WRITE : 0) | (random_below(2) ? PT_CACHE : 0);
	uint64_t length = random_length(run);
	uint64_t iova = run->base + random_address(run, run->window, length);
	uint64_t oa = random_map_target(run, iova, length);
	long live = table_bytes_live();
	int got, expected = model_map(&run->model, iova, oa, length, prot);

	if (!expected) { /* the failing attempts are compared with the state before */
		model_unmap(&run->model, iova, length);
		got = map_with_failures(run, iova, oa, length, prot);
		model_map(&run->model, iova, oa, length, prot);
	} else {
		got = map_with_failures(run, iova, oa, length, prot);
		if (kept_memory(run, live))
			FAIL(run,
			     "a refused map of %#" PRIx64 " + %#" PRIx64 " to %#" PRIx64
			     " kept %ld bytes",
			     iova, length, oa, table_bytes_live() - live);
	}
	if (got != expected)
		FAIL(run, "map %#" PRIx64 " + %#" PRIx64 " to %#" PRIx64 ": %d, expected %d", iova,
		     length, oa, got, expected);
	check_around(run, iova, length);
}

static void step_unmap(struct run *run)
{
	struct pt_gather gather = PT_GATHER_INIT;
	uint64_t length = random_length(run);
	uint64_t iova = run->base + random_address(run, run->window, length);
	uint64_t expected;
	int64_t got;

	if (run->model.count && random_below(4)) { /* mostly where something is */
		const struct model_leaf *leaf = &run->model.leaves[random_below(run->model.count)];

		iova = leaf->iova;
		if (random_below(2))
			length = leaf->last - leaf->iova + 1;
		else if (random_below(4) == 0 && iova - run->base > length)
			iova -= length / 2 >> run->granule_lg2 << run->granule_lg2;
		if (iova - run->base + length > run->window)
			length = 1ULL << run->granule_lg2;
	}
	expected = model_unmap(&run->model, iova, length);
	got = run->table->ops->unmap(run->table, iova, length, &gather);
	if (got != (int64_t)expected)
		FAIL(run, "unmap %#" PRIx64 " + %#" PRIx64 ": %" PRId64 ", expected %" PRIu64, iova,
		     length, got, expected);
	if (expected && (gather.start > iova || gather.last < iova + expected - 1))
		FAIL(run, "unmap %#" PRIx64 " + %#" PRIx64 " gathered %#" PRIx64 "-%#" PRIx64, iova,
		     length, gather.start, gather.last);
	pt_sync(run->table, &gather);
	check_around(run, iova, length);
}

static void run_one(const struct pt_format *format, const char *variant, struct pt_config config,
		    uint64_t base, uint64_t window, unsigned int steps)
{
	struct run run = { .format = format,
			   .variant = variant,
			   .config = config,
			   .base = base,
			   .window = window };
	unsigned int oa_bits = config.oa_bits ? config.oa_bits : format->default_oa_bits;
	uint64_t sizes = config.page_sizes ? config.page_sizes : format->page_sizes;
	long live = table_bytes_live();

	if (format->create(&config, &run.table))
		FAIL(&run, "create failed");
	run.granule_lg2 = (unsigned int)__builtin_ctzll(sizes);
	run.oa_window = oa_bits < 44 ? 1ULL << oa_bits : 1ULL << 44;
	model_init(&run.model, sizes);
	for (run.step = 0; run.step < steps; run.step++) {
		/* Drift between full and empty, so that tables come and go. */
		if (random_below(100) < (run.step / 500 % 2 ? 70u : 40u))
			step_unmap(&run);
		else
			step_map(&run);
		if (run.step % 64 == 0)
			check_memory(&run);
	}
	check_memory(&run);
	run.table->ops->destroy(run.table);
	model_free(&run.model);
	if (table_bytes_live() != live)
		FAIL(&run, "destroy left %ld bytes", table_bytes_live() - live);
}

#define KIB(n) ((uint64_t)(n) << 10)
#define MIB(n) ((uint64_t)(n) << 20)
#define GIB(n) ((uint64_t)(n) << 30)
#define TIB(n) ((uint64_t)(n) << 40)

/* Widths and quirks that change how a format's tables are walked, and where to run them. */
static const struct {
	const char *format;
	struct pt_config config;
	uint64_t base, window;
} configurations[] = {
	{ "amdv1", { 0 }, 1ULL << 60, GIB(8) },
	{ "amdv1", { 0 }, -TIB(1), TIB(1) },
	{ "x86_64", { .ia_bits = 57, .quirks = PT_QUIRK_FIRST_STAGE }, 1ULL << 55, GIB(8) },
	{ "x86_64", { .quirks = PT_QUIRK_SIGN_EXTEND }, -GIB(8), GIB(8) },
	{ "vtdss", { .ia_bits = 39 }, 0, GIB(512) },
	{ "vtdss", { .ia_bits = 57 }, 1ULL << 56, GIB(8) },
	{ "armv8_4k_s1", { .ia_bits = 39, .quirks = PT_QUIRK_TTBR1 }, -GIB(512), GIB(512) },
	{ "armv8_4k_s1", { .ia_bits = 40, .quirks = PT_QUIRK_TTBR1 }, -GIB(8), GIB(8) },
	{ "armv8_4k_s1",
	  { .page_sizes = KIB(4 | 64) | MIB(2 | 32) | GIB(1 | 16), .quirks = PT_QUIRK_CONTIGUOUS },
	  0,
	  GIB(64) },
	{ "armv8_16k_s1",
	  { .page_sizes = KIB(16) | MIB(2 | 32) | GIB(1), .quirks = PT_QUIRK_CONTIGUOUS },
	  0,
	  GIB(8) },
	{ "armv8_64k_s1",
	  { .page_sizes = KIB(64) | MIB(2 | 512) | GIB(16), .quirks = PT_QUIRK_CONTIGUOUS },
	  0,
	  GIB(128) },
	{ "armv8_64k_s1", { .ia_bits = 52, .oa_bits = 52 }, TIB(2048), TIB(16) },
	{ "armv8_4k_s2", { .ia_bits = 40 }, 0, TIB(1) },
	{ "armv8_16k_s2", { .ia_bits = 47 }, 0, TIB(128) },
	{ "arm_mali_lpae", { .ia_bits = 33 }, 0, GIB(8) },
	{ "armv7s",
	  { .page_sizes = KIB(4 | 64) | MIB(1), .quirks = PT_QUIRK_NON_SECURE },
	  0,
	  GIB(4) },
	{ "armv7s",
	  { .ia_bits = 34,
	    .oa_bits = 35,
	    .quirks = PT_QUIRK_NO_PERMS | PT_QUIRK_MTK_EXT | PT_QUIRK_MTK_TTBR_EXT },
	  0,
	  GIB(16) },
	{ "dart_v1", { .page_sizes = KIB(4) }, 0, GIB(4) },
	{ "dart_v2", { .ia_bits = 38 }, 0, GIB(256) },
	{ "riscv64", { .ia_bits = 39 }, -GIB(256), GIB(256) },
	{ "riscv64", { .ia_bits = 57 }, -GIB(8), GIB(8) },
	{ "riscv64",
	  { .page_sizes = KIB(4 | 64) | MIB(2) | GIB(1),
	    .quirks = PT_QUIRK_CONTIGUOUS | PT_QUIRK_MEMORY_TYPES },
	  0,
	  GIB(8) },
	{ "rockchip_v1", { .incoherent = true }, GIB(3), GIB(1) },
	{ "rockchip_v2", { .oa_bits = 40, .incoherent = true }, 0, GIB(4) },
};

static void run_configurations(const struct pt_format *format, const char *variant,
			       unsigned int steps)
{
	for (size_t i = 0; i < sizeof(configurations) / sizeof(*configurations); i++)
		if (!strcmp(configurations[i].format, format->name))
			run_one(format, variant, configurations[i].config, configurations[i].base,
				configurations[i].window, steps);
}

static void run_format(const struct pt_format *format, const char *variant, unsigned int steps)
{
	unsigned int ia_bits = format->default_ia_bits;
	uint64_t all = ia_bits >= 47 ? 1ULL << 46 : 1ULL << (ia_bits - 1);
	uint64_t small = all < (8ULL << 30) ? all : 8ULL << 30;
	struct pt_config config = { .freeing = PT_FREE_COVERED };

	run_one(format, variant, config, 0, small, steps);
	run_one(format, variant, config, all - small, small, steps);
	run_one(format, variant, config, 0, all, steps);
	config.page_sizes = format->page_sizes & -format->page_sizes;
	run_one(format, variant, config, 0, 64ULL << 20, steps);
	config.page_sizes = 0;
	config.freeing = PT_FREE_NEVER;
	run_one(format, variant, config, 0, small, steps);
	config.freeing = PT_FREE_COVERED;
	if (format->may_be_incoherent) {
		config.incoherent = true;
		run_one(format, variant, config, 0, small, steps / 4);
	}
}

int main(int argc, char **argv)
{
	static const char *const variants[] = { "inline", "recursive" };
	const char *text = getenv("PTBENCH_STEPS");
	unsigned int steps = text ? (unsigned int)strtoul(text, NULL, 0) : 3000;

	random_seed_from_environment();
	if (table_pages_init(-1, 0)) {
		fprintf(stderr, "no arena\n");
		return 1;
	}
	for (size_t v = 0; v < 2; v++)
		for (const struct pt_format *const *f = pt_formats(variants[v]); *f; f++) {
			bool wanted = argc < 2;

			for (int i = 1; i < argc; i++)
				wanted |= !strcmp(argv[i], (*f)->name);
			if (!wanted)
				continue;
			run_format(*f, variants[v], steps);
			run_configurations(*f, variants[v], steps / 2);
			printf("%s/%s: %u steps a configuration agree with the model\n", (*f)->name,
			       variants[v], steps);
		}
	return 0;
}
