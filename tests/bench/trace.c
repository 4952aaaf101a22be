// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * trace.c - recorded traces are read as they were printed, a bad line is named,
 * and exactly the events that cannot be replayed are dropped.
 */
#include "trace.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "fail.h"

#define TRACEFS "            wget-177     [001] b..1.    29.260008: "
#define PERF "          :-1     0 [000]   123.456789: iommu:"
#define MAP_4K                                                      \
	"map: IOMMU: iova=0x00000000ffefc000 - 0x00000000ffefd000 " \
	"paddr=0x0000000002010000 size=4096"
#define UNMAP_4K                                                                \
	"unmap: IOMMU: iova=0x00000000ffefc000 - 0x00000000ffefd000 size=4096 " \
	"unmapped_size=4096"
#define PAGE 4096ULL

static int load(const char *text, struct trace *trace)
{
	return trace_load("t", temporary_file(text, strlen(text)), trace);
}

static void expect_events(const char *text)
{
	struct trace trace;

	assert_int_equal(load(text, &trace), 0);
	assert_int_equal(trace.count, 2);
	assert_true(trace.events[0].map);
	assert_int_equal(trace.events[0].iova, 0xffefc000);
	assert_int_equal(trace.events[0].oa, 0x2010000);
	assert_int_equal(trace.events[0].length, 4096);
	assert_false(trace.events[1].map);
	assert_int_equal(trace.events[1].iova, 0xffefc000);
	assert_int_equal(trace.iova_last, 0xffefcfff);
	assert_int_equal(trace.rest_count, 0);
	trace_free(&trace);
}

static void both_recorders_are_read(void **state)
{
	(void)state;
	expect_events("# tracer: nop\n#\n" TRACEFS MAP_4K "\n" TRACEFS UNMAP_4K "\n");
	expect_events(PERF MAP_4K "\n\n" PERF UNMAP_4K "\n");
}

static void expect_complaint(const char *text, const char *complaint)
{
	struct trace trace;
	const char *printed;
	int result;

	capture_begin();
	result = load(text, &trace);
	printed = capture_end();
	trace_free(&trace);
	assert_int_equal(result, EXIT_USAGE);
	assert_non_null(strstr(printed, complaint));
	assert_ptr_equal(strchr(printed, '\n'), printed + strlen(printed) - 1);
}

