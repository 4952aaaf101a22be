// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * trace.c - recorded traces are read as every recorder prints them; a bad line is
 * named, and what is not read is counted.
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
#define TRACECMD "             vmm-4100  [001]   438.308478: "
#define MAP_BODY "iova=0x00000000ffefc000 - 0x00000000ffefd000 paddr=0x0000000002010000 size=4096"
#define UNMAP_BODY "iova=0x00000000ffefc000 - 0x00000000ffefd000 size=4096 unmapped_size=4096"
#define MAP_4K "map: IOMMU: " MAP_BODY
#define UNMAP_4K "unmap: IOMMU: " UNMAP_BODY

/* One file for all texts. */
static int load(const char *text, struct trace *trace)
{
	static const char *name;
	FILE *file;

	name = name ? name : temporary_name();
	file = fopen(name, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
	return trace_load("t", name, trace);
}

/* @text is the map and the unmap above, whatever surrounds them; returns what was counted. */
static struct trace_counts expect_events(const char *text)
{
	struct trace_counts counts;
	struct trace trace;

	assert_int_equal(load(text, &trace), 0);
	assert_int_equal(trace.count, 2);
	assert_true(trace.events[0].map);
	assert_int_equal(trace.events[0].iova, 0xffefc000);
	assert_int_equal(trace.events[0].oa, 0x2010000);
	assert_int_equal(trace.events[0].length, 4096);
	assert_false(trace.events[1].map);
	assert_int_equal(trace.events[1].iova, 0xffefc000);
	assert_int_equal(trace.events[1].length, 4096);
	assert_int_equal(trace.iova_last, 0xffefcfff);
	assert_int_equal(trace.granule_lg2, 12);
	counts = trace.counts;
	assert_int_equal(counts.replayed, 2);
	trace_free(&trace);
	return counts;
}

static void every_recorder_is_read(void **state)
{
	(void)state;
	expect_events("# tracer: nop\n#\n" TRACEFS MAP_4K "\n" TRACEFS UNMAP_4K "\n");
	expect_events(PERF MAP_4K "\n\n" PERF UNMAP_4K "\n");
	/* trace-cmd report fills up the event's name. */
	assert_int_equal(expect_events("cpus=2\n" TRACECMD "map:                  IOMMU: " MAP_BODY
				       "\n" TRACECMD "unmap:                IOMMU: " UNMAP_BODY
				       "\n")
				 .other_lines,
			 1);
	/* Tasks may be called anything that fits in 15 characters. */
	expect_events("  (udev-worker)-532 [010] ..... 4.8: " MAP_4K
		      "\n map: IOMMU: x-7 [0] 1.0: " UNMAP_4K "\n");
	/* Before 5.16 no end; before 3.14 a hexadecimal size; a vendor's device. */
	expect_events(TRACEFS "map: IOMMU: iova=0xffefc000 paddr=0x2010000 size=4096\n" TRACEFS
			      "unmap: IOMMU: iova=0xffefc000 size=0x1000 unmapped_size=0x1000\n");
	expect_events(TRACEFS "map: IOMMU: dev=1d84000.ufshc iova=0xffefc000 paddr=0x2010000 "
			      "size=4096\n" TRACEFS "unmap: IOMMU: dev=1d84000.ufshc " UNMAP_BODY
			      "\n");
}

static void every_file_is_read(void **state)
{
	(void)state;
	expect_events("\xEF\xBB\xBF" TRACEFS MAP_4K "\n" TRACEFS UNMAP_4K "\n");
	expect_events("# tracer: nop\r\n" TRACEFS MAP_4K "\r\n" TRACEFS UNMAP_4K " \r\n\r\n");
	expect_events(TRACEFS MAP_4K "\n" TRACEFS UNMAP_4K);
}

static void other_lines_are_counted(void **state)
{
	char text[8192];
	int begun = snprintf(
		text, sizeof(text),
		TRACEFS
		"attach_device_to_domain: IOMMU: attached device 0000:01:00.0\n" TRACEFS MAP_4K
		"\n" TRACEFS "dma_map_phys: 0000:01:00.0 dma_addr=0 size=8192 attrs=\n"
		"what is this\n" TRACEFS UNMAP_4K "\n");
	struct trace_counts counts;

	(void)state;
	/* And a line that is longer than any buffer. */
	memset(text + begun, 'x', 5000);
	text[begun + 5000] = 0;
	counts = expect_events(text);
	assert_int_equal(counts.other_lines, 4);
	assert_int_equal(counts.recorded, 2);
}

static void lost_events_are_counted(void **state)
{
	struct trace_counts counts;

	(void)state;
	counts = expect_events(TRACEFS MAP_4K "\nCPU:8 [LOST 673 EVENTS]\n" TRACEFS UNMAP_4K "\n");
	assert_int_equal(counts.lost, 673);
	assert_false(counts.lost_more);
	counts = expect_events(
		"# entries-in-buffer/entries-written: 205/1205   #P:2\n" TRACEFS MAP_4K
		"\nCPU:1 [21 EVENTS DROPPED]\nCPU:0 [EVENTS DROPPED]\n" TRACEFS UNMAP_4K "\n");
	assert_int_equal(counts.lost, 1021);
	assert_true(counts.lost_more);
	assert_int_equal(counts.other_lines, 0);
}

/* Cut off anywhere, the last line takes nothing with it but itself. */
static void a_last_line_that_is_cut_off_is_counted(void **state)
{
	static const char *const lasts[] = {
		TRACEFS "map: IOMMU: iova=0x5000 - 0xd000 paddr=0x0 size=32768",
		TRACEFS "unmap: IOMMU: iova=0x0 size=32768 unmapped_size=32768"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lasts) / sizeof(*lasts); i++) {
		size_t begins = (size_t)(strstr(lasts[i], "iova") - lasts[i]);

		for (size_t length = 1; length < strlen(lasts[i]); length++) {
			char text[1024];
			struct trace_counts counts;

			snprintf(text, sizeof(text), TRACEFS MAP_4K "\n" TRACEFS UNMAP_4K "\n%.*s",
				 (int)length, lasts[i]);
			counts = expect_events(text);
			assert_int_equal(counts.left_out[TRACE_CUT_OFF], length >= begins);
			assert_int_equal(counts.recorded, 2 + (length >= begins));
		}
	}
}

