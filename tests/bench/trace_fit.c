// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * trace_fit.c - a replay does what the kernel did, in calls that every side can
 * carry out, and says what it leaves out.
 */
#include "trace.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "random.h"

#define PAGE 4096ULL
#define PAGES 64
#define EVERY_POWER (~(PAGE - 1))

/* Events in pages, as {iova, oa, length, map}. */
static struct trace made_of(const struct trace_event *events, size_t count)
{
	struct trace trace = { .count = count, .counts = { .recorded = count } };

	trace.events = malloc(count * sizeof(*events));
	assert_non_null(trace.events);
	for (size_t i = 0; i < count; i++)
		trace.events[i] = (struct trace_event){ events[i].iova * PAGE, events[i].oa * PAGE,
							events[i].length * PAGE, events[i].map };
	return trace;
}

static const struct trace_limits wide = {
	.granule_lg2 = 12, .iova_last = UINT64_MAX, .oa_last = UINT64_MAX, .leaf_sizes = EVERY_POWER
};

/* Are the calls those, in pages? */
static void expect_calls(const struct trace_event *events, size_t event_count, uint64_t leaf_sizes,
			 const struct trace_event *calls, size_t call_count)
{
	struct trace trace = made_of(events, event_count);
	struct trace_limits limits = wide;
	struct trace_fit fit;

	limits.leaf_sizes = leaf_sizes;
	assert_true(trace_fit(&trace, &limits, &fit));
	assert_int_equal(fit.counts.replayed, event_count);
	assert_int_equal(fit.call_count, call_count);
	for (size_t i = 0; i < call_count; i++) {
		assert_int_equal(fit.calls[i].map, calls[i].map);
		assert_int_equal(fit.calls[i].iova, calls[i].iova * PAGE);
		assert_int_equal(fit.calls[i].length, calls[i].length * PAGE);
		if (calls[i].map)
			assert_int_equal(fit.calls[i].oa, calls[i].oa * PAGE);
	}
	trace_fit_free(&fit);
	trace_free(&trace);
}

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* VFIO tries out whether a range of two pages is unmapped page by page; then it maps the guest there. */
static void a_map_is_made_in_the_leaves_that_were_unmapped(void **state)
{
	static const struct trace_event events[] = {
		{ 0, 16, 2, true },	{ 0, 0, 1, false },    { 1, 0, 1, false },
		{ 0, 512, 1024, true }, { 0, 0, 1024, false },
	};
	static const struct trace_event in_two[] = {
		{ 0, 16, 1, true }, { 1, 17, 1, true },	    { 0, 0, 1, false },
		{ 1, 0, 1, false }, { 0, 512, 1024, true }, { 0, 0, 1024, false },
	};

	(void)state;
	expect_calls(events, COUNT(events), EVERY_POWER, in_two, COUNT(in_two));
	/* A format without leaves of two pages needs no help. */
	expect_calls(events, COUNT(events), PAGE | 512 * PAGE, events, COUNT(events));
}

static void an_unmap_keeps_to_what_is_known_to_be_mapped(void **state)
{
	static const struct trace_event events[] = {
		{ 8, 16, 2, true },
		{ 12, 20, 2, true },
		{ 14, 30, 1, true },
		{ 6, 0, 20, false },
	};
	static const struct trace_event calls[] = {
		{ 8, 16, 2, true }, { 12, 20, 2, true }, { 14, 30, 1, true },
		{ 8, 0, 2, false }, { 12, 0, 3, false },
	};

	(void)state;
	expect_calls(events, COUNT(events), EVERY_POWER, calls, COUNT(calls));
}

static void an_unmap_that_the_recording_lacks_is_put_in(void **state)
{
	static const struct trace_event events[] = {
		{ 8, 16, 8, true },
		{ 12, 40, 2, true },
		{ 8, 0, 8, false },
	};
	static const struct trace_event calls[] = {
		{ 8, 16, 4, true },  { 12, 20, 2, true }, { 14, 22, 2, true },
		{ 12, 0, 2, false }, { 12, 40, 2, true }, { 8, 0, 8, false },
	};

	(void)state;
	expect_calls(events, COUNT(events), EVERY_POWER, calls, COUNT(calls));
}

