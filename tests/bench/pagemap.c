// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* pagemap.c - a process's memory becomes a trace that can be replayed. */
#include "pagemap.h"

#include <string.h>
#include <unistd.h>

#include "capture.h"
#include "fail.h"
#include "trace.h"

#define PRESENT (1ULL << 63)
#define PAGE 0x1000ULL

/* Pages 0x10 to 0x13 belong to a file, 0x14 to 0x1b to the process, 0x20 to its heap. */
static const char maps[] =
	"00010000-00014000 r-xp 00000000 08:01 131082                     /usr/bin/sleep\n"
	"00014000-0001c000 rw-p 00000000 00:00 0 \n"
	"00020000-00021000 rw-p 00000000 00:00 0                          [heap]\n"
	"00030000-00031000 r-xp 00000000 00:00 0                          [vdso]\n";

static const char *pagemap_of(const uint64_t *frames)
{
	uint64_t entries[0x31] = { 0 };

	for (unsigned int i = 0x10; i < 0x31; i++)
		entries[i] = PRESENT | 0x999;
	for (unsigned int i = 0; i < 8; i++)
		entries[0x14 + i] = frames[i] == UINT64_MAX ? 0 : PRESENT | frames[i];
	entries[0x20] = PRESENT | frames[8];
	return temporary_file(entries, sizeof(entries));
}

static void expect(const struct trace_event *event, bool map, uint64_t iova, uint64_t oa,
		   uint64_t pages)
{
	assert_int_equal(event->map, map);
	assert_int_equal(event->iova, iova);
	assert_int_equal(event->length, pages * PAGE);
	if (map)
		assert_int_equal(event->oa, oa);
}

static void contiguous_runs_are_mapped_and_regions_unmapped(void **state)
{
	/* Three in a row, one elsewhere, one absent, three in a row backwards; the heap. */
	static const uint64_t frames[] = { 0x100, 0x101, 0x102, 0x55, UINT64_MAX,
					   0x203, 0x202, 0x201, 0x77 };
	const char *out = temporary_name();
	struct trace trace;
	/* The first region keeps its place in 2 MiB; the second comes after it, in its own. */
	uint64_t first = 0x14000, second = 0x20000;

	(void)state;
	assert_int_equal(
		pagemap_convert(temporary_file(maps, sizeof(maps) - 1), pagemap_of(frames), out),
		0);
	assert_int_equal(trace_load("t", out, &trace), 0);
	assert_int_equal(trace.count, 9);
	assert_int_equal(trace.counts.replayed, 9);
	assert_int_equal(trace.counts.in_part + trace.counts.put_in, 0);
	expect(&trace.events[0], true, first, 0x100 * PAGE, 3);
	expect(&trace.events[1], true, first + 3 * PAGE, 0x55 * PAGE, 1);
	expect(&trace.events[2], true, first + 5 * PAGE, 0x203 * PAGE, 1);
	expect(&trace.events[3], true, first + 6 * PAGE, 0x202 * PAGE, 1);
	expect(&trace.events[4], true, first + 7 * PAGE, 0x201 * PAGE, 1);
	expect(&trace.events[5], true, second, 0x77 * PAGE, 1);
	expect(&trace.events[6], false, first, 0, 4);
	expect(&trace.events[7], false, first + 5 * PAGE, 0, 3);
	expect(&trace.events[8], false, second, 0, 1);
	trace_free(&trace);
}

static int convert_in_vain(const char *maps_file, const char *pagemap, const char *complaint)
{
	const char *out = temporary_name();
	int result;

	capture_begin();
	result = pagemap_convert(maps_file, pagemap, out);
	assert_non_null(strstr(capture_end(), complaint));
	assert_int_not_equal(access(out, F_OK), 0);
	return result;
}

static void hidden_frames_and_absent_memory_are_said(void **state)
{
	static const uint64_t hidden[9] = { 0 };
	static const uint64_t some[9] = { 1, 2, 3 };
	static const char only_files[] =
		"00010000-00014000 r-xp 00000000 08:01 131082 /usr/bin/sleep\n";

	(void)state;
	assert_int_equal(convert_in_vain(temporary_file(maps, sizeof(maps) - 1), pagemap_of(hidden),
					 "CAP_SYS_ADMIN"),
			 EXIT_ABSENT);
	assert_int_equal(convert_in_vain(temporary_file(only_files, sizeof(only_files) - 1),
					 pagemap_of(some), "no memory of its own"),
			 EXIT_ABSENT);
	assert_int_equal(convert_in_vain("/nonexistent", "/nonexistent", "/nonexistent"),
			 EXIT_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(contiguous_runs_are_mapped_and_regions_unmapped),
		cmocka_unit_test(hidden_frames_and_absent_memory_are_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
