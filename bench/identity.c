// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* identity.c - topology by hwloc, events by trying, see identity.h. */
#include "identity.h"

#include <hwloc.h>
#include <jansson.h>
#include <stdio.h>

#include "counters.h"
#include "fail.h"

static json_t *list_nodes(hwloc_topology_t topology)
{
	json_t *array = json_array();
	hwloc_obj_t node = NULL;

	while ((node = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_NUMANODE, node)))
		json_array_append_new(array,
				      json_pack("{sI si}", "node", (json_int_t)node->os_index,
						"cpus", hwloc_bitmap_weight(node->cpuset)));
	return array;
}

static const char *kind_of(const hwloc_obj_t cache)
{
	switch (cache->attr->cache.type) {
	case HWLOC_OBJ_CACHE_DATA:
		return "d";
	case HWLOC_OBJ_CACHE_INSTRUCTION:
		return "i";
	default:
		return "";
	}
}

/* One entry for each kind: the caches of one kind that differ would be a hybrid CPU's, listed too. */
static void add_caches(hwloc_topology_t topology, hwloc_obj_type_t type, json_t *array)
{
	hwloc_obj_t cache = NULL, last = NULL;
	json_t *entry = NULL;

	while ((cache = hwloc_get_next_obj_by_type(topology, type, cache))) {
		const struct hwloc_cache_attr_s *attr = &cache->attr->cache;
		char name[16];

		if (last && last->attr->cache.size == attr->size) {
			json_object_set_new(
				entry, "number",
				json_integer(json_integer_value(json_object_get(entry, "number")) +
					     1));
			continue;
		}
		snprintf(name, sizeof(name), "L%u%s", attr->depth, kind_of(cache));
		entry = json_pack("{ss sI si si si si}", "name", name, "bytes",
				  (json_int_t)attr->size, "line", (int)attr->linesize, "ways",
				  attr->associativity, "cpus", hwloc_bitmap_weight(cache->cpuset),
				  "number", 1);
		json_array_append_new(array, entry);
		last = cache;
	}
}

static json_t *list_caches(hwloc_topology_t topology)
{
	static const hwloc_obj_type_t types[] = {
		HWLOC_OBJ_L1CACHE, HWLOC_OBJ_L1ICACHE, HWLOC_OBJ_L2CACHE,
		HWLOC_OBJ_L3CACHE, HWLOC_OBJ_L4CACHE,
	};
	json_t *array = json_array();

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		add_caches(topology, types[i], array);
	return array;
}

static json_t *describe_topology(void)
{
	hwloc_topology_t topology;
	json_t *described = NULL;

	if (hwloc_topology_init(&topology))
		return NULL;
	/* The machine, not what this process may use of it. */
	hwloc_topology_set_flags(topology, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
	hwloc_topology_set_icache_types_filter(topology, HWLOC_TYPE_FILTER_KEEP_ALL);
	if (!hwloc_topology_load(topology))
		described =
			json_pack("{si si si so so}", "packages",
				  hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_PACKAGE), "cores",
				  hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_CORE), "threads",
				  hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_PU), "numa_nodes",
				  list_nodes(topology), "caches", list_caches(topology));
	hwloc_topology_destroy(topology);
	return described;
}

static json_t *list_events(void)
{
	json_t *object = json_object();
	struct counters counters;

	counters_open(counters_usual, counters_perf_event_open, &counters);
	for (unsigned int i = 0; i < counters.count; i++) {
		const struct counter *counter = &counters.events[i];

		json_object_set_new(object, counter->name,
				    counter->fd >= 0 ? json_null() : json_string(counter->reason));
	}
	counters_close(&counters);
	return object;
}

int identity_print(void)
{
	json_t *topology = describe_topology(), *all;
	int failed;

	if (!topology)
		return fail(EXIT_ABSENT, "hwloc: no topology");
	all = json_pack("{so so}", "topology", topology, "events", list_events());
	failed = !all || json_dumpf(all, stdout, JSON_INDENT(1)) || putchar('\n') == EOF ||
		 fflush(stdout);
	json_decref(all);
	return failed ? fail(EXIT_BENCHMARK, "identify: cannot be written") : 0;
}
