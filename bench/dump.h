/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* dump.h - a page table of the engine, made from a trace or from random maps, written out. */
#ifndef PTBENCH_DUMP_H
#define PTBENCH_DUMP_H

#include <stdbool.h>
#include <stdint.h>

#include "trace.h"

struct dump_request {
	const char *format, *variant; /* an engine's variant */
	const struct trace *trace; /* NULL: random maps and unmaps */
	uint64_t
		calls; /* of a trace so many from its beginning, unless it is watched; 0: all, or 100 */
	uint64_t seed; /* of random ones */
	uint64_t watch; /* seconds; 0: carry out, then write once */
	bool json; /* an object each time, else lines */
};

/*
 * Carry out the calls and write the page table to stdout, with pt_dump(). With @watch another
 * thread carries them out over and over, and the table is written twice a second as it is then.
 * Returns an exit code.
 */
int dump_print(const struct dump_request *request);

#endif
