// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* trio.c - see trio.h. */
#include "trio.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const variants[] = { "inline", "recursive" };
static const char *const sides[] = { "inline", "recursive", "the driver" };

static void __attribute__((noreturn, format(printf, 2, 3)))
die(const struct trio *trio, const char *format, ...)
{
	const struct pt_config *config = &trio->configuration->config;
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

const struct baseline *trio_baseline(const char *format)
{
	for (const struct baseline *const *list = baselines(); *list; list++)
		if (!strcmp((*list)->format, format))
			return *list;
	return NULL;
}

uint64_t trio_page_sizes(const struct trio *trio)
{
	uint64_t sizes = trio->configuration->config.page_sizes;

	return sizes ? sizes : trio->format->page_sizes;
}

static unsigned int ia_bits(const struct trio *trio)
{
	const struct pt_config *config = &trio->configuration->config;
	unsigned int bits = config->ia_bits ? config->ia_bits : trio->format->default_ia_bits;

	/* AMD's root grows; x86-64 is used in its lower half only. */
	if (!strcmp(trio->format->name, "amdv1"))
		return 63;
	return strcmp(trio->format->name, "x86_64") ? bits : bits - 1;
}

uint64_t trio_first(const struct trio *trio)
{
	return trio->configuration->config.quirks & PT_QUIRK_TTBR1 ? -(1ULL << ia_bits(trio)) : 0;
}

uint64_t trio_span(const struct trio *trio)
{
	return 1ULL << ia_bits(trio);
}

uint64_t trio_oa_span(const struct trio *trio)
{
	unsigned int bits = trio->configuration->config.oa_bits;

	bits = bits ? bits : trio->format->default_oa_bits;
	return 1ULL << (bits > 52 ? 52 : bits);
}

void trio_create(const struct configuration *configuration, struct trio *trio)
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
			       .format = pt_format_find(configuration->format, "inline"),
			       .baseline = trio_baseline(configuration->format) };
	for (int i = 0; i < 2; i++) {
		const struct pt_format *format = pt_format_find(configuration->format, variants[i]);

		error = format->create(config, &trio->engine[i]);
		if (error)
			die(trio, "%s refuses: %s", variants[i], strerror(-error));
		pt_root(trio->engine[i], &levels[i]);
	}
	error = trio->baseline->create(&own, &trio->driver);
	if (error)
		die(trio, "the driver refuses: %s", strerror(-error));
	trio->baseline->root(trio->driver, &levels[2]);
	if (levels[0] != levels[2] || levels[1] != levels[2])
		die(trio, "the root is at level %u, %u and the driver's at %u", levels[0],
		    levels[1], levels[2]);
}

void trio_destroy(struct trio *trio)
{
	for (int i = 0; i < 2; i++)
		trio->engine[i]->ops->destroy(trio->engine[i]);
	trio->baseline->destroy(trio->driver);
	for (int i = 0; i < 3; i++)
		free(trio->read[i].items);
}

void trio_map(struct trio *trio, uint64_t iova, uint64_t oa, uint64_t length, unsigned int prot)
{
	int error;

	trio->doing = "map";
	for (int i = 0; i < 2; i++) {
		error = trio->engine[i]->ops->map(trio->engine[i], iova, oa, length, prot);
		if (error)
			die(trio,
			    "%s: 0x%" PRIx64 " + 0x%" PRIx64 " to 0x%" PRIx64 " prot 0x%x: %s",
			    variants[i], iova, length, oa, prot, strerror(-error));
	}
	error = trio->baseline->map(trio->driver, iova, oa, length, prot);
	if (error)
		die(trio,
		    "the driver: 0x%" PRIx64 " + 0x%" PRIx64 " to 0x%" PRIx64 " prot 0x%x: %s",
		    iova, length, oa, prot, strerror(-error));
}

void trio_unmap(struct trio *trio, uint64_t iova, uint64_t length)
{
	uint64_t bytes;

	trio->doing = "unmap";
	for (int i = 0; i < 2; i++) {
		struct pt_gather gather = PT_GATHER_INIT;
		int64_t got = trio->engine[i]->ops->unmap(trio->engine[i], iova, length, &gather);

		pt_sync(trio->engine[i], &gather);
		if (got != (int64_t)length)
			die(trio, "%s: 0x%" PRIx64 " + 0x%" PRIx64 ": %" PRId64, variants[i], iova,
			    length, got);
	}
	bytes = trio->baseline->unmap(trio->driver, iova, length, 0);
	if (bytes != length)
		die(trio, "the driver: 0x%" PRIx64 " + 0x%" PRIx64 ": %" PRIu64, iova, length,
		    bytes);
}

struct reading {
	struct trio *trio;
	struct trio_items *items;
};

static int collect(void *context, const struct pt_item *item)
{
	struct reading *reading = context;
	struct trio_items *items = reading->items;

	if (items->count == items->room) {
		items->room = items->room ? 2 * items->room : 1024;
		items->items = realloc(items->items, items->room * sizeof(*items->items));
		if (!items->items)
			abort();
	}
	items->items[items->count++] = (struct trio_item){
		.iova = item->iova,
		.word = reading->trio->format->comparable(&reading->trio->configuration->config,
							  item),
		.level = item->level,
		.is_table = item->is_table,
	};
	return 0;
}

static void read_side(struct trio *trio, int side)
{
	struct reading reading = { trio, &trio->read[side] };
	unsigned int level;
	const void *root = side < 2 ? pt_root(trio->engine[side], &level)
				    : trio->baseline->root(trio->driver, &level);

	trio->read[side].count = 0;
	if (trio->format->visit(&trio->configuration->config, root, level, collect, &reading))
		die(trio, "the tables of %s cannot be read", sides[side]);
}

/* By address, and of one address the higher level first, as visit() comes by them. */
static int order(const struct trio_item *a, const struct trio_item *b)
{
	if (a->iova != b->iova)
		return a->iova < b->iova ? -1 : 1;
	return (a->level < b->level) - (a->level > b->level);
}

static void compare_two(const struct trio *trio, int one, int other)
{
	const struct trio_items *a = &trio->read[one], *b = &trio->read[other];
	size_t i = 0, j = 0;

	while (i < a->count || j < b->count) {
		int which = i == a->count   ? 1
			    : j == b->count ? -1
					    : order(&a->items[i], &b->items[j]);
		const struct trio_item *item = which <= 0 ? &a->items[i] : &b->items[j];

		if (which && !item->is_table)
			die(trio, "only %s has a leaf at 0x%" PRIx64 " level %u: 0x%" PRIx64,
			    sides[which < 0 ? one : other], item->iova, item->level, item->word);
		if (!which &&
		    (item->word != b->items[j].word || item->is_table != b->items[j].is_table))
			die(trio, "at 0x%" PRIx64 " level %u %s has 0x%" PRIx64 ", %s 0x%" PRIx64,
			    item->iova, item->level, sides[one], item->word, sides[other],
			    b->items[j].word);
		i += which <= 0;
		j += which >= 0;
	}
}

void trio_compare(struct trio *trio)
{
	for (int side = 0; side < 3; side++)
		read_side(trio, side);
	compare_two(trio, 0, 1);
	compare_two(trio, 0, 2);
}
