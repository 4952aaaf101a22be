// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* options.c - reads the command line, see options.h. */
#define _GNU_SOURCE
#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "machine.h"

static const char help[] =
	"ptbench-bench - measure one case of the page-table study\n"
	"\n"
	"  ptbench-bench list [--trace NAME=FILE]...\n"
	"      Print formats, subjects and cases as one JSON object.\n"
	"  ptbench-bench verify --case NAME [--variants A,B,...] [--trace NAME=FILE]\n"
	"      Carry out the case on every variant and compare the tables item by item.\n"
	"  ptbench-bench measure --case NAME --variants A,B,... --blocks N --seed S --out FILE\n"
	"                [--process P] [--sample-us U] [--cpu C] [--trace NAME=FILE]\n"
	"                [--small-pages] [--kernel-allocator] [--events] [--allow-sanitized]\n"
	"      Verify, then measure; write Google Benchmark's JSON to FILE.\n"
	"  ptbench-bench memory [--seed S]\n"
	"      Print the bytes of tables that every format and variant keeps, as one JSON object.\n"
	"  ptbench-bench count --list FILE [--trace NAME=FILE]\n"
	"      Under valgrind --tool=callgrind: have it dump what each line of FILE, \"CASE "
	"VARIANT...\",\n"
	"      costs; print a JSON object for each.\n"
	"  ptbench-bench repeat --case NAME --variants A --seconds N [--cpu C] [--trace "
	"NAME=FILE]\n"
	"      Repeat a case's rounds, for a profiler; what is measured lies below round_timed().\n"
	"  ptbench-bench identify\n"
	"      Print the machine's topology and which hardware events it counts, as JSON.\n"
	"  ptbench-bench dump --format F [--variants A] [--trace NAME=FILE] [--calls N] [--seed "
	"S]\n"
	"                [--json] [--watch T]\n"
	"      Write out a page table of the engine, made from a trace or from random calls; with\n"
	"      --watch for T seconds, twice a second, while a thread carries the calls out.\n"
	"  ptbench-bench pagemap --pid PID --out FILE\n"
	"      Write the physical layout of a live process as a trace (as root).\n"
	"\n"
	"  --case NAME        a case, as list prints it\n"
	"  --variants A,B     inline, recursive, limit, linux-VERSION; one that is named twice is\n"
	"                     measured as two sides, the second called A#2\n"
	"  --blocks N         each block measures every variant twice: A B B A\n"
	"  --seed S           varies the order of blocks and the placement of tables\n"
	"  --process P        number of this process among those that repeat the case; default 0\n"
	"  --sample-us U      timed work in a sample, in microseconds; default 1000\n"
	"  --cpu C            run on this CPU only\n"
	"  --trace NAME=FILE  text of iommu:map and iommu:unmap events, for replay cases\n"
	"  --list FILE        cases and variants to count, a line \"CASE VARIANT...\" each\n"
	"  --seconds N        how long to repeat\n"
	"  --events           count hardware events too, in a pass before the timed samples\n"
	"  --small-pages      no huge pages behind the page tables\n"
	"  --kernel-allocator every table is cleared, and costs what the page allocator takes "
	"besides\n"
	"  --allow-sanitized  measure even though sanitizers distort every figure\n"
	"\n"
	"Example:\n"
	"  ptbench-bench measure --case amdv1/map/4K/x256/coherent/warm --variants "
	"inline,recursive\n"
	"                --blocks 5 --seed 1 --out samples.json\n"
	"\n"
	"Exit codes: 0 fine, 2 usage, 3 a benchmark failed or tables disagree, 5 no such case,\n"
	"77 something needed is absent.\n";

void options_help(void)
{
	fputs(help, stdout);
}

/* Which commands take an option, and which must have it. */
static const struct {
	const char *name;
	enum command command;
} commands[] = {
	{ "list", LIST },	  { "verify", VERIFY }, { "measure", MEASURE },
	{ "pagemap", PAGEMAP },	  { "count", COUNT },	{ "repeat", REPEAT },
	{ "identify", IDENTIFY }, { "memory", MEMORY }, { "dump", DUMP },
};

enum kind { FLAG, TEXT, NUMBER, CPU, VARIANTS, TRACE };

#define MEMBER(member) __builtin_offsetof(struct options, member)

