/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * gbench.h - Google Benchmark for C, as much of it as is used here.
 *
 * A benchmark is fn(context, n): it carries out n operations and says how long
 * they took. The library runs it once, in KeepRunningBatch(n), with manual time,
 * and writes its own JSON. What differs from its usual output:
 *   - an entry's name is what was registered, without "/iterations:..." behind it;
 *   - cpu_time repeats real_time: the thread is busy throughout, and the CPU time
 *     that the library itself takes includes what was not timed;
 *   - nothing is written to stdout, and variables like BENCHMARK_FILTER are ignored;
 *   - a benchmark that fails, or is missing from the output, is an error.
 */
#ifndef PTBENCH_GBENCH_H
#define PTBENCH_GBENCH_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct gbench_counter {
	const char *name;
	double value;
};

/* Returns 0 and sets @nanoseconds of all @n operations, or returns non-zero where it failed. */
typedef int (*gbench_fn)(void *context, uint64_t n, double *nanoseconds);

/* Add a key to the context of the output. */
void gbench_context(const char *key, const char *value);

/* Add a counter to the benchmark that is running: called by its function. @name is a constant. */
void gbench_count(const char *name, double value);

/* Register fn(@context, @n); runs happen in the order of registration. @label may be NULL. */
void gbench_register(const char *name, gbench_fn fn, void *context, uint64_t n,
		     const struct gbench_counter *counters, size_t counter_count,
		     const char *label);

/*
 * Run what was registered and write the JSON to @path, whole or not at all.
 * Returns 0; what the first failed benchmark returned; or -1 after setting *@error where the
 * library or the file failed. @error is valid until the next call.
 */
int gbench_run(const char *path, const char **error);

#ifdef __cplusplus
}
#endif

#endif
