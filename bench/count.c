// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * count.c - what callgrind collects of each case, see count.h.
 *
 * A process of its own for each count makes a count independent of what was
 * counted before it: the same free lists, the same heap. Forking it off saves
 * valgrind's start, which takes longer than most counts.
 */
#define _GNU_SOURCE
#include "count.h"

#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fail.h"
#include "printable.h"
#include "rounds.h"
#include "under_valgrind.h"

#ifdef PTBENCH_VALGRIND
#include <valgrind/callgrind.h>
#else
/* Without valgrind's headers nothing can be counted, which count_instructions() says. */
#define CALLGRIND_START_INSTRUMENTATION
#define CALLGRIND_STOP_INSTRUMENTATION
#define CALLGRIND_TOGGLE_COLLECT
#define CALLGRIND_ZERO_STATS
#define CALLGRIND_DUMP_STATS_AT(name) (void)(name)
#endif

/* Until free lists and page tables are as they stay. */
#define SETTLING_ROUNDS 2
#define COUNTED_ROUNDS 2
/* Beyond which the footprint of out-of-cache cases lies: that of callgrind's simulated cache. */
#define SIMULATED_LLC (1ULL << 20)
#define SEED 1

/* What is to be counted, and for whom it is simulated. */
struct subject_count {
	const struct bench_case *c;
	const struct trace *trace;
	const struct subject *subject;
	const struct machine *machine;
};

static void toggle(void *context)
{
	(void)context;
	CALLGRIND_TOGGLE_COLLECT;
}

static int run_rounds(struct workload *workload, struct side *side, unsigned int rounds)
{
	struct hot_result result;
	int error = 0;

	for (unsigned int i = 0; i < rounds && !error; i++)
		error = round_run(workload, side, &result);
	return error;
}

static int collect(struct workload *workload, struct side *side)
{
	static const struct watch watch = { .begin = toggle, .end = toggle };
	int error = run_rounds(workload, side, SETTLING_ROUNDS);

	if (error)
		return error;
	CALLGRIND_START_INSTRUMENTATION;
	/* Once more, for the simulated caches. */
	error = run_rounds(workload, side, 1);
	CALLGRIND_ZERO_STATS;
	workload->watch = &watch;
	for (unsigned int i = 0; i < COUNTED_ROUNDS; i++)
		round_empty(workload, side->subject);
	CALLGRIND_DUMP_STATS_AT("empty");
	if (!error)
		error = run_rounds(workload, side, COUNTED_ROUNDS);
	CALLGRIND_DUMP_STATS_AT("measured");
	workload->watch = NULL;
	CALLGRIND_STOP_INSTRUMENTATION;
	return error;
}

static int count_subject(const struct subject_count *wanted, uint64_t *operations)
{
	struct side side = { .subject = wanted->subject };
	struct workload workload;
	int error;

	*operations = 0;
	if (wanted->c->threads > 1)
		return fail(EXIT_ABSENT, "%s: threads race: a count would differ each time",
			    wanted->c->name);
	if (wanted->c->state == STATE_COLD_CODE)
		return fail(EXIT_ABSENT, "%s: its instructions are those of the warm case",
			    wanted->c->name);
	snprintf(side.name, sizeof(side.name), "%s", wanted->subject->variant);
	error = workload_init(wanted->c, wanted->trace, wanted->machine, 1, SEED, &workload);
	if (!error)
		error = side_create(&workload, &side);
	if (!error)
		error = side_prepare(&workload, &side);
	if (!error)
		error = collect(&workload, &side);
	if (!error && subjects_warnings())
		error = fail(EXIT_BENCHMARK, "%s: the kernel's drivers warned %ld times",
			     wanted->c->name, subjects_warnings());
	*operations = COUNTED_ROUNDS * round_operations(&workload);
	return error;
}

/*
 * The kernel forgets on fork who is to die with whom. A parent that died before it was told so is noticed by
 * its number.
 */
static void die_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_BENCHMARK);
}

/* The child: its results, or its line about a failure, into the pipe. */
static void be_child(const struct subject_count *wanted, int to_parent, pid_t parent)
{
	uint64_t operations;
	int error;

	die_with(parent);
	dup2(to_parent, STDERR_FILENO);
	error = count_subject(wanted, &operations);
	if (!error)
		fprintf(stderr, "%llu\n", (unsigned long long)operations);
	fflush(NULL);
	_exit(error);
}