static const struct option {
	const char *name;
	enum kind kind;
	size_t member;
	unsigned int taken_by, needed_by;
	uint64_t least, most;
} known[] = {
	{ "--case", TEXT, MEMBER(case_name), VERIFY | MEASURE | REPEAT, VERIFY | MEASURE | REPEAT,
	  0, 0 },
	{ "--variants", VARIANTS, 0, VERIFY | MEASURE | REPEAT | DUMP, MEASURE | REPEAT, 0, 0 },
	{ "--blocks", NUMBER, MEMBER(blocks), MEASURE, MEASURE, 1, 10000 },
	{ "--seed", NUMBER, MEMBER(seed), MEASURE | MEMORY | DUMP, MEASURE, 0, UINT64_MAX },
	{ "--process", NUMBER, MEMBER(process), MEASURE, 0, 0, 1000000 },
	{ "--sample-us", NUMBER, MEMBER(sample_us), MEASURE, 0, 1, 10000000 },
	{ "--cpu", CPU, MEMBER(cpu), MEASURE | VERIFY | REPEAT, 0, 0, 1 << 20 },
	{ "--trace", TRACE, 0, LIST | VERIFY | MEASURE | COUNT | REPEAT | DUMP, 0, 0, 0 },
	{ "--list", TEXT, MEMBER(list), COUNT, COUNT, 0, 0 },
	{ "--seconds", NUMBER, MEMBER(seconds), REPEAT, REPEAT, 1, 86400 },
	{ "--events", FLAG, MEMBER(events), MEASURE, 0, 0, 0 },
	{ "--small-pages", FLAG, MEMBER(small_pages), MEASURE | VERIFY | REPEAT, 0, 0, 0 },
	{ "--kernel-allocator", FLAG, MEMBER(kernel_allocator), MEASURE | VERIFY | REPEAT | COUNT,
	  0, 0, 0 },
	{ "--allow-sanitized", FLAG, MEMBER(allow_sanitized), MEASURE, 0, 0, 0 },
	{ "--out", TEXT, MEMBER(out), MEASURE | PAGEMAP, MEASURE | PAGEMAP, 0, 0 },
	{ "--format", TEXT, MEMBER(format), DUMP, DUMP, 0, 0 },
	{ "--calls", NUMBER, MEMBER(calls), DUMP, 0, 1, 1 << 24 },
	{ "--watch", NUMBER, MEMBER(watch), DUMP, 0, 1, 86400 },
	{ "--json", FLAG, MEMBER(json), DUMP, 0, 0, 0 },
	{ "--pid", NUMBER, MEMBER(pid), PAGEMAP, PAGEMAP, 1, 1 << 30 },
};

#define KNOWN (sizeof(known) / sizeof(*known))

static int take_number(const struct option *option, const char *text, uint64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end || errno || *number < option->least ||
	    *number > option->most)
		return fail(EXIT_USAGE, "%s %s: not a number from %llu to %llu", option->name, text,
			    (unsigned long long)option->least, (unsigned long long)option->most);
	return 0;
}

static int take_variants(const char *text, struct options *options)
{
	for (const char *at = text;; at++) {
		size_t length = strcspn(at, ",");

		if (!length)
			return fail(EXIT_USAGE, "--variants %s: a name is missing", text);
		if (options->variant_count == OPTIONS_MOST_VARIANTS)
			return fail(EXIT_USAGE, "--variants: more than %d", OPTIONS_MOST_VARIANTS);
		options->variants[options->variant_count] = strndup(at, length);
		if (!options->variants[options->variant_count++])
			return fail(EXIT_BENCHMARK, "no memory");
		at += length;
		if (!*at)
			return 0;
	}
}