/* As drivers that remove whole leaves print it. */
static void an_unmap_is_what_it_took_away(void **state)
{
	static const struct {
		const char *line;
		uint64_t iova, length;
	} unmaps[] = {
		{ "iova=0x400000 size=4096 unmapped_size=4194304", 0x400000, 0x400000 },
		/* Inside of a leaf. */
		{ "iova=0x403000 size=4096 unmapped_size=4194304", 0x400000, 0x400000 },
		/* More than one: the first begins where it was asked for, as far as is known. */
		{ "iova=0x6000 size=12288 unmapped_size=16384", 0x6000, 0x4000 },
		{ "iova=0x6000 size=12288 unmapped_size=24576", 0x6000, 0x6000 },
		{ "iova=0x6000 size=12288 unmapped_size=4096", 0x6000, 0x1000 },
		{ "iova=0x6000 size=0 unmapped_size=0", 0x6000, 0 },
		{ "iova=0xfffffffffffff000 - 0x0 size=4096 unmapped_size=4096", 0xfffffffffffff000,
		  0x1000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(unmaps) / sizeof(*unmaps); i++) {
		struct trace trace;
		char text[1024];

		snprintf(text, sizeof(text), TRACEFS MAP_4K "\n" TRACEFS "unmap: IOMMU: %s\n",
			 unmaps[i].line);
		assert_int_equal(load(text, &trace), 0);
		assert_int_equal(trace.events[1].iova, unmaps[i].iova);
		assert_int_equal(trace.events[1].length, unmaps[i].length);
		trace_free(&trace);
	}
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
		{ TRACEFS "map: IOMMU: nothing\n", ":2: malformed" },
		{ TRACEFS "map: IOMMU: iova=0x1000 - 0x2000 size=4096\n", ":2: malformed" },
		{ TRACEFS "map: IOMMU: iova=0x1000 - 0x2000 paddr=0x\n", ":2: truncated" },
		{ TRACEFS "map: IOMMU: iova=0x1000 - 0x2000 paddr=0xg\n",
		  ":2: a number is missing" },
		{ TRACEFS "map: IOMMU: iova=0x1000 - 0x20\n", ":2: truncated" },
		{ TRACEFS "map: IOMMU: iova=0x1000 - 0x2000 paddr=0x0 size=a\n",
		  ":2: a number is missing" },
		{ TRACEFS "map: IOMMU: iova=0x1000 - 0x2000 paddr=0x0 size=8192\n",
		  ":2: the size is not that" },
		{ TRACEFS "map: IOMMU: iova=0x2000 - 0x1000 paddr=0x0 size=4096\n",
		  ":2: the size is not that" },
		{ TRACEFS "map: IOMMU: iova=0xffffffffffffe000 paddr=0x0 size=12288\n",
		  ":2: the iova range wraps" },
		{ TRACEFS "map: IOMMU: iova=0x0 paddr=0xffffffffffffe000 size=12288\n",
		  ":2: the physical range wraps" },
		{ TRACEFS "unmap: IOMMU: iova=0xffffffffffffe000 size=4096 unmapped_size=12288\n",
		  ":2: what was unmapped wraps" },
		{ TRACEFS "map: IOMMU: iova=0x10000000000000000 - 0x1 paddr=0x0 size=1\n",
		  ":2: a number is too large" },
		{ TRACEFS "unmap: IOMMU: iova=0x1000 - 0x2000 size=4096\n", ":2: truncated" },
		{ TRACEFS MAP_4K " more\n", ":2: something follows" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		snprintf(text, sizeof(text), "%s%s", good, bad[i].line);
		expect_complaint(text, bad[i].complaint);
	}
	expect_complaint("# nothing\n", "no map or unmap event in it, but 0 other lines");
	expect_complaint("hello\nxmap: IOMMU: iova=0x0\n",
			 "no map or unmap event in it, but 2 other lines");
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
		cmocka_unit_test(every_recorder_is_read),
		cmocka_unit_test(every_file_is_read),
		cmocka_unit_test(other_lines_are_counted),
		cmocka_unit_test(lost_events_are_counted),
		cmocka_unit_test(a_last_line_that_is_cut_off_is_counted),
		cmocka_unit_test(an_unmap_is_what_it_took_away),
		cmocka_unit_test(bad_lines_are_named),
		cmocka_unit_test(binary_files_are_refused),
		cmocka_unit_test(printed_events_are_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
