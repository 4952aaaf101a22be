// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* context.c - fills the context of a measurement's file, see context.h. */
#include "context.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "gbench.h"
#include "placement.h"
#include "replay.h"
#include "rounds.h"

/* Given by CMake: the flags of everything that is timed, and the preset that it was built by. */
#ifndef PTBENCH_FLAGS_TEXT
#error "PTBENCH_FLAGS_TEXT is not defined"
#endif

/*
 * How figures come about. It counts up with every change after which older ones of the same code are
 * no longer comparable; results/errata.toml says by it which stored figures are known to be wrong.
 */
#define PTBENCH_METHOD 2u

static void add(const char *key, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(const char *key, const char *format, ...)
{
	char text[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	gbench_context(key, text);
}

const char *context_compiler(void)
{
#ifdef __clang__
	return __VERSION__;
#else
	return "gcc " __VERSION__;
#endif
}

static void describe_build(void)
{
	const char *kernel = subjects_kernel();

	add("build_type", "%s", PTBENCH_PRESET_TEXT);
	add("cmake_build_type", "%s", PTBENCH_BUILD_TYPE_TEXT);
	add("compiler", "%s", context_compiler());
	add("flags", "%s", PTBENCH_FLAGS_TEXT);
#ifdef PTBENCH_SANITIZED
	add("sanitized", "yes");
#else
	add("sanitized", "no");
#endif
	add("kernel", "%s", kernel ? kernel : "none");
}

static void describe_machine(const struct machine *machine)
{
	if (machine->cpu == MACHINE_ANY_CPU)
		add("cpu", "not pinned");
	else
		add("cpu", "%d", machine->cpu);
	add("numa_node", machine->numa_node < 0 ? "not bound" : "%d", machine->numa_node);
	add("llc_bytes", "%llu", (unsigned long long)machine->llc_bytes);
	add("llc_known", "%s", machine->llc_known ? "yes" : "no");
	add("pages", "%s", machine->small_pages ? "small" : "huge");
	add("l2_bytes", "%llu", (unsigned long long)machine->l2_bytes);
	add("allocator", "%s", machine->kernel_allocator ? "kernel" : "lists");
	add("huge_kib", "%ld", machine_huge_kib());
}

/* The order that this executable's objects were linked in, see CMakeLists.txt. */
extern const unsigned int ptbench_link_order;

static void describe_placement(const struct options *options)
{
	struct placement placement = placement_of(options->seed, options->process);

	add("link_order", "%u", ptbench_link_order);
	add("stack_pad_bytes", "%u", placement.stack_bytes);
	add("heap_pad_bytes", "%u", placement.heap_bytes);
	add("arena_pad_pages", "%u", placement.arena_pages);
}

static void describe_options(const struct options *options)
{
	char variants[512] = "";

	for (unsigned int i = 0; i < options->variant_count; i++) {
		size_t used = strlen(variants);

		snprintf(variants + used, sizeof(variants) - used, "%s%s", i ? "," : "",
			 options->variants[i]);
	}
	add("case", "%s", options->case_name);
	add("variants", "%s", variants);
	add("blocks", "%llu", (unsigned long long)options->blocks);
	add("seed", "%llu", (unsigned long long)options->seed);
	add("process", "%llu", (unsigned long long)options->process);
	add("sample_us", "%llu", (unsigned long long)options->sample_us);
}

static void describe_trace(const struct workload *workload)
{
	const struct trace_fit *fit = replay_fit(workload);
	const struct trace_counts *counts = &fit->counts;

	add("trace", "%s", workload->trace->name);
	add("trace_recorded", "%zu", counts->recorded);
	add("trace_replayed", "%zu", counts->replayed);
	add("trace_calls", "%zu", fit->call_count);
	add("trace_in_part", "%zu", counts->in_part);
	add("trace_put_in", "%zu", counts->put_in);
	add("trace_lost", "%llu%s", (unsigned long long)counts->lost, counts->lost_more ? "+" : "");
	add("trace_other_lines", "%zu", counts->other_lines);
	for (enum trace_reason reason = 0; reason < TRACE_REASONS; reason++) {
		char key[64];

		snprintf(key, sizeof(key), "trace_left_out_%s", trace_reason_name(reason));
		add(key, "%zu", counts->left_out[reason]);
	}
}

void context_describe(const struct workload *workload, const struct machine *machine,
		      const struct calibration *calibration, const struct side *first,
		      const struct options *options)
{
	size_t operations = round_operations(workload);
	double loop_ns = (first->empty_ns - calibration->timer_ns) / (double)operations;

	describe_build();
	describe_machine(machine);
	describe_options(options);
	describe_placement(options);
	add("method", "%u", PTBENCH_METHOD);
	add("operations_per_round", "%zu", operations);
	add("rounds_per_sample", "%llu", (unsigned long long)calibration->rounds);
	add("timer_ns", "%.1f", calibration->timer_ns);
	add("empty_loop_ns", "%.3f", loop_ns);
	add("store_gb_per_s", "%.1f", calibration->store_gb_per_s);
	if (workload->c->state == STATE_OUT_OF_CACHE)
		add("footprint_bytes", "%llu", (unsigned long long)workload->lines * CACHE_LINE);
	if (workload->trace)
		describe_trace(workload);
}
