// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* machine.c - pinning and topology, by hwloc; see machine.h. */
#include "machine.h"

#include <errno.h>
#include <hwloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpus.h"
#include "fail.h"
#include "layout.h"
#include "limit.h"
#include "table_pages.h"

#define LLC_GUESS (32ULL << 20)
#define L2_GUESS (2ULL << 20)

static hwloc_obj_t first_pu(hwloc_topology_t topology, int cpu)
{
	if (cpu == MACHINE_ANY_CPU)
		return hwloc_get_obj_by_type(topology, HWLOC_OBJ_PU, 0);
	return hwloc_get_pu_obj_by_os_index(topology, (unsigned int)cpu);
}

static int pin(hwloc_topology_t topology, hwloc_obj_t pu, int cpu)
{
	if (cpu == MACHINE_ANY_CPU)
		return 0;
	if (hwloc_set_cpubind(topology, pu->cpuset, HWLOC_CPUBIND_PROCESS | HWLOC_CPUBIND_STRICT))
		return fail(EXIT_USAGE, "--cpu %d: %s", cpu, strerror(errno));
	return 0;
}

static void find_cache(hwloc_obj_t pu, struct machine *machine)
{
	machine->l2_bytes = L2_GUESS;
	for (hwloc_obj_t obj = pu; obj; obj = obj->parent) {
		if (!hwloc_obj_type_is_dcache(obj->type) || !obj->attr->cache.size)
			continue;
		machine->llc_bytes = obj->attr->cache.size;
		if (obj->type == HWLOC_OBJ_L2CACHE)
			machine->l2_bytes = obj->attr->cache.size;
	}
	machine->llc_known = machine->llc_bytes;
	if (!machine->llc_known)
		machine->llc_bytes = LLC_GUESS;
}

/* A machine with one node needs no binding. */
static void find_node(hwloc_topology_t topology, hwloc_obj_t pu, struct machine *machine)
{
	hwloc_obj_t node = NULL;

	if (machine->cpu == MACHINE_ANY_CPU ||
	    hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_NUMANODE) < 2)
		return;
	while ((node = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_NUMANODE, node)))
		if (hwloc_bitmap_intersects(node->cpuset, pu->cpuset)) {
			machine->numa_node = (int)node->os_index;
			return;
		}
}

static int refuse(int cpu)
{
	char usable[256];

	cpus_list(usable, sizeof(usable));
	return fail(EXIT_USAGE,
		    "--cpu %d: outside the affinity of this process, as taskset sets it; it may "
		    "use: %s",
		    cpu, usable);
}

static int use_topology(hwloc_topology_t topology, struct machine *machine)
{
	hwloc_obj_t pu = first_pu(topology, machine->cpu);
	int error;

	if (!pu)
		return fail(EXIT_USAGE, "--cpu %d: there is no such CPU here, or it is not allowed",
			    machine->cpu);
	if (machine->cpu != MACHINE_ANY_CPU && !cpus_has(machine->cpu))
		return refuse(machine->cpu);
	find_cache(pu, machine);
	find_node(topology, pu, machine);
	error = pin(topology, pu, machine->cpu);
	if (error)
		return error;
	error = table_pages_init(machine->numa_node, !machine->small_pages);
	if (error)
		return fail(EXIT_BENCHMARK, "no table memory at its fixed address: %s",
			    strerror(-error));
	limit_small_pages(machine->small_pages);
	return 0;
}

int machine_init(int cpu, bool small_pages, struct machine *machine)
{
	hwloc_topology_t topology;
	int result;

	*machine = (struct machine){ .cpu = cpu, .numa_node = -1, .small_pages = small_pages };
	if (hwloc_topology_init(&topology))
		return fail(EXIT_ABSENT, "hwloc: no topology");
	result = hwloc_topology_load(topology) ? fail(EXIT_ABSENT, "hwloc: no topology")
					       : use_topology(topology, machine);
	hwloc_topology_destroy(topology);
	return result;
}

void machine_kernel_allocator(struct machine *machine)
{
	machine->kernel_allocator = true;
	table_pages_kernel_like(1);
}

long machine_huge_kib(void)
{
	FILE *maps = fopen("/proc/self/smaps", "r");
	char line[256];
	long total = -1, kib;
	bool inside = false;
	unsigned long start, end;

	while (maps && fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			inside = (start >= TABLE_ARENA_START && start < TABLE_DESCRIPTOR_BASE) ||
				 (start >= TABLE_MORE_START &&
				  start < TABLE_MORE_START + TABLE_MORE_BYTES);
		else if (inside && sscanf(line, "AnonHugePages: %ld kB", &kib) == 1)
			total = (total < 0 ? 0 : total) + kib;
	}
	if (maps)
		fclose(maps);
	return total;
}

long machine_available_kib(void)
{
	FILE *info = fopen("/proc/meminfo", "r");
	char line[256];
	long kib = -1;

	while (info && kib < 0 && fgets(line, sizeof(line), info))
		sscanf(line, "MemAvailable: %ld kB", &kib);
	if (info)
		fclose(info);
	return kib;
}

int machine_evict_caches(const struct machine *machine)
{
	size_t bytes = machine->llc_bytes * 2;
	volatile char *memory = malloc(bytes);

	if (!memory)
		return fail(EXIT_BENCHMARK, "no %llu MiB to empty the caches with",
			    (unsigned long long)bytes >> 20);
	for (size_t i = 0; i < bytes; i += CACHE_LINE)
		memory[i] = 1;
	free((void *)memory);
	return 0;
}
