// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * limit.c - the limit is one: in no case does it write more words than any other
 * subject, in what is timed.
 *
 * The limit counts its words itself, in this build of it. What others write is seen
 * by what has changed in table memory: free tables hold a pattern beforehand that
 * nobody writes, so that only a word that was written again with its own value is missed.
 */
#include "limit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <urcu/urcu-memb.h>

#include "capture.h"
#include "replay.h"
#include "small_machine.h"
#include "table_pages.h"
#include "rounds.h"

#define PATTERN 0x5a
/* Of each size of tables that the format has, so many bytes are free and hold the pattern. */
#define POISON_BYTES (4UL << 20)
/* All that tables of a case take lies in so much of the arena. */
#define WATCHED_BYTES (192UL << 20)
#define MOST_TABLES 4096

unsigned long limit_words_written;

static struct machine machine;
static struct case_list list;
static char *before; /* a copy of the arena, as far as it was ever touched */
static size_t watched;
static unsigned long words; /* that the round wrote */
static const struct format_facts *facts;
static bool is_limit;
static unsigned int failures;

static int begin(void **state)
{
	int result = small_machine_init(&machine) || cases_all(NULL, 0, &list);

	(void)state;
	urcu_memb_register_thread();
	before = malloc(WATCHED_BYTES);
	return result || !before;
}

static int end(void **state)
{
	(void)state;
	free(before);
	cases_free(&list);
	return 0;
}

static void poison(unsigned int lg2)
{
	static void *tables[MOST_TABLES];
	size_t count = POISON_BYTES >> lg2;

	for (size_t i = 0; i < count; i++) {
		tables[i] = table_alloc(lg2, 0);
		assert_non_null(tables[i]);
		memset(tables[i], PATTERN, 1UL << lg2);
	}
	while (count--)
		table_free(tables[count], lg2);
}

static void poison_free_tables(void)
{
	unsigned int word_lg2 = (unsigned int)__builtin_ctz(facts->word_bytes);

	poison(facts->leaf_table_lg2 + word_lg2);
	if (facts->upper_table_lg2 != facts->leaf_table_lg2)
		poison(facts->upper_table_lg2 + word_lg2);
}

/* How much of the arena, from its start, was touched so far. */
static size_t touched(void)
{
	static unsigned char resident[WATCHED_BYTES >> 12];
	size_t pages = sizeof(resident);

	assert_int_equal(mincore((void *)TABLE_ARENA_START, WATCHED_BYTES, resident), 0);
	assert_false(resident[pages - 1] & 1);
	while (pages && !(resident[pages - 1] & 1))
		pages--;
	return pages << 12;
}

static void round_begins(void *context)
{
	(void)context;
	limit_words_written = 0;
	if (is_limit)
		return;
	poison_free_tables();
	watched = touched();
	memcpy(before, (char *)TABLE_ARENA_START, watched);
}

static void round_ends(void *context)
{
	const char *now = (char *)TABLE_ARENA_START;

	(void)context;
	words = limit_words_written;
	for (size_t at = 0; !is_limit && at < watched; at += 4096) {
		if (!memcmp(before + at, now + at, 4096))
			continue;
		for (size_t in = at; in < at + 4096; in += facts->word_bytes)
			words += memcmp(before + in, now + in, facts->word_bytes) != 0;
	}
}

/* Words that a round of @c writes on @subject, the second one: tables are there then. */
static unsigned long words_of(const struct bench_case *c, const struct trace *trace,
			      const struct subject *subject)
{
	static const struct watch watch = { .begin = round_begins, .end = round_ends };
	struct side side = { .subject = subject };
	struct workload workload;
	struct hot_result result;

	snprintf(side.name, sizeof(side.name), "%s", subject->variant);
	facts = c->facts;
	is_limit = strcmp(subject->variant, "limit") == 0;
	assert_int_equal(workload_init(c, trace, &machine, 1, 3, &workload), 0);
	assert_int_equal(side_create(&workload, &side), 0);
	assert_int_equal(side_prepare(&workload, &side), 0);
	assert_int_equal(round_run(&workload, &side, &result), 0);
	workload.watch = &watch;
	assert_int_equal(round_run(&workload, &side, &result), 0);
	side_destroy(&side);
	workload_free(&workload);
	return words;
}

