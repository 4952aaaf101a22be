// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* trio.c - making three page tables and doing the same to each, see trio.h. */
#include "traits.h"
#include "trio.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"
#include "table_pages.h"

static const char *const variants[] = { "inline", "recursive" };
const char *const trio_sides[3] = { "inline", "recursive", "the driver" };

void trio_die(const struct trio *trio, const char *format, ...)
{
	const struct pt_config *config = &trio->config;
	va_list arguments;

	fprintf(stderr, "%s (ia %u oa %u sizes 0x%" PRIx64 " quirks 0x%x%s), %s: ",
		trio->configuration->format, config->ia_bits, config->oa_bits, config->page_sizes,
		config->quirks, config->incoherent ? " incoherent" : "",
		trio->doing ? trio->doing : "create");
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(1);
}

void trio_start(void)
{
	if (!test_kernel()) {
		printf("skipped: no kernel drivers in this build (package linux-source-6.12)\n");
		exit(77);
	}
	if (table_pages_init(-1, 0)) {
		fprintf(stderr, "no arena\n");
		exit(1);
	}
}

const struct baseline *trio_baseline(const char *format)
{
	return test_kernel_find(format);
}

uint64_t trio_page_sizes(const struct trio *trio)
{
	uint64_t sizes = trio->format->page_sizes;

	if (trio->config.page_sizes)
		return trio->config.page_sizes;
	if (!strcmp(trio->format->name, "riscv64")) {
		sizes |= trio->config.quirks & PT_QUIRK_CONTIGUOUS ? 1ULL << 16 : 0;
		sizes |= trio->config.ia_bits == 57 ? 1ULL << 48 : 0;
	}
	return sizes;
}

static unsigned int ia_bits(const struct trio *trio)
{
	unsigned int bits =
		trio->config.ia_bits ? trio->config.ia_bits : trio->format->default_ia_bits;

	/* AMD's root grows; x86-64 and RISC-V are used in their lower halves only. */
	if (trait_of(trio->format->name)->grows)
		return 63;
	return trait_of(trio->format->name)->lower_half ? bits - 1 : bits;
}

uint64_t trio_first(const struct trio *trio)
{
	return trio->config.quirks & PT_QUIRK_TTBR1 ? -(1ULL << ia_bits(trio)) : 0;
}

uint64_t trio_span(const struct trio *trio)
{
	return 1ULL << ia_bits(trio);
}

uint64_t trio_oa_span(const struct trio *trio)
{
	unsigned int bits = trio->config.oa_bits;

	bits = bits ? bits : trio->format->default_oa_bits;
	return 1ULL << (bits > 52 ? 52 : bits);
}

const void *trio_root(const struct trio *trio, unsigned int side, unsigned int *level)
{
	return side < 2 ? pt_root(trio->engine[side], level)
			: trio->baseline->root(trio->driver, level);
}

/* Does the driver keep every table until the end? */
static bool driver_never_frees(const struct configuration *configuration)
{
	/* VT-d's first stage has another driver than AMD's. */
	return trait_of(configuration->format)->keeps_tables &&
	       !test_kernel_is_generic(configuration->format) &&
	       !(configuration->config.quirks & PT_QUIRK_FIRST_STAGE);
}

static int note_level(void *context, const struct pt_item *item)
{
	struct trio *trio = context;

	trio->lg2[item->level] = item->lg2;
	return 0;
}

/* What an item of each level spans: from one page in a table of all levels that there are. */
static void find_levels(struct trio *trio)
{
	struct pt_config config = trio->config;
	struct pagetable *table;
	unsigned int level;
	const void *root;

	if (trait_of(trio->format->name)->grows)
		config.ia_bits = 64;
	if (trio->format->create(&config, &table) ||
	    table->ops->map(table, trio_first(trio), 0,
			    trio_page_sizes(trio) & -trio_page_sizes(trio), PT_READ))
		trio_die(trio, "no table to look at");
	root = pt_root(table, &level);
	trio->format->visit(&config, root, level, note_level, trio);
	table->ops->destroy(table);
}

