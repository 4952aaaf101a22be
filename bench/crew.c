// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* crew.c - see crew.h. */
#include "crew.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <urcu/urcu-memb.h>

#include "cpus.h"
#include "fail.h"
#include "machine.h"

/* Looks at the start signal before a waiting thread lets others run. */
#define LOOKS 4096

struct member {
	pthread_t thread;
	struct crew *crew;
	unsigned int number;
	int cpu;
	int unbound; /* errno value: why it could not be bound to its CPU */
	struct hot_result result;
	uint64_t end; /* when it had done its work, by hot_now() */
};

struct crew {
	struct member *members; /* the first is the caller */
	unsigned int count, started;
	crew_work work;
	void *context;
	unsigned int round; /* counts up when work begins; 0 before any */
	unsigned int busy; /* members that have not finished the round */
	bool over;
};

static void wait_a_little(unsigned int *looks)
{
	if (++*looks % LOOKS == 0)
		sched_yield();
}

static void do_work(struct member *member)
{
	const struct crew *crew = member->crew;

	member->result = crew->work(crew->context, member->number, crew->count);
	member->end = hot_now();
}

static void *serve(void *argument)
{
	struct member *member = argument;
	struct crew *crew = member->crew;
	unsigned int round = 0, looks = 0;

	if (member->cpu != MACHINE_ANY_CPU)
		member->unbound = cpus_bind_thread(member->cpu);
	urcu_memb_register_thread();
	__atomic_fetch_add(&crew->started, 1, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&crew->over, __ATOMIC_RELAXED)) {
		if (__atomic_load_n(&crew->round, __ATOMIC_ACQUIRE) == round) {
			wait_a_little(&looks);
			continue;
		}
		round++;
		do_work(member);
		__atomic_fetch_sub(&crew->busy, 1, __ATOMIC_RELEASE);
	}
	urcu_memb_unregister_thread();
	return NULL;
}

struct hot_result crew_run(struct crew *crew, crew_work work, void *context)
{
	struct hot_result result = { 0 };
	unsigned int looks = 0;
	uint64_t start, end;

	crew->work = work;
	crew->context = context;
	__atomic_store_n(&crew->busy, crew->count - 1, __ATOMIC_RELAXED);
	start = hot_now();
	__atomic_store_n(&crew->round, crew->round + 1, __ATOMIC_RELEASE);
	do_work(&crew->members[0]);
	while (__atomic_load_n(&crew->busy, __ATOMIC_ACQUIRE))
		wait_a_little(&looks);
	end = start;
	for (unsigned int i = 0; i < crew->count; i++) {
		const struct member *member = &crew->members[i];

		end = member->end > end ? member->end : end;
		if (member->result.failure && !result.failure)
			result = member->result;
	}
	result.nanoseconds = end - start;
	return result;
}

unsigned int crew_most(void)
{
	unsigned int most = cpus_count();

	return most ? most : 1;
}

static int start(struct crew *crew)
{
	for (unsigned int i = 1; i < crew->count; i++) {
		if (pthread_create(&crew->members[i].thread, NULL, serve, &crew->members[i])) {
			crew->count = i;
			return fail(EXIT_BENCHMARK, "no more threads");
		}
	}
	/* Bound and registered, before anything is timed. */
	while (__atomic_load_n(&crew->started, __ATOMIC_ACQUIRE) + 1 < crew->count)
		sched_yield();
	for (unsigned int i = 1; i < crew->count; i++)
		if (crew->members[i].unbound)
			return fail(EXIT_ABSENT, "a thread cannot run on CPU %d: %s",
				    crew->members[i].cpu, strerror(crew->members[i].unbound));
	return 0;
}

int crew_init(struct crew **made, unsigned int threads, int cpu)
{
	struct crew *crew = calloc(1, sizeof(*crew));
	int *cpus = calloc(threads, sizeof(*cpus));
	int error = 0;

	*made = crew;
	if (crew)
		crew->members = calloc(threads, sizeof(*crew->members));
	if (!crew || !crew->members || !cpus)
		error = fail(EXIT_BENCHMARK, "no memory");
	else if (cpus_usable(cpu, cpus, threads) < threads)
		error = fail(EXIT_ABSENT, "%u threads need as many CPUs: this process may use %u",
			     threads, crew_most());
	for (unsigned int i = 0; i < threads && !error; i++)
		crew->members[i] = (struct member){
			.crew = crew,
			.number = i,
			.cpu = cpu == MACHINE_ANY_CPU ? MACHINE_ANY_CPU : cpus[i],
		};
	free(cpus);
	if (!error) {
		crew->count = threads;
		error = start(crew);
	}
	return error;
}

void crew_free(struct crew *crew)
{
	if (!crew)
		return;
	__atomic_store_n(&crew->over, true, __ATOMIC_RELAXED);
	for (unsigned int i = 1; i < crew->count; i++)
		pthread_join(crew->members[i].thread, NULL);
	free(crew->members);
	free(crew);
}