static void each_reason_is_counted(void **state)
{
	static const struct trace_event events[] = {
		{ 100, 0, 1, false }, /* recorded from here on: never mapped */
		{ 8, 16, 8, true },	 { 12, 40, 2, true }, /* over it */
		{ 8, 0, 2, false },	 { 8, 0, 8, false }, /* a part of which is gone */
		{ 32, 32, 0, true }, /* of nothing */
		{ 33, 32, 2, true },	 { 34, 33, 2, true }, /* not aligned to two pages */
		{ 1 << 20, 0, 2, true }, /* too high */
		{ 36, 32, 4, true },
	};
	const struct trace_limits limits = { .granule_lg2 = 13,
					     .iova_last = (PAGE << 20) - 1,
					     .oa_last = UINT64_MAX,
					     .leaf_sizes = EVERY_POWER };
	struct trace trace = made_of(events, COUNT(events));
	struct trace_fit fit;

	(void)state;
	trace.counts.recorded++;
	trace.counts.left_out[TRACE_CUT_OFF] = 1;
	assert_true(trace_fit(&trace, &wide, &fit));
	assert_int_equal(fit.counts.replayed, 8);
	assert_int_equal(fit.counts.left_out[TRACE_NOT_MAPPED], 1);
	assert_int_equal(fit.counts.left_out[TRACE_EMPTY], 1);
	assert_int_equal(fit.counts.left_out[TRACE_CUT_OFF], 1);
	assert_int_equal(fit.counts.put_in, 2);
	assert_int_equal(fit.counts.in_part, 1);
	assert_int_equal(fit.iova_last, ((1 << 20) + 2) * PAGE - 1);
	trace_fit_free(&fit);
	assert_true(trace_fit(&trace, &limits, &fit));
	assert_int_equal(fit.counts.replayed, 5);
	assert_int_equal(fit.counts.left_out[TRACE_UNALIGNED], 3);
	assert_int_equal(fit.counts.left_out[TRACE_OUT_OF_REACH], 1);
	assert_int_equal(fit.counts.left_out[TRACE_EMPTY], 1);
	assert_int_equal(fit.iova_last, 40 * PAGE - 1);
	assert_int_equal(fit.rest_count, 1);
	assert_int_equal(fit.rest[0].iova, 36 * PAGE);
	assert_int_equal(fit.rest[0].length, 4 * PAGE);
	trace_fit_free(&fit);
	trace_free(&trace);
}

static void physical_addresses_are_folded_into_narrower_spaces(void **state)
{
	static const struct trace_event events[] = {
		{ 0, 0x123456, 4, true },
		{ 8, 0xfffff, 2, true },
		{ 1 << 20, 0xc0001, 1 << 20, true },
	};
	struct trace trace = made_of(events, COUNT(events));
	struct trace_limits limits = wide;
	struct trace_fit fit;

	(void)state;
	limits.oa_last = UINT32_MAX;
	assert_true(trace_fit(&trace, &limits, &fit));
	assert_int_equal(fit.calls[0].oa, 0x23456 * PAGE);
	assert_int_equal(fit.calls[1].oa, 0x7ffff * PAGE);
	assert_int_equal(fit.calls[2].oa, 0);
	trace_fit_free(&fit);
	trace_free(&trace);
}

/* The last page of all, and a map of nearly everything. */
static void the_ends_of_the_address_space_are_no_corners(void **state)
{
	struct trace_event events[] = {
		{ -PAGE, 0, PAGE, true },  { 0, 0, PAGE, true },  { 0, 0, -PAGE, false },
		{ -PAGE, 0, PAGE, false }, { 0, 0, -PAGE, true }, { -PAGE, PAGE, PAGE, true },
		{ PAGE, 0, -PAGE, false },
	};
	struct trace trace = { .events = events, .count = COUNT(events) };
	struct trace_fit fit;

	(void)state;
	assert_true(trace_fit(&trace, &wide, &fit));
	assert_int_equal(fit.counts.replayed, COUNT(events));
	assert_int_equal(fit.iova_last, UINT64_MAX);
	assert_int_equal(fit.rest_count, 1);
	assert_int_equal(fit.rest[0].length, PAGE);
	trace_fit_free(&fit);
}

/* A table that notices what sides of @leaf_sizes could not do: leaf number and frame of each page. */
struct pages {
	uint64_t leaf_sizes;
	unsigned int leaf[PAGES], frame[PAGES], next;
};

