// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * main.c - ptbench-bench: one job per call, for one case. What to measure, how
 * often and in how many processes is decided by the caller; see --help.
 */
#include <stdio.h>
#include <string.h>
#include <urcu/urcu-memb.h>

#include "count.h"
#include "dump.h"
#include "fail.h"
#include "identity.h"
#include "list.h"
#include "measure.h"
#include "options.h"
#include "pagemap.h"
#include "placement.h"
#include "repeat.h"
#include "table_memory.h"
#include "verify.h"

/* What the commands work on. */
struct session {
	struct options options;
	struct trace traces[OPTIONS_MOST_TRACES];
	struct case_list cases;
	const struct bench_case *c;
	const struct trace *trace; /* of a replay */
	struct machine machine;
	struct side sides[OPTIONS_MOST_VARIANTS];
	unsigned int side_count;
	bool measuring;
};

static int load_cases(struct session *session)
{
	const struct options *options = &session->options;

	for (unsigned int i = 0; i < options->trace_count; i++) {
		int error = trace_load(options->trace_names[i], options->trace_files[i],
				       &session->traces[i]);

		if (error)
			return error;
	}
	return cases_all(session->traces, options->trace_count, &session->cases);
}

static int find_case(struct session *session)
{
	const struct options *options = &session->options;

	session->c = case_find(&session->cases, options->case_name);
	if (!session->c)
		return EXIT_NO_CASE;
	if (!session->c->op->replays)
		return 0;
	for (unsigned int i = 0; i < options->trace_count; i++)
		if (strcmp(options->trace_names[i], session->c->trace) == 0)
			session->trace = &session->traces[i];
	if (!session->trace)
		return fail(EXIT_USAGE, "%s: --trace %s=FILE is missing", session->c->name,
			    session->c->trace);
	return 0;
}

/* A variant that this build lacks is one thing, a name that never was one another. */
static int no_such_variant(const struct bench_case *c, const char *variant)
{
	char names[256] = "";

	if (strncmp(variant, "linux-", 6) == 0)
		return fail(EXIT_ABSENT, "%s: %s is not in this build", c->name, variant);
	for (const struct subject *s = subjects(); s->format; s++) {
		size_t used = strlen(names);

		if (case_takes(c, s))
			snprintf(names + used, sizeof(names) - used, "%s%s", used ? ", " : "",
				 s->variant);
	}
	return fail(EXIT_USAGE, "%s: no such variant: %s; there are %s", c->name, variant, names);
}

static int add_side(struct session *session, const char *variant)
{
	const struct subject *subject = subject_find(session->c->facts->name, variant);
	struct side *side = &session->sides[session->side_count];
	unsigned int before = 0;

	if (!subject || !case_takes(session->c, subject))
		return no_such_variant(session->c, variant);
	for (unsigned int i = 0; i < session->side_count; i++)
		before += session->sides[i].subject == subject;
	*side = (struct side){ .subject = subject };
	if (before)
		snprintf(side->name, sizeof(side->name), "%s#%u", variant, before + 1);
	else
		snprintf(side->name, sizeof(side->name), "%s", variant);
	session->side_count++;
	return 0;
}

/* The sides that --variants names, or all that the case has. */
static int find_sides(struct session *session)
{
	const struct options *options = &session->options;
	int error = 0;

	for (unsigned int i = 0; i < options->variant_count && !error; i++)
		error = add_side(session, options->variants[i]);
	if (options->variant_count)
		return error;
	for (const struct subject *s = subjects(); s->format && !error; s++)
		if (case_takes(session->c, s) && session->side_count < OPTIONS_MOST_VARIANTS)
			error = add_side(session, s->variant);
	return error;
}

static bool may_measure(const struct session *session)
{
#ifdef PTBENCH_SANITIZED
	return session->options.allow_sanitized;
#else
	(void)session;
	return true;
#endif
}

