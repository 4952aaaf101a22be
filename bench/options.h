/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* options.h - the command line, checked; and its help. */
#ifndef PTBENCH_OPTIONS_H
#define PTBENCH_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#define OPTIONS_MOST_VARIANTS 16
#define OPTIONS_MOST_TRACES 16

/* What is to be done; bits, as an option belongs to several. */
enum command {
	LIST = 1,
	VERIFY = 2,
	MEASURE = 4,
	PAGEMAP = 8,
	COUNT = 16,
	REPEAT = 32,
	MEMORY = 64,
	IDENTIFY = 128,
	DUMP = 256,
};

struct options {
	enum command command;
	const char *case_name, *out, *format;
	const char *list; /* a file that names cases and variants */
	char *variants[OPTIONS_MOST_VARIANTS]; /* as given, in order; may repeat */
	unsigned int variant_count;
	char *trace_names[OPTIONS_MOST_TRACES];
	const char *trace_files[OPTIONS_MOST_TRACES];
	unsigned int trace_count;
	uint64_t blocks, seed, process, sample_us, pid, seconds, calls, watch;
	int cpu; /* MACHINE_ANY_CPU where none is given */
	bool small_pages, kernel_allocator, allow_sanitized, events, json, help;
};

/* Returns an exit code: EXIT_USAGE after naming what is wrong. */
int options_parse(int argc, char **argv, struct options *options);
void options_free(struct options *options);

/* Print the help text. */
void options_help(void);

#endif
