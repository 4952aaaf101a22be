// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * replay.c - a trace is replayed on every format and every side that can, whatever
 * it does, and with the same tables on all of them.
 */
#include "replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <urcu/urcu-memb.h>

#include "capture.h"
#include "fail.h"
#include "random.h"
#include "rounds.h"
#include "verify.h"

static struct machine machine;

static int begin(void **state)
{
	(void)state;
	urcu_memb_register_thread();
	return machine_init(MACHINE_ANY_CPU, false, &machine);
}

static const char trace_text[] =
	"t-1 [0] ..... 1.0: unmap: IOMMU: iova=0x9000 - 0xa000 size=4096 unmapped_size=4096\n"
	"t-1 [0] ..... 1.0: map: IOMMU: iova=0x1000 - 0x3000 paddr=0x100001000 size=8192\n"
	"t-1 [0] ..... 1.0: map: IOMMU: iova=0x8000000 - 0x8200000 paddr=0x200000 size=2097152\n"
	"t-1 [0] ..... 1.0: unmap: IOMMU: iova=0x1000 - 0x2000 size=4096 unmapped_size=4096\n"
	"t-1 [0] ..... 1.0: map: IOMMU: iova=0x1000 - 0x2000 paddr=0x7000 size=4096\n";

static void traces_are_replayed_on_every_format_that_can(void **state)
{
	unsigned int replayed = 0;
	struct case_list with_trace;
	struct trace trace;

	(void)state;
	assert_int_equal(
		trace_load("t", temporary_file(trace_text, sizeof(trace_text) - 1), &trace), 0);
	assert_int_equal(trace.counts.replayed, 4);
	assert_int_equal(trace.counts.left_out[TRACE_NOT_MAPPED], 1);
	assert_int_equal(cases_all(&trace, 1, &with_trace), 0);
	for (size_t i = 0; i < with_trace.count; i++) {
		const struct bench_case *c = &with_trace.cases[i];

		if (strcmp(c->trace, "t") != 0)
			continue;
		for (const struct subject *s = subjects(); s->format; s++) {
			struct side side = { .subject = s, .name = "side" };
			struct workload workload;
			struct hot_result result;

			if (!case_takes(c, s))
				continue;
			assert_int_equal(workload_init(c, &trace, &machine, 1, 3, &workload), 0);
			assert_int_equal(side_create(&workload, &side), 0);
			assert_int_equal(side_prepare(&workload, &side), 0);
			for (unsigned int round = 0; round < 3; round++)
				assert_int_equal(round_run(&workload, &side, &result), 0);
			assert_int_equal(side_check(&workload, &side, 0x8000000, PT_NOT_MAPPED), 0);
			side_destroy(&side);
			workload_free(&workload);
			replayed++;
		}
	}
	assert_true(replayed >= 3);
	cases_free(&with_trace);
	trace_free(&trace);
}

static const char adjacent_text[] =
	"t-1 [0] ..... 1.0: map: IOMMU: iova=0x1000 - 0x2000 paddr=0x100000 size=4096\n"
	"t-1 [0] ..... 1.0: map: IOMMU: iova=0x2000 - 0x3000 paddr=0x300000 size=4096\n"
	"t-1 [0] ..... 1.0: map: IOMMU: iova=0x3000 - 0x4000 paddr=0x301000 size=4096\n"
	"t-1 [0] ..... 1.0: unmap: IOMMU: iova=0x1000 - 0x2000 size=4096 unmapped_size=4096\n"
	"t-1 [0] ..... 1.0: unmap: IOMMU: iova=0x2000 - 0x3000 size=4096 unmapped_size=4096\n"
	"t-1 [0] ..... 1.0: unmap: IOMMU: iova=0x3000 - 0x4000 size=4096 unmapped_size=4096\n"
	"t-1 [0] ..... 1.0: map: IOMMU: iova=0x9000 - 0xa000 paddr=0x100000 size=4096\n";

