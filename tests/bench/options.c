// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* options.c - a command line is taken as it is meant, or refused with one clear line. */
#include "options.h"

#include <string.h>

#include "capture.h"
#include "fail.h"
#include "machine.h"

#define MOST 32

/* Parses @line, words divided by single blanks; the words stay valid until the next call. */
static int parse(const char *line, struct options *options)
{
	static char words[512];
	char *argv[MOST] = { "ptbench-bench" };
	int argc = 1;

	strcpy(words, line);
	for (char *word = strtok(words, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	return options_parse(argc, argv, options);
}

static void everything_is_taken(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(parse("measure --case c --variants a,b,a --blocks 5 --seed=7 --process 3 "
			       "--sample-us 250 --cpu 1 --trace t=/x=y --small-pages "
			       "--allow-sanitized --out o.json",
			       &options),
			 0);
	assert_int_equal(options.command, MEASURE);
	assert_string_equal(options.case_name, "c");
	assert_int_equal(options.variant_count, 3);
	assert_string_equal(options.variants[1], "b");
	assert_string_equal(options.variants[2], "a");
	assert_int_equal(options.blocks, 5);
	assert_int_equal(options.seed, 7);
	assert_int_equal(options.process, 3);
	assert_int_equal(options.sample_us, 250);
	assert_int_equal(options.cpu, 1);
	assert_int_equal(options.trace_count, 1);
	assert_string_equal(options.trace_names[0], "t");
	assert_string_equal(options.trace_files[0], "/x=y");
	assert_true(options.small_pages && options.allow_sanitized);
	assert_string_equal(options.out, "o.json");
	options_free(&options);
}

static void what_is_left_out_has_a_default(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(
		parse("measure --case c --variants a --blocks 1 --seed 0 --out o", &options), 0);
	assert_int_equal(options.process, 0);
	assert_int_equal(options.sample_us, 1000);
	assert_int_equal(options.cpu, MACHINE_ANY_CPU);
	assert_false(options.small_pages || options.allow_sanitized || options.help);
	options_free(&options);
}

static void what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *line, *complaint;
	} wrong[] = {
		{ "", "a command is missing" },
		{ "meassure", "no such command: meassure" },
		{ "measure", "measure: --case is missing" },
		{ "verify --case", "--case: a value is missing" },
		{ "verify --case=", "--case: is empty" },
		{ "verify --case a --case b", "--case: given twice" },
		{ "verify --case a --blocks 1", "verify: this command does not know --blocks" },
		{ "verify --caze a", "does not know --caze" },
		{ "verify a", "does not know a" },
		{ "verify --case a --variants b,,c", "--variants b,,c: a name is missing" },
		{ "verify --case a --small-pages=1", "--small-pages: takes no value" },
		{ "verify --case a --cpu -1", "--cpu -1: not a number from 0" },
		{ "verify --case a --cpu 0x1", "--cpu 0x1: not a number" },
		{ "list --trace a", "--trace a: not NAME=FILE" },
		{ "list --trace =a", "--trace =a: not NAME=FILE" },
		{ "list --trace ../a=c", "--trace ../a=c: a name has" },
		{ "list --trace a`b=c", "--trace a`b=c: a name has" },
		{ "list --trace \"a=c", "--trace \"a=c: a name has" },
		{ "list --trace a\x1b[2J=c", "--trace a\\x1b[2J=c: a name has" },
		{ "list --trace a/b=c", "--trace a/b=c: a name has" },
		{ "measure --blocks 0", "--blocks 0: not a number from 1 to 10000" },
		{ "measure --seed 99999999999999999999",
		  "--seed 99999999999999999999: not a number" },
		{ "pagemap --pid 1", "pagemap: --out is missing" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct options options;
		const char *printed;
		int result;

		capture_begin();
		result = parse(wrong[i].line, &options);
		printed = capture_end();
		options_free(&options);
		assert_int_equal(result, EXIT_USAGE);
		assert_non_null(strstr(printed, wrong[i].complaint));
		assert_ptr_equal(strchr(printed, '\n'), printed + strlen(printed) - 1);
	}
}

static void help_needs_nothing_else(void **state)
{
	static const char *const lines[] = { "--help", "-h", "help", "measure --help" };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct options options;

		assert_int_equal(parse(lines[i], &options), 0);
		assert_true(options.help);
		options_free(&options);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_is_taken),
		cmocka_unit_test(what_is_left_out_has_a_default),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(help_needs_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
