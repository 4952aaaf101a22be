// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* cpus.c - see cpus.h. */
#include "cpus.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "machine.h"

#define ISOLATED "/sys/devices/system/cpu/isolated"
/* Tests put files of their own below this folder into the place of those in /sys. */
#define TEST_ROOT "PTBENCH_TEST_SYSTEM_ROOT"

/* The machine as it was when the first of these functions was called. */
static struct {
	hwloc_topology_t topology; /* NULL: hwloc knows nothing */
	hwloc_bitmap_t usable, isolated;
	bool known;
} here;

void cpus_combine(hwloc_const_bitmap_t affinity, hwloc_const_bitmap_t cpuset,
		  hwloc_const_bitmap_t isolated, hwloc_bitmap_t usable)
{
	hwloc_bitmap_t usual = hwloc_bitmap_alloc(), kept_free = hwloc_bitmap_alloc();

	hwloc_bitmap_andnot(usual, cpuset, isolated);
	hwloc_bitmap_and(kept_free, cpuset, isolated);
	hwloc_bitmap_copy(usable, affinity);
	if (hwloc_bitmap_isincluded(usual, affinity))
		hwloc_bitmap_or(usable, usable, kept_free);
	hwloc_bitmap_free(usual);
	hwloc_bitmap_free(kept_free);
}

/* The list is empty on most machines. */
static void read_isolated(hwloc_bitmap_t isolated)
{
	const char *root = getenv(TEST_ROOT);
	char path[512], text[4096];
	FILE *file = NULL;

	if (root) {
		snprintf(path, sizeof(path), "%s%s", root, ISOLATED);
		file = fopen(path, "r");
	}
	if (!file)
		file = fopen(ISOLATED, "r");
	if (file && fscanf(file, "%4095s", text) == 1)
		hwloc_bitmap_list_sscanf(isolated, text);
	if (file)
		fclose(file);
}

static void look(void)
{
	hwloc_bitmap_t affinity;

	if (here.known)
		return;
	here.known = true;
	if (hwloc_topology_init(&here.topology)) {
		here.topology = NULL;
		return;
	}
	if (hwloc_topology_load(here.topology)) {
		hwloc_topology_destroy(here.topology);
		here.topology = NULL;
		return;
	}
	affinity = hwloc_bitmap_alloc();
	here.usable = hwloc_bitmap_alloc();
	here.isolated = hwloc_bitmap_alloc();
	if (hwloc_get_cpubind(here.topology, affinity, HWLOC_CPUBIND_THREAD))
		hwloc_bitmap_copy(affinity, hwloc_topology_get_allowed_cpuset(here.topology));
	read_isolated(here.isolated);
	cpus_combine(affinity, hwloc_topology_get_allowed_cpuset(here.topology), here.isolated,
		     here.usable);
	hwloc_bitmap_free(affinity);
}

static int kind_of(int cpu)
{
	hwloc_bitmap_t set = hwloc_bitmap_alloc();
	int kind;

	hwloc_bitmap_set(set, (unsigned int)cpu);
	kind = hwloc_cpukinds_get_by_cpuset(here.topology, set, 0);
	hwloc_bitmap_free(set);
	return kind;
}

/* How unlike @first a CPU is: 0 to 3. */
static unsigned int distance(int first, int cpu)
{
	bool isolated = hwloc_bitmap_isset(here.isolated, (unsigned int)cpu);

	if (first == MACHINE_ANY_CPU)
		return 0;
	return 2 * (isolated != hwloc_bitmap_isset(here.isolated, (unsigned int)first)) +
	       (kind_of(cpu) != kind_of(first));
}

unsigned int cpus_usable(int first, int *cpus, unsigned int room)
{
	unsigned int count = 0;

	look();
	if (!here.topology)
		return 0;
	if (first != MACHINE_ANY_CPU && count < room)
		cpus[count++] = first;
	for (unsigned int unlike = 0; unlike < 4; unlike++) {
		hwloc_obj_t pu = NULL;

		while ((pu = hwloc_get_next_obj_by_type(here.topology, HWLOC_OBJ_PU, pu)) &&
		       count < room)
			if ((int)pu->os_index != first && cpus_has((int)pu->os_index) &&
			    distance(first, (int)pu->os_index) == unlike)
				cpus[count++] = (int)pu->os_index;
	}
	return count;
}

unsigned int cpus_count(void)
{
	look();
	return here.topology ? (unsigned int)hwloc_bitmap_weight(here.usable) : 0;
}

bool cpus_has(int cpu)
{
	look();
	return here.topology && cpu >= 0 && hwloc_bitmap_isset(here.usable, (unsigned int)cpu);
}

void cpus_list(char *text, size_t size)
{
	text[0] = '\0';
	look();
	if (here.topology)
		hwloc_bitmap_list_snprintf(text, size, here.usable);
}

int cpus_bind_thread(int cpu)
{
	hwloc_obj_t pu;

	look();
	if (!here.topology)
		return ENOSYS;
	pu = hwloc_get_pu_obj_by_os_index(here.topology, (unsigned int)cpu);
	if (!pu)
		return EINVAL;
	return hwloc_set_cpubind(here.topology, pu->cpuset,
				 HWLOC_CPUBIND_THREAD | HWLOC_CPUBIND_STRICT)
		       ? errno
		       : 0;
}