/* What the driver's kernel does otherwise than the engine, whose usual way is that of 6.12. */
static unsigned int quirks_of_version(const char *format)
{
	const struct trait *trait = trait_of(format);

	if (test_kernel()->version < 7000 ||
	    (trait->quirk_generic && !test_kernel_is_generic(format)))
		return 0;
	return trait->quirk_7_0;
}

bool trio_create(const struct configuration *configuration, struct trio *trio)
{
	const struct pt_config *config = &configuration->config;
	struct baseline_config own = {
		.ia_bits = config->ia_bits,
		.oa_bits = config->oa_bits,
		.page_sizes = config->page_sizes,
		.quirks = config->quirks,
		.incoherent = config->incoherent,
	};
	unsigned int levels[3];
	int error;

	*trio = (struct trio){ .configuration = configuration,
			       .config = *config,
			       .format = pt_format_find(configuration->format, variants[0]),
			       .baseline = trio_baseline(configuration->format) };
	trio->config.quirks |= quirks_of_version(configuration->format);
	if (driver_never_frees(configuration))
		trio->config.freeing = PT_FREE_NEVER;
	error = trio->baseline->create(&own, &trio->driver);
	if (error == -EOPNOTSUPP || (error && test_kernel()->version == 6001))
		return false;
	if (error)
		trio_die(trio, "the driver refuses: %s", strerror(-error));
	for (unsigned int i = 0; i < 2; i++) {
		error = pt_format_find(configuration->format, variants[i])
				->create(&trio->config, &trio->engine[i]);
		if (error)
			trio_die(trio, "%s refuses: %s", variants[i], strerror(-error));
	}
	for (unsigned int side = 0; side < 3; side++)
		trio_root(trio, side, &levels[side]);
	if (levels[0] != levels[2] && levels[0] == levels[1] && configuration->other_root) {
		printf("not compared: %s ia %u oa %u: %s\n", configuration->format, config->ia_bits,
		       config->oa_bits, configuration->other_root);
		trio_destroy(trio);
		return false;
	}
	if (levels[0] != levels[2] || levels[1] != levels[2])
		trio_die(trio, "the root is at level %u, %u and the driver's at %u", levels[0],
			 levels[1], levels[2]);
	find_levels(trio);
	return true;
}

void trio_destroy(struct trio *trio)
{
	for (unsigned int i = 0; i < 2; i++)
		trio->engine[i]->ops->destroy(trio->engine[i]);
	trio->baseline->destroy(trio->driver);
	for (unsigned int i = 0; i < 3; i++)
		free(trio->read[i].items);
}

void trio_map(struct trio *trio, uint64_t iova, uint64_t oa, uint64_t length, unsigned int prot)
{
	trio->doing = "map";
	for (unsigned int side = 0; side < 3; side++) {
		int error = side < 2 ? trio->engine[side]->ops->map(trio->engine[side], iova, oa,
								    length, prot)
				     : trio->baseline->map(trio->driver, iova, oa, length, prot);

		if (error)
			trio_die(trio,
				 "%s: 0x%" PRIx64 " + 0x%" PRIx64 " to 0x%" PRIx64 " prot 0x%x: %s",
				 trio_sides[side], iova, length, oa, prot, strerror(-error));
	}
}

void trio_unmap(struct trio *trio, uint64_t iova, uint64_t length, uint64_t expected)
{
	trio->doing = "unmap";
	for (unsigned int side = 0; side < 3; side++) {
		struct pt_gather gather = PT_GATHER_INIT;
		uint64_t bytes;

		if (side < 2) {
			bytes = (uint64_t)trio->engine[side]->ops->unmap(trio->engine[side], iova,
									 length, &gather);
			pt_sync(trio->engine[side], &gather);
		} else {
			bytes = trio->baseline->unmap(trio->driver, iova, length, 0);
		}
		if (bytes != expected)
			trio_die(trio, "%s: 0x%" PRIx64 " + 0x%" PRIx64 ": 0x%" PRIx64,
				 trio_sides[side], iova, length, bytes);
	}
}
