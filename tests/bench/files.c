// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* files.c - a file appears whole or not at all, also where a benchmark fails. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture.h"
#include "gbench.h"
#include "whole_file.h"

static void a_file_is_replaced_and_nothing_is_left_beside_it(void **state)
{
	const char *name = temporary_file("old", 3);
	char folder[256], *text;
	unsigned int files = 0;
	DIR *directory;

	(void)state;
	assert_null(whole_file_write(name, "new text", 8));
	text = file_content(name);
	assert_string_equal(text, "new text");
	free(text);
	snprintf(folder, sizeof(folder), "%s", name);
	*strrchr(folder, '/') = 0;
	directory = opendir(folder);
	for (struct dirent *entry; (entry = readdir(directory));)
		files += entry->d_name[0] != '.';
	closedir(directory);
	assert_int_equal(files, 1);
}

static void what_cannot_be_written_is_said_and_not_there(void **state)
{
	(void)state;
	assert_string_equal(whole_file_write("/nonexistent/file", "text", 4), strerror(2));
	/* A folder cannot be replaced by a file. */
	assert_non_null(whole_file_write("/tmp", "text", 4));
}

static int take_time(void *context, uint64_t n, double *nanoseconds)
{
	unsigned int *calls = context;

	*nanoseconds = 2.5 * (double)n;
	return ++*calls == 4 ? 42 : 0;
}

/* The library keeps what was registered, so there is one run after the other. */
static void names_times_and_counters_are_in_the_json(void **state)
{
	const struct gbench_counter counters[] = { { "process", 3 }, { "slot", 1 } };
	const char *name = temporary_name(), *error = NULL;
	unsigned int calls = 0;
	char *text;

	(void)state;
	assert_int_equal(gbench_run(name, &error), -1);
	assert_non_null(error);
	setenv("BENCHMARK_FILTER", "nothing", 1);
	gbench_context("key", "a \"value\"");
	gbench_register("a/b", take_time, &calls, 1000, counters, 2, NULL);
	gbench_register("a/b", take_time, &calls, 10, counters, 2, NULL);
	assert_int_equal(gbench_run(name, &error), 0);
	assert_int_equal(calls, 2);
	text = file_content(name);
	assert_non_null(strstr(text, "\"name\": \"a/b\","));
	assert_non_null(strstr(text, "\"iterations\": 1000,"));
	assert_non_null(strstr(text, "\"real_time\": 2.5000000000000000e+00,"));
	assert_non_null(strstr(text, "\"process\": 3.0000000000000000e+00,"));
	assert_non_null(strstr(text, "\"key\": \"a \\\"value\\\"\""));
	free(text);
	unlink(name);

	/* Both run again, as the third call and the fourth, which fails. */
	assert_int_equal(gbench_run(name, &error), 42);
	assert_null(file_content(name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_replaced_and_nothing_is_left_beside_it),
		cmocka_unit_test(what_cannot_be_written_is_said_and_not_there),
		cmocka_unit_test(names_times_and_counters_are_in_the_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