static void carry_out(struct pages *pages, const struct trace_event *call)
{
	uint64_t at = call->iova / PAGE, end = at + call->length / PAGE, frame = call->oa / PAGE;

	assert_true(call->length && end <= PAGES);
	for (uint64_t i = at; i < end; i++)
		assert_true(call->map == !pages->leaf[i]);
	if (!call->map) {
		assert_true(!at || pages->leaf[at - 1] != pages->leaf[at] || !pages->leaf[at]);
		assert_true(end == PAGES || pages->leaf[end] != pages->leaf[end - 1]);
		memset(&pages->leaf[at], 0, (end - at) * sizeof(*pages->leaf));
		return;
	}
	while (at < end) {
		uint64_t size = PAGES;

		while (!(pages->leaf_sizes & size * PAGE) || (at | frame) & (size - 1) ||
		       at + size > end)
			size /= 2;
		pages->next++;
		for (uint64_t i = 0; i < size; i++, at++, frame++) {
			pages->leaf[at] = pages->next;
			pages->frame[at] = (unsigned int)frame;
		}
	}
}

/* The same by what the events say, and nothing else. Returns how many of them did something. */
static size_t kernel_did(const struct trace *trace, uint64_t granule, unsigned int *frame)
{
	size_t done = 0;

	memset(frame, 0, PAGES * sizeof(*frame));
	for (size_t i = 0; i < trace->count; i++) {
		const struct trace_event *event = &trace->events[i];
		bool did = event->map;

		if ((event->iova | event->length | (event->map ? event->oa : 0)) % granule)
			continue;
		for (uint64_t page = 0; page < event->length / PAGE; page++) {
			unsigned int *at = &frame[event->iova / PAGE + page];

			did |= *at != 0;
			*at = event->map ? (unsigned int)(event->oa / PAGE + page) : 0;
		}
		done += did;
	}
	return done;
}

static void check_prefix(const struct trace *whole, size_t count, uint64_t leaf_sizes)
{
	struct trace trace = *whole;
	struct trace_limits limits = wide;
	struct pages pages = { .leaf_sizes = leaf_sizes };
	unsigned int frame[PAGES];
	struct trace_fit fit;
	size_t left_out = 0;

	trace.count = trace.counts.recorded = count;
	limits.granule_lg2 = (unsigned int)__builtin_ctzll(leaf_sizes);
	limits.leaf_sizes = leaf_sizes;
	assert_true(trace_fit(&trace, &limits, &fit));
	for (size_t i = 0; i < fit.call_count; i++)
		carry_out(&pages, &fit.calls[i]);
	assert_int_equal(fit.counts.replayed, kernel_did(&trace, leaf_sizes & -leaf_sizes, frame));
	for (size_t i = 0; i < PAGES; i++)
		assert_int_equal(pages.leaf[i] ? pages.frame[i] : 0, frame[i]);
	for (size_t i = 0; i < TRACE_REASONS; i++)
		left_out += fit.counts.left_out[i];
	assert_int_equal(fit.counts.replayed + left_out, count);
	for (size_t i = 0; i < fit.rest_count; i++)
		carry_out(&pages, &fit.rest[i]);
	for (size_t i = 0; i < PAGES; i++)
		assert_int_equal(pages.leaf[i], 0);
	trace_fit_free(&fit);
}

static void random_traces_do_what_the_kernel_did(void **state)
{
	static const uint64_t leaf_sizes[] = { EVERY_POWER, PAGE | 16 * PAGE, PAGE,
					       2 * PAGE | 8 * PAGE };

	(void)state;
	random_seed_from_environment();
	for (unsigned int round = 0; round < 300; round++) {
		struct trace_event events[40];
		struct trace trace;

		for (size_t i = 0; i < COUNT(events); i++) {
			uint64_t iova = random_below(PAGES);

			events[i] = (struct trace_event){
				.iova = iova,
				.oa = PAGES + random_below(32),
				.length = 1 + random_below(PAGES - iova),
				.map = random_below(2),
			};
		}
		trace = made_of(events, COUNT(events));
		for (size_t count = 1; count <= trace.count; count++)
			for (size_t i = 0; i < COUNT(leaf_sizes); i++)
				check_prefix(&trace, count, leaf_sizes[i]);
		trace_free(&trace);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_map_is_made_in_the_leaves_that_were_unmapped),
		cmocka_unit_test(an_unmap_keeps_to_what_is_known_to_be_mapped),
		cmocka_unit_test(an_unmap_that_the_recording_lacks_is_put_in),
		cmocka_unit_test(each_reason_is_counted),
		cmocka_unit_test(physical_addresses_are_folded_into_narrower_spaces),
		cmocka_unit_test(the_ends_of_the_address_space_are_no_corners),
		cmocka_unit_test(random_traces_do_what_the_kernel_did),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