static void compare(const struct bench_case *c, const struct trace *trace,
		    unsigned long (*count)(const struct bench_case *c, const struct trace *trace,
					   const struct subject *subject))
{
	/* This build of the limit counts; that in the list of subjects is another. */
	struct subject limit = limit_subject(c->facts);
	unsigned long least, others;

	if (!case_takes(c, &limit))
		return;
	least = count(c, trace, &limit);
	assert_true(least > 0 || c->op == &op_iova_to_phys);
	for (const struct subject *s = subjects(); s->format; s++) {
		if (s->extra || strcmp(s->variant, "limit") == 0 || !case_takes(c, s) ||
		    (c->op == &op_replay_batch && !s->batches))
			continue;
		others = count(c, trace, s);
		if (least > others) {
			print_error("%s: the limit writes %lu words, %s %lu\n", c->name, least,
				    s->variant, others);
			failures++;
		}
	}
}

/* What maps and unmaps at once leaves nothing to see; its parts have cases of their own. */
static void nobody_writes_fewer_words(void **state)
{
	(void)state;
	failures = 0;
	for (size_t i = 0; i < list.count; i++)
		if (!list.cases[i].op->replays && list.cases[i].op != &op_map_unmap)
			compare(&list.cases[i], NULL, words_of);
	assert_int_equal(failures, 0);
}

/* Words of a whole trace, looked at call by call. */
static unsigned long words_of_replay(const struct bench_case *c, const struct trace *trace,
				     const struct subject *subject)
{
	struct side side = { .subject = subject };
	struct workload workload;
	unsigned long sum = 0;

	snprintf(side.name, sizeof(side.name), "%s", subject->variant);
	facts = c->facts;
	is_limit = strcmp(subject->variant, "limit") == 0;
	assert_int_equal(workload_init(c, trace, &machine, 1, 3, &workload), 0);
	assert_int_equal(side_create(&workload, &side), 0);
	assert_int_equal(side_prepare(&workload, &side), 0);
	for (size_t next = 0; next < replay_fit(&workload)->call_count;) {
		round_begins(NULL);
		assert_int_equal(replay_checked(&workload, &side, &next, next + 1), 0);
		round_ends(NULL);
		sum += words;
	}
	side_destroy(&side);
	workload_free(&workload);
	return sum;
}

static size_t say_map(char *text, size_t room, unsigned int iova, unsigned int bytes,
		      unsigned int oa)
{
	return (size_t)snprintf(
		text, room, "t-1 [0] ..... 1.0: map: IOMMU: iova=0x%x - 0x%x paddr=0x%x size=%u\n",
		iova, iova + bytes, oa, bytes);
}

static size_t say_unmap(char *text, size_t room, unsigned int iova, unsigned int bytes)
{
	return (size_t)snprintf(
		text, room,
		"t-1 [0] ..... 1.0: unmap: IOMMU: iova=0x%x - 0x%x size=%u unmapped_size=%u\n",
		iova, iova + bytes, bytes, bytes);
}

/*
 * Whole tables of scattered pages, leaves of two levels in one call, and half a table where a whole
 * one was left behind.
 */
static void nobody_replays_with_fewer(void **state)
{
	static char text[1 << 18];
	const size_t room = sizeof(text);
	struct case_list with_trace;
	struct trace trace;

	(void)state;
	failures = 0;
	for (unsigned int scattered = 0; scattered < 2; scattered++) {
		size_t used = 0;

		for (unsigned int i = 0; scattered && i < 512; i++)
			used += say_map(text + used, room - used, 0x200000 + i * 4096, 4096,
					0x8000000 + (i ^ 1) * 4096);
		if (!scattered)
			used += say_map(text + used, room - used, 0x200000, 0x200000, 0x8001000);
		used += say_map(text + used, room - used, 0x400000, 0x405000, 0x400000);
		used += say_unmap(text + used, room - used, 0x400000, 0x405000);
		used += say_unmap(text + used, room - used, 0x200000, 0x200000);
		used += say_map(text + used, room - used, 0x280000, 0x100000, 0x9000000);
		assert_int_equal(trace_load("t", temporary_file(text, used), &trace), 0);
		assert_int_equal(trace.count, scattered ? 516 : 5);
		assert_int_equal(cases_all(&trace, 1, &with_trace), 0);
		for (size_t i = 0; i < with_trace.count; i++) {
			const struct bench_case *c = &with_trace.cases[i];

			if (strcmp(c->trace, "t") == 0 && (!scattered || c->op == &op_replay_batch))
				compare(c, &trace, words_of_replay);
		}
		cases_free(&with_trace);
		trace_free(&trace);
	}
	assert_int_equal(failures, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_writes_fewer_words),
		cmocka_unit_test(nobody_replays_with_fewer),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
