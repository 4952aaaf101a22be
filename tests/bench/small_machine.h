/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * small_machine.h - this machine with a last-level cache so small that what goes beyond it fits
 * everywhere, and ends, and begins anew, within a few rounds.
 */
#ifndef PTBENCH_TESTS_SMALL_MACHINE_H
#define PTBENCH_TESTS_SMALL_MACHINE_H

#include "machine.h"

/* Returns an exit code, as machine_init(). */
static inline int small_machine_init(struct machine *machine)
{
	int result = machine_init(MACHINE_ANY_CPU, false, machine);

	machine->llc_bytes = 256ULL << 10;
	return result;
}

#endif
