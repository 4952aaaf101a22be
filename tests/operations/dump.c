// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * dump.c - shows that a dump, as text and as JSON, has every leaf and nothing else, and
 * that it may be taken while others map and unmap next to what it shows.
 */
#include <inttypes.h>
#include <jansson.h>
#include <pthread.h>
#include <string.h>

#include "instance.h"
#include "read_section.h"
#include "threads.h"

#define PAGES 5
#define SECONDS 0.1
#define BUSY_PAGES 32

struct text {
	char *bytes;
	size_t length, room;
};

static int append(void *context, const char *piece, size_t length)
{
	struct text *text = context;

	if (text->length + length + 1 > text->room) {
		text->room = 2 * (text->room + length + 1);
		text->bytes = realloc(text->bytes, text->room);
		if (!text->bytes)
			abort();
	}
	memcpy(text->bytes + text->length, piece, length);
	text->length += length;
	text->bytes[text->length] = 0;
	return 0;
}

static uint64_t number(const json_t *item, const char *key)
{
	return strtoull(json_string_value(json_object_get(item, key)), NULL, 16);
}

/* The dump of @table as a JSON object, which the caller gives up. */
static json_t *dumped(const struct pagetable *table)
{
	struct text text = { 0 };
	json_error_t error;
	json_t *root;

	assert_int_equal(pt_dump(table, PT_DUMP_JSON, append, &text), 0);
	root = json_loads(text.bytes, 0, &error);
	if (!root)
		fail_msg("no JSON: %s", error.text);
	free(text.bytes);
	return root;
}

/* Of the leaves that begin in [first, last]: bytes, and that each is where @delta says. */
static uint64_t leaves_in(const json_t *root, uint64_t first, uint64_t last, uint64_t delta)
{
	const json_t *items = json_object_get(root, "items"), *item;
	uint64_t bytes = 0;
	size_t i;

	json_array_foreach(items, i, item)
	{
		uint64_t iova = number(item, "iova");

		if (strcmp(json_string_value(json_object_get(item, "kind")), "leaf") != 0 ||
		    iova < first || iova > last)
			continue;
		assert_int_equal(number(item, "oa"), iova + delta);
		bytes += 1ULL << json_integer_value(json_object_get(item, "size_lg2"));
	}
	return bytes;
}

static void check_content(const struct instance *instance)
{
	struct pagetable *table = instance_create(instance);
	uint64_t block = instance_block(instance), iova = instance_middle(instance, block);
	uint64_t length = PAGES * instance->granule, delta = instance_oa(instance, block) - iova;
	struct text text = { 0 };
	char leaf[64];
	json_t *root = dumped(table);

	assert_int_equal(leaves_in(root, 0, UINT64_MAX, 0), 0);
	json_decref(root);
	assert_int_equal(table->ops->map(table, iova, iova + delta, length, RW), 0);
	root = dumped(table);
	assert_int_equal(leaves_in(root, 0, UINT64_MAX, delta), length);
	assert_string_equal(json_string_value(json_object_get(root, "format")),
			    instance->format->name);
	json_decref(root);
	assert_int_equal(pt_dump(table, PT_DUMP_TEXT, append, &text), 0);
	snprintf(leaf, sizeof(leaf), "-> 0x%" PRIx64 "\n", iova + delta);
	assert_non_null(strstr(text.bytes, leaf));
	free(text.bytes);
	table->ops->destroy(table);
}

static void every_leaf_and_nothing_else(void **state)
{
	(void)state;
	for_each_instance(check_content);
}

static int stop_at_third(void *context, const char *piece, size_t length)
{
	(void)piece, (void)length;
	return ++*(int *)context == 3 ? -28 : 0;
}

static void check_stop(const struct instance *instance)
{
	struct pagetable *table = instance_create(instance);
	uint64_t iova = instance_middle(instance, instance_block(instance));
	int calls = 0;

	assert_int_equal(table->ops->map(table, iova,
					 instance_oa(instance, instance_block(instance)),
					 PAGES * instance->granule, RW),
			 0);
	assert_int_equal(pt_dump(table, PT_DUMP_TEXT, stop_at_third, &calls), -28);
	assert_int_equal(calls, 3);
	table->ops->destroy(table);
}

static void a_failing_writer_ends_it(void **state)
{
	(void)state;
	for_each_instance(check_stop);
}

struct busy {
	struct pagetable *table;
	uint64_t iova, delta, page, random;
	bool eager;
	int stop, failed;
};

/* Maps and unmaps its own pages, until told to stop. */
static void *come_and_go(void *argument)
{
	struct busy *busy = argument;

	urcu_memb_register_thread();
	while (!__atomic_load_n(&busy->stop, __ATOMIC_RELAXED)) {
		uint64_t length = (1 + thread_random(&busy->random) % BUSY_PAGES) * busy->page;
		struct pt_gather gather = PT_GATHER_INIT;

		if (busy->eager)
			section_enter();
		busy->failed |= busy->table->ops->map(busy->table, busy->iova,
						      busy->iova + busy->delta, length, RW) != 0;
		busy->failed |= busy->table->ops->unmap(busy->table, busy->iova, length, &gather) !=
				(int64_t)length;
		if (busy->eager)
			section_leave();
		pt_sync(busy->table, &gather);
	}
	urcu_memb_unregister_thread();
	return NULL;
}

static void check_while_busy(const struct instance *instance, enum pt_freeing freeing)
{
	struct pt_config config = { .rcu_readers = true, .freeing = freeing };
	uint64_t block = instance_block(instance), steady = instance_middle(instance, 4 * block);
	struct busy busy = { .iova = steady + 2 * block,
			     .page = instance->granule,
			     .random = 88172645463325252ULL,
			     .eager = freeing == PT_FREE_EAGER };
	double end = seconds_now() + SECONDS;
	unsigned int dumps = 0;
	pthread_t thread;

	if (!instance_fits(instance, 4 * block) || 2 * block < BUSY_PAGES * instance->granule)
		return;
	busy.table = instance_create_with(instance, &config);
	busy.delta = instance_oa(instance, 4 * block) - steady;
	section_enter();
	assert_int_equal(busy.table->ops->map(busy.table, steady, steady + busy.delta,
					      PAGES * instance->granule, RW),
			 0);
	section_leave();
	assert_int_equal(pthread_create(&thread, NULL, come_and_go, &busy), 0);
	while (seconds_now() < end || dumps < 3) {
		json_t *root;

		section_enter();
		root = dumped(busy.table);
		section_leave();
		assert_int_equal(leaves_in(root, steady, steady + block - 1, busy.delta),
				 PAGES * instance->granule);
		leaves_in(root, busy.iova, busy.iova + 2 * block - 1, busy.delta);
		json_decref(root);
		dumps++;
	}
	__atomic_store_n(&busy.stop, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	assert_false(busy.failed);
	busy.table->ops->destroy(busy.table);
	pt_barrier();
}

static void check_busy(const struct instance *instance)
{
	check_while_busy(instance, PT_FREE_COVERED);
	check_while_busy(instance, PT_FREE_EAGER);
}

static void others_may_map_and_unmap_meanwhile(void **state)
{
	(void)state;
	for_each_instance(check_busy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		INSTANCE_TEST(every_leaf_and_nothing_else),
		INSTANCE_TEST(a_failing_writer_ends_it),
		INSTANCE_TEST(others_may_map_and_unmap_meanwhile),
	};

	arena_or_exit();
	return cmocka_run_group_tests_name("operations.dump", tests, NULL, NULL);
}