/* The last line that comes through a pipe: libraries may have said something before. */
static void read_last_line(int from, char *text, size_t room)
{
	const char *end;
	size_t used = 0;
	ssize_t got;

	while (used < room - 1 && ((got = read(from, text + used, room - 1 - used)) > 0 ||
				   (got < 0 && errno == EINTR)))
		used += got > 0 ? (size_t)got : 0;
	while (used && text[used - 1] == '\n')
		used--;
	text[used] = 0;
	end = strrchr(text, '\n');
	if (end)
		memmove(text, end + 1, strlen(end));
}

static json_t *result_of(const struct subject_count *wanted, pid_t pid, int status,
			 const char *text)
{
	static const char own_name[] = "ptbench-bench: ";
	size_t own = strncmp(text, own_name, strlen(own_name)) ? 0 : strlen(own_name);
	char said[4096];
	const char *name = wanted->c->name, *variant = wanted->subject->variant;

	/* It may come from a library, and JSON is UTF-8. */
	printable(text + own, said, sizeof(said));
	if (WIFSIGNALED(status))
		return json_pack("{ss ss si ss}", "case", name, "variant", variant, "code",
				 EXIT_BENCHMARK, "error", strsignal(WTERMSIG(status)));
	if (WEXITSTATUS(status))
		return json_pack("{ss ss si ss}", "case", name, "variant", variant, "code",
				 WEXITSTATUS(status), "error", said);
	return json_pack("{ss ss si sI}", "case", name, "variant", variant, "pid", (int)pid,
			 "operations", (json_int_t)strtoull(text, NULL, 10));
}

static int print_line(json_t *line)
{
	int failed = !line || json_dumpf(line, stdout, JSON_COMPACT) || putchar('\n') == EOF ||
		     fflush(stdout);

	json_decref(line);
	return failed ? fail(EXIT_BENCHMARK, "count: cannot be written") : 0;
}

static int count_one(const struct subject_count *wanted)
{
	char text[1200];
	int ends[2], status;
	pid_t pid, parent = getpid();

	if (pipe(ends))
		return fail(EXIT_BENCHMARK, "count: pipe: %s", strerror(errno));
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		return fail(EXIT_BENCHMARK, "count: fork: %s", strerror(errno));
	if (!pid)
		be_child(wanted, ends[1], parent);
	close(ends[1]);
	read_last_line(ends[0], text, sizeof(text));
	close(ends[0]);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return fail(EXIT_BENCHMARK, "count: waitpid: %s", strerror(errno));
	return print_line(result_of(wanted, pid, status, text));
}

static int count_line(const struct case_list *cases, const struct trace *traces,
		      unsigned int trace_count, const struct machine *machine, char *line)
{
	char *rest, *name = strtok_r(line, " \n", &rest);
	struct subject_count wanted = { .machine = machine };
	int error = 0;

	if (!name)
		return 0;
	wanted.c = case_find(cases, name);
	if (!wanted.c)
		return EXIT_NO_CASE;
	for (unsigned int i = 0; i < trace_count; i++)
		if (wanted.c->op->replays && strcmp(traces[i].name, wanted.c->trace) == 0)
			wanted.trace = &traces[i];
	if (wanted.c->op->replays && !wanted.trace)
		return fail(EXIT_USAGE, "%s: --trace %s=FILE is missing", name, wanted.c->trace);
	for (name = strtok_r(NULL, " \n", &rest); name && !error;
	     name = strtok_r(NULL, " \n", &rest)) {
		wanted.subject = subject_find(wanted.c->facts->name, name);
		if (!wanted.subject || !case_takes(wanted.c, wanted.subject))
			return fail(EXIT_USAGE, "%s: no such variant: %s", wanted.c->name, name);
		error = count_one(&wanted);
	}
	return error;
}

int count_instructions(const struct case_list *cases, const struct trace *traces,
		       unsigned int trace_count, const struct machine *machine, const char *wanted)
{
	struct machine simulated = *machine;
	char line[1024];
	int error = 0;
	FILE *file;

#ifndef PTBENCH_VALGRIND
	return fail(EXIT_ABSENT, "count: built without valgrind's headers (Debian's valgrind)");
#endif
	if (!under_valgrind())
		return fail(EXIT_ABSENT, "count: only works under valgrind --tool=callgrind");
	file = fopen(wanted, "re");
	if (!file)
		return fail(EXIT_USAGE, "%s: %s", wanted, strerror(errno));
	simulated.llc_bytes = SIMULATED_LLC;
	while (!error && fgets(line, sizeof(line), file))
		error = count_line(cases, traces, trace_count, &simulated, line);
	fclose(file);
	return error;
}
