// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* table_memory.c - see table_memory.h. */
#include "table_memory.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <urcu/urcu-memb.h>

#include "blocks.h"
#include "cases.h"
#include "fail.h"
#include "hot.h"
#include "table_pages.h"

#define GIB (1ULL << 30)
/* Addresses that all formats have. */
#define BASE GIB
/* A churn: so many buffers of up to so many pages each, at most so many at once, in 1 GiB. */
#define BUFFERS 20000
#define BUFFER_PAGES 64
#define ALIVE 512

struct keeper {
	const struct format_facts *facts;
	const struct subject *subject;
	struct subject_table table;
	long before; /* bytes of table memory that are not the page table's */
};

static uint64_t granule(const struct keeper *keeper)
{
	return 1ULL << keeper->facts->granule_lg2;
}

/* Where the page at @iova is in memory: no page follows the one before it. */
static uint64_t scattered(const struct keeper *keeper, uint64_t iova)
{
	return iova ^ granule(keeper);
}

static int complain(const struct keeper *keeper, const char *what, uint64_t iova)
{
	return fail(EXIT_BENCHMARK, "%s: %s: %s at iova 0x%llx failed", keeper->facts->name,
		    keeper->subject->variant, what, (unsigned long long)iova);
}

static int open_table(struct keeper *keeper)
{
	struct pt_config config = { .ia_bits = keeper->facts->ia_bits,
				    .oa_bits = keeper->facts->oa_bits,
				    .quirks = keeper->facts->quirks };
	struct subject_window window = { .start = BASE, .end = BASE + GIB };

	keeper->before = table_bytes_live();
	if (keeper->subject->create(keeper->subject, &config, &window, &keeper->table))
		return complain(keeper, "create", 0);
	return 0;
}

/* Bytes of the page table's tables, once all that waits for readers is free. */
static long bytes(const struct keeper *keeper)
{
	if (keeper->subject->drain)
		pt_barrier();
	return table_bytes_live() - keeper->before;
}

static void close_table(struct keeper *keeper)
{
	keeper->subject->destroy(&keeper->table);
	bytes(keeper); /* all of it is back before another page table begins */
}

static int map_pages(const struct keeper *keeper, uint64_t iova, uint64_t length)
{
	for (uint64_t at = iova; at < iova + length; at += granule(keeper))
		if (keeper->subject->map(keeper->table.handle, at, scattered(keeper, at),
					 granule(keeper), HOT_PROT))
			return complain(keeper, "map", at);
	return 0;
}

static int unmap_strides(const struct keeper *keeper, uint64_t iova, uint64_t length,
			 uint64_t stride)
{
	for (uint64_t at = iova; at < iova + length; at += stride)
		if (keeper->subject->unmap(keeper->table.handle, at, stride, 0) != stride)
			return complain(keeper, "unmap", at);
	return 0;
}

/* Map the GiB, unmap it in strides of @stride; the bytes while it was mapped, and after. */
static int map_and_unmap(struct keeper *keeper, uint64_t stride, long *root, long *mapped,
			 long *after)
{
	int error = open_table(keeper);

	if (error)
		return error;
	*root = bytes(keeper);
	error = map_pages(keeper, BASE, GIB);
	*mapped = bytes(keeper) - *root;
	if (!error)
		error = unmap_strides(keeper, BASE, GIB, stride);
	*after = bytes(keeper) - *root;
	close_table(keeper);
	return error;
}

struct buffer {
	uint64_t iova, length; /* length 0: none */
};

/* Places are slots of the largest buffer, so that none overlap; a device takes any that is free. */
static int churn(struct keeper *keeper, uint64_t seed, long *after)
{
	uint64_t slot_bytes = BUFFER_PAGES * granule(keeper), slots = GIB / slot_bytes;
	struct buffer *buffers = calloc(slots, sizeof(*buffers));
	uint64_t random = seed, alive = 0;
	int error = buffers ? open_table(keeper) : fail(EXIT_BENCHMARK, "no memory");
	long root = 0;

	if (!error)
		root = bytes(keeper);
	for (unsigned int i = 0; i < BUFFERS && !error; i++) {
		uint64_t slot = next_random(&random) % slots;
		struct buffer *buffer = &buffers[slot];

		if (buffer->length) {
			error = unmap_strides(keeper, buffer->iova, buffer->length, buffer->length);
			buffer->length = 0;
			alive--;
		} else if (alive < ALIVE) {
			buffer->iova = BASE + slot * slot_bytes;
			buffer->length =
				(1 + next_random(&random) % BUFFER_PAGES) * granule(keeper);
			error = map_pages(keeper, buffer->iova, buffer->length);
			alive++;
		}
	}
	for (uint64_t slot = 0; slot < slots && !error; slot++)
		if (buffers[slot].length)
			error = unmap_strides(keeper, buffers[slot].iova, buffers[slot].length,
					      buffers[slot].length);
	if (keeper->table.handle) {
		*after = bytes(keeper) - root;
		close_table(keeper);
	}
	free(buffers);
	return error;
}

static int add_row(json_t *rows, const struct format_facts *facts, const struct subject *subject,
		   uint64_t seed)
{
	struct keeper keeper = { .facts = facts, .subject = subject };
	long root, mapped, after_pages, after_range, after_churn = 0;
	int error = map_and_unmap(&keeper, granule(&keeper), &root, &mapped, &after_pages);

	if (!error)
		error = map_and_unmap(&keeper, GIB, &root, &mapped, &after_range);
	if (!error)
		error = churn(&keeper, seed, &after_churn);
	if (!error)
		json_array_append_new(
			rows, json_pack("{ss ss sI sI sI sI sI}", "format", facts->name, "variant",
					subject->variant, "root", (json_int_t)root, "mapped",
					(json_int_t)mapped, "after_pages", (json_int_t)after_pages,
					"after_range", (json_int_t)after_range, "after_churn",
					(json_int_t)after_churn));
	return error;
}

/* Where there is nothing but arrays, there are no tables to count. */
static bool has_tables(const struct subject *subject)
{
	return strcmp(subject->variant, "limit") != 0;
}

int table_memory_print(uint64_t seed)
{
	json_t *rows = json_array(), *all;
	int error = 0;

	for (const struct format_facts *facts = formats(); facts->name && !error; facts++)
		for (const struct subject *s = subjects(); s->format && !error; s++)
			if (strcmp(s->format, facts->name) == 0 && has_tables(s))
				error = add_row(rows, facts, s, seed);
	all = json_pack("{sI so}", "seed", (json_int_t)seed, "rows", rows);
	if (!error &&
	    (json_dumpf(all, stdout, JSON_INDENT(1)) || putchar('\n') == EOF || fflush(stdout)))
		error = fail(EXIT_BENCHMARK, "memory: cannot be written");
	json_decref(all);
	return error;
}
