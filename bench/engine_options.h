/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * engine_options.h - choices of the engine that its callers may take and no driver
 * offers: each makes further variants, "inline-eager" beside "inline".
 *
 * To measure another choice, add a row to the table in engine_options.c.
 */
#ifndef PTBENCH_ENGINE_OPTIONS_H
#define PTBENCH_ENGINE_OPTIONS_H

#include <stdbool.h>

#include "pagetable.h"

struct engine_option {
	const char *name; /* "eager"; "" is the engine as it is */
	unsigned int quirks; /* PT_QUIRK_* besides the case's; an engine that knows none lacks it */
	enum pt_freeing freeing;
	bool rcu_readers; /* tables are freed after a grace period, calls run in read sections */
	const char *what; /* for list */
};

/* Ended by one without a name; the first is the engine as it is. */
extern const struct engine_option engine_options[];

/* Does @format have what @option asks for? */
bool engine_option_fits(const struct engine_option *option, const struct pt_format *format);

#endif
