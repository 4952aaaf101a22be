// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* cases.c - the list of cases: names, descriptions, traces given and recorded, near names. */
#include "cases.h"

#include <string.h>

#include "capture.h"
#include "fail.h"

static void names_have_six_parts_and_are_unique(void **state)
{
	struct case_list list;

	(void)state;
	assert_int_equal(cases_all(NULL, 0, &list), 0);
	assert_true(list.count > 40);
	for (size_t i = 0; i < list.count; i++) {
		const char *name = list.cases[i].name;
		unsigned int slashes = 0;

		for (const char *at = name; *at; at++)
			slashes += *at == '/';
		assert_int_equal(slashes, 5);
		assert_int_equal(
			strncmp(name, list.cases[i].facts->name, strlen(list.cases[i].facts->name)),
			0);
		assert_true(strlen(list.cases[i].description) > 60);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(name, list.cases[j].name);
	}
	cases_free(&list);
}

static void every_format_has_quick_cases_of_the_basic_operations(void **state)
{
	struct case_list list;

	(void)state;
	assert_int_equal(cases_all(NULL, 0, &list), 0);
	for (const struct format_facts *facts = formats(); facts->name; facts++) {
		static const struct bench_op *const basic[] = { &op_map, &op_unmap,
								&op_iova_to_phys };

		for (size_t k = 0; k < sizeof(basic) / sizeof(*basic); k++) {
			unsigned int quick = 0;

			for (size_t i = 0; i < list.count; i++)
				quick += list.cases[i].facts == facts &&
					 list.cases[i].op == basic[k] && list.cases[i].quick;
			assert_true(quick > 0);
		}
	}
	cases_free(&list);
}

static void a_given_trace_becomes_a_case_and_replaces_a_recorded_one(void **state)
{
	static const char text[] =
		"t-1 [0] ..... 1.0: map: IOMMU: iova=0x1000 - 0x2000 paddr=0x5000 "
		"size=4096\n";
	const char *file = temporary_file(text, sizeof(text) - 1);
	struct trace traces[2];
	struct case_list list;

	(void)state;
	assert_int_equal(trace_load("mine", file, &traces[0]), 0);
	assert_int_equal(trace_load("intel-probe", file, &traces[1]), 0);
	assert_int_equal(cases_all(traces, 2, &list), 0);
	assert_non_null(case_find(&list, "amdv1/replay/mine/x1/coherent/warm"));
	assert_non_null(case_find(&list, "amdv1/replay/intel-probe/x1/coherent/warm"));
	capture_begin();
	assert_null(case_find(&list, "amdv1/replay/intel-probe/x36/coherent/warm"));
	assert_non_null(strstr(capture_end(), "no such case: amdv1/replay/intel-probe/x36"));
	cases_free(&list);
	trace_free(&traces[0]);
	trace_free(&traces[1]);
}

static void a_wrong_name_is_answered_with_near_ones(void **state)
{
	struct case_list list;

	(void)state;
	assert_int_equal(cases_all(NULL, 0, &list), 0);
	capture_begin();
	assert_null(case_find(&list, "amdv1/map/4k/x256/coherent/warm"));
	assert_non_null(strstr(capture_end(), "near it: amdv1/map/4K/x256/coherent/warm"));
	capture_begin();
	assert_null(case_find(&list, ""));
	assert_non_null(strstr(capture_end(), "no such case"));
	cases_free(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_have_six_parts_and_are_unique),
		cmocka_unit_test(every_format_has_quick_cases_of_the_basic_operations),
		cmocka_unit_test(a_given_trace_becomes_a_case_and_replaces_a_recorded_one),
		cmocka_unit_test(a_wrong_name_is_answered_with_near_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
