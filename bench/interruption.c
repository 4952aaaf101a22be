// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* interruption.c - asks the kernel, but only about rounds that took strangely long; see interruption.h. */
#define _GNU_SOURCE
#include "interruption.h"

#include <sys/resource.h>

/* Shorter than this no other process runs; and a round's own time may vary by so many times. */
#define SHORTEST_NS 20000
#define USUAL_FACTOR 4

static long switches_so_far(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_THREAD, &usage) ? 0 : usage.ru_nivcsw;
}

void interruption_begin(struct interruption *interruption)
{
	interruption->switches = switches_so_far();
	interruption->rounds = 0;
}

bool interruption_happened(struct interruption *interruption, uint64_t nanoseconds)
{
	long switches;

	if (!interruption->fastest || nanoseconds < interruption->fastest) {
		interruption->fastest = nanoseconds ? nanoseconds : 1;
		return false;
	}
	if (nanoseconds < SHORTEST_NS + USUAL_FACTOR * interruption->fastest)
		return false;
	switches = switches_so_far();
	if (switches == interruption->switches)
		return false;
	interruption->switches = switches;
	interruption->rounds++;
	return true;
}
