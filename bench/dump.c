// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* dump.c - see dump.h. */
#define _GNU_SOURCE
#include "dump.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <urcu/urcu-memb.h>

#include "blocks.h"
#include "cases.h"
#include "fail.h"
#include "hot.h"
#include "subject.h"

/* Random maps lie in so many slots from here on, addresses that all formats have. */
#define BASE (1ULL << 30)
#define SLOTS 256
#define RANDOM_CALLS 100
/* Of a map in smallest pages. */
#define PAGES_MOST 64
/* Of --watch: between two calls, and between two dumps. */
#define CALL_NS 200000
#define DUMP_NS 500000000

struct dumper {
	const struct dump_request *request;
	const struct format_facts *facts;
	struct pagetable *pagetable;
	struct trace_fit fit; /* the calls, and what they leave mapped at the end */
	atomic_bool over;
	int error; /* of the thread that maps */
};

static void sleep_ns(long ns)
{
	struct timespec time = { .tv_nsec = ns };

	nanosleep(&time, NULL);
}

static void no_flush(void *context, uint64_t start, uint64_t last, bool tables)
{
	(void)context, (void)start, (void)last, (void)tables;
}

static int open_table(struct dumper *dumper)
{
	const struct dump_request *request = dumper->request;
	const struct subject *subject;
	struct pt_config config;
	int error;

	dumper->facts = format_facts(request->format);
	if (!dumper->facts)
		return fail(EXIT_USAGE, "dump: no such format: %s; list knows them",
			    request->format);
	subject = subject_find(request->format, request->variant);
	if (!subject || !subject_is_engine(subject))
		return fail(EXIT_USAGE, "dump: no variant of the engine: %s", request->variant);
	config = (struct pt_config){ .ia_bits = dumper->facts->ia_bits,
				     .oa_bits = dumper->facts->oa_bits,
				     .quirks = dumper->facts->quirks,
				     .rcu_readers = request->watch != 0,
				     .flush = no_flush };
	error = ((const struct pt_format *)subject->implementation)
			->create(&config, &dumper->pagetable);
	return error ? fail(EXIT_BENCHMARK, "dump: create: %s", strerror(-error)) : 0;
}

static int call(struct dumper *dumper, const struct trace_event *event)
{
	const struct pt_ops *ops = dumper->pagetable->ops;
	struct pt_gather gather = PT_GATHER_INIT;
	int64_t result;

	if (event->map) {
		result = ops->map(dumper->pagetable, event->iova, event->oa, event->length,
				  HOT_PROT);
		return result ? fail(EXIT_BENCHMARK, "dump: map at 0x%llx: %s",
				     (unsigned long long)event->iova, strerror((int)-result))
			      : 0;
	}
	result = (int64_t)ops->unmap(dumper->pagetable, event->iova, event->length, &gather);
	pt_sync(dumper->pagetable, &gather);
	return result == (int64_t)event->length
		       ? 0
		       : fail(EXIT_BENCHMARK, "dump: unmap at 0x%llx took %lld of %llu bytes",
			      (unsigned long long)event->iova, (long long)result,
			      (unsigned long long)event->length);
}

static int calls(struct dumper *dumper, const struct trace_event *events, size_t count)
{
	int error = 0;

	for (size_t i = 0; i < count && !error && !dumper->over; i++) {
		error = call(dumper, &events[i]);
		if (dumper->request->watch)
			sleep_ns(CALL_NS);
	}
	return error;
}

/*
 * Random calls: a slot is mapped, to memory that is as aligned as it is or scattered, in smallest
 * pages or as the largest leaf that all sides use, or what is there is unmapped.
 */
