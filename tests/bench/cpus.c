// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* cpus.c - the CPUs that may be measured on, told by the rule, and the order threads take them in. */
#include "cpus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture.h"
#include "machine.h"

static hwloc_bitmap_t set_of(const char *list)
{
	hwloc_bitmap_t set = hwloc_bitmap_alloc();

	hwloc_bitmap_list_sscanf(set, list);
	return set;
}

static void isolated_cpus_are_ours_unless_somebody_chose_the_affinity(void **state)
{
	static const struct {
		const char *affinity, *cpuset, *isolated, *usable;
	} rows[] = {
		{ "0-3", "0-3", "", "0-3" },
		{ "0-1", "0-3", "2-3", "0-3" }, /* isolcpus=2-3 */
		{ "0-1", "0-2", "2-3", "0-2" }, /* and a cpuset that has one of them */
		{ "0", "0-3", "2-3", "0" }, /* and taskset -c 0 */
		{ "3", "0-3", "2-3", "3" }, /* and taskset -c 3 */
		{ "0-1,3", "0-3", "2-3", "0-3" },
		{ "0", "0-3", "", "0" }, /* taskset without isolated CPUs */
		{ "0-1", "0-1", "", "0-1" }, /* a cpuset */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		hwloc_bitmap_t affinity = set_of(rows[i].affinity), cpuset = set_of(rows[i].cpuset);
		hwloc_bitmap_t isolated = set_of(rows[i].isolated), usable = hwloc_bitmap_alloc();
		char text[64];

		cpus_combine(affinity, cpuset, isolated, usable);
		hwloc_bitmap_list_snprintf(text, sizeof(text), usable);
		assert_string_equal(text, rows[i].usable);
		hwloc_bitmap_free(affinity);
		hwloc_bitmap_free(cpuset);
		hwloc_bitmap_free(isolated);
		hwloc_bitmap_free(usable);
	}
}

/* Of the machine in hybrid.xml, with CPUs 1 and 3 isolated. */
static void threads_take_the_cpus_that_are_like_the_first(void **state)
{
	static const struct {
		int first, order[4];
	} rows[] = {
		{ 0, { 0, 2, 1, 3 } },
		{ 1, { 1, 3, 0, 2 } },
		{ 2, { 2, 0, 3, 1 } },
		{ MACHINE_ANY_CPU, { 0, 1, 2, 3 } },
	};
	int cpus[8];

	(void)state;
	assert_int_equal(cpus_count(), 4);
	assert_true(cpus_has(3));
	assert_false(cpus_has(4));
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(cpus_usable(rows[i].first, cpus, 8), 4);
		assert_memory_equal(cpus, rows[i].order, sizeof(rows[i].order));
	}
	assert_int_equal(cpus_usable(1, cpus, 2), 2);
}

static void write_isolated(const char *root, const char *list)
{
	static const char *const folders[] = { "sys", "sys/devices", "sys/devices/system",
					       "sys/devices/system/cpu" };
	char path[512];
	FILE *file;

	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		snprintf(path, sizeof(path), "%s/%s", root, folders[i]);
		assert_false(mkdir(path, 0700));
	}
	snprintf(path, sizeof(path), "%s/sys/devices/system/cpu/isolated", root);
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "%s\n", list);
	fclose(file);
}

/* The machine is looked at once: the stand-ins come first. */
static int another_machine(void **state)
{
	static char root[] = "/tmp/ptbench-test-XXXXXX";

	*state = mkdtemp(root);
	assert_non_null(*state);
	write_isolated(root, "1,3");
	setenv("PTBENCH_TEST_SYSTEM_ROOT", root, 1);
	setenv("HWLOC_XMLFILE", PTBENCH_TEST_MACHINES "/hybrid.xml", 1);
	return 0;
}

static int remove_it(void **state)
{
	static const char *const paths[] = { "/sys/devices/system/cpu/isolated",
					     "/sys/devices/system/cpu",
					     "/sys/devices/system",
					     "/sys/devices",
					     "/sys",
					     "" };
	char path[512];

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		snprintf(path, sizeof(path), "%s%s", (const char *)*state, paths[i]);
		remove(path);
	}
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(isolated_cpus_are_ours_unless_somebody_chose_the_affinity),
		cmocka_unit_test(threads_take_the_cpus_that_are_like_the_first),
	};

	return cmocka_run_group_tests(tests, another_machine, remove_it);
}