/* Names become parts of those of cases: results/run.schema.json has the same letters. */
#define LONGEST_NAME 63
static const char name_letters[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+-";

static int take_trace(const char *text, struct options *options)
{
	size_t length = strcspn(text, "=");

	if (!length || text[length] != '=' || !text[length + 1])
		return fail(EXIT_USAGE, "--trace %s: not NAME=FILE", text);
	if (length > LONGEST_NAME || !isalnum((unsigned char)*text) ||
	    strspn(text, name_letters) < length)
		return fail(EXIT_USAGE,
			    "--trace %s: a name has up to %d letters, digits and \"._+-\", and "
			    "begins with one of the former",
			    text, LONGEST_NAME);
	if (options->trace_count == OPTIONS_MOST_TRACES)
		return fail(EXIT_USAGE, "--trace: more than %d", OPTIONS_MOST_TRACES);
	options->trace_names[options->trace_count] = strndup(text, length);
	options->trace_files[options->trace_count] = text + length + 1;
	if (!options->trace_names[options->trace_count++])
		return fail(EXIT_BENCHMARK, "no memory");
	return 0;
}

static int take_value(const struct option *option, const char *text, struct options *options)
{
	void *member = (char *)options + option->member;
	uint64_t number;
	int error;

	switch (option->kind) {
	case FLAG:
		break;
	case TEXT:
		*(const char **)member = text;
		return *text ? 0 : fail(EXIT_USAGE, "%s: is empty", option->name);
	case NUMBER:
		return take_number(option, text, member);
	case CPU:
		error = take_number(option, text, &number);
		if (!error)
			options->cpu = (int)number;
		return error;
	case VARIANTS:
		return take_variants(text, options);
	case TRACE:
		return take_trace(text, options);
	}
	return 0;
}

/* One option at argv[*at], as "--name value" or "--name=value"; moves *at beyond it. */
static int take_option(int argc, char **argv, int *at, struct options *options, unsigned int *seen)
{
	const char *text = argv[*at], *value = strchr(text, '=');
	size_t length = value ? (size_t)(value - text) : strlen(text), i = 0;

	while (i < KNOWN && (strncmp(known[i].name, text, length) != 0 || known[i].name[length]))
		i++;
	if (i == KNOWN || !(known[i].taken_by & options->command))
		return fail(EXIT_USAGE, "%s: %s does not know %s; see --help", argv[1],
			    i == KNOWN ? "ptbench-bench" : "this command", text);
	if (*seen & 1u << i && known[i].kind != TRACE)
		return fail(EXIT_USAGE, "%s: given twice", known[i].name);
	*seen |= 1u << i;
	if (known[i].kind == FLAG) {
		*(bool *)((char *)options + known[i].member) = true;
		return value ? fail(EXIT_USAGE, "%s: takes no value", known[i].name) : 0;
	}
	if (!value && ++*at == argc)
		return fail(EXIT_USAGE, "%s: a value is missing", known[i].name);
	return take_value(&known[i], value ? value + 1 : argv[*at], options);
}

static bool asks_for_help(const char *text)
{
	return strcmp(text, "--help") == 0 || strcmp(text, "-h") == 0 || strcmp(text, "help") == 0;
}

/* All commands in a line; valid until the next call. */
static const char *command_names(void)
{
	static char names[256];

	*names = 0;
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		size_t used = strlen(names);

		snprintf(names + used, sizeof(names) - used, "%s%s", used ? ", " : "",
			 commands[i].name);
	}
	return names;
}

int options_parse(int argc, char **argv, struct options *options)
{
	unsigned int seen = 0;

	*options = (struct options){ .sample_us = 1000, .cpu = MACHINE_ANY_CPU };
	if (argc < 2)
		return fail(EXIT_USAGE, "a command is missing: there are %s; see --help",
			    command_names());
	options->help = asks_for_help(argv[1]);
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (strcmp(commands[i].name, argv[1]) == 0)
			options->command = commands[i].command;
	if (!options->command && !options->help)
		return fail(EXIT_USAGE, "no such command: %s; there are %s", argv[1],
			    command_names());
	for (int at = 2; at < argc && !options->help; at++) {
		int error;

		options->help = asks_for_help(argv[at]);
		error = options->help ? 0 : take_option(argc, argv, &at, options, &seen);
		if (error)
			return error;
	}
	for (size_t i = 0; i < KNOWN && !options->help; i++)
		if (known[i].needed_by & options->command && !(seen & 1u << i))
			return fail(EXIT_USAGE, "%s: %s is missing", argv[1], known[i].name);
	return 0;
}

void options_free(struct options *options)
{
	for (unsigned int i = 0; i < options->variant_count; i++)
		free(options->variants[i]);
	for (unsigned int i = 0; i < options->trace_count; i++)
		free(options->trace_names[i]);
}