static int make_random(struct dumper *dumper)
{
	const struct format_facts *facts = dumper->facts;
	uint64_t page = 1ULL << facts->granule_lg2, random = dumper->request->seed;
	uint64_t slot = facts->next_size ? facts->next_size : PAGES_MOST * page;
	uint64_t most = facts->reach_bits < 64 ? 1ULL << facts->reach_bits : UINT64_MAX;
	uint64_t slots = (most - BASE) / slot < SLOTS ? (most - BASE) / slot : SLOTS;
	uint64_t mapped[SLOTS] = { 0 };
	size_t count = dumper->request->calls ? dumper->request->calls : RANDOM_CALLS;
	struct trace_event *events = calloc(count, sizeof(*events));
	struct trace_event *rest = calloc(SLOTS, sizeof(*rest));

	dumper->fit.calls = events;
	dumper->fit.rest = rest;
	if (!events || !rest)
		return fail(EXIT_BENCHMARK, "dump: no memory");
	for (size_t i = 0; i < count; i++) {
		uint64_t place = next_random(&random) % slots, draw = next_random(&random);
		uint64_t base = (BASE + slot - 1) / slot * slot;
		struct trace_event *event = &events[dumper->fit.call_count++];

		*event = (struct trace_event){ .iova = base + place * slot, .map = !mapped[place] };
		if (event->map) {
			bool whole = facts->next_size && draw % 4 == 0;

			event->length = whole ? slot : (1 + draw / 4 % PAGES_MOST) * page;
			event->oa = whole ? event->iova : event->iova + page * (draw >> 32 & 1);
			mapped[place] = event->length;
		} else {
			event->length = mapped[place];
			mapped[place] = 0;
		}
	}
	for (uint64_t place = 0; place < slots; place++)
		if (mapped[place])
			rest[dumper->fit.rest_count++] =
				(struct trace_event){ .iova = (BASE + slot - 1) / slot * slot +
							      place * slot,
						      .length = mapped[place] };
	return 0;
}

static int make_calls(struct dumper *dumper)
{
	const struct dump_request *request = dumper->request;
	struct trace_limits limits = case_trace_limits(dumper->facts);

	if (!request->trace)
		return make_random(dumper);
	if (!trace_fit(request->trace, &limits, &dumper->fit))
		return fail(EXIT_BENCHMARK, "dump: no memory");
	if (!dumper->fit.call_count)
		return fail(EXIT_USAGE, "dump: no event of %s fits %s", request->trace->file,
			    request->format);
	if (!request->watch && request->calls && dumper->fit.call_count > request->calls)
		dumper->fit.call_count = request->calls;
	return 0;
}

static int to_stdout(void *context, const char *text, size_t length)
{
	(void)context;
	return fwrite(text, 1, length, stdout) == length ? 0 : -1;
}

static int dump(struct dumper *dumper)
{
	int error;

	urcu_memb_read_lock();
	error = pt_dump(dumper->pagetable, dumper->request->json ? PT_DUMP_JSON : PT_DUMP_TEXT,
			to_stdout, NULL);
	urcu_memb_read_unlock();
	return error || fflush(stdout) ? fail(EXIT_BENCHMARK, "dump: cannot be written") : 0;
}

/* What the mapping thread does: all calls, the rest, and again. */
static void *keep_mapping(void *context)
{
	struct dumper *dumper = context;

	urcu_memb_register_thread();
	while (!dumper->over && !dumper->error) {
		dumper->error = calls(dumper, dumper->fit.calls, dumper->fit.call_count);
		if (!dumper->error)
			dumper->error = calls(dumper, dumper->fit.rest, dumper->fit.rest_count);
	}
	urcu_memb_unregister_thread();
	return NULL;
}

static int watch(struct dumper *dumper)
{
	uint64_t dumps = dumper->request->watch * 1000000000 / DUMP_NS;
	pthread_t thread;
	int error = 0;

	if (pthread_create(&thread, NULL, keep_mapping, dumper))
		return fail(EXIT_BENCHMARK, "dump: no thread");
	for (uint64_t i = 0; i < dumps && !error; i++) {
		sleep_ns(DUMP_NS);
		error = dump(dumper);
	}
	dumper->over = true;
	pthread_join(thread, NULL);
	return error ? error : dumper->error;
}

int dump_print(const struct dump_request *request)
{
	struct dumper dumper = { .request = request };
	int error = open_table(&dumper);

	if (!error)
		error = make_calls(&dumper);
	if (!error && request->watch)
		error = watch(&dumper);
	else if (!error)
		error = calls(&dumper, dumper.fit.calls, dumper.fit.call_count);
	if (!error && !request->watch)
		error = dump(&dumper);
	trace_fit_free(&dumper.fit);
	if (dumper.pagetable)
		dumper.pagetable->ops->destroy(dumper.pagetable);
	pt_barrier();
	return error;
}