/* Not where memory touches too: what the engine would join, the trace unmaps in parts. */
static void adjacent_calls_become_one(void **state)
{
	static const size_t expected[] = { 2, 1, 3, 1 };
	const struct hot_batch *batches;
	size_t count;
	struct case_list with_trace;
	const struct bench_case *c;
	struct workload workload;
	struct trace trace;

	(void)state;
	assert_int_equal(
		trace_load("t", temporary_file(adjacent_text, sizeof(adjacent_text) - 1), &trace),
		0);
	assert_int_equal(cases_all(&trace, 1, &with_trace), 0);
	c = case_find(&with_trace, "amdv1/replay_batch/t/x7/coherent/warm");
	assert_non_null(c);
	assert_int_equal(workload_init(c, &trace, &machine, 1, 3, &workload), 0);
	batches = replay_batches(&workload, &count);
	assert_int_equal(count, sizeof(expected) / sizeof(*expected));
	for (size_t i = 0; i < count; i++)
		assert_int_equal(batches[i].count, expected[i]);
	assert_int_equal(batches[2].length, 0x3000);
	assert_int_equal(round_operations(&workload), 7);
	workload_free(&workload);
	cases_free(&with_trace);
	trace_free(&trace);
}

/* All sides of @c, which replays @trace: equal tables on the way, and rounds that can be repeated. */
static void race(const struct bench_case *c, const struct trace *trace)
{
	struct side sides[32] = { 0 };
	struct workload workload;
	struct hot_result result;
	unsigned int count = 0;

	assert_int_equal(workload_init(c, trace, &machine, 1, 3, &workload), 0);
	assert_int_equal(round_operations(&workload), c->count);
	for (const struct subject *s = subjects(); s->format; s++)
		if (case_takes(c, s))
			sides[count++].subject = s;
	assert_int_equal(verify_sides(&workload, sides, count), 0);
	for (unsigned int i = 0; i < count; i++) {
		snprintf(sides[i].name, sizeof(sides[i].name), "%s", sides[i].subject->variant);
		assert_int_equal(side_create(&workload, &sides[i]), 0);
		for (unsigned int round = 0; round < 2; round++)
			assert_int_equal(round_run(&workload, &sides[i], &result), 0);
		/* What is subtracted makes as many calls: the engine's batches are one, a driver's are not. */
		assert_int_equal(round_empty(&workload, sides[i].subject).done, result.done);
		side_destroy(&sides[i]);
	}
	workload_free(&workload);
}

/* Race the trace @text in every format; returns in how many of them. */
static unsigned int race_all(const char *text)
{
	struct case_list list;
	struct trace trace;
	unsigned int raced = 0;

	assert_int_equal(trace_load("t", temporary_file(text, strlen(text)), &trace), 0);
	assert_int_equal(cases_all(&trace, 1, &list), 0);
	for (size_t i = 0; i < list.count; i++) {
		if (strcmp(list.cases[i].trace, "t") != 0)
			continue;
		race(&list.cases[i], &trace);
		raced += list.cases[i].op == &op_replay;
	}
	cases_free(&list);
	trace_free(&trace);
	return raced;
}

#define LINE "qemu-1 [000] ..... 1.0: "

/* As VFIO tries out page tables that have no large pages, before it maps a guest. */
static void attaching_to_vfio_is_replayed_whole(void **state)
{
	static const char text[] =
		LINE "map: IOMMU: iova=0x0 - 0x2000 paddr=0x1110f8000 size=8192\n" LINE
		     "unmap: IOMMU: iova=0x0 - 0x1000 size=4096 unmapped_size=4096\n" LINE
		     "unmap: IOMMU: iova=0x1000 - 0x2000 size=4096 unmapped_size=4096\n" LINE
		     "map: IOMMU: iova=0x0 - 0x80000000 paddr=0x180000000 size=2147483648\n" LINE
		     "unmap: IOMMU: iova=0x0 - 0x80000000 size=2147483648 "
		     "unmapped_size=2147483648\n";
	struct case_list list;
	struct trace trace;

	(void)state;
	assert_true(race_all(text) >= 3);
	assert_int_equal(trace_load("t", temporary_file(text, sizeof(text) - 1), &trace), 0);
	assert_int_equal(cases_all(&trace, 1, &list), 0);
	assert_non_null(case_find(&list, "amdv1/replay/t/x5/coherent/warm"));
	assert_int_equal(case_find(&list, "amdv1/replay/t/x5/coherent/warm")->trace_counts.replayed,
			 5);
	/* Of a page of 64K, only the guest is left. */
	assert_non_null(case_find(&list, "armv8_64k_s1/replay/t/x2/coherent/warm"));
	assert_int_equal(case_find(&list, "armv8_64k_s1/replay/t/x2/coherent/warm")
				 ->trace_counts.left_out[TRACE_UNALIGNED],
			 3);
	cases_free(&list);
	trace_free(&trace);
}