static void bad_lines_are_named(void **state)
{
	static const char good[] = TRACEFS MAP_4K "\n";
	char text[1024];
	static const struct {
		const char *line, *complaint;
	} bad[] = {
		{ "hello\n", ":2: neither a map nor an unmap event" },
		{ TRACEFS "xmap: IOMMU: iova=0x0\n", ":2: neither" },
		{ TRACEFS "map: IOMMU: iova=0x1000 - 0x2000 size=4096\n", ":2: malformed" },
		{ TRACEFS "map: IOMMU: iova=0x1000 - 0x2000 paddr=0x\n",
		  ":2: a number is missing" },
		{ TRACEFS "map: IOMMU: iova=0x1000 - 0x20", ":2: truncated" },
		{ TRACEFS "map: IOMMU: iova=0x1000 - 0x2000 paddr=0x0 size=40", ":2: truncated" },
		{ TRACEFS "map: IOMMU: iova=0x1000 - 0x2000 paddr=0x0 size=8192\n",
		  ":2: the size is not that" },
		{ TRACEFS "map: IOMMU: iova=0x1000 - 0x2000 paddr=0x10 size=4096\n",
		  ":2: not aligned" },
		{ TRACEFS "map: IOMMU: iova=0x1000 - 0x1000 paddr=0x0 size=0\n",
		  ":2: the size is 0" },
		{ TRACEFS "map: IOMMU: iova=0x2000 - 0x1000 paddr=0x0 size=4096\n",
		  ":2: the iova" },
		{ TRACEFS "map: IOMMU: iova=0x10000000000000000 - 0x1 paddr=0x0 size=1\n",
		  ":2: a number is too large" },
		{ TRACEFS "unmap: IOMMU: iova=0x1000 - 0x2000 size=4096\n", ":2: malformed" },
		{ TRACEFS MAP_4K " more\n", ":2: something follows" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		snprintf(text, sizeof(text), "%s%s", good, bad[i].line);
		expect_complaint(text, bad[i].complaint);
	}
	expect_complaint("# nothing\n", "no map or unmap event");
	expect_complaint(TRACEFS UNMAP_4K "\n", "no event that could be replayed");
}

static void binary_files_are_refused(void **state)
{
	static const char binary[] = "\0\0map: IOMMU:\n";
	struct trace trace;

	(void)state;
	capture_begin();
	assert_int_equal(trace_load("t", temporary_file(binary, sizeof(binary) - 1), &trace),
			 EXIT_USAGE);
	assert_non_null(strstr(capture_end(), ":1: not a text file"));
	trace_free(&trace);
}

/* Events in pages, as {map, iova, oa, length}. */
static struct trace made_of(const struct trace_event *events, size_t count)
{
	struct trace trace = { .count = count };

	trace.events = malloc(count * sizeof(*events));
	assert_non_null(trace.events);
	for (size_t i = 0; i < count; i++)
		trace.events[i] = (struct trace_event){ events[i].iova * PAGE, events[i].oa * PAGE,
							events[i].length * PAGE, events[i].map };
	return trace;
}

static void each_reason_is_counted(void **state)
{
	static const struct trace_event events[] = {
		{ 100, 0, 1, false }, /* recorded from here on: never mapped */
		{ 8, 16, 8, true }, /* 32K in one block */
		{ 12, 0, 2, true }, /* mapped already */
		{ 8, 0, 2, false }, /* cuts the block */
		{ 8, 0, 8, false },   { 8, 17, 8, true }, /* no two pages make a block */
		{ 8, 0, 2, false },   { 8, 0, 8, false }, /* half of it is gone */
		{ 10, 0, 6, false },  { 32, 33, 4, true }, { 33, 0, 1, false },
	};
	struct trace trace = made_of(events, sizeof(events) / sizeof(*events));

	(void)state;
	assert_true(trace_drop_impossible(&trace));
	assert_int_equal(trace.never_mapped, 2);
	assert_int_equal(trace.mapped_already, 1);
	assert_int_equal(trace.cuts_leaf, 1);
	assert_int_equal(trace.count, 7);
	assert_int_equal(trace.rest_count, 2);
	assert_int_equal(trace.rest[0].iova, 32 * PAGE);
	assert_int_equal(trace.rest[0].length, 1 * PAGE);
	assert_int_equal(trace.rest[1].iova, 34 * PAGE);
	assert_int_equal(trace.rest[1].length, 2 * PAGE);
	trace_free(&trace);
}

#define PAGES 64

/* What a format with every power of two makes of a map: leaf number of each page. */
static void cut_into_leaves(const struct trace_event *map, unsigned int *leaf)
{
	static unsigned int next = 1;
	uint64_t iova = map->iova, oa = map->oa, end = iova + map->length;

	while (iova < end) {
		uint64_t size = 1;

		while (!((iova | oa) & (2 * size - 1)) && iova + 2 * size <= end)
			size *= 2;
		for (uint64_t i = 0; i < size; i++)
			leaf[iova + i] = next;
		next++;
		iova += size;
		oa += size;
	}
}

/* The same decision as the code under test, page by page. */
static bool possible(const struct trace_event *event, unsigned int *leaf)
{
	uint64_t end = event->iova + event->length;

	for (uint64_t i = event->iova; i < end; i++)
		if (event->map ? leaf[i] : !leaf[i])
			return false;
	if (event->map) {
		cut_into_leaves(event, leaf);
		return true;
	}
	if ((event->iova && leaf[event->iova - 1] == leaf[event->iova]) ||
	    (end < PAGES && leaf[end] == leaf[end - 1]))
		return false;
	for (uint64_t i = event->iova; i < end; i++)
		leaf[i] = 0;
	return true;
}

static void random_traces_agree_with_a_page_by_page_model(void **state)
{
	unsigned int seed = 1;

	(void)state;
	for (unsigned int round = 0; round < 2000; round++) {
		struct trace_event events[40];
		unsigned int leaf[PAGES] = { 0 };
		struct trace trace;
		size_t kept = 0, rest_pages = 0, left = 0;

		for (size_t i = 0; i < 40; i++) {
			uint64_t iova = (uint64_t)rand_r(&seed) % PAGES;

			events[i] = (struct trace_event){
				.iova = iova,
				.oa = (uint64_t)rand_r(&seed) % 32,
				.length = 1 + (uint64_t)rand_r(&seed) % (PAGES - iova),
				.map = rand_r(&seed) & 1,
			};
		}
		trace = made_of(events, 40);
		assert_true(trace_drop_impossible(&trace));
		for (size_t i = 0; i < 40; i++) {
			if (!possible(&events[i], leaf))
				continue;
			assert_true(kept < trace.count);
			assert_int_equal(trace.events[kept].iova, events[i].iova * PAGE);
			assert_int_equal(trace.events[kept].map, events[i].map);
			kept++;
		}
		assert_int_equal(kept, trace.count);
		for (size_t i = 0; i < trace.rest_count; i++)
			rest_pages += trace.rest[i].length / PAGE;
		for (size_t i = 0; i < PAGES; i++)
			left += leaf[i] != 0;
		assert_int_equal(rest_pages, left);
		trace_free(&trace);
	}
}

static void printed_events_are_read_again(void **state)
{
	const char *name = temporary_name();
	FILE *file = fopen(name, "w");
	struct trace_event map = { 0x1000, 0x123456789000, 0x3000, true };
	struct trace_event unmap = { 0x1000, 0, 0x3000, false };
	struct trace trace;

	(void)state;
	assert_non_null(file);
	trace_print(file, &map);
	trace_print(file, &unmap);
	fclose(file);
	assert_int_equal(trace_load("t", name, &trace), 0);
	assert_int_equal(trace.count, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct trace_event *printed = i ? &unmap : &map;

		assert_int_equal(trace.events[i].map, printed->map);
		assert_int_equal(trace.events[i].iova, printed->iova);
		assert_int_equal(trace.events[i].oa, printed->oa);
		assert_int_equal(trace.events[i].length, printed->length);
	}
	trace_free(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_recorders_are_read),
		cmocka_unit_test(bad_lines_are_named),
		cmocka_unit_test(binary_files_are_refused),
		cmocka_unit_test(each_reason_is_counted),
		cmocka_unit_test(random_traces_agree_with_a_page_by_page_model),
		cmocka_unit_test(printed_events_are_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
