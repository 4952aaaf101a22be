/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * crew.h - threads that begin a loop together, each on a CPU of its own.
 *
 * The calling thread is one of them and stays where it is.
 */
#ifndef PTBENCH_CREW_H
#define PTBENCH_CREW_H

#include "hot.h"

struct crew;

/* What one thread does: operations @first, @first + @stride, ... */
typedef struct hot_result (*crew_work)(void *context, unsigned int first, unsigned int stride);

/* CPUs that this process may use. */
unsigned int crew_most(void);

/*
 * Make a crew of @threads, the caller included, who is on @cpu (MACHINE_ANY_CPU: nobody is bound).
 * Returns an exit code: EXIT_ABSENT where there are fewer CPUs.
 */
int crew_init(struct crew **crew, unsigned int threads, int cpu);
void crew_free(struct crew *crew);

/*
 * Let all do @work at once. The time is from the common start to the end of the last; the first
 * failure is returned, with the operation that failed.
 */
struct hot_result crew_run(struct crew *crew, crew_work work, void *context);

#endif