static int verify_and_measure(void *context)
{
	struct session *session = context;
	bool repeating = session->options.command == REPEAT;
	struct workload workload;
	int error = workload_init(session->c, session->trace, &session->machine,
				  session->side_count, session->options.seed, &workload);

	if (!error)
		error = verify_sides(&workload, session->sides, session->side_count);
	if (!error && session->measuring)
		error = measure(&workload, &session->machine, session->sides, session->side_count,
				&session->options);
	if (!error && repeating)
		error = repeat(&workload, session->sides, session->options.seconds);
	workload_free(&workload);
	return error;
}

static int take_machine(struct session *session, int cpu)
{
	const struct options *options = &session->options;
	int error = machine_init(cpu, options->small_pages, &session->machine);

	if (!error && options->kernel_allocator)
		machine_kernel_allocator(&session->machine);
	return error;
}

static int run_case(struct session *session)
{
	const struct options *options = &session->options;
	struct placement placement = placement_of(options->seed, options->process);
	int error;

	if (session->measuring && !may_measure(session))
		return fail(EXIT_USAGE, "measure: this build has sanitizers, which distort every "
					"figure; --allow-sanitized measures all the same");
	error = load_cases(session);
	if (!error)
		error = find_case(session);
	if (!error)
		error = find_sides(session);
	if (!error)
		error = take_machine(session, options->cpu);
	return error ? error : placement_run(&placement, verify_and_measure, session);
}

/* Cases that the options do not name one by one. */
static int count_cases(struct session *session)
{
	const struct options *options = &session->options;
	int error = load_cases(session);

	if (!error)
		error = take_machine(session, MACHINE_ANY_CPU);
	return error ? error
		     : count_instructions(&session->cases, session->traces, options->trace_count,
					  &session->machine, options->list);
}

static int list_all(struct session *session)
{
	int error = load_cases(session);

	return error ? error : list_print(&session->cases);
}

static int count_tables(struct session *session)
{
	int error = machine_init(MACHINE_ANY_CPU, false, &session->machine);

	return error ? error : table_memory_print(session->options.seed);
}

static int write_pagemap(struct session *session)
{
	return pagemap_write(session->options.pid, session->options.out);
}

static int identify(struct session *session)
{
	(void)session;
	return identity_print();
}

static int dump_table(struct session *session)
{
	const struct options *options = &session->options;
	struct dump_request request = {
		.format = options->format,
		.variant = options->variant_count ? options->variants[0] : "inline",
		.trace = options->trace_count ? &session->traces[0] : NULL,
		.calls = options->calls,
		.seed = options->seed,
		.watch = options->watch,
		.json = options->json,
	};
	int error = load_cases(session);

	if (!error)
		error = machine_init(MACHINE_ANY_CPU, false, &session->machine);
	return error ? error : dump_print(&request);
}

static int measure_case(struct session *session)
{
	session->measuring = true;
	return run_case(session);
}

static const struct job {
	enum command command;
	int (*run)(struct session *session);
} jobs[] = {
	{ LIST, list_all },	{ VERIFY, run_case },	    { MEASURE, measure_case },
	{ REPEAT, run_case },	{ COUNT, count_cases },	    { MEMORY, count_tables },
	{ IDENTIFY, identify }, { PAGEMAP, write_pagemap }, { DUMP, dump_table },
};

static int run(struct session *session)
{
	const struct job *job = jobs;

	while (job->command != session->options.command)
		job++;
	return job->run(session);
}

int main(int argc, char **argv)
{
	static struct session session;
	int result = options_parse(argc, argv, &session.options);

	/* For the subjects that free tables after readers. */
	urcu_memb_register_thread();
	if (!result && session.options.help)
		options_help();
	else if (!result)
		result = run(&session);
	cases_free(&session.cases);
	for (unsigned int i = 0; i < session.options.trace_count; i++)
		trace_free(&session.traces[i]);
	options_free(&session.options);
	return result;
}