/* As VFIO on AMD unmaps: a page is asked for, a leaf of 4M goes. */
static void whole_leaves_that_go_are_replayed(void **state)
{
	(void)state;
	assert_true(
		race_all(LINE
			 "map: IOMMU: iova=0x0 - 0x800000 paddr=0x180000000 size=8388608\n" LINE
			 "unmap: IOMMU: iova=0x0 - 0x1000 size=4096 unmapped_size=4194304\n" LINE
			 "unmap: IOMMU: iova=0x403000 - 0x404000 size=4096 "
			 "unmapped_size=4194304\n" LINE
			 "map: IOMMU: iova=0x0 - 0x800000 paddr=0x180000000 size=8388608\n") >= 3);
}

/* And what begins at 0 does not go on there. */
static void the_last_page_of_64_bits_is_replayed(void **state)
{
	(void)state;
	assert_true(
		race_all(LINE
			 "map: IOMMU: iova=0xfffffffffffff000 - 0x0 paddr=0x5000 size=4096\n" LINE
			 "map: IOMMU: iova=0x0 - 0x1000 paddr=0x9000 size=4096\n" LINE
			 "unmap: IOMMU: iova=0xfffffffffffff000 - 0x0 size=4096 "
			 "unmapped_size=4096\n" LINE
			 "unmap: IOMMU: iova=0x0 - 0x1000 size=4096 unmapped_size=4096\n") >= 1);
}

/* Some pages of one size, or of several, in 16M: so that ranges meet. */
static uint64_t random_bytes(uint64_t most)
{
	static const uint64_t units[] = { 4 << 10, 16 << 10, 64 << 10, 2 << 20 };
	uint64_t unit = units[random_below(sizeof(units) / sizeof(*units))];

	return random_below(most / unit) * unit;
}

static void random_traces_are_replayed_on_every_side(void **state)
{
	(void)state;
	random_seed_from_environment();
	for (unsigned int round = 0; round < 6; round++) {
		static char text[64 << 10];
		size_t used = 0;

		for (unsigned int i = 0; i < 200; i++) {
			bool map = !i || random_below(2);
			uint64_t iova = random_bytes(16 << 20), length = random_bytes(4 << 20);

			length += length ? 0 : 4 << 10;
			used += (size_t)snprintf(text + used, sizeof(text) - used,
						 LINE "%s: IOMMU: iova=0x%llx ",
						 map ? "map" : "unmap", (unsigned long long)iova);
			if (map)
				used += (size_t)snprintf(
					text + used, sizeof(text) - used,
					"paddr=0x%llx size=%llu\n",
					(unsigned long long)((1ULL << 32) + random_bytes(16 << 20)),
					(unsigned long long)length);
			else
				used += (size_t)snprintf(text + used, sizeof(text) - used,
							 "size=%llu unmapped_size=%llu\n",
							 (unsigned long long)length,
							 (unsigned long long)length);
		}
		assert_true(race_all(text) >= 3);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(traces_are_replayed_on_every_format_that_can),
		cmocka_unit_test(adjacent_calls_become_one),
		cmocka_unit_test(attaching_to_vfio_is_replayed_whole),
		cmocka_unit_test(whole_leaves_that_go_are_replayed),
		cmocka_unit_test(the_last_page_of_64_bits_is_replayed),
		cmocka_unit_test(random_traces_are_replayed_on_every_side),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
