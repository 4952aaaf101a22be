// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* gbench.cc - the C++ behind gbench.h. */
#include "gbench.h"

#include <benchmark/benchmark.h>

#include <sstream>
#include <string>
#include <vector>

#include "whole_file.h"

namespace
{

/* The library's JSON with the names as they were registered. */
class Reporter : public benchmark::JSONReporter
{
      public:
	void ReportRuns(const std::vector<Run> &runs) override
	{
		std::vector<Run> renamed = runs;

		for (Run &run : renamed) {
			run.run_name.iterations.clear();
			run.run_name.time_type.clear();
			run.cpu_accumulated_time = run.real_accumulated_time;
			/* How a failed one is marked depends on the library's version. */
			reported += run.iterations > 0;
		}
		benchmark::JSONReporter::ReportRuns(renamed);
	}

	size_t reported = 0;
};

size_t registered;
int first_failure;
std::vector<std::pair<const char *, double>> counted; /* by the benchmark that is running */

void run_once(benchmark::State &state, gbench_fn fn, void *context,
	      const std::vector<std::pair<std::string, double>> &counters, const std::string &label)
{
	uint64_t n = static_cast<uint64_t>(state.max_iterations);

	if (first_failure) {
		state.SkipWithError("an earlier benchmark failed");
		return;
	}
	counted.clear();
	while (state.KeepRunningBatch(state.max_iterations)) {
		double nanoseconds = 0;

		first_failure = fn(context, n, &nanoseconds);
		if (first_failure) {
			state.SkipWithError("failed");
			break;
		}
		state.SetIterationTime(nanoseconds * 1e-9);
	}
	for (const auto &counter : counters)
		state.counters[counter.first] = counter.second;
	for (const auto &counter : counted)
		state.counters[counter.first] = counter.second;
	state.SetLabel(label);
}

/* Flags that undo what the environment may ask the library for. */
void initialize()
{
	static char arguments[][48] = {
		"ptbench-bench",
		"--benchmark_list_tests=false",
		"--benchmark_filter=",
		"--benchmark_repetitions=1",
		"--benchmark_out=",
		"--benchmark_enable_random_interleaving=false",
		"--benchmark_perf_counters=",
	};
	char *argv[sizeof(arguments) / sizeof(*arguments)];
	int argc = 0;

	for (auto &argument : arguments)
		argv[argc++] = argument;
	benchmark::Initialize(&argc, argv);
}

} // namespace

extern "C" void gbench_context(const char *key, const char *value)
{
	benchmark::AddCustomContext(key, value);
}

extern "C" void gbench_count(const char *name, double value)
{
	counted.emplace_back(name, value);
}

extern "C" void gbench_register(const char *name, gbench_fn fn, void *context, uint64_t n,
				const struct gbench_counter *counters, size_t counter_count,
				const char *label)
{
	std::vector<std::pair<std::string, double>> own;

	for (size_t i = 0; i < counter_count; i++)
		own.emplace_back(counters[i].name, counters[i].value);
	benchmark::RegisterBenchmark(name, run_once, fn, context, own,
				     std::string(label ? label : ""))
		->Iterations(static_cast<benchmark::IterationCount>(n))
		->Unit(benchmark::kNanosecond)
		->UseManualTime();
	registered++;
}

extern "C" int gbench_run(const char *path, const char **error)
{
	std::ostringstream output, errors;
	Reporter reporter;
	std::string text;

	initialize();
	reporter.SetOutputStream(&output);
	reporter.SetErrorStream(&errors);
	benchmark::RunSpecifiedBenchmarks(&reporter, ".");
	if (first_failure)
		return first_failure;
	if (reporter.reported != registered || registered == 0) {
		*error = "Google Benchmark did not run every benchmark";
		return -1;
	}
	text = output.str();
	*error = whole_file_write(path, text.data(), text.size());
	return *error ? -1 : 0;
}
